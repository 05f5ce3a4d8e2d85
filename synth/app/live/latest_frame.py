"""Latest frame wins: frames of one live session run one after another, and frames that came too late are skipped."""

from collections.abc import Callable

from synth.app.live.endpoints import Answer
from synth.app.live.live_sessions import LiveSession
from synth.runtime.worker_pool import Busy, WorkerPool

MOST = 2
"""Most frames of one session on the server: one being processed and one that waits."""


async def latest(session: LiveSession, number: int, pool: WorkerPool, work: Callable[[], Answer]) -> Answer:
    """Return the answer of ``work`` for frame ``number``, run in the session's order; ``late`` if a newer one has run.

    Raises ``Busy`` at once when ``MOST`` frames of this session, or too many of all sessions, are queued already.
    """
    if session.held >= MOST:
        raise Busy
    session.held += 1
    try:
        async with session.lock:
            if number <= session.number:
                return {"late": True}
            session.number = number
            return await pool(work)
    finally:
        session.held -= 1
