"""Test that a film lasts as long as the clip it was made from, and that only damaged clips are called damaged."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.codec.context import Flags

from synth.pixels.video_reader import VideoFrames
from synth.pixels.video_writer import write_video
from tests.support.clips import clip, packets, picture

TENTHS = tuple(i / 10 for i in range(10))


def made_from(source: Path, seconds: float | None = None) -> tuple[Path, VideoFrames]:
    frames, target = VideoFrames(source, seconds=seconds), source.with_name("out.mp4")
    write_video(target, frames, sound=source, end=lambda: frames.end)
    return target, frames


def lengths(path: Path) -> tuple[float, float]:
    """Return the length of the file and that of its video stream, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert container.duration
        assert stream.duration
        assert stream.time_base
        return container.duration / 1e6, float((stream.duration + (stream.start_time or 0)) * stream.time_base)


def silent(path: Path, times: tuple[float, ...], last: float, codec: str = "libx264") -> Path:
    """Write a clip whose last picture is shown for ``last`` seconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.flags |= Flags.frame_duration
        stream.codec_context.max_b_frames = 0
        for i, (time, until) in enumerate(zip(times, [*times[1:], times[-1] + last], strict=True)):
            frame = av.VideoFrame.from_ndarray(picture(i)).reformat(format="yuv420p")
            frame.time_base, frame.pts, frame.duration = (
                Fraction(1, 1000),
                round(time * 1000),
                round((until - time) * 1000),
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("times", [TENTHS, (0.0,), (0.0, 0.3, 0.35, 0.9)], ids=["even", "one frame", "uneven"])
@pytest.mark.parametrize(
    ("name", "codec", "sound"),
    [("in.mp4", "libx264", "aac"), ("in.mkv", "libx264", "pcm_s16le"), ("in.webm", "libvpx", "libopus")],
)
def test_a_picture_stands_still_for_as_long_as_somebody_speaks(
    tmp_path: Path, name: str, codec: str, sound: str, times: tuple[float, ...]
):
    source = clip(tmp_path / name, times, sound, codec=codec, heard=3.0)
    target, frames = made_from(source)
    assert frames.notice == ""
    assert lengths(target) == pytest.approx((3.0, 3.0), abs=0.04)
    assert packets(target, "audio")[-1][0] > 2.9, "all of the sound"
    assert [time for time, _ in VideoFrames(target)] == pytest.approx(times, abs=0.03)


@pytest.mark.parametrize(("name", "codec"), [("in.mp4", "libx264"), ("in.webm", "libvpx")])
@pytest.mark.parametrize(
    ("times", "last"), [((0.0, 2.0, 4.0), 2.0), (TENTHS, 4.0), ((0.0, 3.0), 0.5)], ids=["slides", "still end", "short"]
)
def test_a_silent_clip_keeps_the_length_of_its_last_picture(
    tmp_path: Path, name: str, codec: str, times: tuple[float, ...], last: float
):
    target, frames = made_from(silent(tmp_path / name, times, last, codec))
    assert frames.notice == ""
    assert lengths(target) == pytest.approx((times[-1] + last,) * 2, abs=0.04)


def test_a_steady_rate_stays_steady_where_the_sound_ends_a_little_later(tmp_path: Path):
    target, _ = made_from(clip(tmp_path / "in.mp4", TENTHS, "aac", heard=1.06))
    with av.open(str(target)) as container:
        assert container.streams.video[0].average_rate == 10
    assert packets(target, "audio")[-1][0] > 1.03


def test_reading_less_than_the_clip_ends_there(tmp_path: Path):
    source = clip(tmp_path / "in.mp4", TENTHS, "aac", heard=3.0)
    target, frames = made_from(source, seconds=2.0)
    assert frames.end == 2.0
    assert lengths(target) == pytest.approx((2.0, 2.0), abs=0.15)
    _, frames = made_from(source, seconds=0.5)
    assert frames.end == 0.5


@pytest.mark.parametrize(
    ("name", "codec", "sound", "told"),
    [
        ("in.mp4", "libx264", "aac", True),
        ("in.mkv", "libx264", "aac", True),
        ("in.webm", "libvpx", "libopus", True),
        ("in.avi", "mpeg4", "libmp3lame", True),
        ("in.ts", "libx264", "aac", False),  # these cannot be told from whole ones
        ("in.flv", "flv1", "aac", False),
    ],
)
def test_half_a_clip_is_called_damaged_and_a_whole_one_is_not(
    tmp_path: Path, name: str, codec: str, sound: str, told: bool
):
    source = clip(tmp_path / name, tuple(i / 25 for i in range(100)), sound, codec=codec)
    whole = VideoFrames(source)
    assert len(list(whole)) == 100
    assert (whole.notice, whole.end) == ("", pytest.approx(4.0, abs=0.15))
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    half = VideoFrames(source)
    assert 20 < len(list(half)) < 98
    assert ("damaged or incomplete" in half.notice) == told
    assert half.end < 3.95
