"""Test that cropping undoes padding, and that shrinking keeps label colours."""

import numpy as np
import pytest

from synth.pixels.resize import crop, fit, pad_to_multiple


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (255, 257, 3), (300, 501, 3), (2, 17, 40, 3)])
@pytest.mark.parametrize("multiple", [1, 2, 32, 256])
def test_pad_and_crop_give_the_picture_back(shape: tuple[int, ...], multiple: int) -> None:
    image = noise(*shape)
    padded, size = pad_to_multiple(image, multiple)
    assert padded.shape[-3] % multiple == padded.shape[-2] % multiple == 0
    assert padded.shape[-3] - shape[-3] < multiple
    assert np.array_equal(crop(padded, size), image)


def test_the_border_mirrors_the_picture_and_repeats_a_single_pixel() -> None:
    row = np.array([[[1], [2], [3]]], np.uint8)
    assert pad_to_multiple(row, 5)[0][0, :, 0].tolist() == [1, 2, 3, 2, 1]
    assert (pad_to_multiple(np.full((1, 1, 3), 7, np.uint8), 32)[0] == 7).all()


def test_a_picture_of_the_right_size_is_not_copied() -> None:
    image = noise(64, 32, 3)
    assert pad_to_multiple(image, 32)[0] is image


@pytest.mark.parametrize(("shape", "multiple"), [((0, 4, 3), 2), ((4, 4, 3), 0)])
def test_nothing_and_no_multiple_are_refused(shape: tuple[int, ...], multiple: int) -> None:
    with pytest.raises(ValueError, match="cannot be padded"):
        pad_to_multiple(np.zeros(shape, np.uint8), multiple)


def test_fit_shrinks_to_the_longer_side_and_never_enlarges() -> None:
    assert fit(noise(300, 600, 3), 256).shape == (128, 256, 3)
    assert fit(noise(5000, 2, 3), 256).shape == (256, 1, 3)
    small = noise(10, 20, 3)
    assert fit(small, 256) is small


def test_fit_mixes_no_label_colours() -> None:
    labels = np.where(noise(301, 401, 1) > 127, 255, 0).astype(np.uint8).repeat(3, axis=2)
    assert set(np.unique(fit(labels, 256, labels=True))) == {0, 255}
    assert len(np.unique(fit(labels, 256))) > 2
