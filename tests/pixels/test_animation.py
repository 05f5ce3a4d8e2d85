"""Test that animated images are read as videos: frames, durations, and what is no animation."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synth.pixels.animation import FIRST_FRAME, FIRST_PAGE, is_animated, only_first
from synth.pixels.video_reader import VideoFrames, probe
from tests.support.pictures import noise, saved

COLORS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
DURATIONS = (300, 50, 120, 80)
KINDS = {"gif": "GIF", "webp": "WEBP", "png": "PNG", "avif": "AVIF"}


def animation(path: Path, kind: str, **options) -> Path:
    """Write four frames of one colour each; ``path`` gets another ending."""
    frames = [Image.new("RGB", (32, 24), color) for color in COLORS]
    options = {"duration": list(DURATIONS), "lossless": kind == "WEBP", **options}
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], **options)
    return path


@pytest.mark.parametrize("ending", KINDS)
def test_frames_come_with_their_own_durations(ending: str, tmp_path: Path):
    path = animation(tmp_path / f"a.{ending}", KINDS[ending])
    assert is_animated(path)
    clip = probe(path)
    assert (clip.width, clip.height, clip.frames, clip.sound) == (32, 24, 4, False)
    assert clip.seconds == pytest.approx(0.55)
    frames = VideoFrames(path)
    found = list(frames)
    assert [time for time, _ in found] == pytest.approx([0, 0.3, 0.35, 0.47])
    assert frames.end == pytest.approx(0.55)
    for (_, image), color in zip(found, COLORS, strict=True):
        assert np.abs(image.astype(int) - color).max() <= 3


def test_frames_without_a_duration_last_as_long_as_in_browsers(tmp_path: Path):
    assert probe(animation(tmp_path / "a.gif", "GIF", duration=0)).seconds == pytest.approx(0.4)


def test_transparent_parts_are_white(tmp_path: Path):
    frames = [Image.new("RGBA", (8, 8), (200, 0, 0, opacity)) for opacity in (255, 0)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    (_, first), (_, second) = VideoFrames(tmp_path / "a.webp")
    assert (first == (200, 0, 0)).all()
    assert (second == 255).all()


def test_reading_stops_and_shrinks_as_for_videos(tmp_path: Path):
    path = animation(tmp_path / "a.gif", "GIF")
    assert [image.shape for _, image in VideoFrames(path, side=16, seconds=0.35)] == [(12, 16, 3)] * 2
    with pytest.raises(ValueError, match="is too large"):
        probe(path, max_pixels=100)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "JPEG", "MPO"])
def test_still_images_pages_and_views_are_no_animation(kind: str, tmp_path: Path):
    pages = {"save_all": True, "append_images": [noise()]} if kind in ("TIFF", "MPO") else {}
    (tmp_path / "a").write_bytes(saved(noise(), kind, **pages))
    assert not is_animated(tmp_path / "a")


def test_a_torn_animation_gives_what_there_is_and_says_so(tmp_path: Path):
    frames = [Image.fromarray(np.random.default_rng(i).integers(0, 255, (40, 40, 3), np.uint8)) for i in range(4)]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    (tmp_path / "a.png").write_bytes(file.getvalue()[: len(file.getvalue()) * 5 // 8])
    read = VideoFrames(tmp_path / "a.png")
    assert len(list(read)) == 2
    assert read.notice == "“a.png” is damaged or incomplete: 2 frames could be read."
    (tmp_path / "b.gif").write_bytes(b"GIF89a" + bytes(50))
    assert not is_animated(tmp_path / "b.gif")


def test_where_only_the_first_page_is_used_that_is_said(tmp_path: Path):
    """Not of a page with a smaller copy of itself."""
    page = Image.new("RGB", (20, 10), "red")
    page.save(tmp_path / "two.tif", save_all=True, append_images=[page])
    page.save(tmp_path / "one.tif")
    small = page.resize((10, 5))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    page.save(tmp_path / "copy.tif", save_all=True, append_images=[small])
    (tmp_path / "torn.tif").write_bytes((tmp_path / "two.tif").read_bytes()[:100])
    assert only_first(tmp_path / "two.tif") == FIRST_PAGE
    assert [only_first(tmp_path / name) for name in ("one.tif", "copy.tif", "torn.tif", "none.tif")] == [""] * 4
    assert only_first(animation(tmp_path / "a.gif", "GIF")) == FIRST_FRAME
