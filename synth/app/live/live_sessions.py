"""Who dances just now: a bounded number of visitors, each known by a token that only the server can make."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST = 32
IDLE = 30.0
"""Seconds without a frame after which a visitor is forgotten."""
QUIET = 5.0
"""Seconds without a frame after which a visitor makes room for a new one when there are ``MOST``."""


class Gone(Exception):
    """Nobody is known by this token: it is wrong, or its visitor was idle for too long."""


@dataclass
class LiveSession:
    """One page that dances. ``seen`` is when it last asked, ``number`` its newest frame, ``held`` how many wait.

    ``backdrop`` is what the stream lays behind the character: the choice, the size, and the picture of that size.
    """

    seen: float
    number: int = -1
    held: int = 0
    again: int = 0
    performance: Any = None
    backdrop: tuple[str, int, Any] = ("", 0, None)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class LiveSessions:
    """The visitors by token; safe to use from several threads."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic):
        self._most, self._clock = most, clock
        self._known: dict[str, LiveSession] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            self._forget(IDLE)
            return len(self._known)

    def begin(self) -> str:
        """Return the token of a new visitor. Raises ``ValueError`` with a sentence while too many others dance."""
        with self._lock:
            self._forget(IDLE)
            if len(self._known) >= self._most:
                self._forget(QUIET, 1)
            if len(self._known) >= self._most:
                raise ValueError("Too many people dance here just now. Try again in a minute.")
            token = secrets.token_urlsafe(24)
            self._known[token] = LiveSession(self._clock())
            return token

    def find(self, token: Any) -> LiveSession:
        """Return the visitor, who counts as present from now on. Raises ``Gone``."""
        with self._lock:
            self._forget(IDLE)
            if not isinstance(token, str) or token not in self._known:
                raise Gone
            visitor = self._known[token]
            visitor.seen = self._clock()
            return visitor

    def end(self, token: Any) -> None:
        """Forget a visitor, known or not."""
        with self._lock:
            if isinstance(token, str):
                self._known.pop(token, None)

    def _forget(self, idle: float, most: int = MOST) -> None:
        """Forget up to ``most`` of those who have been idle the longest, for more than ``idle`` seconds."""
        now = self._clock()
        old = sorted((visitor.seen, token) for token, visitor in self._known.items() if now - visitor.seen > idle)
        for _, token in old[:most]:
            del self._known[token]
