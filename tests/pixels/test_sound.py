"""Test the sound of written videos: every beep at its time, in a codec that browsers play, nothing lost at the end."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from synth.pixels.video_reader import VideoFrames
from synth.pixels.video_writer import Written, write_video
from tests.support.clips import clip, packets, picture, track

BEEPS = (0.5, 1.5, 2.5)
SECONDS = 3.0
BROWSERS = {"aac", "mp3", "opus", "flac"}


def beeps(rate: int, times: tuple[float, ...] = BEEPS, seconds: float = SECONDS) -> np.ndarray:
    """Return int16 ``[T]``: silence with beeps of 0.1 s at ``times``."""
    at = np.arange(round(seconds * rate)) / rate
    on = np.zeros(len(at), bool)
    for time in times:
        on |= (at >= time) & (at < time + 0.1)
    return (np.sin(at * 1000 * 2 * np.pi) * on * 12_000).astype(np.int16)


def write(
    path: Path,
    *tracks: np.ndarray,
    sound: str,
    rate: int = 48_000,
    holes: tuple[float, float] = (9, 9),
    default: int = 0,
    jump: float = 0,
) -> Path:
    """Write a clip of 3 s with audio tracks, each without what lies between the two times of ``holes``.

    What follows these comes ``jump`` seconds later than it should.
    """
    codec = {".webm": "libvpx", ".mpg": "mpeg1video"}.get(path.suffix, "libx264")
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=25)
        assert isinstance(video, av.VideoStream)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        streams = []
        for number in range(len(tracks)):
            stream = track(container, sound, rate)
            stream.disposition = Disposition.default if number == default else Disposition(0)
            streams.append(stream)
        container.start_encoding()
        coded = []
        for i in range(round(SECONDS * 25)):
            frame = av.VideoFrame.from_ndarray(picture(i)).reformat(format="yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, 25)
            coded += video.encode(frame)
        coded += video.encode(None)
        for stream, wave in zip(streams, tracks, strict=True):
            coded += _coded(stream, wave, rate, holes, jump)
        for packet in sorted(coded, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    return path


def _coded(stream, wave: np.ndarray, rate: int, holes: tuple[float, float], jump: float) -> Iterator[av.Packet]:
    resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
    frames = []
    for first in range(0, len(wave), rate // 50):
        frame = av.AudioFrame.from_ndarray(wave[None, first : first + rate // 50], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
        frames += resampler.resample(frame)
    for packet in [packet for frame in [*frames, None] for packet in stream.encode(frame)]:
        time = packet.pts * packet.time_base
        if time >= holes[1]:
            packet.pts = packet.dts = packet.pts + round(jump / packet.time_base)
        if not holes[0] <= time < holes[1]:
            yield packet


def heard(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the decoded samples, and the time of each by the file's timestamps."""
    waves, times = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            wave = frame.to_ndarray()
            wave = wave.mean(0) if frame.format.is_planar else wave.ravel()[:: frame.layout.nb_channels]
            waves.append(wave / (1 if frame.format.name.startswith("flt") else 32_768))
            assert frame.time is not None
            times.append(frame.time + np.arange(frame.samples) / frame.sample_rate)
    return np.concatenate(waves), np.concatenate(times)


def onsets(wave: np.ndarray, times: np.ndarray) -> list[float]:
    """Return the times at which sound begins after a fifth of a second of silence."""
    loud = times[np.abs(wave) > 0.1]
    return loud[np.diff(loud, prepend=-1) > 0.2].tolist()


def copy(source: Path) -> tuple[Path, Written]:
    frames, target = VideoFrames(source), source.with_name("out.mp4")
    return target, write_video(target, frames, sound=source, end=lambda: frames.end)


def codec(path: Path) -> str:
    with av.open(str(path)) as container:
        return container.streams.audio[0].codec_context.codec.canonical_name


@pytest.mark.parametrize(
    ("name", "sound", "holes", "expected"),
    [
        ("gap.mkv", "pcm_s16le", (0.8, 1.4), BEEPS),
        ("gap.mp4", "aac", (0.8, 1.4), BEEPS),
        ("gap.webm", "libopus", (0.8, 1.4), BEEPS),
        ("late.mp4", "aac", (0.0, 1.0), BEEPS[1:]),
        ("late.mkv", "pcm_s16le", (0.0, 1.0), BEEPS[1:]),
        ("lost_words.ts", "aac", (1.4, 2.0), (0.5, 2.5)),
    ],
)
def test_what_follows_a_gap_is_heard_in_time(
    tmp_path: Path, name: str, sound: str, holes: tuple[float, float], expected: tuple[float, ...]
):
    target, made = copy(write(tmp_path / name, beeps(48_000), sound=sound, holes=holes))
    wave, times = heard(target)
    assert onsets(wave, times) == pytest.approx(expected, abs=0.03)
    counted = np.arange(len(wave)) / 48_000
    assert onsets(wave, counted) == pytest.approx(expected, abs=0.03), "also where a player counts samples"
    assert made.notice == ""


def test_the_default_track_is_taken_and_said(tmp_path: Path):
    quiet = np.zeros_like(beeps(48_000))
    target, made = copy(write(tmp_path / "in.mkv", quiet, beeps(48_000), sound="aac", default=1))
    assert onsets(*heard(target)) == pytest.approx(BEEPS, abs=0.03)
    assert made.notice == "“in.mkv” has 2 audio tracks: track 2 was used."


@pytest.mark.parametrize(
    ("name", "sound", "rate", "copied"),
    [
        ("in.mp4", "aac", 48_000, True),
        ("in.mp4", "libmp3lame", 44_100, True),
        ("in.mkv", "libopus", 48_000, True),
        ("in.mkv", "flac", 48_000, True),
        ("in.mp4", "ac3", 48_000, False),
        ("in.mov", "alac", 44_100, False),
        ("in.mov", "pcm_s16le", 48_000, False),
        ("in.mpg", "mp2", 48_000, False),
        ("in.mkv", "libmp3lame", 8_000, False),
        ("in.mkv", "pcm_s16le", 96_000, False),
    ],
)
def test_only_codecs_that_browsers_play_are_copied(tmp_path: Path, name: str, sound: str, rate: int, copied: bool):
    source = write(tmp_path / name, beeps(rate), sound=sound, rate=rate)
    target, _ = copy(source)
    assert codec(target) in BROWSERS
    assert codec(target) == (codec(source) if copied else "aac")
    same = [data for _, data in packets(target, "audio")] == [data for _, data in packets(source, "audio")]
    assert same == copied
    assert onsets(*heard(target)) == pytest.approx(BEEPS, abs=0.04)


@pytest.mark.parametrize("rate", [48_000, 44_100, 96_000])
def test_the_last_sound_is_there(tmp_path: Path, rate: int):
    wave = beeps(rate, (2.98,))  # for 20 ms, until the end
    target, _ = copy(write(tmp_path / "in.mkv", wave, sound="pcm_s16le", rate=rate))
    found, times = heard(target)
    loud = times[np.abs(found) > 0.1]
    assert (loud[0], loud[-1]) == pytest.approx((2.98, 3.0), abs=0.003)


def test_a_gap_of_hours_costs_nothing(tmp_path: Path):
    """A damaged timestamp must not fill the memory with silence."""
    source = write(tmp_path / "in.mkv", beeps(48_000), sound="pcm_s16le", holes=(2.9, 2.9), jump=360_000)
    frames, target = VideoFrames(source, seconds=4.0), tmp_path / "out.mp4"
    write_video(target, frames, sound=source, end=lambda: frames.end)
    assert onsets(*heard(target)) == pytest.approx(BEEPS, abs=0.03)
    assert packets(target, "audio")[-1][0] == pytest.approx(4.0, abs=0.15)


def test_no_sound_has_no_notice_of_tracks(tmp_path: Path):
    _, made = copy(clip(tmp_path / "in.mp4"))
    assert made.notice == "“in.mp4” has no sound, so the result is silent."
