"""Test writing videos: playable, in step with their sound, and no unfinished file left."""

from pathlib import Path

import av
import numpy as np
import pytest

from synth.pixels import video_writer
from synth.pixels.video_reader import VideoFrames, probe
from synth.pixels.video_writer import VideoWriter, write_video
from tests.support.clips import clip, packets, picture, pictures


def leftovers(folder: Path, *expected: str) -> None:
    assert sorted(p.name for p in folder.iterdir()) == sorted(expected)


def test_pictures_and_times_come_back(tmp_path: Path):
    target = tmp_path / "out.mp4"
    assert write_video(target, pictures(12), fps=10).frames == 12
    found = list(VideoFrames(target))
    assert [round(time, 4) for time, _ in found] == [i / 10 for i in range(12)]
    for i, (_, back) in enumerate(found):
        assert back.shape == (48, 64, 3)
        assert np.abs(back[24:, 32:].astype(int) - picture(i)[24:, 32:]).max() <= 8, "colours must survive the matrix"
    header = probe(target)
    assert (header.height, header.width, header.frames, header.sound) == (48, 64, 12, False)
    assert header.fps == pytest.approx(10, abs=0.1)
    assert header.seconds == pytest.approx(1.2, abs=0.01)
    leftovers(tmp_path, "out.mp4")


def test_what_is_written_plays_everywhere_and_says_that_it_is_synthesized(tmp_path: Path):
    target = tmp_path / "out.mp4"
    write_video(target, pictures(3, height=33, width=51))
    with av.open(str(target)) as container:
        assert container.metadata["comment"] == video_writer.SYNTHESIZED
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.codec_context.height, stream.codec_context.width) == (34, 52)
        assert stream.codec_context.colorspace == 1
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index must stand in front"


def test_times_that_stand_still_are_moved_on(tmp_path: Path):
    frames = [(time, picture(0)) for time in (0.0, 0.1, 0.1, 0.05, 0.3)]
    write_video(tmp_path / "out.mp4", frames)
    times = [time for time, _ in VideoFrames(tmp_path / "out.mp4")]
    assert len(times) == 5
    assert all(np.diff(times) > 0)


@pytest.mark.parametrize(("suffix", "codec", "copied"), [
    ("mp4", "aac", True), ("mkv", "libopus", True), ("webm", "libopus", True), ("ts", "aac", True),
    ("mov", "pcm_s16le", False),
])  # fmt: skip
def test_sound_is_kept_in_step(tmp_path: Path, suffix: str, codec: str, copied: bool):
    source = clip(tmp_path / f"in.{suffix}", sound=codec, codec="libvpx" if suffix == "webm" else "libx264")
    assert probe(source).sound
    write_video(tmp_path / "out.mp4", VideoFrames(source), sound=source)
    ours, theirs = packets(tmp_path / "out.mp4", "audio"), packets(source, "audio")
    if suffix == "ts":  # frames for broadcasting carry a header of their own each
        theirs = [(time, data[7:]) for time, data in theirs]
    if copied:
        assert [data for _, data in ours] == [data for _, data in theirs[: len(ours)]]
        assert [time for time, _ in ours] == pytest.approx([time for time, _ in theirs[: len(ours)]], abs=0.03)
    assert ours[0][0] == pytest.approx(0, abs=0.03)
    assert 0.9 <= ours[-1][0] <= 1.05, "as long as the pictures"
    with av.open(str(tmp_path / "out.mp4")) as container:
        loud = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    assert np.abs(loud).max() > 0.1


def test_sound_ends_with_the_pictures(tmp_path: Path):
    source = clip(tmp_path / "in.mp4", times=[i / 10 for i in range(30)], sound="aac")
    write_video(tmp_path / "out.mp4", VideoFrames(source, seconds=1.0), sound=source)
    assert packets(tmp_path / "out.mp4", "audio")[-1][0] < 1.0


def test_no_sound_is_said(tmp_path: Path):
    source = clip(tmp_path / "in.mp4")
    assert not probe(source).sound
    with VideoWriter(tmp_path / "out.mp4", 48, 64, sound=source) as made:
        made.add(0, picture(0))
    assert made.notice == "“in.mp4” has no sound, so the result is silent."


def test_nothing_is_left_after_an_error_a_cancel_or_no_frames(tmp_path: Path):
    target = tmp_path / "out.mp4"
    with pytest.raises(ValueError, match="Not one frame"):
        write_video(target, [])
    with pytest.raises(ValueError, match="Not one frame"), VideoWriter(target, 48, 64):
        pass
    with pytest.raises(ValueError, match="does not fit"):
        write_video(target, [(0, picture(0)), (0.1, picture(1, 50, 50))])
    seen: list[int] = []
    with pytest.raises(video_writer.Cancelled):
        write_video(target, pictures(9), progress=lambda n, _: seen.append(n), cancelled=lambda: len(seen) == 4)
    assert seen == [1, 2, 3, 4]
    (tmp_path / "bad.mp4").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not a video"):
        write_video(target, pictures(2), sound=tmp_path / "bad.mp4")
    leftovers(tmp_path, "bad.mp4")


def test_an_older_result_stays_until_the_new_one_is_complete(tmp_path: Path):
    target = tmp_path / "out.mp4"
    target.write_bytes(b"before")
    with VideoWriter(target, 48, 64) as made:
        made.add(0, picture(0))
        assert target.read_bytes() == b"before"
    assert probe(target).frames == 1
    leftovers(tmp_path, "out.mp4")


def test_an_unwritable_place_is_said(tmp_path: Path):
    with pytest.raises(ValueError, match="cannot be written"):
        VideoWriter(tmp_path / "missing" / "out.mp4", 48, 64)
