"""Test dancing clips: layouts, sound, timing, cancelling, and every unusable clip."""

from pathlib import Path

import av
import numpy as np
import pytest

from synth.pixels.video_reader import VideoFrames, probe
from synth.runtime.dance import film_detection, films
from synth.runtime.dance.films import ALONE, BESIDE, FilmOptions, Progress, Report, dance
from synth.runtime.dance.person_track import PersonTrack
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from synth.runtime.stopwatch import Stopwatch
from tests.support import dancers
from tests.support.clips import packets, tone, track
from tests.support.walks import film, pictures


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-spots"), "cpu", "synth")


def perform(registry: Registry, source: Path, target: Path, *names: str, **wish) -> tuple[Report, list[Progress]]:
    graphs = [registry.graph(name) for name in names or ("dance-dots",)]
    steps = list(dance(source, target, graphs, poses(registry).tracker(), FilmOptions(**wish)))
    assert steps[-1].report is not None
    return steps[-1].report, steps


def test_one_character_alone_with_the_sources_sound_and_rate(registry: Registry, tmp_path: Path):
    source, target = film(tmp_path / "in.mp4", pictures(), sound=True), tmp_path / "out.mp4"
    report, steps = perform(registry, source, target)
    made = probe(target)
    assert (made.height, made.width, made.sound) == (64, 64, True)
    assert (report.frames, report.seen, report.notices) == (16, 1.0, ())
    assert made.fps == pytest.approx(probe(source).fps, abs=0.1)
    assert packets(target, "audio")[:12] == packets(source, "audio")[:12], "copied bit by bit"
    assert [step.share for step in steps] == sorted(step.share for step in steps)
    assert steps[-1].share == 1
    assert set(report.milliseconds) == {"read", "pose", "draw", "picture", "write"}
    assert min(report.milliseconds.values()) > 0
    with av.open(str(target)) as container:
        assert "synthesized" in container.metadata["comment"]
        assert "Characters: Dots." in container.metadata["comment"]
    assert not list(tmp_path.glob(".*"))


def test_a_character_stands_still_while_the_sound_goes_on(registry: Registry, tmp_path: Path):
    source, target = film(tmp_path / "in.mp4", pictures(5), sound=True, heard=2.0), tmp_path / "out.mp4"
    report, _ = perform(registry, source, target)
    assert (report.frames, report.notices) == (5, ())
    assert probe(target).seconds == pytest.approx(2.0, abs=0.03)
    assert packets(target, "audio")[-1][0] > 1.9


def test_several_characters_beside_the_source_with_its_skeleton(registry: Registry, tmp_path: Path):
    source, target = film(tmp_path / "in.mp4", pictures()), tmp_path / "out.mp4"
    report, _ = perform(registry, source, target, "dance-dots", "dance-spots", layout=BESIDE)
    assert "no sound" not in "".join(report.notices), "a silent film of a silent clip needs no excuse"
    frames = [picture for _, picture in VideoFrames(target)]
    assert frames[0].shape == (384, 512 + 2 * 384, 3)
    last = frames[-1]
    torso = last[:, :512].astype(int)
    red = (torso[..., 0] > 180) & (torso[..., 1:].max(-1) < 90)
    assert 512 * 0.5 < np.flatnonzero(red.any(0)).mean() < 512 * 0.75, "the torso of the figure, where the person is"
    assert np.abs(last[:, 512:896].astype(int) - last[:, 896:]).mean() < 3, "both characters do the same"
    assert last[:, 512:896].max() > 100


def test_uneven_times_and_turned_phones_and_odd_sizes(registry: Registry, tmp_path: Path):
    times = [0.0, 0.04, 0.2, 0.21, 0.5, 0.9, 1.0, 1.4]
    source = film(tmp_path / "in.mkv", pictures(8, (322, 182)), times)
    perform(registry, source, tmp_path / "out.mp4", layout=BESIDE)
    assert [time for time, _ in VideoFrames(tmp_path / "out.mp4")] == pytest.approx(times, abs=2e-3)


def test_four_k_is_looked_at_smaller(registry: Registry, tmp_path: Path):
    source = film(tmp_path / "in.mp4", pictures(3, (2160, 3840)))
    report, _ = perform(registry, source, tmp_path / "out.mp4", layout=BESIDE)
    assert report.seen == 1
    assert probe(tmp_path / "out.mp4").width == 682 + 384


def test_a_torn_clip_gives_what_there_is_and_says_so(registry: Registry, tmp_path: Path):
    whole = film(tmp_path / "whole.mkv", pictures(40))
    torn = tmp_path / "torn.mkv"
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    report, _ = perform(registry, torn, tmp_path / "out.mp4")
    assert 5 < report.frames < 40
    assert "incomplete" in report.notices[0]


def test_somebody_who_leaves(registry: Registry, tmp_path: Path):
    source = film(tmp_path / "in.mp4", [*pictures(10), *pictures(20, nobody=True)])
    report, _ = perform(registry, source, tmp_path / "out.mp4")
    assert report.seen == pytest.approx(1 / 3, abs=0.05)
    assert "detected in 33% of the frames" in report.notices[0]


@pytest.mark.parametrize("kind", ["nobody", "sound", "text", "torn", "empty", "long", "missing"])
def test_what_nothing_can_be_made_of_ends_in_a_sentence_and_leaves_nothing(
    registry: Registry, tmp_path: Path, kind: str
):
    source, target = tmp_path / ("in.mkv" if kind == "long" else "in.mp4"), tmp_path / "made" / "out.mp4"
    target.parent.mkdir()
    if kind in ("nobody", "long"):
        film(source, pictures(4, nobody=True), [0, 0.1, 0.2, 1000] if kind == "long" else None)
    elif kind == "sound":
        with av.open(str(source), "w") as container:
            tone(container, track(container, "aac"), 0.5)
    elif kind == "torn":
        source.write_bytes(film(tmp_path / "whole.mp4", pictures()).read_bytes()[:2000])
    elif kind != "missing":
        source.write_text("" if kind == "empty" else "This is a letter.")
    sentence = {"nobody": "Nobody was found", "sound": "only sound", "long": "the limit is 300"}.get(kind, "in.mp4")
    with pytest.raises(ValueError, match=sentence):
        perform(registry, source, target)
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("steps", [1, 5, 20, 30])
def test_stopping_leaves_nothing(registry: Registry, tmp_path: Path, steps: int):
    source, target = film(tmp_path / "in.mp4", pictures(16), sound=True), tmp_path / "made" / "out.mp4"
    target.parent.mkdir()
    work = dance(source, target, [registry.graph("dance-dots")], poses(registry).tracker())
    for _ in range(steps):
        next(work)
    work.close()
    assert not list(target.parent.iterdir())


def test_a_graph_that_fails_leaves_nothing(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source, target = film(tmp_path / "in.mp4", pictures()), tmp_path / "made" / "out.mp4"
    target.parent.mkdir()
    calls = []

    def fails(role, *given):
        calls.append(1)
        if len(calls) == 5:
            raise ValueError("This graph could not run.")
        return played(role, *given)

    played = films.Role.__call__
    monkeypatch.setattr(films.Role, "__call__", fails)
    with pytest.raises(ValueError, match="could not run"):
        perform(registry, source, target)
    assert not list(target.parent.iterdir())


def test_a_clip_without_an_end_is_cut_at_the_limit(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Browsers' recordings do not say how long they are."""
    monkeypatch.setattr(film_detection, "MAX_FRAMES", 6)
    source = film(tmp_path / "in.mp4", pictures(12))
    report, _ = perform(registry, source, tmp_path / "out.mp4")
    assert report.frames == 6
    assert "Only the first" in report.notices[-1]


@pytest.mark.parametrize("wish", [FilmOptions("upside down"), FilmOptions(ALONE)])
def test_wishes_are_checked(registry: Registry, tmp_path: Path, wish: FilmOptions):
    graphs = [registry.graph("dance-dots")] * (1 if wish.layout != ALONE else 5)
    with pytest.raises(ValueError, match="Choose one to 4 characters"):
        next(dance(tmp_path / "in.mp4", tmp_path / "out.mp4", graphs, poses(registry).tracker(), wish))


def test_a_walk_is_steady_and_does_not_lag():
    rng, truth = np.random.default_rng(0), [dancers.person(x=200 + 2 * i)[1] for i in range(60)]
    noisy = [np.concatenate([pose[:, :2] + rng.normal(0, 2, (17, 2)), pose[:, 2:]], 1) for pose in truth]
    answers = iter(noisy)
    watched = PersonTrack(lambda frame: next(answers))  # type: ignore[arg-type]
    for i in range(60):
        watched.add(i / 30, np.zeros((480, 640, 3), np.uint8))
    error = (watched.smoothed(0.8) - truth)[5:-5, :, 0]
    assert abs(error.mean()) < 0.3, "a causal filter would be behind"
    assert error.std() < 0.7 * 2


def test_a_gap_is_crossed_evenly():
    poses = [dancers.person(x=200)[1]] * 5 + [None] * 5 + [dancers.person(x=260)[1]] * 5
    answers = iter(poses)
    watched = PersonTrack(lambda frame: next(answers))  # type: ignore[arg-type]
    for i in range(15):
        watched.add(i / 10, np.zeros((480, 640, 3), np.uint8))
    x = watched.smoothed()[:, 11, 0]
    assert np.diff(x).max() < 40
    assert x[7] == pytest.approx((x[0] + x[-1]) / 2, abs=6)
    assert watched.share == pytest.approx(2 / 3)


def test_the_stopwatch_adds_up():
    watch = Stopwatch()
    assert list(watch.each("read", [1, 2])) == [1, 2]
    watch.add({"read": 10, "draw": 4})
    assert watch.mean(2)["draw"] == 2
    assert watch.mean(2)["read"] > 5
