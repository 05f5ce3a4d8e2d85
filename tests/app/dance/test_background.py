"""Test background replacement of characters: live, in the stored dance, in video files and through the API."""

import threading
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from synth.app.api import api
from synth.app.tabs import dance_background
from synth.app.tabs.dance_background import COLOR, OWN, PICTURE, chosen, hexadecimal
from synth.app.tabs.dance_file import check, work
from synth.pixels.video_reader import VideoFrames
from synth.runtime.dance.films import ALONE, FilmOptions, dance
from synth.runtime.dance.painting import cuts
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.live_page import Page
from tests.support.pictures import opened
from tests.support.walks import film, pictures

CUT = "dance-layers"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights"), CUT, "dance-dots"), "cpu", "synth")


@pytest.fixture
def visit(registry: Registry) -> Page:
    page = Page(registry)
    page.begin(CUT)
    return page


def test_a_character_comes_alone_with_what_is_seen_past_it(visit: Page):
    whole = [visit.frame(character=CUT) for _ in range(4)][-1]
    cut = [visit.frame(character=CUT, cut=True) for _ in range(4)][-1]
    assert "gap" not in whole
    alone, gap = opened(cut["picture"]).astype(int), opened(cut["gap"]).astype(int)
    assert gap.shape == (64, 64), "one channel"
    assert np.abs(alone - opened(whole["picture"])).mean() < 6, "its plate is black already"
    assert (gap > 250).mean() > 0.5
    assert (gap < 5).sum() > 100
    assert alone[gap > 253].max() < 40
    assert np.abs(np.array(cut["pose"]) - whole["pose"]).max() < 1


def test_who_cannot_be_cut_out_comes_before_its_own_background(visit: Page):
    assert "gap" not in visit.frame(character="dance-dots", cut=True)


@pytest.mark.parametrize("cut", [1, "true", None])
def test_what_is_neither_cut_nor_whole_ends_in_a_sentence(visit: Page, cut: Any):
    assert visit.frame(character=CUT, cut=cut)["error"].endswith(".")
    assert visit.call("dance_demo", {"character": CUT, "first": 0, "cut": cut})["error"].endswith(".")


def test_the_stored_dance_is_there_whole_and_cut_out(visit: Page):
    ask = {"character": CUT, "first": 0}
    assert "gap" in visit.call("dance_demo", {**ask, "cut": True})["frames"][0]
    assert "gap" not in visit.call("dance_demo", {**ask, "cut": False})["frames"][0]
    assert "gap" not in visit.call("dance_demo", {**ask, "character": "dance-dots", "cut": True})["frames"][0]


@pytest.mark.parametrize(
    "background", ["#00ff00", np.full((300, 200, 3), [0, 255, 0], np.uint8)], ids=["colour", "own"]
)
def test_a_film_before_another_background(registry: Registry, tmp_path: Path, background: str | np.ndarray):
    source, target = film(tmp_path / "in.mp4", pictures(6)), tmp_path / "out.mp4"
    steps = list(
        dance(
            source, target, [registry.graph(CUT)], poses(registry).tracker(), FilmOptions(ALONE, background=background)
        )
    )
    report = steps[-1].report
    assert report is not None
    assert "cut" in report.milliseconds
    last = [picture.astype(int) for _, picture in VideoFrames(target)][-1]
    assert np.abs(last[:4] - [0, 255, 0]).max() < 12, "as exact as the coding of a film"
    red = (last[..., 0] > 120) & (last[..., 1] < 100)
    assert red.sum() > 5, "the torso of the figure is there, and opaque"


def test_a_character_with_its_own_background_alone_says_what_to_do(registry: Registry, tmp_path: Path):
    assert not cuts(registry.card("dance-dots"))
    with pytest.raises(ValueError, match="python -m export again dance-dots"):
        check(registry, "x.mp4", ["dance-dots", CUT], ALONE, False, 0.5, "#00ff00")
    with pytest.raises(ValueError, match="Write it as #rrggbb"):
        check(registry, "x.mp4", [CUT], ALONE, False, 0.5, "green")
    assert check(registry, "x.mp4", [CUT], ALONE, False, 0.5, "#00ff00")[2].background == "#00ff00"


@pytest.mark.parametrize(("color", "sentence"), [("#00ff00", ""), ("green", "#rrggbb")])
def test_a_program_names_a_colour(registry: Registry, tmp_path: Path, cache: None, color: str, sentence: str):
    sent = tmp_path / "cache" / "in.mp4"
    sent.parent.mkdir()
    film(sent, pictures(4))
    job = api._dance(registry)({"path": str(sent), "meta": {"_type": "gradio.FileData"}}, [CUT], background=color)
    if sentence:
        with pytest.raises(gr.Error, match=sentence):
            list(job)
        return
    made = Path(list(job)[-1].path)
    assert np.abs([picture.astype(int) for _, picture in VideoFrames(made)][-1][:4] - [0, 255, 0]).max() < 12


def test_stopping_before_another_background_leaves_nothing(registry: Registry, tmp_path: Path, cache: None):
    source, stop = film(tmp_path / "in.mp4", pictures(12)), threading.Event()
    job = work(source, [registry.graph(CUT)], poses(registry), FilmOptions(ALONE, background="#ffffff"), stop)
    for _ in range(2):  # it waits for its turn, then it works; a quick machine is done with the film at the third
        next(job)
    assert list((tmp_path / "cache").iterdir())
    job.close()
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [((PICTURE, "#00ff00", None), "Choose a picture"), (("../", "", None), "Reload"), ((COLOR, None, None), "Reload")],
)
def test_what_a_browser_says_of_backgrounds_is_checked(given: tuple[Any, ...], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        chosen(*given)


def test_colours_as_pickers_say_them():
    own = np.zeros((2, 2, 3), np.uint8)
    assert chosen(COLOR, dance_background.GREEN, own) == "#00ff00"
    assert chosen(OWN, dance_background.GREEN, own) == ""
    assert chosen(PICTURE, dance_background.GREEN, own) is own
    assert hexadecimal("rgba(0, 128.4, 255, 1)") == "#0080ff"
    assert hexadecimal("rgb(1,2,3)") == "#010203"
    assert hexadecimal("url(x)") == "url(x)"
