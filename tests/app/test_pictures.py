"""Test uploads of unusual, damaged and too large images."""

import io
import re
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from synth.app import controls, sources
from synth.runtime import encode, run
from synth.runtime.registry import Registry
from tests.support import pictures

pytestmark = pytest.mark.usefixtures("cache")


def upload(path: Path, content: bytes) -> np.ndarray | None:
    path.write_bytes(content)
    return controls.picture_input().preprocess(SimpleNamespace(path=str(path)))  # type: ignore[arg-type]


def test_an_input_keeps_its_checks_when_the_page_is_updated(tmp_path: Path) -> None:
    """Gradio makes a new component of the same class for every update, also where nothing is to be updated."""
    image = controls.picture_input(height=300)
    again = image.__class__(**image.constructor_args)
    (tmp_path / "beach.png").write_bytes(b"MZ not a picture")
    with pytest.raises(gr.Error, match="not a picture"):
        again.preprocess(SimpleNamespace(path=str(tmp_path / "beach.png")))  # type: ignore[arg-type]


def test_results_are_named_after_their_sources(tmp_path: Path) -> None:
    found = upload(tmp_path / "beach.png", pictures.saved(pictures.noise()))
    assert sources.result_name(found, "colorize") == "beach-colorize.png"
    assert sources.result_name(Path("clip.mov"), "dance-ava", "dance-rogue", ending=".mp4") == "clip-ava-rogue.mp4"
    assert re.fullmatch(r"picture-fill-\d{8}-\d{6}\.png", sources.result_name(np.zeros((2, 2, 3)), "fill"))
    assert re.fullmatch(r"webcam-fill-\d{8}-\d{6}\.png", sources.result_name(Path("webcam.png"), "fill"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a picture"),
        (b"MZ\x00 not a picture", "not a picture"),
        (pictures.saved(pictures.noise())[:200], "damaged"),
        (pictures.saved(Image.new("1", (12000, 9000))), "limit is 40"),
    ],
    ids=["empty", "no picture", "cut off", "12000x9000"],
)
def test_bad_pictures_end_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(gr.Error) as error:
        upload(tmp_path / "picture.png", content)
    assert re.search(sentence, str(error.value.message))


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (pictures.saved(pictures.noise(1, 1)), (1, 1, 3)),
        (pictures.saved(pictures.noise(), "GIF", save_all=True, append_images=[pictures.noise()] * 2), (30, 40, 3)),
        (pictures.saved(pictures.noise().convert("RGBA")), (30, 40, 3)),
        (pictures.saved(Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40))), (30, 40, 3)),
        (pictures.saved(pictures.noise(), "JPEG"), (30, 40, 3)),
    ],
    ids=["1x1", "animated", "transparent", "16 bit", "a JPEG called .png"],
)
def test_odd_pictures_are_read_and_run(
    tmp_path: Path, registry: Registry, content: bytes, shape: tuple[int, ...]
) -> None:
    image = upload(tmp_path / "picture.png", content)
    assert image is not None
    assert image.shape == shape
    assert np.array_equal(run.run(registry.graph("invert"), image).result, 255 - image)


def test_no_picture_is_no_error() -> None:
    assert controls.picture_input().preprocess(None) is None


def test_an_encoded_picture_is_exact() -> None:
    pixels = np.asarray(pictures.noise())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode.png(pixels)))), pixels)
