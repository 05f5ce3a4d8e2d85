"""Share Gradio's queue among visitors: a bound for each, turns in rotation, and listeners first.

Gradio's queue is first come, first served with one bound for all: a client that posts enough calls shuts out all
others.
"""

import random
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from gradio.server_messages import ProcessCompletedMessage

from synth.app.server.visitors import Listeners, address

MOST = 64
"""Calls that wait, of all visitors."""
MOST_OF_ADDRESS = 40
"""Calls of one address, which a school or a company shares."""
MOST_OF_SESSION = 16
"""Calls of one page or one ``gradio_client.Client``."""
GRACE = 1.0
"""Seconds after a call until its sender should listen for the result."""
FEW, REST = 2, 2.0
"""Waiting calls; a visitor with more rests after each run, ``REST`` times as long as it took, if others are present."""
RECENT = 3.0
"""Seconds after a visitor's last run in which the visitor still counts as present."""
REMEMBERED = 1000
KEPT_SESSIONS = 256
"""Sessions whose messages wait to be fetched; more than can have a call in the queue."""

TOO_MANY = "{held} of your calls are waiting already, and at most {most} may. Wait for their results first."
FULL = "synth is busy: {most} calls are waiting. Try again in a moment."
DROPPED = "This call was dropped: nobody listened for its result, and others were waiting. Send it again."


class Visitor(NamedTuple):
    """One sender of calls: an address, and a session (for plain HTTP, a call); empty if nobody listens."""

    address: str
    session: str


class Messages(dict[str, Any]):
    """Messages by session; of more than ``KEPT_SESSIONS``, the oldest is dropped that is not ``in_use``.

    Gradio drops the oldest in any case, so that many calls of others end a visitor's own while it runs.
    """

    def __init__(self, in_use: Callable[[str], bool]):
        super().__init__()
        self._in_use = in_use

    def __setitem__(self, session: str, messages: Any) -> None:
        if session not in self and len(self) >= KEPT_SESSIONS:
            old = next((one for one in self if not self._in_use(one)), None)
            if old is not None:
                del self[old]
        super().__setitem__(session, messages)


class FairQueue:
    """Takes over which calls a Gradio queue accepts (``push``) and which it runs next (``get_events``)."""

    def __init__(self, queue: Any, listeners: Listeners, clock: Callable[[], float] = time.monotonic):
        self.queue, self.listeners, self._clock = queue, listeners, clock
        self._addresses: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._running: dict[str, tuple[Visitor, str, float]] = {}
        self._started: OrderedDict[Any, float] = OrderedDict()  # by address and by visitor: start of the last run
        self._ended: dict[Visitor, tuple[float, float]] = {}  # end and length of the last run
        queue.pending_messages_per_session = Messages(self._in_use)
        self._push = queue.push
        queue.push, queue.get_events = self.push, self.get_events

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, Any, str]:
        """Accept a call, or return the sentence that says why not; see ``gradio.queueing.Queue.push``."""
        self._forget()
        refusal = self._room(Visitor(address(request.scope), body.session_hash or ""))
        return (False, refusal, "error") if refusal else await self._push(body, request, username)

    def _forget(self) -> None:
        """Drop what Gradio keeps for sessions whose results nobody fetched; it never drops the list of their calls."""
        messages, calls = self.queue.pending_messages_per_session, self.queue.pending_event_ids_session
        if len(calls) > 2 * KEPT_SESSIONS:
            for session in [session for session in calls if session not in messages]:
                del calls[session]

    def _in_use(self, session: str) -> bool:
        calls = self.queue.event_ids_to_events.values()
        return session in self.listeners or any(event.session_hash == session for event in calls)

    def _room(self, visitor: Visitor) -> str:
        """Make room for one more call of a visitor; return why there is none."""
        waiting = [event for queue in self._queues().values() for event in queue.queue]
        near = [event for event in waiting if self._address(event) == visitor.address]
        own = [event for event in near if visitor.session and event.session_hash == visitor.session]
        if len(own) >= MOST_OF_SESSION:
            return TOO_MANY.format(held=len(own), most=MOST_OF_SESSION)
        if len(near) >= MOST_OF_ADDRESS and not self._drop_one(near, visitor, len(own)):
            return TOO_MANY.format(held=len(near), most=MOST_OF_ADDRESS)
        if len(waiting) >= MOST and not self._drop_one(waiting, visitor, len(own)):
            return FULL.format(most=MOST)
        return ""

    def _drop_one(self, held: list[Any], visitor: Visitor, own: int) -> bool:
        """Drop a call of ``held`` that has less right to wait than one more of the visitor, if there is any."""
        unheard = [event for event in held if not self._heard(event)]
        late = [event for event in unheard if time.monotonic() - event.enqueue_time > GRACE]
        flood = unheard if visitor.session and len(unheard) > MOST_OF_SESSION else []
        by_visitor: dict[Visitor, list[Any]] = {}
        for event in held:
            by_visitor.setdefault(self._visitor(event), []).append(event)
        most = max(by_visitor.values(), key=len)
        greedy = most if len(most) > own + 1 and most is not by_visitor.get(visitor) else []
        victim = (late[:1] or flood[-1:] or greedy[-1:] or [None])[0]
        if victim is None:
            return False
        self._queues()[victim.concurrency_id].queue.remove(victim)
        self.queue.event_ids_to_events.pop(victim._id, None)
        told = {"error": DROPPED if victim in unheard else FULL.format(most=MOST), "visible": True, "duration": 10}
        self.queue.send_message(victim, ProcessCompletedMessage(output=told, title="Error", success=False))
        return True

    def get_events(self) -> tuple[list[Any], bool, str] | None:
        """Return the call to run next; see ``gradio.queueing.Queue.get_events``. No call here is batched."""
        now = self._clock()
        self._note_ended(now)
        names = list(self._queues())
        random.shuffle(names)
        for name in names:
            queue = self._queues()[name]
            most = queue.concurrency_limit
            if queue.queue and (most is None or queue.current_concurrency < most):
                event = self._next(queue.queue, name, now)
                if event is not None:
                    queue.queue.remove(event)
                    self._note_started(event, name, now)
                    return [event], False, name
        return None

    def _next(self, waiting: list[Any], name: str, now: float) -> Any:
        """Return the call whose sender had the last turn longest ago, or ``None`` if all of them have to wait.

        Each visitor has one call running, so that there is a place for the next one who comes; of several addresses,
        each address. Calls that nobody listens to run when nobody else is there.
        """
        by_visitor: dict[Visitor, list[Any]] = {}
        for event in waiting:
            by_visitor.setdefault(self._visitor(event), []).append(event)
        running = {visitor for visitor, where, _ in self._running.values() if where == name}
        present = {*by_visitor, *(visitor for visitor, _, _ in self._running.values())}
        present |= {visitor for visitor, (end, _) in self._ended.items() if now - end < RECENT}
        several = len({visitor.address for visitor in present}) > 1
        busy = {visitor.address for visitor in running} if several else set()
        listening = any(visitor.session for visitor in present)

        def may(visitor: Visitor, held: int) -> bool:
            if visitor in running or visitor.address in busy or (listening and not visitor.session):
                return False
            end, length = self._ended.get(visitor, (0.0, 0.0))
            return held <= FEW or len(present) == 1 or now - end >= REST * length

        def turn(item: tuple[Visitor, list[Any]]) -> tuple[float, float, float]:
            visitor, events = item
            last = self._started.get(visitor.address, 0.0) if several else 0.0
            return last, self._started.get(visitor, 0.0), events[0].enqueue_time

        ready = [item for item in by_visitor.items() if may(item[0], len(item[1]))]
        return min(ready, key=turn)[1][0] if ready else None

    def _note_started(self, event: Any, name: str, now: float) -> None:
        visitor = self._visitor(event)
        self._running[event._id] = (visitor, name, now)
        for key in (visitor, visitor.address):
            self._started[key] = now
            self._started.move_to_end(key)
        while len(self._started) > REMEMBERED:
            self._started.popitem(last=False)

    def _note_ended(self, now: float) -> None:
        alive = {event._id for job in self.queue.active_jobs if job for event in job}
        for key in [key for key in self._running if key not in alive]:
            visitor, _, start = self._running.pop(key)
            self._ended[visitor] = (now, now - start)
        for visitor in [one for one, (end, length) in self._ended.items() if now - end > RECENT + REST * length]:
            del self._ended[visitor]

    def _queues(self) -> dict[str, Any]:
        return self.queue.event_queue_per_concurrency_id

    def _heard(self, event: Any) -> bool:
        return event.session_hash in self.listeners or event._id in self.listeners

    def _address(self, event: Any) -> str:
        if event not in self._addresses:
            self._addresses[event] = address(event.request.scope)
        return self._addresses[event]

    def _visitor(self, event: Any) -> Visitor:
        """Return who sent a call. All calls of an address that nobody listens to are those of one, without session."""
        return Visitor(self._address(event), event.session_hash if self._heard(event) else "")
