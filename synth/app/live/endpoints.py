"""Server functions that a page calls: each turns errors into an answer that the page can show."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from synth.app.live.live_sessions import Gone
from synth.runtime.worker_pool import Busy

log = logging.getLogger("synth")

INSIDE = "This request failed inside synth. The log of the server names the reason."

Answer = dict[str, Any]
Call = Callable[[Any], Coroutine[Any, Any, Answer]]


def public(name: str, make: Call) -> Call:
    """Return ``make`` as a server function called ``name``, which accepts any data and always answers.

    Invalid requests (``ValueError``) come back as a message under ``error``, ``Busy`` as ``busy``, ``Gone`` as
    ``gone``; any other error is logged. ``make`` is only called with a ``dict``.
    """

    async def function(data: Any) -> Answer:
        try:
            if not isinstance(data, dict):
                raise ValueError("The server could not read this request. Reload the page.")
            return await make(data)
        except Busy:
            return {"busy": True}
        except Gone:
            return {"gone": True}
        except ValueError as error:
            return {"error": str(error)}
        except Exception:
            log.exception("%s failed:", name)
            return {"error": INSIDE}

    function.__name__ = name
    return function
