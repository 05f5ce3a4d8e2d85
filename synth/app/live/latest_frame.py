"""A visitor's pictures go one after another and the newest wins: what all tabs with a camera do with what arrives."""

from collections.abc import Callable

from synth.app.live.endpoints import Answer
from synth.app.live.live_sessions import LiveSession
from synth.runtime.worker_pool import Busy, WorkerPool

MOST = 2
"""Pictures of one visitor that may be here at a time: one at work, and the next one."""


async def newest(visitor: LiveSession, number: int, turns: WorkerPool, work: Callable[[], Answer]) -> Answer:
    """Return what ``work`` makes of a visitor's picture, in the visitor's order; ``late`` where a newer one was here.

    Raises ``Busy`` at once where ``MOST`` of this visitor's pictures, or too many of all visitors, are here already.
    """
    if visitor.held >= MOST:
        raise Busy
    visitor.held += 1
    try:
        async with visitor.lock:
            if number <= visitor.number:
                return {"late": True}
            visitor.number = number
            return await turns(work)
    finally:
        visitor.held -= 1
