"""Test label maps that are not in the model's colours: class numbers, swapped channels, and what looks like them."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from synth.card import Color
from synth.pixels import images
from synth.pixels.label_map import in_colors, is_numbers
from synth.pixels.numbering import CAMVID, NUMBERINGS
from synth.pixels.palette import CITYSCAPES, CITYSCAPES_IDS, FACADES, IDS, STREETS, numbered, paint
from tests.support.pictures import gray, noise, saved, street

NAMES = [color[0] for color in STREETS]
PLAIN = paint(street(NAMES), STREETS)
CAMVID_NAMES = [color[0] for number, color in CAMVID.colors.items() if number != 255]


def numbers(classes: list[str]) -> np.ndarray:
    return gray(street(classes))


def through(image: np.ndarray, kind: str, **options: object) -> np.ndarray:
    return images.read(saved(Image.fromarray(image), kind, **options))


@pytest.mark.parametrize(("classes", "name"), [(list(IDS), "Cityscapes ids"), (NAMES, "Cityscapes trainIds")])
@pytest.mark.parametrize("palette", [CITYSCAPES, STREETS, (*CITYSCAPES, ("mine", 1, 2, 3))])
def test_known_class_numbers_are_painted_and_said(classes: list[str], name: str, palette: tuple[Color, ...]):
    found, notice = in_colors(numbers(classes), palette)
    assert np.array_equal(found, PLAIN)
    assert notice == f"This label map holds class numbers ({name}); they were translated to the model’s colours."


def test_pixels_without_a_class_become_black():
    ids = numbers(NAMES)
    ids[-4:] = 255
    found, notice = in_colors(ids, CITYSCAPES)
    assert "trainIds" in notice
    assert not found[-4:].any()
    assert np.array_equal(found[:-4], PLAIN[:-4])


def test_the_numbers_of_facades_are_told_apart_by_their_ends():
    index = np.kron(np.arange(12, dtype=np.uint8).reshape(3, 4), np.ones((8, 8), np.uint8))
    for levels, name in ((index, "counted from 0"), (index + 1, "Database)")):
        found, notice = in_colors(gray(levels), FACADES)
        assert np.array_equal(found, paint(index, FACADES))
        assert name in notice


@pytest.mark.parametrize(
    ("classes", "palette"),
    [
        (CAMVID_NAMES, CITYSCAPES),
        (["void", *CAMVID_NAMES[::-1]], CITYSCAPES),
        ([*"abcdefghij", *NAMES, *"klmnopq"], CITYSCAPES),
        (NAMES, FACADES),
        (CAMVID_NAMES, (("one", 0, 0, 170), ("two", 0, 85, 255))),
    ],
)
def test_other_class_numbers_end_in_a_sentence_with_the_command(classes: list[str], palette: tuple[Color, ...]):
    with pytest.raises(ValueError, match=r"class numbers \(grey levels \d+ to \d+\).*data paint IN OUT --numbers"):
        in_colors(numbers(classes), palette)


@pytest.mark.parametrize("levels", [{0, 1}, {0, 1, 2}, {3}, {0, 15, 255}, {0, 1, 255}])
def test_too_few_classes_are_not_guessed(levels: set[int]):
    tiles = np.resize(np.array(sorted(levels), np.uint8), (4, 4))
    with pytest.raises(ValueError, match="class numbers"):
        in_colors(gray(np.kron(tiles, np.ones((16, 16), np.uint8))), CITYSCAPES)


@pytest.mark.parametrize("quality", [50, 90])
def test_class_numbers_that_were_mixed_end_in_a_sentence(quality: int):
    small = np.tile(street(list(IDS), 32, 64), (4, 4))
    mixed = through(gray(np.concatenate([small * 0 + 23, small])), "JPEG", quality=quality)
    with pytest.raises(ValueError, match=r"mixed at the edges.*PNG"):
        in_colors(mixed, CITYSCAPES)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("palette", [CITYSCAPES, STREETS])
def test_swapped_channels_are_told(kind: str, palette: tuple[Color, ...]):
    with pytest.raises(ValueError, match=r"Red and blue are swapped.*RGB2BGR"):
        in_colors(through(np.ascontiguousarray(PLAIN[..., ::-1]), kind), palette)


@pytest.mark.parametrize("quality", [30, 50, 90])
@pytest.mark.parametrize("palette", [CITYSCAPES, FACADES])
def test_jpeg_noise_is_no_fault(quality: int, palette: tuple[Color, ...]):
    index = np.random.default_rng(0).integers(0, len(palette), (8, 16), np.uint8)
    labels = paint(np.kron(index, np.ones((16, 16), np.uint8)), palette)
    noisy = through(labels, "JPEG", quality=quality)
    found, notice = in_colors(noisy, palette)
    assert found is noisy
    assert notice == ""


@pytest.mark.parametrize("scale", [0.5, 3])
def test_smooth_scaling_is_no_fault(scale: float):
    labels = cv2.resize(PLAIN, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    assert in_colors(labels, CITYSCAPES)[1] == ""


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "I;16", "I"])
def test_files_of_every_mode_give_the_same_street(mode: str):
    index = street(list(IDS))
    if mode == "P":
        image = Image.fromarray(index, "L").convert("P")
        image.putpalette(bytes(np.array([NUMBERINGS["ids"].colors[i][1:] for i in range(35)], np.uint8)))
        image = Image.frombytes("P", image.size, index.tobytes())
        image.putpalette([part for i in range(35) for part in NUMBERINGS["ids"].colors[i][1:]])
    elif mode.startswith("I"):
        image = Image.fromarray(index.astype(np.uint16 if mode == "I;16" else np.int32))
    else:
        image = Image.fromarray(gray(index)).convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG" if mode != "I" else "TIFF")
    found, notice = in_colors(images.read(file.getvalue()), CITYSCAPES)
    assert np.array_equal(found, PLAIN)
    assert bool(notice) == (mode != "P")


def test_what_the_palette_holds_is_no_number():
    grays = paint(np.array([[2, 5], [28, 2]], np.uint8).repeat(32, 0).repeat(32, 1), CITYSCAPES)
    assert in_colors(grays, CITYSCAPES)[1] == ""
    black = np.zeros((64, 64, 3), np.uint8)
    assert in_colors(black, CITYSCAPES)[1] == ""


def test_drawings_and_photographs_are_no_numbers():
    page = np.full((128, 128, 3), 255, np.uint8)
    cv2.circle(page, (60, 60), 40, (0, 0, 0), 3, cv2.LINE_AA)
    assert not is_numbers(page)
    assert not is_numbers(np.where(page > 127, 255, 0).astype(np.uint8))
    dark = np.asarray(noise(128, 128).convert("L").resize((512, 512), Image.Resampling.BICUBIC))
    assert not is_numbers(gray((dark * 0.2).astype(np.uint8)))
    assert "Most of this picture" in in_colors(np.asarray(noise(90, 80)), FACADES)[1]


def test_flat_areas_in_other_colours_are_told():
    labels = PLAIN.copy()
    labels[:8] = (1, 200, 3)
    assert in_colors(labels, CITYSCAPES)[1].startswith("11% of this picture is not in the model’s label colours")


def test_graphs_that_read_numbers_get_them():
    ids = numbers(list(IDS))
    assert in_colors(ids, CITYSCAPES_IDS) == (ids, "")
    twelve = numbers(CAMVID_NAMES)
    assert in_colors(twelve, numbered(12)) == (twelve, "")
    found, notice = in_colors(numbers(NAMES), CITYSCAPES_IDS)
    assert np.array_equal(found, PLAIN)
    assert "trainIds" in notice
    with pytest.raises(ValueError, match="class numbers"):
        in_colors(ids, numbered(12))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (900, 2), (2, 900)])
def test_every_size_is_looked_at(shape: tuple[int, int]):
    assert in_colors(paint(np.zeros(shape, np.uint8), CITYSCAPES), CITYSCAPES)[1] == ""


def test_a_number_without_a_class_is_named():
    with pytest.raises(ValueError, match="19 is not a class number of Cityscapes trainIds"):
        NUMBERINGS["trainids"].paint(np.array([[0, 19]], np.uint8))
