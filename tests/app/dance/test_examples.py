"""Test the example videos of the Dance tab."""

from pathlib import Path

import pytest
from PIL import Image

from synth.app.tabs import dance_examples
from synth.pixels.video_reader import probe
from tests.support.paths import WEIGHTS

CLIPS = sorted((WEIGHTS / dance_examples.FOLDER).glob("*.mp4"))


def test_the_bundled_examples_are_small_and_short():
    assert [path.name for path in CLIPS] == ["ava.mp4", "rogue.mp4"]
    for path in CLIPS:
        assert path.stat().st_size <= 300_000
        assert 2 <= probe(path, 60).seconds <= 10
        assert dance_examples.thumbnail(path).startswith("data:image/webp")


@pytest.mark.parametrize("index", [None, -1, 2, 0.0, True, "0"])
def test_only_an_example_of_the_list_is_copied(cache: None, index: object):
    with pytest.raises(ValueError, match="no example video"):
        dance_examples.copied(CLIPS, index)


def test_a_copy_is_the_example(cache: None):
    copy = Path(dance_examples.copied(CLIPS, 1))
    assert copy.read_bytes() == CLIPS[1].read_bytes()
    assert copy.name == "rogue.mp4"


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_an_animated_picture_becomes_a_video_of_the_same_length(cache: None, tmp_path: Path, ending: str):
    frames = [Image.new("RGB", (32, 24), color) for color in ("red", "green", "blue")]
    frames[0].save(tmp_path / f"walk.{ending}", save_all=True, append_images=frames[1:], duration=[300, 50, 400])
    made = Path(dance_examples.playable(str(tmp_path / f"walk.{ending}")))
    assert made.name == "walk.mp4"
    found = probe(made, 60)
    assert (found.width, found.height) == (32, 24)
    assert found.seconds == pytest.approx(0.75, abs=0.01)


def test_a_still_picture_and_one_that_lasts_too_long_are_sentences(cache: None, tmp_path: Path):
    still, page = tmp_path / "still.gif", Image.new("RGB", (8, 8), "red")
    page.save(still)
    with pytest.raises(ValueError, match=r"“still\.gif” has no second frame"):
        dance_examples.playable(str(still))
    blue = Image.new("RGB", (8, 8), "blue")
    page.save(tmp_path / "long.gif", save_all=True, append_images=[blue], duration=200_000)
    with pytest.raises(ValueError, match=r"lasts 400 seconds\. Cut it to 300"):
        dance_examples.playable(str(tmp_path / "long.gif"))
