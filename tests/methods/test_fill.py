"""Test filling of holes: known pixels stay, seams match, masks are right, and the protocol of the metrics."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from synth.data.sets import holes
from synth.data.sets.holes import Holes
from synth.evaluation.metrics.holes import Test as Held
from synth.methods.fill import Fill, around, dilated
from synth.networks.fill import Filled, Filler, joined, spread
from synth.networks.live import Live
from synth.recipes.fill import recipe, variants
from tests.support.graphs import noise

CPU = torch.device("cpu")


def filler() -> Filled:
    torch.manual_seed(0)
    return Filled(Filler(Live(4, widths=(4, 4, 4, 4, 4), blocks=1)).eval())


def run(graph: Filled, image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return graph(torch.from_numpy(image)[None], torch.from_numpy(mask)[None])[0].numpy()


def test_known_pixels_come_back_to_the_last_grey_level() -> None:
    image, mask = noise(64, 96, 3), np.zeros((64, 96, 3), np.uint8)
    mask[20:40, 30:60] = 255
    made = run(filler(), image, mask)
    known = mask[..., 0] == 0
    assert np.array_equal(made[known], image[known])
    assert not np.array_equal(made[~known], image[~known])


def test_nothing_missing_changes_nothing_and_all_missing_runs() -> None:
    image = noise(32, 32, 3)
    assert np.array_equal(run(filler(), image, np.zeros_like(image)), image)
    assert run(filler(), image, np.full_like(image, 255)).std() > 0


def test_what_is_missing_cannot_be_seen() -> None:
    image, mask = noise(64, 64, 3), np.zeros((64, 64, 3), np.uint8)
    mask[10:50, 10:50] = 255
    other = image.copy()
    other[10:50, 10:50] = 7
    assert np.array_equal(run(filler(), image, mask), run(filler(), other, mask))


def test_one_channel_above_half_marks_a_pixel() -> None:
    image, mask = noise(32, 32, 3), np.zeros((32, 32, 3), np.uint8)
    mask[5, 5, 1], mask[9, 9] = 128, 127
    made = run(filler(), image, mask)
    changed = (made != image).any(-1)
    assert changed.sum() <= 1
    assert not changed[9, 9]


def test_a_wrong_shade_is_carried_into_the_hole_without_a_seam() -> None:
    """What a generator is off by everywhere around a hole it is off by inside, too: nothing is left of that."""
    x = torch.rand(1, 3, 64, 64) - 0.5
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:44, 20:44] = 1
    assert torch.allclose(joined(x, mask, x + 0.3), x, atol=1e-4)
    slope = torch.linspace(-0.4, 0.4, 64).view(1, 1, 1, 64)
    inside = (joined(x, mask, x + slope) - x).abs()[..., 20:44, 20:44]
    assert inside.max() < 0.25  # of 0.25 at the hole's sides: it never gets worse
    assert inside[..., 0].max() < 0.08


def test_what_is_known_is_spread_smoothly_and_a_fresh_generator_gives_just_that() -> None:
    slope = torch.linspace(-0.8, 0.8, 128).view(1, 1, 1, 128).expand(1, 3, 128, 128).contiguous()
    mask = torch.zeros(1, 1, 128, 128)
    mask[..., 24:104, 24:104] = 1
    smooth = spread(slope.masked_fill(mask > 0, 9.0), 1 - mask)  # what is missing is never looked at
    assert torch.equal(smooth.masked_fill(mask > 0, 0), slope.masked_fill(mask > 0, 0))
    across = smooth[0, 0, 64, 24:104]
    assert (across.diff() > -0.01).all()  # from dark to light without a way back
    assert (smooth - slope).abs().max() < 0.3
    assert (spread(slope, torch.zeros_like(mask)) == 0).all()
    G = recipe.networks()["G"].eval()
    with torch.no_grad():
        assert torch.equal(G(slope, mask), torch.where(mask > 0, spread(slope, 1 - mask), slope))


def test_holes_are_neither_tiny_nor_all() -> None:
    random = np.random.default_rng(0)
    for blocks in (0.0, 1.0):
        shares = [(holes.draw_hole(64, blocks, random) > 0).mean() for _ in range(40)]
        assert holes.LEAST <= min(shares) < max(shares) <= holes.MOST
    rectangle = holes.draw_hole(64, 1.0, random) > 0
    rows, columns = np.nonzero(rectangle.any(1))[0], np.nonzero(rectangle.any(0))[0]
    assert rectangle[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()


def folder(home: Path) -> Path:
    for split in ("train", "test"):
        (home / split).mkdir(parents=True)
        for number in range(3):
            smooth = Image.fromarray(np.roll(noise(6, 6, 3), number, 0)).resize((80, 70), Image.Resampling.BICUBIC)
            smooth.save(home / split / f"{number}.png")
    return home


def test_batches_have_holes_and_depend_on_the_step_alone(tmp_path: Path) -> None:
    data = Holes(name="x", crop=32)
    one, two = (next(data.open(folder(tmp_path / n), 3, CPU, 0).batches(5)) for n in "ab")
    assert one["y"].shape == one["mask"].shape == (3, 3, 32, 32)
    assert set(one["mask"].unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(one["y"], two["y"])
    assert torch.equal(one["mask"], two["mask"])
    assert set(data.sample(tmp_path / "a")) == {"y", "mask"}


def test_the_local_view_is_about_the_hole_and_within_the_picture() -> None:
    x = torch.arange(64.0).view(1, 1, 8, 8)
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 6:, 6:] = 1
    assert torch.equal(around(x, mask), x[..., 4:, 4:])
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 3, 4] = 1
    assert torch.equal(around(x, mask), x[..., 1:5, 2:6])
    assert around(x, torch.zeros_like(mask)).shape == (1, 1, 4, 4)


def test_the_band_around_a_hole_counts_more() -> None:
    mask = torch.zeros(1, 1, 9, 9)
    mask[..., 4, 4] = 1
    assert dilated(mask, 2).sum() == 25


def test_the_variant_is_the_same_without_d() -> None:
    plain = variants["l2"]
    assert isinstance(plain, Fill)
    assert (plain.gan, plain.generator, plain.l2) == (False, recipe.generator, recipe.l2)
    assert set(plain.networks()) == {"G"}


def test_figures_are_of_the_missing_pixels_alone(tmp_path: Path) -> None:
    test = Held(Holes(crop=32), folder(tmp_path))
    photos = iter([*test.photos, *test.photos])
    best, _ = test.metrics(lambda x, mask: next(photos))
    assert (best["L1 %, block"], best["ST-LPIPS, brush"], best["PSNR, block"]) == (0, 0, 100)
    white, _ = test.metrics(lambda x, mask: x)
    gap = np.abs(255.0 - test.photos[:, 8:24, 8:24]).mean() / 2.55
    assert white["L1 %, block"] == pytest.approx(gap, abs=0.01)
    assert test.floor()["PSNR, block"] > white["PSNR, block"]
    assert test.views().x[0, 16, 16].tolist() == [255, 255, 255]
