"""What the tests of the app share."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gradio makes an event loop for its locks and leaves it open, so that it is closed here."""
    loops: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loops.append(make()) or loops[-1])
    yield
    asyncio.set_event_loop(None)
    for loop in loops:
        loop.close()
