"""Test reading videos: rotated, with uneven times, truncated, starting late, or not videos at all."""

from pathlib import Path

import av
import numpy as np
import pytest

from synth.pixels import video_reader
from synth.pixels.video_reader import VideoFrames, probe
from synth.pixels.video_writer import write_video
from tests.support.clips import clip, tone, track


def test_uneven_times_stay_uneven(tmp_path: Path):
    times = (0.0, 0.033, 0.2, 0.21, 0.9, 1.0)
    source = clip(tmp_path / "in.mp4", times)
    assert [time for time, _ in VideoFrames(source)] == pytest.approx(times, abs=1e-3)
    write_video(tmp_path / "out.mp4", VideoFrames(source))
    assert [time for time, _ in VideoFrames(tmp_path / "out.mp4")] == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize(("turn", "corner"), [(0, (0, 0)), (90, (-1, 0)), (180, (-1, -1)), (-90, (0, -1))])
def test_a_turned_phone_gives_upright_pictures(tmp_path: Path, turn: int, corner: tuple[int, int]):
    source = clip(tmp_path / "phone.mp4", turn=turn)
    shape = (64, 48) if turn in (90, -90) else (48, 64)
    header = probe(source)
    assert (header.height, header.width) == shape
    _, first = next(iter(VideoFrames(source)))
    assert first.shape == (*shape, 3)
    assert first[corner].min() > 220, "the white square is where the display matrix puts it"


def test_large_clips_are_shrunk_and_long_ones_cut(tmp_path: Path):
    source = clip(tmp_path / "in.mp4", size=(240, 426), turn=90)
    found = list(VideoFrames(source, side=100, seconds=0.45))
    assert len(found) == 5
    assert found[0][1].shape == (100, 56, 3)
    with pytest.raises(ValueError, match="lasts 1 seconds; the limit is 0"):
        probe(source, max_seconds=0.4)
    with pytest.raises(ValueError, match="too large"):
        probe(source, max_pixels=1000)


def test_a_clip_that_begins_late_on_its_clock_begins_at_nought(tmp_path: Path):
    source = clip(tmp_path / "in.ts", sound="aac", start=5.0)
    times = [time for time, _ in VideoFrames(source)]
    assert times[0] < 0.1
    assert np.diff(times) == pytest.approx(0.1, abs=1e-3)


def test_no_video_stream(tmp_path: Path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        tone(container, track(container, "aac"), 0.2)
    with pytest.raises(ValueError, match=r"“song\.mp4” has no pictures, only sound"):
        probe(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"#EXTM3U\n#EXTINF:1,\nsecret.ts\n"])
def test_what_is_no_video_ends_in_a_sentence(tmp_path: Path, content: bytes):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a video that can be read here"):
        probe(path)
    with pytest.raises(ValueError, match="not a video"):
        list(VideoFrames(path))


def test_a_playlist_may_not_name_other_files(tmp_path: Path):
    clip(tmp_path / "secret.ts")
    (tmp_path / "list.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="not a video"):
        probe(tmp_path / "list.m3u8")


def test_missing_files_and_odd_names(tmp_path: Path):
    with pytest.raises(ValueError, match=r"“none\.mp4” cannot be opened: No such file"):
        probe(tmp_path / "none.mp4")
    assert probe(clip(tmp_path / "10:30 é.mp4").rename(tmp_path / "http:10 é.mp4")).width == 64


def test_a_torn_file_gives_what_there_is_and_says_so(tmp_path: Path):
    rng = np.random.default_rng(0)
    source = tmp_path / "in.mp4"
    write_video(source, [(i / 10, rng.integers(0, 255, (48, 64, 3), np.uint8)) for i in range(40)], fps=10)
    data = source.read_bytes()
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(data[: len(data) // 2])
    frames = VideoFrames(torn)
    count = len(list(frames))
    assert 5 < count < 35
    assert frames.notice.startswith("“torn.mp4” is damaged or incomplete")
    assert frames.notice.endswith("of its 4.0 seconds could be read.")
    torn.write_bytes(data[: data.index(b"mdat") + 8])
    with pytest.raises(ValueError, match="no frame that can be decoded"):
        probe(torn)
    with pytest.raises(ValueError, match="no frame that can be decoded"):
        list(VideoFrames(torn))
    torn.write_bytes(data[:200])
    with pytest.raises(ValueError, match="damaged or incomplete"):
        probe(torn)


def test_a_whole_file_has_no_notice(tmp_path: Path):
    frames = VideoFrames(clip(tmp_path / "in.mp4"))
    assert len(list(frames)) == 10
    assert frames.notice == ""


def test_reading_holds_one_frame_and_can_stop_early(tmp_path: Path):
    source = clip(tmp_path / "in.mp4")
    frames = iter(VideoFrames(source))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    source.unlink()
    assert video_reader.MAX_PIXELS > 3840 * 2160
