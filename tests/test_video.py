"""Clips in, clips out: tiny ones, made here, of every awkward kind."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from synth.pixels import film, video
from synth.pixels.film import Film, write
from synth.pixels.video import Frames, look

COLORS = np.array([(230, 40, 40), (40, 200, 60), (50, 60, 220), (240, 220, 40), (128, 128, 128)], np.uint8)


def picture(index: int, height: int = 48, width: int = 64) -> np.ndarray:
    """A plain colour with a white square in the upper left corner."""
    result = np.empty((height, width, 3), np.uint8)
    result[:] = COLORS[index % len(COLORS)]
    result[: height // 4, : width // 4] = 255
    return result


def pictures(count: int, fps: float = 10.0, height: int = 48, width: int = 64):
    return [(i / fps, picture(i, height, width)) for i in range(count)]


def track(container, codec: str):
    stream = container.add_stream(codec, rate=48_000)
    stream.codec_context.layout = "mono"
    return stream


def tone(container, stream, seconds: float, start: float = 0.0, rate: int = 48_000) -> None:
    wave = (np.sin(np.arange(int(seconds * rate)) * 440 * 2 * np.pi / rate) * 8000).astype(np.int16)
    for first in range(0, len(wave), 960):
        piece = av.AudioFrame.from_ndarray(wave[None, first : first + 960], "s16", "mono")
        piece.sample_rate, piece.pts, piece.time_base = rate, round(start * rate) + first, Fraction(1, rate)
        for frame in av.AudioResampler(stream.codec_context.format, "mono", rate).resample(piece):
            container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def clip(
    path: Path,
    times: Sequence[float] = tuple(i / 10 for i in range(10)),
    sound: str = "",
    turn: int = 0,
    size: tuple[int, int] = (48, 64),
    start: float = 0.0,
    codec: str = "libx264",
) -> Path:
    """Write a clip without the code under test."""
    with av.open(str(path), "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}) as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if turn:
            stream.set_display_rotation(turn)
        audio = track(container, sound) if sound else None  # all tracks before the first packet
        for i, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(i, *size)).reformat(format="yuv420p")
            frame.pts, frame.time_base = round((start + time) * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio:
            tone(container, audio, times[-1] + 0.1, start)
    return path


def packets(path: Path, kind: str) -> list:
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        start = float((container.start_time or 0) / 1e6)
        return [(float(p.pts * p.time_base) - start, bytes(p)) for p in container.demux(stream) if p.pts is not None]


def leftovers(folder: Path, *expected: str) -> None:
    assert sorted(p.name for p in folder.iterdir()) == sorted(expected)


def test_pictures_and_times_come_back(tmp_path: Path):
    target = tmp_path / "out.mp4"
    assert write(target, pictures(12), fps=10) == 12
    found = list(Frames(target))
    assert [round(time, 4) for time, _ in found] == [i / 10 for i in range(12)]
    for i, (_, back) in enumerate(found):
        assert back.shape == (48, 64, 3)
        assert np.abs(back[24:, 32:].astype(int) - picture(i)[24:, 32:]).max() <= 8, "colours must survive the matrix"
    header = look(target)
    assert (header.height, header.width, header.frames, header.sound) == (48, 64, 12, False)
    assert header.fps == pytest.approx(10, abs=0.1)
    assert header.seconds == pytest.approx(1.2, abs=0.01)
    leftovers(tmp_path, "out.mp4")


def test_what_is_written_plays_everywhere_and_says_that_it_is_synthesized(tmp_path: Path):
    target = tmp_path / "out.mp4"
    write(target, pictures(3, height=33, width=51))
    with av.open(str(target)) as container:
        assert container.metadata["comment"] == film.SYNTHESIZED
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.codec_context.height, stream.codec_context.width) == (34, 52)
        assert stream.codec_context.colorspace == 1
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index must stand in front"


def test_uneven_times_stay_uneven(tmp_path: Path):
    times = (0.0, 0.033, 0.2, 0.21, 0.9, 1.0)
    source = clip(tmp_path / "in.mp4", times)
    assert [time for time, _ in Frames(source)] == pytest.approx(times, abs=1e-3)
    write(tmp_path / "out.mp4", Frames(source))
    assert [time for time, _ in Frames(tmp_path / "out.mp4")] == pytest.approx(times, abs=1e-3)


def test_times_that_stand_still_are_moved_on(tmp_path: Path):
    frames = [(time, picture(0)) for time in (0.0, 0.1, 0.1, 0.05, 0.3)]
    write(tmp_path / "out.mp4", frames)
    times = [time for time, _ in Frames(tmp_path / "out.mp4")]
    assert len(times) == 5
    assert all(np.diff(times) > 0)


@pytest.mark.parametrize(("turn", "corner"), [(0, (0, 0)), (90, (-1, 0)), (180, (-1, -1)), (-90, (0, -1))])
def test_a_turned_phone_gives_upright_pictures(tmp_path: Path, turn: int, corner: tuple[int, int]):
    source = clip(tmp_path / "phone.mp4", turn=turn)
    shape = (64, 48) if turn in (90, -90) else (48, 64)
    header = look(source)
    assert (header.height, header.width) == shape
    _, first = next(iter(Frames(source)))
    assert first.shape == (*shape, 3)
    assert first[corner].min() > 220, "the white square is where the display matrix puts it"


def test_large_clips_are_shrunk_and_long_ones_cut(tmp_path: Path):
    source = clip(tmp_path / "in.mp4", size=(240, 426), turn=90)
    found = list(Frames(source, side=100, seconds=0.45))
    assert len(found) == 5
    assert found[0][1].shape == (100, 56, 3)
    with pytest.raises(ValueError, match="lasts 1 seconds; the limit is 0"):
        look(source, max_seconds=0.4)
    with pytest.raises(ValueError, match="too large"):
        look(source, max_pixels=1000)


@pytest.mark.parametrize(("suffix", "codec", "copied"), [
    ("mp4", "aac", True), ("mkv", "libopus", True), ("webm", "libopus", True), ("ts", "aac", True),
    ("mov", "pcm_s16le", False),
])  # fmt: skip
def test_sound_is_kept_in_step(tmp_path: Path, suffix: str, codec: str, copied: bool):
    source = clip(tmp_path / f"in.{suffix}", sound=codec, codec="libvpx" if suffix == "webm" else "libx264")
    assert look(source).sound
    write(tmp_path / "out.mp4", Frames(source), sound=source)
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


def test_a_clip_that_begins_late_on_its_clock_begins_at_nought(tmp_path: Path):
    source = clip(tmp_path / "in.ts", sound="aac", start=5.0)
    times = [time for time, _ in Frames(source)]
    assert times[0] < 0.1
    assert np.diff(times) == pytest.approx(0.1, abs=1e-3)


def test_sound_ends_with_the_pictures(tmp_path: Path):
    source = clip(tmp_path / "in.mp4", times=[i / 10 for i in range(30)], sound="aac")
    write(tmp_path / "out.mp4", Frames(source, seconds=1.0), sound=source)
    assert packets(tmp_path / "out.mp4", "audio")[-1][0] < 1.0


def test_no_sound_is_said(tmp_path: Path):
    source = clip(tmp_path / "in.mp4")
    assert not look(source).sound
    with Film(tmp_path / "out.mp4", 48, 64, sound=source) as made:
        made.add(0, picture(0))
    assert made.notice == "“in.mp4” has no sound, so the result is silent."


def test_no_video_stream(tmp_path: Path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        tone(container, track(container, "aac"), 0.2)
    with pytest.raises(ValueError, match=r"“song\.mp4” has no pictures, only sound"):
        look(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"#EXTM3U\n#EXTINF:1,\nsecret.ts\n"])
def test_what_is_no_video_ends_in_a_sentence(tmp_path: Path, content: bytes):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a video that can be read here"):
        look(path)
    with pytest.raises(ValueError, match="not a video"):
        list(Frames(path))


def test_a_playlist_may_not_name_other_files(tmp_path: Path):
    clip(tmp_path / "secret.ts")
    (tmp_path / "list.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="not a video"):
        look(tmp_path / "list.m3u8")


def test_missing_files_and_odd_names(tmp_path: Path):
    with pytest.raises(ValueError, match=r"“none\.mp4” cannot be opened: No such file"):
        look(tmp_path / "none.mp4")
    assert look(clip(tmp_path / "10:30 é.mp4").rename(tmp_path / "http:10 é.mp4")).width == 64


def test_a_torn_file_gives_what_there_is_and_says_so(tmp_path: Path):
    rng = np.random.default_rng(0)
    source = tmp_path / "in.mp4"
    write(source, [(i / 10, rng.integers(0, 255, (48, 64, 3), np.uint8)) for i in range(40)], fps=10)
    data = source.read_bytes()
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(data[: len(data) // 2])
    frames = Frames(torn)
    count = len(list(frames))
    assert 5 < count < 35
    assert frames.notice.startswith("“torn.mp4” is damaged or incomplete")
    assert frames.notice.endswith("of its 4.0 seconds could be read.")
    torn.write_bytes(data[: data.index(b"mdat") + 8])
    with pytest.raises(ValueError, match="no frame that can be decoded"):
        look(torn)
    with pytest.raises(ValueError, match="no frame that can be decoded"):
        list(Frames(torn))
    torn.write_bytes(data[:200])
    with pytest.raises(ValueError, match="damaged or incomplete"):
        look(torn)


def test_a_whole_file_has_no_notice(tmp_path: Path):
    frames = Frames(clip(tmp_path / "in.mp4"))
    assert len(list(frames)) == 10
    assert frames.notice == ""


def test_nothing_is_left_after_an_error_a_cancel_or_no_frames(tmp_path: Path):
    target = tmp_path / "out.mp4"
    with pytest.raises(ValueError, match="Not one frame"):
        write(target, [])
    with pytest.raises(ValueError, match="Not one frame"), Film(target, 48, 64):
        pass
    with pytest.raises(ValueError, match="does not fit"):
        write(target, [(0, picture(0)), (0.1, picture(1, 50, 50))])
    seen: list[int] = []
    with pytest.raises(film.Cancelled):
        write(target, pictures(9), progress=lambda n, _: seen.append(n), cancelled=lambda: len(seen) == 4)
    assert seen == [1, 2, 3, 4]
    (tmp_path / "bad.mp4").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not a video"):
        write(target, pictures(2), sound=tmp_path / "bad.mp4")
    leftovers(tmp_path, "bad.mp4")


def test_an_older_result_stays_until_the_new_one_is_complete(tmp_path: Path):
    target = tmp_path / "out.mp4"
    target.write_bytes(b"before")
    with Film(target, 48, 64) as made:
        made.add(0, picture(0))
        assert target.read_bytes() == b"before"
    assert look(target).frames == 1
    leftovers(tmp_path, "out.mp4")


def test_an_unwritable_place_is_said(tmp_path: Path):
    with pytest.raises(ValueError, match="cannot be written"):
        Film(tmp_path / "missing" / "out.mp4", 48, 64)


def test_reading_holds_one_frame_and_can_stop_early(tmp_path: Path):
    source = clip(tmp_path / "in.mp4")
    frames = iter(Frames(source))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    source.unlink()
    assert video.MAX_PIXELS > 3840 * 2160
