"""Test bicubic resizing against the convention of the super-resolution literature."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from synth.evaluation.metrics import superres
from synth.methods.enlarge import resized
from synth.pixels import bicubic

SETS = Path(os.environ.get("SYNTH_DATA", "data")) / superres.FOLDER


@pytest.mark.skipif(not (SETS / "Set5").is_dir(), reason="needs Set5")
@pytest.mark.parametrize(("scale", "decibels", "likeness"), [(2, 33.66, 0.930), (3, 30.39, 0.868), (4, 28.42, 0.810)])
def test_the_figures_of_the_literature_come_out(scale: int, decibels: float, likeness: float) -> None:
    found = []
    for x, y in superres.originals(SETS / "Set5", scale):
        a, b = (superres.luma(image)[scale:-scale, scale:-scale] for image in (bicubic.scaled(x, scale), y))
        found.append((superres.psnr(a, b), superres.ssim(a, b)))
    assert len(found) == 5
    assert np.mean(found, 0)[0] == pytest.approx(decibels, abs=0.02)
    assert np.mean(found, 0)[1] == pytest.approx(likeness, abs=0.001)


def test_weights_are_normal_and_a_flat_picture_stays_flat() -> None:
    for inputs, outputs in ((7, 28), (28, 7), (10, 3), (1, 4), (4, 1), (5, 5)):
        assert np.allclose(bicubic.matrix(inputs, outputs).sum(1), 1, atol=1e-6)
    assert np.array_equal(bicubic.matrix(5, 5), np.eye(5, dtype=np.float32))
    flat = np.full((9, 5, 3), 77, np.uint8)
    assert np.array_equal(bicubic.scaled(flat, 4), np.full((36, 20, 3), 77))


def test_twice_as_large_has_the_known_weights() -> None:
    """Keys' kernel at quarters and three quarters of a pixel: -9, 111, 29, -3 of 128."""
    inner = bicubic.matrix(8, 16)[8] * 128
    assert np.allclose(inner[2:6], [-3, 29, 111, -9], atol=1e-4)
    assert np.count_nonzero(inner) == 4


def test_the_edge_is_mirrored() -> None:
    """Beyond the first sample comes the first one again, then the second."""
    weights, places = bicubic.taps(4, 8)
    assert places[0].tolist()[:3] == [1, 0, 0]
    assert weights.shape == places.shape


def test_enlarging_and_shrinking_again_hardly_changes_a_smooth_picture() -> None:
    rows = np.linspace(0, 255, 40).astype(np.uint8)
    image = np.stack([np.broadcast_to(rows, (30, 40)), np.broadcast_to(rows[:30, None], (30, 40))] * 2, -1)[..., :3]
    again = bicubic.resize(bicubic.scaled(image, 4), 30, 40)
    assert np.abs(again.astype(int) - image).max() <= 2


def test_what_cannot_be_resized_says_so() -> None:
    with pytest.raises(ValueError, match="cannot be resized"):
        bicubic.resize(np.zeros((4, 4, 3), np.float32), 8, 8)
    with pytest.raises(ValueError, match="cannot be resized"):
        bicubic.resize(np.zeros((4, 4, 3), np.uint8), 0, 8)


@pytest.mark.parametrize("outputs", [12, 96])
def test_torch_resizes_as_numpy_does(outputs: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    y = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1
    found = ((resized(y, outputs)[0].permute(1, 2, 0) + 1) * 127.5).round().numpy()
    gap = np.abs(found - bicubic.resize(image, outputs, outputs))
    assert gap.max() <= 1  # sums in another order may fall to the other side of a half
    assert gap.mean() < 0.01
