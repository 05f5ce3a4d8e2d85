"""Test the part of a clip that becomes a dance video, and the person in it who is followed."""

from pathlib import Path

import numpy as np
import pytest

from synth.pixels.video_reader import Clip, VideoFrames, probe
from synth.runtime.dance.film_detection import Detection, earlier
from synth.runtime.dance.film_options import BESIDE, Chosen, FilmOptions, check, check_part, with_part
from synth.runtime.dance.films import dance
from synth.runtime.dance.pose import poses
from synth.runtime.dance.tracker import WindowTracker
from synth.runtime.registry import Registry
from synth.runtime.stopwatch import Stopwatch
from tests.pixels.test_sound import heard, onsets
from tests.runtime.dance.test_two_people import Fond, scene
from tests.support import dancers, films
from tests.support.bodies import body
from tests.support.walks import film, pictures

COUNT, FPS = 10, 10
CLIP = Clip(Path("in.mp4"), 240, 320, 30, 10.0, 300, True)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights")), "cpu", "synth")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (FilmOptions(start=-1), "The start is -1; it must be a time in seconds, 0 or more"),
        (FilmOptions(start=float("nan")), "The start is nan"),
        (FilmOptions(end=float("inf")), "The end is inf"),
        (FilmOptions(start=3, end=3), "The start, 3 s, must be before the end, 3 s"),
        (FilmOptions(start=1, end=302), "from 1 to 302 s is too long: the limit is 300"),
        (FilmOptions(start=10), "“in.mp4” lasts 10.0 seconds, so the start cannot be at 10"),
        (FilmOptions(end=10.5), "“in.mp4” lasts 10.0 seconds, so the end cannot be at 10.5"),
        (FilmOptions(person=Chosen(0.5, 1.1)), "The person's place is 0.5, 1.1; both must be from 0 to 1"),
        (FilmOptions(person=Chosen(float("nan"), 0)), "The person's place is nan"),
        (FilmOptions(start=2, end=4, person=Chosen(0, 0, 4)), "chosen at 4 s, outside of the part from 2 to 4 s"),
        (FilmOptions(person=Chosen(0, 0, 11)), "lasts 10.0 seconds, so the place of the person cannot be at 11"),
    ],
)
def test_parts_and_places_that_cannot_be_end_in_a_sentence(registry: Registry, options: FilmOptions, sentence: str):
    def checked() -> None:
        check([registry.card("dance-dots")], options)
        check_part(CLIP, options)

    with pytest.raises(ValueError, match=sentence):
        checked()


@pytest.mark.parametrize("given", ["now", True, [1], {}, 10**400, float("nan")])
def test_what_is_no_time_and_no_person_ends_in_a_sentence(given: object):
    for name in ("start", "end"):
        with pytest.raises(ValueError, match=f"The {name} is .*a time in seconds"):
            with_part(FilmOptions(), **{name: given})
    for person in (given, [given, 0.5], [0.5, 0.5, 0.5, given]):
        with pytest.raises(ValueError, match=r"The person is .*must be x and y"):
            with_part(FilmOptions(), person=person)


def test_what_was_given_is_kept():
    assert with_part(FilmOptions()) == FilmOptions()
    assert with_part(FilmOptions(), 1, None, [0, 1]) == FilmOptions(start=1, person=Chosen(0, 1))
    assert with_part(FilmOptions(), None, 2, (0.5, 0.5, 1)) == FilmOptions(end=2, person=Chosen(0.5, 0.5, 1))


def test_ends_are_rounded_and_long_clips_may_be_cut():
    check_part(CLIP, FilmOptions(end=10.3))
    hour = Clip(Path("in.mp4"), 240, 320, 30, 3600.0, 108_000, True)
    check_part(hour, FilmOptions(start=3000, end=3100))
    check_part(hour, FilmOptions(start=3400))
    with pytest.raises(ValueError, match=r"lasts 3600 seconds; the limit is 300\. Choose a part"):
        check_part(hour, FilmOptions(start=10))


def test_a_part_becomes_a_video_with_its_own_sound(registry: Registry, tmp_path: Path):
    source, target = film(tmp_path / "in.mp4", pictures(24), sound=True, heard=1.3), tmp_path / "out.mp4"
    tracker, options = poses(registry).tracker(), FilmOptions(BESIDE, start=0.75, end=1.6)
    steps = list(dance(source, target, [registry.graph("dance-dots")], tracker, options))
    assert steps[-1].report is not None
    assert steps[-1].report.frames == 9
    assert [step.share for step in steps] == sorted(step.share for step in steps)
    made = list(VideoFrames(target))
    assert [time for time, _ in made] == pytest.approx([0, *(0.05 + i / 10 for i in range(8))], abs=2e-3)
    assert probe(target).seconds == pytest.approx(0.85, abs=0.01)
    given = [image for time, image in VideoFrames(source) if 0.65 < time < 1.55]
    for (_, image), shown in zip(made, given, strict=True):  # the driver beside the character is that of the moment
        panel = image[:, : image.shape[1] - image.shape[0]]
        columns = [np.flatnonzero(one.max(-1).max(0) > 200).mean() / one.shape[1] for one in (panel, shown)]
        assert columns[0] == pytest.approx(columns[1], abs=0.02)
    wave, times = heard(target)
    assert onsets(wave, times)[0] == pytest.approx(0, abs=0.025), "the tone has begun before"
    assert times[np.abs(wave) > 0.05].max() == pytest.approx(1.3 - 0.75, abs=0.03), "and ends when it does"


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, np.ndarray]:
    """A clip of a large person in bright dots and a small one in dim dots, both walking to the right."""
    large = np.stack([body(400, 470, 120 + 4 * i) for i in range(COUNT)])
    small = np.stack([body(280, 470, 440 + 8 * i) for i in range(COUNT)])
    frames = [scene(*pair) for pair in zip(large, small, strict=True)]
    return films.film(tmp_path_factory.mktemp("clips") / "two.mkv", frames, FPS), large, small


def detected(path: Path, options: FilmOptions) -> np.ndarray:
    detection = Detection(probe(path), options, WindowTracker(Fond()), Stopwatch())
    shares = list(detection)
    assert shares == sorted(shares)
    assert detection.track.times == sorted(detection.track.times)
    return np.stack([np.zeros((17, 3)) if one is None else one for one in detection.track._joints])


@pytest.mark.parametrize(("who", "time"), [("small", None), ("small", 0.55), ("large", 0.9)])
def test_who_was_chosen_is_followed_backwards_and_forwards(
    crossing: tuple[Path, np.ndarray, np.ndarray], time: float | None, who: str
):
    path, large, small = crossing
    truth = large if who == "large" else small
    x, y = truth[int((time or 0) * FPS), [5, 6, 11, 12], :2].mean(0) / (640, 480)
    found = detected(path, FilmOptions(person=Chosen(x, y, time)))
    assert found.shape == truth.shape
    assert np.abs(found - truth)[:, 5:, :2].max() < 4


def test_the_place_of_a_person_is_that_of_the_part(crossing: tuple[Path, np.ndarray, np.ndarray]):
    path, _, small = crossing
    x, y = small[6, [5, 6, 11, 12], :2].mean(0) / (640, 480)
    found = detected(path, FilmOptions(start=0.3, end=0.8, person=Chosen(x, y, 0.6)))
    assert np.abs(found - small[3:8])[:, 5:, :2].max() < 4


def test_where_nobody_was_chosen_the_largest_is_followed_and_an_empty_place_ends_in_a_sentence(
    crossing: tuple[Path, np.ndarray, np.ndarray],
):
    path, large, _ = crossing
    assert np.abs(detected(path, FilmOptions()) - large)[:, 5:, :2].max() < 4
    with pytest.raises(ValueError, match=r"Nobody was found at 0\.50, 0\.02 of .*, 0\.5 seconds in\. Choose a place"):
        detected(path, FilmOptions(person=Chosen(0.5, 0.02, 0.5)))


def test_a_clip_read_backwards_holds_every_frame_once(tmp_path: Path):
    times = [0.0, 0.1, 0.9, 1.0, 1.1, 3.5, 3.6]
    source = film(tmp_path / "in.mkv", pictures(len(times)), times)
    assert [time for time, _ in earlier(source, 0.05, 3.6)] == pytest.approx(times[-2::-1], abs=1e-3)
