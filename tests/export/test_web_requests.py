"""Test that the static page, and ONNX Runtime Web in it, asks for its own files and for nothing else."""

import re
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from export import runtime, web
from synth.benchmarks.static import serving

SENDS = re.compile(rb"sendBeacon|WebSocket|EventSource|telemetry|analytics", re.IGNORECASE)
ADDRESS = re.compile(rb"(?:https?|wss?)://[\w.-]+")
HELP = {b"https://web.dev"}
"""What a message points to."""


@pytest.fixture(scope="module")
def archive() -> Path:
    try:
        return runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))


@pytest.mark.slow
def test_the_runtime_names_no_address_and_nothing_that_sends(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        for name in (name for build in runtime.BUILDS for name in build):
            member = tar.extractfile(f"package/dist/{name}")
            assert member is not None
            content = member.read()
            if name.endswith(".mjs"):  # WebAssembly itself can send nothing; it has messages about telemetry
                assert SENDS.findall(content) == [], name
                assert {*ADDRESS.findall(content)} <= HELP, name


@pytest.mark.browser
def test_a_page_that_has_run_a_graph_has_asked_for_its_own_files_only(
    browser: Any, archive: Path, weights: Path, tmp_path: Path
) -> None:
    web.write(tmp_path / "page", (), weights)
    Image.fromarray(np.zeros((32, 48, 3), np.uint8)).save(tmp_path / "black.png")
    asked: list[str] = []
    with serving(tmp_path / "page") as site:
        context = browser.new_context()
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.set_default_timeout(180_000)
        page.goto(f"{site}#translate")
        page.locator("#translate input[type=file]").set_input_files(tmp_path / "black.png")
        page.get_by_text("48 × 32").wait_for()
        page.locator("#translate [data-part=speed]").filter(has_text="ms").wait_for()
        context.close()
    own = [url.removeprefix(site).lstrip("/").partition("#")[0] for url in asked if url.startswith(site)]
    assert [url for url in asked if not url.startswith((site, "blob:", "data:"))] == []
    assert any(name.endswith(".onnx") for name in own)
    assert any(".wasm" in name for name in own)
    assert [name for name in own if name and not (tmp_path / "page" / name).is_file()] == []
