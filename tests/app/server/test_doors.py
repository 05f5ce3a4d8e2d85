"""Test who is let in: local hosts and origins only on a local address, and few wrong passwords."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from synth.app.server import logins
from synth.app.server.local_only import LocalOnly
from synth.app.server.logins import FREE, LONGEST, LoginLimit
from synth.app.server.start import Serving

Door = Callable[..., Any]


class Inside:
    """An app behind a door: answers everything with ``status`` and counts."""

    def __init__(self, status: int = 200):
        self.status, self.asked = status, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def ask(door: Door, path: str = "/", host: str = "10.0.0.1", headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Return status and text of the answer to a POST."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": pairs, "client": (host, 5000)}
    asyncio.run(door(scope, None, send))
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize("name", ["localhost:7860", "127.0.0.1:7860", "127.9.9.9", "[::1]:7860", "app.localhost:80"])
def test_local_names_are_answered(name: str) -> None:
    door = LocalOnly(Inside())
    assert ask(door, headers={"host": name}) == (200, "")
    assert ask(door, headers={"host": name, "origin": f"http://{name}"}) == (200, "")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:7860"},
        {"host": "localhost", "origin": "https://evil.example"},
        {"host": "localhost", "origin": "null"},
        {"host": "localhost", "origin": ""},
        {"host": "localhost.evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "192.168.1.5:7860"},
        {"host": "[::ffff:10.0.0.1]"},
        {"host": "]["},
        {"host": ""},
    ],
)
def test_other_names_are_refused(headers: dict[str, str]) -> None:
    inside = Inside()
    status, text = ask(LocalOnly(inside), "/gradio_api/mcp/", headers=headers)
    assert (status, inside.asked) == (403, 0)
    assert "only answers requests for localhost" in text


def test_the_name_of_a_proxy_may_be_added() -> None:
    door = LocalOnly(Inside(), ("Synth.Example",))
    assert ask(door, headers={"host": "synth.example", "origin": "https://synth.example"}) == (200, "")
    assert ask(door, headers={"host": "other.example"})[0] == 403


@pytest.mark.parametrize(
    ("how", "environment", "local"),
    [
        (Serving(), {}, True),
        (Serving(host="localhost"), {}, True),
        (Serving(host="[::1]"), {}, True),
        (Serving(share=True), {}, False),
        (Serving(host="0.0.0.0"), {}, False),
        (Serving(host="192.168.1.5"), {}, False),
        (Serving(), {"GRADIO_SERVER_NAME": "0.0.0.0"}, False),
        (Serving(), {"SPACE_ID": "user/space"}, False),
    ],
)
def test_only_a_local_address_has_that_door(
    how: Serving, environment: dict[str, str], local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GRADIO_SERVER_NAME", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert how.local is local


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/startup-events", "/static/x.js"])
def test_gradios_own_routes_have_it(path: str, address: str) -> None:
    assert httpx.get(f"{address}{path}", headers={"host": "evil.example"}).status_code == 403
    assert httpx.get(f"{address}{path}", headers={"origin": "http://evil.example"}).status_code == 403
    assert httpx.get(f"{address}{path}").status_code != 403


def test_wrong_passwords_cost_more_and_more_time() -> None:
    now, inside = [0.0], Inside(400)
    door = LoginLimit(inside, lambda: now[0])
    assert [ask(door, "/login")[0] for _ in range(FREE + 2)] == [400] * FREE + [429, 429]
    assert "Try again in 1 seconds" in ask(door, "/login/")[1]
    waits = []
    for _ in range(10):
        start = now[0]
        while ask(door, "/login")[0] == 429:
            now[0] += 1
        waits.append(now[0] - start)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST]


def test_others_and_other_pages_do_not_wait() -> None:
    door = LoginLimit(Inside(400), lambda: 0.0)
    for _ in range(2 * FREE):
        ask(door, "/login")
    assert ask(door, "/login")[0] == 429
    assert ask(door, "/login", host="10.0.0.2")[0] == 400
    assert ask(door, "/config")[0] == 400


def test_the_right_password_ends_the_wait() -> None:
    now, inside = [0.0], Inside(400)
    door = LoginLimit(inside, lambda: now[0])
    for _ in range(FREE):
        ask(door, "/login")
    now[0], inside.status = 2.0, 200
    assert ask(door, "/login")[0] == 200
    inside.status = 400
    assert [ask(door, "/login")[0] for _ in range(FREE)] == [400] * FREE


def test_tries_at_the_same_time_count() -> None:
    tried = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        tried.append(1)
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 400, "headers": []})

    async def send(message: Any) -> None:
        del message

    async def flood() -> None:
        door = LoginLimit(slow, lambda: 0.0)
        scope = {"type": "http", "method": "POST", "path": "/login", "headers": [], "client": ("10.0.0.1", 5000)}
        await asyncio.gather(*[door(scope, None, send) for _ in range(50)])

    asyncio.run(flood())
    assert len(tried) == FREE


def test_the_memory_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "REMEMBERED", 3)
    door = LoginLimit(Inside(400), lambda: 0.0)
    for number in range(9):
        ask(door, "/login", host=f"10.0.0.{number}")
    assert len(door._tries) == 3
