"""Test that a mask means the same in all the ways in which programs save it."""

import io

import numpy as np
import pytest
from PIL import Image

from synth.pixels import masks

SHAPE, SIZE = (90, 120), (120, 90)
HOLE = np.zeros(SHAPE, bool)
HOLE[20:50, 30:90] = True
GRAY = np.where(HOLE, 255, 0).astype(np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)


def saved(image: Image.Image, kind: str = "png", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def painted(color: tuple[int, int, int], erased: bool = False) -> bytes:
    alpha = np.where(HOLE ^ erased, 255, 0).astype(np.uint8)
    return saved(Image.fromarray(np.dstack([np.full((*SHAPE, 3), color, np.uint8), alpha])))


def indexed() -> Image.Image:
    image = Image.fromarray(HOLE.astype(np.uint8), "P")
    image.putpalette([20, 0, 60, 250, 220, 0])
    return image


KINDS = {
    "gray": saved(Image.fromarray(GRAY)),
    "colours": saved(Image.fromarray(np.where(HOLE[..., None], (240, 60, 120), (0, 0, 0)).astype(np.uint8))),
    "one bit": saved(Image.fromarray(HOLE)),
    "16 bit": saved(Image.fromarray(GRAY.astype(np.uint16) * 257)),
    "palette": saved(indexed()),
    "0 and 1": saved(Image.fromarray(HOLE.astype(np.uint8))),
    "0 and 128": saved(Image.fromarray(GRAY // 2)),
    "JPEG": saved(Image.fromarray(GRAY), "jpeg", quality=75),
    "black paint": painted((0, 0, 0)),
    "white paint": painted((255, 255, 255)),
    "red paint": painted((220, 20, 30)),
    "erased from a photograph": saved(Image.fromarray(np.dstack([NOISE, 255 - GRAY]))),
    "erased from a black layer": painted((0, 0, 0), erased=True),
    "opaque": saved(Image.fromarray(np.dstack([GRAY, GRAY, GRAY, np.full(SHAPE, 255, np.uint8)]))),
    "twice as large": saved(Image.fromarray(GRAY).resize((240, 180), Image.Resampling.NEAREST)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_mask_marks_the_same_pixels(kind: str):
    assert np.array_equal(masks.read(KINDS[kind], SHAPE), HOLE)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", SIZE),
        Image.new("RGB", SIZE, (3, 2, 4)),
        Image.fromarray((NOISE[..., 0] // 50).astype(np.uint8)),
    ],
    ids=["black", "nearly black", "noise"],
)
def test_a_mask_that_marks_nothing_is_refused(image: Image.Image):
    with pytest.raises(ValueError, match="marks no pixel"):
        masks.read(saved(image), SHAPE)


def test_a_mask_of_other_proportions_is_refused():
    with pytest.raises(ValueError, match="The mask has 120 x 120 pixels, the picture 120 x 90"):
        masks.read(saved(Image.fromarray(GRAY).resize((120, 120))), SHAPE)


def test_a_white_mask_marks_everything():
    assert masks.read(saved(Image.new("L", SIZE, 255)), SHAPE).all()
