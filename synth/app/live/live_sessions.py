"""Bounded table of live sessions: one per open page, known by a random token that only the server can make."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST = 32
IDLE = 30.0
"""Seconds without a frame after which a session is dropped."""
QUIET = 5.0
"""Seconds without a frame after which a session is dropped for a new one when there are ``MOST`` already."""


class Gone(Exception):
    """The token is unknown: it is wrong, or its session was idle for too long."""


@dataclass
class LiveSession:
    """State of one page that sends frames.

    ``seen`` is the time of its last request, ``number`` that of its latest frame, ``held`` how many frames are queued
    or in work, ``again`` how often the page asked to recalibrate, ``select`` how often to follow another person.
    ``performance`` is what the tab keeps between frames (a ``Performance``, a ``PersonTracker``). ``background`` caches
    what the stream lays behind the character: the choice, the size in pixels, and the image of that size.
    """

    seen: float
    number: int = -1
    held: int = 0
    again: int = 0
    select: int = 0
    performance: Any = None
    background: tuple[str, int, Any] = ("", 0, None)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class LiveSessions:
    """Live sessions by token; safe to use from several threads. An empty one is falsy: test for ``is None``."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic):
        self._most, self._clock = most, clock
        self._known: dict[str, LiveSession] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            self._drop(IDLE)
            return len(self._known)

    def begin(self) -> str:
        """Start a session and return its token. Raises ``ValueError`` when ``most`` are in use."""
        with self._lock:
            self._drop(IDLE)
            if len(self._known) >= self._most:
                self._drop(QUIET, 1)
            if len(self._known) >= self._most:
                raise ValueError(
                    f"All {self._most} live sessions are in use. Try again in a minute, or use a file instead."
                )
            token = secrets.token_urlsafe(24)
            self._known[token] = LiveSession(self._clock())
            return token

    def find(self, token: Any) -> LiveSession:
        """Return the session of a token and mark it as active. Raises ``Gone`` for an unknown token."""
        with self._lock:
            self._drop(IDLE)
            if not isinstance(token, str) or token not in self._known:
                raise Gone
            session = self._known[token]
            session.seen = self._clock()
            return session

    def end(self, token: Any) -> None:
        """End a session; an unknown token is ignored."""
        with self._lock:
            if isinstance(token, str):
                self._known.pop(token, None)

    def _drop(self, idle: float, most: int = MOST) -> None:
        """Drop up to ``most`` sessions that were idle for more than ``idle`` seconds, longest idle first."""
        now = self._clock()
        old = sorted((session.seen, token) for token, session in self._known.items() if now - session.seen > idle)
        for _, token in old[:most]:
            del self._known[token]
