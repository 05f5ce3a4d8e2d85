"""Limit on password tries: after a few wrong ones, an address has to wait, twice as long after each further one."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from synth.app.server.local_only import refuse
from synth.app.server.visitors import address

FREE = 5
"""Wrong passwords of one address that cost no time."""
LONGEST = 300.0
"""Seconds of the longest wait, and after which an address starts anew."""
REMEMBERED = 10_000
WAIT = "Too many wrong passwords. Try again in {seconds} seconds."


class LoginLimit:
    """ASGI middleware: answer 429 to a login while its address has to wait after wrong passwords."""

    def __init__(self, app: Any, clock: Callable[[], float] = time.monotonic):
        self.app, self._clock = app, clock
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()  # by address: how many, time of the last

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        login = scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/login")
        if not login:
            return await self.app(scope, receive, send)
        who, now = address(scope), self._clock()
        count, last = self._tries.get(who, (0, now))
        if now - last > LONGEST:
            count = 0
        if (left := last + waiting(count) - now) > 0:
            seconds = math.ceil(left)
            after = (b"retry-after", str(seconds).encode())
            return await refuse(send, 429, WAIT.format(seconds=seconds), after)
        self._tries[who] = (count + 1, now)  # before the answer, so that tries at the same time count, too
        self._tries.move_to_end(who)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

        async def watched(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self._tries.pop(who, None)
            await send(message)

        await self.app(scope, receive, watched)


def waiting(count: int) -> float:
    """Return the seconds to wait after ``count`` wrong passwords."""
    return min(LONGEST, 2.0 ** (count - FREE)) if count >= FREE else 0.0
