"""Test video files in the Dance tab: uploads are checked, and the result plays in a real Chromium."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from synth.app.tabs import dance_file
from synth.app.tabs.dance_file import check, work
from synth.pixels.video_reader import probe
from synth.runtime.dance.films import ALONE, BESIDE, FilmOptions
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.browser_steps import give_film, tab
from tests.support.serving import running
from tests.support.walks import film, pictures


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-spots")


@pytest.fixture(scope="module")
def registry(weights: Path) -> Registry:
    return Registry(weights, "cpu", "synth")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((None, ["dance-dots"], ALONE, False, 0.5), "Upload a video"),
        (("x.mp4", [], ALONE, False, 0.5), "Choose one to 4"),
        (("x.mp4", None, ALONE, False, 0.5), "Choose one to 4"),
        (("x.mp4", ["pose"], ALONE, False, 0.5), "Choose one to 4"),
        (("x.mp4", [["dance-dots"]], ALONE, False, 0.5), "Choose one to 4"),
        (("x.mp4", ["dance-dots"], "../../", False, 0.5), "Reload"),
        (("x.mp4", ["dance-dots"], ALONE, False, 7), "Reload"),
        (("x.mp4", ["dance-dots"], ALONE, False, float("nan")), "Reload"),
        (("x.mp4", ["dance-dots"], ALONE, False, "calm"), "Reload"),
        (("x.mp4", ["dance-dots"], ALONE, False, True), "Reload"),
        (("x.mp4", ["dance-dots"], ALONE, "false", 0.5), "Reload"),
        (("x.mp4", "dance-dots", ALONE, False, 0.5), "Choose one to 4"),
        (("x.mp4", ["dance-dots"], ALONE, False, 0.5, "", 2, 1), "must be before the end"),
    ],
)
def test_what_comes_from_a_browser_is_checked(registry: Registry, given: tuple[Any, ...], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        check(registry, *given)


def test_what_is_asked_for(registry: Registry):
    path, graphs, wish = check(registry, "x.mp4", ["dance-spots", "dance-dots", "dance-dots"], BESIDE, True, 1)
    assert path == Path("x.mp4")
    assert [graph.card.name for graph in graphs] == ["dance-dots", "dance-spots"]
    assert wish == FilmOptions(BESIDE, True, 1.0)


def test_without_anything_to_find_people_with(weights: Path, tmp_path: Path):
    (tmp_path / "dance-dots.onnx").write_bytes((weights / "dance-dots.onnx").read_bytes())
    with pytest.raises(ValueError, match="install MediaPipe"):
        check(Registry(tmp_path, "cpu", "synth"), "x.mp4", ["dance-dots"], ALONE, False, 0.5)


def test_signs_of_life_then_the_film(registry: Registry, tmp_path: Path, cache: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dance_file, "EVERY", 0)
    source = film(tmp_path / "in.mp4", pictures(12))
    steps = list(work(source, [registry.graph("dance-dots")], poses(registry), FilmOptions(BESIDE), threading.Event()))
    assert "Waiting for other videos" in steps[0][0]
    assert "Detecting the person" in steps[1][0]
    assert "data:image/webp" in steps[-2][0]
    made = Path(steps[-1][1].value["path"] if isinstance(steps[-1][1].value, dict) else steps[-1][1].value)
    assert made.name == "in-dots.mp4"
    assert probe(made).frames == 12
    assert "<b>12 frames in" in steps[-1][2]


@pytest.mark.parametrize("steps", [2, 20])
@pytest.mark.parametrize("leave", [True, False])
def test_stopping_or_leaving_leaves_no_file_and_no_folder(
    registry: Registry, tmp_path: Path, cache: None, monkeypatch: pytest.MonkeyPatch, steps: int, leave: bool
):
    monkeypatch.setattr(dance_file, "EVERY", 0)
    source, stop = film(tmp_path / "in.mp4", pictures(16)), threading.Event()
    job = work(source, [registry.graph("dance-dots")], poses(registry), FilmOptions(), stop)
    for _ in range(steps):
        next(job)
    assert list((tmp_path / "cache").iterdir())
    if leave:
        job.close()
    else:
        stop.set()
        assert [pressed.interactive for pressed in list(job)[-1][3:]] == [True, False]
    assert not list((tmp_path / "cache").iterdir())


def test_one_film_at_a_time_and_who_waits_may_go(
    registry: Registry, tmp_path: Path, cache: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dance_file, "EVERY", 0.01)
    source, stop = film(tmp_path / "in.mp4", pictures(16)), threading.Event()
    first, second = (
        work(source, [registry.graph("dance-dots")], poses(registry), FilmOptions(), stop) for _ in range(2)
    )
    for job in (first, first, second, second):
        next(job)
    stop.set()
    assert [pressed.interactive for pressed in next(second)[3:]] == [True, False]
    assert not list(second)
    first.close()
    stop.clear()
    assert list(work(source, [registry.graph("dance-dots")], poses(registry), FilmOptions(), stop))[-1][2]


# In a browser


@pytest.fixture(scope="module")
def address(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.mark.browser
def test_a_video_in_a_video_out(page: Any, tmp_path: Path):
    page.set_default_timeout(300_000)
    tab(page, "Dance")
    page.locator("#film-start").click()
    page.get_by_text("Upload a video first").wait_for()
    give_film(page, film(tmp_path / "walk.mp4", pictures(30), sound=True))
    page.locator("#film-cast").get_by_text("Spots").click()
    page.locator("#film-start").click()
    page.locator("#film-report b").wait_for()
    assert "30 frames in" in page.locator("#film-report").inner_text()
    with page.expect_download() as fetched:
        page.locator("#film [aria-label=Download]").click()
    target = tmp_path / "fetched.mp4"
    fetched.value.save_as(target)
    assert (probe(target).height, probe(target).width, probe(target).sound) == (384, 512 + 2 * 384, True)
    with av.open(str(target)) as container:
        assert "synthesized" in container.metadata["comment"]


@pytest.mark.browser
def test_a_part_a_preview_and_a_click_on_the_person(page: Any, tmp_path: Path):
    page.set_default_timeout(300_000)
    tab(page, "Dance")
    give_film(page, film(tmp_path / "walk.mp4", pictures(30)))
    page.locator("#film-from input").fill("1")
    page.locator("#film-to input").fill("2")
    page.locator("#film-look").click()
    shown = page.locator("#film-preview img")
    shown.wait_for()
    assert "largest person" in page.locator("#film-preview-note").inner_text()
    box = shown.bounding_box()
    at = {"x": box["width"] * 512 / 896 * 0.45, "y": box["height"] * 0.6}
    shown.click(position=at)
    page.get_by_text("This person is followed").wait_for()
    page.locator("#film-start").click()
    page.locator("#film-report b").wait_for()
    assert "10 frames in" in page.locator("#film-report").inner_text()
    page.locator("#film-anybody").click()
    page.get_by_text("The largest person is followed").wait_for()


@pytest.mark.browser
def test_stop_and_begin_again(page: Any, tmp_path: Path):
    page.set_default_timeout(300_000)
    tab(page, "Dance")
    give_film(page, film(tmp_path / "walk.mp4", pictures(200)))
    for _ in range(2):
        page.locator("#film-start").click()
        page.locator("#film-state progress").wait_for()
        page.locator("#film-stop").click()
        page.wait_for_function("() => !document.querySelector('#film-start').disabled")
        page.locator("#film-state progress").wait_for(state="detached")
