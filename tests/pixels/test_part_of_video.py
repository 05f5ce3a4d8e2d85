"""Test reading a part of a video, and cutting its sound with it: exact to the frame, whatever a jump can do."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from synth.pixels.clip import seeking
from synth.pixels.video_reader import VideoFrames
from synth.pixels.video_writer import VideoWriter
from tests.pixels.test_sound import beeps, heard, onsets, write
from tests.support.clips import clip

TIMES = [i / 10 for i in range(60)]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi", "flv", "webm"])
def test_a_part_holds_the_same_frames_as_the_whole(tmp_path: Path, suffix: str):
    codec = "libvpx" if suffix == "webm" else "libx264"
    source = clip(tmp_path / f"in.{suffix}", TIMES, codec=codec, sound="libopus" if suffix == "webm" else "mp3")
    whole = list(VideoFrames(source))
    part = VideoFrames(source, seconds=4.5, start=3.0)
    first = max(time for time, _ in whole if time <= 3.0)
    found, expected = list(part), [(time, image) for time, image in whole if first <= time < 4.5]
    assert [time for time, _ in found] == pytest.approx([time for time, _ in expected], abs=1e-6)
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(found, expected, strict=True))
    assert (part.notice, part.end) == ("", 4.5)


@pytest.mark.parametrize("start", [0.25, 3.55])
def test_a_part_begins_with_the_image_that_is_shown_then(tmp_path: Path, start: float):
    source = clip(tmp_path / "in.mp4", [0.0, 0.1, 0.2, 3.0, 3.1, 3.5, 3.9])
    whole = dict(VideoFrames(source))
    found = list(VideoFrames(source, start=start))
    shown = max(time for time in whole if time <= start)
    assert [time for time, _ in found] == [time for time in whole if time >= shown]
    assert np.array_equal(found[0][1], whole[shown])


def test_a_part_after_the_last_image_shows_that_one_while_the_sound_goes_on(tmp_path: Path):
    source = clip(tmp_path / "in.mp4", [0.0, 0.1], sound="aac", heard=4.0)
    part = VideoFrames(source, start=3.0)
    assert [time for time, _ in part] == [0.1]
    assert part.end == pytest.approx(4.0, abs=0.05)


@pytest.mark.parametrize("name", ["in.mp4", "in.gif"])
def test_a_part_after_the_end_ends_in_a_sentence(tmp_path: Path, name: str):
    if name == "in.mp4":
        clip(tmp_path / name, TIMES[:20])
    else:
        frames = [Image.new("RGB", (20, 16), color) for color in ("red", "lime")]
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=1000)
    with pytest.raises(ValueError, match=r"ends at 2\.0 seconds: there is nothing at 7"):
        list(VideoFrames(tmp_path / name, start=7))


def test_a_part_of_an_animation(tmp_path: Path):
    frames = [Image.new("RGB", (20, 16), color) for color in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "in.gif", save_all=True, append_images=frames[1:], duration=[300, 50, 200])
    assert [time for time, _ in VideoFrames(tmp_path / "in.gif", start=0.32)] == pytest.approx([0.3, 0.35])


def test_what_comes_before_a_part_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Else a preview of the fourth minute would take as long as reading four."""
    source, read = clip(tmp_path / "in.mp4", [i / 10 for i in range(600)]), []
    kept = seeking.landed
    monkeypatch.setattr(
        "synth.pixels.video_reader.landed",
        lambda frames, goal: kept((read.append(frame) or frame for frame in frames), goal),
    )
    assert next(iter(VideoFrames(source, start=55.0)))[0] == pytest.approx(55)
    assert len(read) <= 250 + 10, "at most what lies between two key frames"


@pytest.mark.parametrize(
    ("suffix", "sound"), [("mp4", "aac"), ("mkv", "libopus"), ("mkv", "flac"), ("mov", "pcm_s16le")]
)
def test_sound_is_cut_with_the_images_and_stays_in_step(tmp_path: Path, suffix: str, sound: str):
    """Of beeps at 0.5, 1.5 and 2.5 s, the part from 1.23 to 2.3 s has the second, 0.27 s after its start."""
    source = write(tmp_path / f"in.{suffix}", beeps(48_000), sound=sound)
    target, start, end = tmp_path / "out.mp4", 1.23, 2.3
    with VideoWriter(target, 48, 64, 25, source, heard=(start, end)) as film:
        for time, image in VideoFrames(source, seconds=end, start=start):
            film.add(max(time - start, 0), image)
        film.end = end - start
    assert onsets(*heard(target)) == pytest.approx([0.27], abs=0.012)
    with av.open(str(target)) as container:
        assert float((container.duration or 0) / 1e6) == pytest.approx(end - start, abs=0.03)
