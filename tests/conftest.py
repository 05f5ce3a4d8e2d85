"""Fixtures that several test files share: a registry of tiny graphs, the app on a free port, and a browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import graphs
from tests.support.paths import PICTURES
from tests.support.serving import chromium_or_skip, running

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # tests import ONNX Runtime themselves


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from synth.runtime.registry import Registry

    return Registry(graphs.registry(tmp_path_factory.mktemp("weights")), "cpu")


@pytest.fixture(scope="module")
def troupe(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A registry of a pose graph that finds dots and two characters."""
    from synth.runtime.registry import Registry
    from tests.support import dancers

    return Registry(dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-lines"), "cpu", "synth")


@pytest.fixture
def visit(troupe: Any) -> Any:
    """The Dance tab's page without a browser, begun."""
    from tests.support.live_page import Page

    page = Page(troupe)
    page.begin()
    return page


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio writes files to fetch below the test's own folder."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return graphs.registry(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def address(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the app as a visitor would find it, on a free port."""
    with running(weights, tmp_path_factory.mktemp("log") / "app.log") as url:
        yield url


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Start Chromium; not for longer than a file, since its driver keeps an event loop running in this thread.

    Its camera shows what the file's ``filmed`` returns.
    """
    with chromium_or_skip(getattr(request.module, "filmed", tuple)()) as opened:
        yield opened


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Any]:
    """A fresh visitor; ends with a picture of the page, and fails if anything was wrong on the console."""
    width, height = 1320, 900
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else wrong.append(asked.url)
    )
    page.set_default_timeout(300_000)
    page.goto(address)
    yield page
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    context.close()
    assert wrong == []
