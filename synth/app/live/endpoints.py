"""What every server function of a page does with what is wrong: it comes back as an answer."""

from collections.abc import Callable, Coroutine
from typing import Any

from synth.app.live.live_sessions import Gone
from synth.runtime.worker_pool import Busy

Answer = dict[str, Any]
Call = Callable[[Any], Coroutine[Any, Any, Answer]]


def public(name: str, make: Call) -> Call:
    """Return ``make`` as what a page calls by ``name``; it gets a ``dict`` whatever arrives.

    A visitor's mistake comes back as a sentence under ``error``, and ``Busy`` and ``Gone`` as ``busy`` and ``gone``.
    """

    async def function(data: Any) -> Answer:
        try:
            if not isinstance(data, dict):
                raise ValueError("This did not arrive whole. Reload the page.")
            return await make(data)
        except Busy:
            return {"busy": True}
        except Gone:
            return {"gone": True}
        except ValueError as error:
            return {"error": str(error)}

    function.__name__ = name
    return function
