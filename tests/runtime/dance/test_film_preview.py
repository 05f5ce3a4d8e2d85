"""Test the preview of a dance video: the skeleton over the driver of that moment, and the characters beside."""

from pathlib import Path

import numpy as np
import pytest

from synth.app.tabs import dance_preview
from synth.app.tabs.dance_preview import Person, Shown
from synth.runtime.dance.film_options import Chosen, FilmOptions
from synth.runtime.dance.film_preview import preview
from synth.runtime.dance.pose import poses
from synth.runtime.dance.tracker import WindowTracker
from synth.runtime.registry import Registry
from tests.runtime.dance.test_two_people import Fond, scene
from tests.support import dancers, films
from tests.support.bodies import body
from tests.support.walks import film, pictures


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-spots"), "cpu", "synth")


def torso(image: np.ndarray) -> float:
    """Return the x of the skeleton's red torso, as a share of the width."""
    red = (image[..., 0] > 180) & (image[..., 1:].max(-1) < 90)
    return float(np.flatnonzero(red.any(0)).mean() / image.shape[1])


@pytest.mark.parametrize("time", [0.0, 1.55, 3.85])
def test_the_skeleton_lies_over_the_driver_of_that_moment(registry: Registry, tmp_path: Path, time: float):
    source, graphs = film(tmp_path / "in.mp4", pictures(40)), [registry.graph(f"dance-{n}") for n in ("dots", "spots")]
    found = preview(source, graphs, poses(registry).tracker(), FilmOptions(), time)
    assert (found.picture.shape, found.driver, found.seen, found.time) == ((384, 512 + 2 * 384, 3), 512, True, time)
    assert torso(found.picture[:, :512]) == pytest.approx(0.35 + 0.3 * int(time * 10) / 40, abs=0.05)
    assert found.picture[:, 512:896].max() > 100, "the character is there"


def test_where_nobody_is_the_preview_says_so(registry: Registry, tmp_path: Path):
    source = film(tmp_path / "in.mp4", pictures(4, nobody=True))
    assert not preview(source, [registry.graph("dance-dots")], poses(registry).tracker(), FilmOptions(), 0.1).seen
    options = FilmOptions(person=Chosen(0.5, 0.5, 0.1))
    with pytest.raises(ValueError, match="Nobody was found at"):
        preview(source, [registry.graph("dance-dots")], poses(registry).tracker(), options, 0.1)


def test_a_preview_shows_who_was_chosen_at_its_moment(registry: Registry, tmp_path: Path):
    frames = [scene(body(400, 470, 160), body(280, 470, 480))] * 8
    source = films.film(tmp_path / "two.mkv", frames, 10)
    for person, x in ((None, 0.25), (Chosen(0.75, 0.7, 0.3), 0.75), (Chosen(0.75, 0.7, 0.5), 0.25)):
        options = FilmOptions(person=person)
        found = preview(source, [registry.graph("dance-dots")], WindowTracker(Fond()), options, 0.3)
        assert torso(found.picture[:, : found.driver]) == pytest.approx(x, abs=0.05), person


def test_a_person_is_kept_for_their_own_video_only():
    person = Person("a.mp4", (0.1, 0.2, 3.0))
    assert dance_preview.place("a.mp4", person) == (0.1, 0.2, 3.0)
    assert dance_preview.place("b.mp4", person) is None
    assert dance_preview.place("a.mp4", None) is None


@pytest.mark.parametrize("given", [None, "1", True, -1, float("nan"), float("inf")])
def test_what_is_no_moment_ends_in_a_sentence(given: object):
    with pytest.raises(ValueError, match="must be a time in seconds"):
        dance_preview.at(given)


def test_what_the_page_shows_of_a_preview(registry: Registry, tmp_path: Path):
    source, who = film(tmp_path / "in.mp4", pictures(6)), Person("in.mp4", (0.4, 0.6, 0.2))
    graphs, options = [registry.graph("dance-dots")], FilmOptions(start=0.1, person=Chosen(0.38, 0.5, 0.2))
    told = {}
    for time in (0.2, 0.0):
        image, told[time], forget, shown, kept = dance_preview.made(
            registry, (source, graphs, options), time, "in.mp4", who
        )
        assert image["visible"]
        assert forget.visible
        assert kept is who
        assert shown == Shown("in.mp4", max(time, 0.1), 384, 512)
    assert "This person is followed" in told[0.2]
    assert "You chose a person at 0.2 seconds" in told[0.0]
