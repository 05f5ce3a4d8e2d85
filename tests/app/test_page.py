"""Test the whole page: tabs, queue, public information, and what stays private."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

import app
from synth.app import limits, modules
from synth.runtime.registry import Registry
from tests.support import dancers, graphs, perception_models

pytestmark = pytest.mark.usefixtures("cache")
CALLED = re.compile(r'\bcall\("(\w+)"|\b(?:begin|frame|end): "(\w+)"|\bserver\.(\w+)')
"""How a page's module calls the server: by name, or by the names that it gives to a live session."""


@pytest.fixture
def blocks(registry: Registry, building: None) -> gr.Blocks:
    """The whole page."""
    return app.build(registry)


def test_tabs_without_graphs_are_hidden(tmp_path: Path, registry: Registry) -> None:
    assert app.tabs(registry) == ["draw", "translate", "colorize", "enlarge", "fill", "compare", "models"]
    graphs.save(tmp_path, replace(graphs.CARD, tabs=("translate",)))
    assert app.tabs(Registry(tmp_path, "cpu")) == ["translate", "models"]


def test_the_page_names_no_path_of_the_server(registry: Registry, blocks: gr.Blocks) -> None:
    assert str(registry.folder) not in json.dumps(blocks.get_config_file(), default=str)


@pytest.mark.usefixtures("building")
def test_every_call_of_a_page_has_its_function_and_the_other_way_round(tmp_path: Path) -> None:
    graphs.registry(tmp_path)
    dancers.fill(tmp_path, "dance-dots")
    graphs.save(tmp_path, perception_models.STREET)
    found = {}
    for block in app.build(Registry(tmp_path, "cpu", "synth")).blocks.values():
        if isinstance(block, gr.HTML) and (named := re.search(r"//# sourceURL=synth/(.*)", block.js_on_load or "")):
            module = named[1]
            calls = {name for names in CALLED.findall(modules.source(module)) for name in names if name}
            found[module] = calls, {function.__name__ for function in block.server_fns}
    assert found.pop("tabs/top.js") == (set(), set()), "the address and what a browser keeps are its own business"
    assert found.keys() == {f"tabs/{tab}.js" for tab in ("dance", "draw", "fill", "see", "translate")}
    assert all(len(calls) > 1 and calls == functions for calls, functions in found.values()), found


def test_all_work_of_the_graphs_waits_in_one_bounded_queue(blocks: gr.Blocks) -> None:
    names = {fn.name: fn.concurrency_id for fn in blocks.fns.values()}
    assert {names[name] for name in ("translate", "side_by_side", "fill")} == {"run"}
    assert {names[name] for name in ("result", "_pages")} == {"enlarge"}
    assert (names["run_all"], names["open_file"], names["try_it"]) == ("batch", "third-party", "third-party")
    limits = {fn.concurrency_id: fn.concurrency_limit for fn in blocks.fns.values() if fn.concurrency_limit}
    assert {limits[name] for name in ("run", "batch", "third-party")} <= {1, 2, "default"}


def test_a_gpu_that_is_not_used_is_seen_on_the_page(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = app.providers.Choice((("CPUExecutionProvider", {}),), "CPU", "NVIDIA <X> is present but not used: reason.")
    monkeypatch.setattr(app.providers, "choose", lambda wanted: choice)
    assert "NVIDIA &lt;X&gt; is present but not used: reason." in app._top(registry)


@pytest.mark.parametrize("declared", [True, False])
def test_bodies_beyond_the_limit_do_not_reach_the_app(declared: bool) -> None:
    sent, read = [], []

    async def inner(scope, receive, send) -> None:
        while (await receive())["more_body"]:
            read.append(1)

    async def receive() -> dict:
        return {"type": "http.request", "body": b"x" * 2**20, "more_body": True}

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"content-length", b"99999999")] if declared else []
    scope = {"type": "http", "path": "/gradio_api/component_server", "headers": headers}
    asyncio.run(limits.BodyLimit(inner)(scope, receive, send))
    assert sent[0]["status"] == 413
    assert len(read) == (0 if declared else limits.MAX_BODY // 2**20)
