"""Test bad label maps, and that the corpus is as large as it is meant to be."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synth.app.tabs.batch import zipped
from synth.pixels import images, label_map
from synth.pixels.palette import CITYSCAPES, STREETS, paint
from tests.bad_inputs import test_api, test_command_line, test_images, test_media
from tests.bad_inputs.said import checked, refusal
from tests.support.pictures import gray, street

NAMES = [color[0] for color in STREETS]
FOREIGN = "holds class numbers (grey levels"
LABELS: dict[str, tuple[Callable[[], np.ndarray], str]] = {
    "numbers of another set": (lambda: gray(street(list("abcdefghij") + NAMES)), FOREIGN),
    "numbers from 40": (lambda: gray(street(NAMES) + np.uint8(40)), FOREIGN),
    "blue and red swapped": (lambda: paint(street(NAMES), STREETS)[..., ::-1], "Red and blue are swapped"),
}


@pytest.mark.parametrize("name", LABELS)
def test_a_bad_label_map(name: str) -> None:
    make, fragment = LABELS[name]
    checked(refusal(lambda: label_map.in_colors(make(), CITYSCAPES)), fragment)


def test_one_bad_file_of_a_batch_does_not_stop_the_others(tmp_path: Path, cache: None) -> None:
    """All bad images at once, as they are dropped into "Many files at once": a line each, and the good one is done."""
    for name, (content, _) in test_images.IMAGES.items():
        (tmp_path / name).write_bytes(content)
    Image.new("RGB", (9, 9)).save(tmp_path / "good.png")
    paths = sorted(str(path) for path in tmp_path.iterdir() if path.is_file())

    def made(path: Path) -> bytes:
        return images.read(path).tobytes()

    archive, report = zipped("invert", paths, made, lambda *given, **more: None)
    assert archive is not None
    assert "<b>1 done.</b>" in report
    for name in test_images.IMAGES:
        assert f"“{name}”" in report
    checked(report, f"{len(test_images.IMAGES)} failed")


def test_the_corpus_is_large() -> None:
    tables = (
        *(LABELS, test_images.IMAGES, test_images.MASKS, test_media.VIDEOS, test_media.GRAPHS, test_media.HINTS),
        *(test_command_line.SYNTH, test_command_line.EXPORT, test_command_line.APP),
        *(test_api.CALLS, test_api.POSTS, test_api.BODIES),
    )
    assert sum(map(len, tables)) >= 250
