"""Test the benchmark of live dancing: its stages, its frames, and the numbers that the page shows."""

from pathlib import Path

import numpy as np
import pytest

from synth.benchmarks import dance, dance_browser
from synth.benchmarks.browser import film
from synth.benchmarks.served import CHROMIUM
from synth.runtime.registry import Registry
from tests.support import dancers


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights")), "cpu", "synth")


def test_the_stages_of_a_frame_on_the_server(registry: Registry):
    frames = [dancers.person(x=300 + step)[0] for step in range(5)]
    (found,) = dance.server(registry, "dance-dots", frames, 6)
    assert list(found) == ["decode", "pose", "follow and draw", "generator", "encode", "total", "slow"]
    assert all(value > 0 for value in found.values())
    assert found["slow"] >= found["total"] > found["pose"]


def test_the_stages_with_and_without_another_background(tmp_path: Path):
    registry = Registry(dancers.fill(tmp_path, "dance-layers"), "cpu", "synth")
    frames = [dancers.person(x=300 + step)[0] for step in range(5)]
    own, cut = dance.server(registry, "dance-layers", frames, 3, (False, True))
    assert "cut" not in own
    assert cut["cut"] > 0
    assert {*cut} == {*own, "cut"}


def test_without_a_clip_the_camera_shows_the_demo(registry: Registry):
    frames = dance.camera(registry, "dance-dots")
    assert {frame.shape for frame in frames} == {(480, 640, 3)}


def test_a_film_for_chromium_is_a_header_and_plain_frames(tmp_path: Path):
    data = film(tmp_path / "camera.y4m", [np.zeros((48, 64, 3), np.uint8)] * 3).read_bytes()
    assert data.startswith(b"YUV4MPEG2 W64 H48 F30:1")
    assert data.count(b"FRAME\n") == 3
    assert len(data) == data.index(b"FRAME") + 3 * (6 + 48 * 64 * 3 // 2)


@pytest.mark.slow
@pytest.mark.browser
def test_the_whole_loop_in_a_browser(registry: Registry, capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    frames = [dancers.person(x=300 + 3 * step)[0] for step in range(30)]
    said = dance_browser.measure(registry, "dance-dots", frames, 5)
    with capsys.disabled():
        print(f"\n{said}")
    assert "frames/s" in said
    assert "synth pose" in said
