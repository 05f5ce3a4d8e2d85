"""Test the limit on live sessions: one per tab, shared by all its endpoints, with an error when it is reached."""

import asyncio
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from synth.app.live.live_sessions import LiveSessions
from synth.app.tabs.dance import DanceEndpoints
from synth.app.tabs.dance_stream import Stream
from synth.app.tabs.see import SeeEndpoints
from synth.app.tabs.translate_live import TranslateEndpoints
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool
from tests.support import graphs
from tests.support.perception_models import perception_registry

FULL = "All 1 live sessions are in use. Try again in a minute, or use a file instead."


def called(endpoints: Any, name: str, data: dict[str, Any]) -> dict[str, Any]:
    functions = {function.__name__: function for function in endpoints.functions()}
    return asyncio.run(functions[name](data))


@pytest.fixture
def translator(tmp_path: Path) -> Registry:
    graphs.save(tmp_path)
    return Registry(tmp_path, "cpu")


def test_dance_tab_and_stream_share_one_bound(troupe: Registry) -> None:
    sessions, pool = LiveSessions(most=1), WorkerPool(1)
    tab, stream = DanceEndpoints(troupe, pool, sessions), Stream(troupe, pool, sessions)
    assert "token" in called(tab, "dance_begin", {"character": "dance-dots"})
    assert len(sessions) == 1
    with pytest.raises(gr.Error, match="All 1 live sessions are in use"):
        asyncio.run(stream.step(np.zeros((240, 320, 3), np.uint8), "dance-dots", ""))


def test_see_uses_the_sessions_it_is_given_even_when_they_are_empty(tmp_path: Path) -> None:
    sessions = LiveSessions(most=1)
    tab = SeeEndpoints(perception_registry(tmp_path), sessions=sessions)
    assert "token" in called(tab, "see_begin", {"graph": "pose"})
    assert len(sessions) == 1
    assert called(tab, "see_begin", {"graph": "pose"}) == {"error": FULL}


def test_translate_uses_the_sessions_it_is_given_even_when_they_are_empty(translator: Registry) -> None:
    sessions = LiveSessions(most=1)
    tab = TranslateEndpoints(translator, sessions=sessions)
    data = {"graph": next(iter(translator.entries))}
    assert "token" in called(tab, "translate_begin", data)
    assert len(sessions) == 1
    assert called(tab, "translate_begin", data) == {"error": FULL}


def test_the_sentence_names_the_real_number() -> None:
    sessions = LiveSessions(most=3)
    for _ in range(3):
        sessions.begin()
    with pytest.raises(ValueError, match="All 3 live sessions are in use"):
        sessions.begin()
