"""Test the queue: a bound for each visitor, turns in rotation, and no visitor who shuts out others."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.data_classes import PredictBodyInternal
from gradio.events import api

from synth.app.server import fair_queue
from synth.app.server.fair_queue import MOST_OF_ADDRESS, MOST_OF_SESSION, REST, FairQueue
from synth.app.server.visitors import Listeners, Listening, address

pytestmark = pytest.mark.usefixtures("cache")


class Desk:
    """A Gradio queue of one function, two calls at a time, with a clock that the test moves."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        with gr.Blocks() as page:
            api(lambda: None, api_name="work", concurrency_limit=2)
        page.queue(max_size=fair_queue.MOST)
        self.queue, self.listeners, self.now = page._queue, Listeners(), 100.0
        self.queue.active_jobs = [None] * 8
        self.fair = FairQueue(self.queue, self.listeners, lambda: self.now)

    def post(self, session: str | None = None, host: str = "10.0.0.1", listens: bool = True) -> str:
        """Post a call; return the sentence if it was refused."""
        request: Any = SimpleNamespace(scope={"client": (host, 5000), "headers": []})
        body = PredictBodyInternal(fn_index=0, data=[], session_hash=session)
        accepted, told, state = self.loop.run_until_complete(self.queue.push(body, request, None))
        if session and listens and session not in self.listeners:
            self.listeners.opened(session)
        assert accepted or state == "error", "Gradio's clients show the sentence of a 400, not of a 503"
        return "" if accepted else str(told)

    def waiting(self) -> list[Any]:
        return [event for queue in self.queue.event_queue_per_concurrency_id.values() for event in queue.queue]

    def run(self, seconds: float = 1.0) -> str | None:
        """Run the next call to its end; return its session, or ``None`` if nobody may run."""
        event = self.start()
        self.now += seconds
        if event:
            self.end(event)
        return event and event.session_hash

    def start(self) -> Any:
        found = self.queue.get_events()
        if found is None:
            return None
        (event,), _, name = found
        self.queue.active_jobs[self.queue.active_jobs.index(None)] = [event]
        self.queue.event_queue_per_concurrency_id[name].current_concurrency += 1
        return event

    def end(self, event: Any) -> None:
        self.queue.active_jobs[self.queue.active_jobs.index([event])] = None
        self.queue.event_queue_per_concurrency_id[event.concurrency_id].current_concurrency -= 1


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose event loops, of which Gradio makes some for its locks, are closed at the end."""
    loops: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loops.append(make()) or loops[-1])
    yield Desk(asyncio.new_event_loop())
    asyncio.set_event_loop(None)
    for loop in loops:
        loop.close()


def test_a_session_has_a_bound_and_is_told(desk: Desk) -> None:
    told = [desk.post("a") for _ in range(70)]
    assert told.count("") == MOST_OF_SESSION
    assert told[-1] == "16 of your calls are waiting already, and at most 16 may. Wait for their results first."
    assert desk.post("b") == ""


def test_an_address_has_a_bound_and_others_are_served(desk: Desk) -> None:
    told = [desk.post(None, host="10.0.0.9") for _ in range(70)]
    assert told.count("") == MOST_OF_ADDRESS
    assert "at most 40 may" in told[-1]
    assert desk.post("b", host="10.0.0.2") == ""


@pytest.mark.parametrize("session", [None, "b"])
def test_calls_that_nobody_hears_give_way_even_at_the_same_address(desk: Desk, session: str | None) -> None:
    for number in range(70):
        desk.post(f"flood{number}", listens=False)
    held = desk.waiting()
    for event in held:
        event.enqueue_time -= 10
    assert desk.post(session) == ""
    assert held[0] not in desk.waiting()
    message = desk.queue.pending_messages_per_session[held[0].session_hash]._queue[-1]  # type: ignore[attr-defined]
    assert "nobody listened" in message.output["error"]
    assert not message.success


def test_a_page_gets_in_at_once_beside_a_fresh_flood(desk: Desk) -> None:
    for _ in range(70):
        desk.post(None)
    assert desk.post("b") == ""
    assert desk.run() == "b"


def test_a_full_queue_takes_a_place_from_who_holds_most(desk: Desk) -> None:
    for number in range(fair_queue.MOST):
        assert desk.post(f"{number % 8}", host=f"10.0.0.{number % 8}") == ""
    assert desk.post("new", host="10.0.1.1") == ""
    assert len(desk.waiting()) == fair_queue.MOST


def test_a_queue_full_of_single_calls_refuses_with_a_sentence(desk: Desk) -> None:
    for number in range(fair_queue.MOST):
        assert desk.post(f"{number}", host=f"10.0.{number}.1") == ""
    assert desk.post("new", host="10.1.1.1") == "synth is busy: 64 calls are waiting. Try again in a moment."


def test_turns_go_round(desk: Desk) -> None:
    for _ in range(2):
        desk.post("a")
    for _ in range(2):
        desk.post("b")
    assert [desk.run() for _ in range(4)] == ["a", "b", "a", "b"]


def test_a_place_is_free_for_who_comes_next(desk: Desk) -> None:
    for _ in range(10):
        desk.post("a")
    assert desk.start().session_hash == "a"
    assert desk.start() is None
    desk.post("b")
    assert desk.start().session_hash == "b"


def test_who_floods_rests_while_others_are_there(desk: Desk) -> None:
    """The second visitor has at least half of the time although the flooder always has calls that wait."""
    used = {"flood": 0, "b": 0}
    for _ in range(60):
        while desk.post("flood") == "":
            pass
        if not any(event.session_hash == "b" for event in desk.waiting()):
            desk.post("b")
        ran = desk.run()
        if ran:
            used[ran] += 1
    assert used["b"] >= 60 * REST / (REST + 1) - 2
    assert used["flood"] >= 10, "nobody is left out"


def test_unheard_calls_run_when_nobody_else_is_there(desk: Desk) -> None:
    desk.post("flood", listens=False)
    desk.post("b")
    assert desk.run() == "b"
    assert desk.run() is None
    desk.now += fair_queue.RECENT
    assert desk.run() == "flood"


def test_calls_of_others_end_nobodys_call(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio keeps the messages of a number of sessions, and drops the oldest, though its call may be running."""
    monkeypatch.setattr(fair_queue, "KEPT_SESSIONS", 3)
    desk.post("a")
    running = desk.start()
    for number in range(20):
        desk.post(f"flood{number}", listens=False)
        desk.queue.event_ids_to_events.popitem()  # as if it had run
    assert running.session_hash in desk.queue.pending_messages_per_session
    assert len(desk.queue.pending_messages_per_session) == 3
    assert len(desk.queue.pending_event_ids_session) <= 2 * 3 + 1


@pytest.mark.parametrize(
    ("client", "forwarded", "space", "wanted"),
    [
        (("8.8.8.8", 5000), "1.1.1.1", "", "8.8.8.8"),
        (("10.1.2.3", 5000), "1.1.1.1", "", "10.1.2.3"),
        (("10.1.2.3", 5000), "6.6.6.6, 1.1.1.1, 10.0.0.7", "user/space", "1.1.1.1"),
        (("10.1.2.3", 5000), "nonsense", "user/space", "10.1.2.3"),
        (("127.0.0.1", 5000), "6.6.6.6, 1.1.1.1", "", "1.1.1.1"),
        (("127.0.0.1", 5000), "", "", "127.0.0.1"),
        (("1.1.1.1", 0), "6.6.6.6, 1.1.1.1", "", "1.1.1.1"),
        (("2001:db8:1:2:3:4:5:6", 5000), "", "", "2001:db8:1:2::/64"),
        (("::ffff:8.8.8.8", 5000), "", "", "8.8.8.8"),
        (None, "", "", "0.0.0.0"),
    ],
)
def test_a_visitor_is_an_address_that_cannot_be_chosen(
    client: Any, forwarded: str, space: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACE_ID", space)
    assert address({"client": client, "headers": [(b"x-forwarded-for", forwarded.encode())]}) == wanted


@pytest.mark.parametrize(
    ("path", "query", "key"),
    [
        ("/gradio_api/queue/data", b"session_hash=abc", "abc"),
        ("/gradio_api/call/translate/0af1", b"", "0af1"),
        ("/gradio_api/call/v2/translate/0af1", b"", "0af1"),
        ("/config", b"session_hash=abc", ""),
    ],
)
def test_who_listens_is_known_for_as_long_as_the_stream_is_open(path: str, query: bytes, key: str) -> None:
    listeners, during = Listeners(), []

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        during.append(key in listeners)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
    asyncio.run(Listening(stream, listeners)(scope, None, None))
    assert during == [bool(key)]
    assert key not in listeners
