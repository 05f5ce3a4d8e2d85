"""Test the example videos of the Dance tab."""

from pathlib import Path

import pytest

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
