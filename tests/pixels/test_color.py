"""Test colours: Lab round trips, bins, soft targets, rebalancing, the annealed mean, hints, and metrics."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab

from synth import recipe
from synth.data.sets.colors import Colors, shares
from synth.evaluation.metrics import colors as measured
from synth.losses.colors import cross_entropy, rebalancing, smoothed, soft_targets
from synth.methods.colorize import Colorize, hints
from synth.networks.colornet import (
    SPAN,
    Colored,
    ColorNet,
    annealed_mean,
    balanced,
    centres,
    evened,
    pooled,
)
from synth.networks.layers import lab
from synth.pixels import color
from tests.support.graphs import noise

CPU = torch.device("cpu")


def planes(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1


def test_lab_is_that_of_others_and_comes_back():
    image = noise(32, 32, 3)
    wanted = rgb2lab(image)
    assert np.abs(color.to_lab(image) - wanted).max() < 0.5
    assert np.abs(lab.to_lab(planes(image))[0].permute(1, 2, 0).numpy() - wanted).max() < 0.05
    assert np.abs(color.from_lab(color.to_lab(image)).astype(int) - image).max() <= 1
    assert (lab.from_lab(lab.to_lab(planes(image))) - planes(image)).abs().max() < 0.5 / 127.5
    light = lab.lightness(planes(image))
    assert torch.equal(light, lab.to_lab(planes(image))[:, :1])
    torch.testing.assert_close(lab.lightness_of_pixels(torch.from_numpy(image)[None]), light, atol=1e-4, rtol=1e-5)


def test_white_black_and_gray_have_no_colour():
    for level in (0, 128, 255):
        image = np.full((2, 2, 3), level, np.uint8)
        assert lab.to_lab(planes(image))[:, 1:].abs().max() < 0.05
    assert lab.to_lab(planes(np.full((1, 1, 3), 255, np.uint8)))[0, 0].item() == pytest.approx(100, abs=0.01)


def test_there_are_313_bins_and_every_colour_has_its_grid_points_among_them():
    bins = color.bins()
    assert bins.shape == (313, 2)
    assert (bins % 10 == 0).all()
    ab = color.to_lab(noise(64, 64, 3))[..., 1:].reshape(-1, 2)
    known = {tuple(point) for point in bins}
    assert {tuple(point) for point in np.rint(ab / 10) * 10 + 0.0} <= known
    assert np.abs(bins[color.nearest_bin(ab)] - ab).max() <= 5.001
    distance = np.square(ab[:, None] - bins).sum(-1)
    assert (color.nearest_bin(ab) == distance.argmin(1)).mean() > 0.99


def test_soft_targets_are_the_five_nearest_bins_and_fall_with_the_distance():
    bins = torch.from_numpy(color.bins())
    ab = (bins[100] + torch.tensor([2.0, 1.0])).view(1, 2, 1, 1)
    index, share = soft_targets(ab)
    assert index[0, 0, 0, 0] == 100
    assert share.sum().item() == pytest.approx(1)
    distance = (bins[index[0, 0, 0]] - ab.flatten()).square().sum(1)
    assert torch.allclose((share[0, 0, 0] / share[0, 0, 0, 0]).log(), (distance[0] - distance) / 50, atol=1e-4)


def test_rare_colours_weigh_more_and_the_mean_weight_is_one():
    counted = torch.full((313,), 1e-4)
    counted[150] = 1 - counted.sum()
    weights = rebalancing(counted)
    assert weights.argmin() in torch.cdist(centres(counted), centres(counted)[150:151])[:, 0].topk(5, largest=False)[1]
    assert (smoothed(counted) * weights).sum().item() == pytest.approx(1)
    assert torch.allclose(rebalancing(counted, mix=1.0), torch.ones(313), atol=1e-4)


def test_the_cross_entropy_is_least_for_the_truth():
    ab = torch.randn(2, 2, 3, 3) * 20
    index, share = soft_targets(ab)
    truth = torch.full((2, 3, 3, 313), -20.0).scatter(-1, index, share.log()).permute(0, 3, 1, 2)
    entropy = -(share * share.log()).sum(-1).mean()
    found = cross_entropy(truth, ab, torch.ones(313))
    assert found.item() == pytest.approx(entropy.item(), abs=1e-3)
    assert cross_entropy(torch.zeros(2, 313, 3, 3), ab, torch.ones(313)) > 2 * found


def test_the_annealed_mean_goes_from_the_mode_to_the_mean():
    logits = torch.full((1, 313, 1, 1), -30.0)
    logits[0, 40], logits[0, 200] = np.log(0.6), np.log(0.4)
    one, two = centres(logits)[40], centres(logits)[200]
    assert torch.allclose(annealed_mean(logits, 1.0).flatten(), 0.6 * one + 0.4 * two, atol=1e-3)
    assert torch.allclose(annealed_mean(logits, 0.01).flatten(), one, atol=1e-3)


def test_hints_are_true_colours_at_a_few_places():
    torch.manual_seed(0)
    ab = torch.randn(64, 2, 48, 48) * 30
    given = hints(ab, 1.0)
    share = given[:, 2].mean((1, 2))
    assert ((given[:, 2] == 0) | (given[:, 2] == 1)).all()
    assert (share > 0).all()
    assert share.median() < 0.3
    assert (given[:, :2] * (1 - given[:, 2:])).abs().max() == 0
    assert hints(ab, 0.0).abs().max() == 0


def test_pooled_hints_keep_their_colour_whatever_their_size():
    planes = torch.zeros(1, 3, 16, 16)
    planes[0, :, 3, 5] = torch.tensor([0.5, -0.25, 1.0])
    for cell in (4, 8, 16):
        found = pooled(planes, cell)
        assert found[0, :, 0, 5 // cell].tolist() == pytest.approx([0.5, -0.25, 1.0])
        assert found.abs().sum().item() == pytest.approx(1.75)


def colorizer(loss: str = "rebalanced") -> Colored:
    torch.manual_seed(0)
    body = ColorNet(313 if loss == "rebalanced" else 2, width=0.1, channels=8).eval()
    torch.nn.init.normal_(body.head.weight, 0, 2.0)
    return Colored(body, 64, loss == "rebalanced")


@pytest.mark.parametrize("loss", ["rebalanced", "l2"])
def test_every_detail_of_the_luminance_stays(loss: str):
    image = measured.gray(np.repeat(noise(90, 141, 1), 3, 2) // 3 + 80)
    given = [torch.from_numpy(x)[None] for x in (image, np.zeros_like(image), np.zeros_like(image))]
    with torch.no_grad():
        made = colorizer(loss)(*given, torch.tensor([0.38]))[0].numpy()
    inside = ((made > 0) & (made < 255)).all(-1)  # where the gamut did not clip
    assert inside.mean() > 0.3
    assert np.abs(color.to_lab(made)[..., 0] - color.to_lab(image)[..., 0])[inside].max() < 1
    assert color.chroma(made) > 1


def test_a_hint_changes_the_picture_and_one_that_is_not_marked_does_not():
    image, hint, marks = noise(64, 64, 3), np.full((64, 64, 3), 200, np.uint8), np.zeros((64, 64, 3), np.uint8)
    graph, t = colorizer(), torch.tensor([0.38])

    def run(*pictures: np.ndarray) -> torch.Tensor:
        with torch.no_grad():
            return graph(*(torch.from_numpy(picture)[None] for picture in pictures), t)

    plain = run(image, np.zeros_like(hint), marks)
    assert torch.equal(run(image, hint, marks), plain)
    marks[20:24, 30:34] = 255
    assert not torch.equal(run(image, hint, marks), plain)


def photographs(home: Path) -> Path:
    for split, count in (("train", 3), ("test", 2)):
        (home / split).mkdir(parents=True)
        for number in range(count):
            smooth = Image.fromarray(np.roll(noise(6, 6, 3), number, 0)).resize((240, 230), Image.Resampling.BICUBIC)
            smooth.save(home / split / f"{number}.png")
    Image.fromarray(measured.gray(noise(230, 230, 3))).save(home / "train" / "gray.png")
    return home


def test_black_and_white_photographs_are_not_learned_from(tmp_path: Path):
    windows = Colors(crop=32).open(photographs(tmp_path), 2, CPU, 0)
    assert windows.length == 3
    assert windows.facts["colors"].sum().item() == pytest.approx(1)
    with pytest.raises(ValueError, match="no photographs in colour"):
        Colors(crop=32).open(grays(tmp_path / "only"), 2, CPU, 0)


def grays(home: Path) -> Path:
    home.mkdir()
    for number in range(2):
        Image.fromarray(measured.gray(noise(40, 40, 3))).save(home / f"{number}.png")
    return home


def test_the_truth_has_the_best_figures_and_black_and_white_the_floor(tmp_path: Path):
    test = measured.Test(Colors(crop=32), photographs(tmp_path))
    best, floor = test.metrics(lambda image: image), test.floor()
    assert (best["AuC"], best["AuC, rare colours"], best["ST-LPIPS"], best["PSNR"]) == (100, 100, 0, 100)
    assert floor["AuC"] < 90
    assert floor["colourfulness"] == pytest.approx(0, abs=0.1)
    assert best["colourfulness"] > 20


def test_the_area_under_the_curve_is_that_of_the_paper():
    error = np.array([0.0, 30.0, 75.0, 149.0, 200.0])
    sweep = np.mean([(error <= t).mean() for t in np.linspace(0, 150, 15001)])
    assert (1 - error / measured.REACH).clip(0).mean() == pytest.approx(sweep, abs=1e-3)


def test_shares_count_what_is_there():
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    counted = shares([red])
    assert counted.max() == 1
    assert np.abs(color.bins()[counted.argmax()] - color.to_lab(red)[0, 0, 1:]).max() <= 5


def test_rebalancing_is_taken_back_at_inference():
    """Trained with weights w, a network predicts p * w; without vividness that becomes p again."""
    frequency = torch.rand(313, generator=torch.Generator().manual_seed(1)) + 0.1
    frequency /= frequency.sum()
    weights = 1 / (0.5 * frequency + 0.5 / 313)
    logits = (frequency * weights).log().view(1, -1, 1, 1)
    log_weights = weights.log().view(-1, 1, 1)
    plain = balanced(logits, log_weights, 0.0).softmax(1).flatten()
    torch.testing.assert_close(plain, frequency, atol=1e-6, rtol=1e-4)
    assert torch.equal(balanced(logits, log_weights, 1.0), logits)


def test_colours_are_evened_within_an_object_and_not_over_its_edge():
    light = torch.full((1, 1, 16, 16), 20.0)
    light[..., 8:] = 80
    noise = torch.randn(1, 2, 16, 16, generator=torch.Generator().manual_seed(2))
    ab = 5 * noise + torch.where(light > 50, 40.0, -40.0)
    even = evened(ab, light)
    assert even[..., :8].std() < ab[..., :8].std() / 2
    assert (even[..., 7].mean(), even[..., 8].mean()) == (pytest.approx(-40, abs=2), pytest.approx(40, abs=2))


def test_the_shipped_loss_knows_how_common_colours_are():
    method = recipe.find("colorize", "cpu")
    assert isinstance(method, Colorize)
    network = ColorNet(width=0.1, channels=8, weighted=True)
    counted = torch.zeros(313)
    counted[7] = 1.0
    method.prepare(network, {"colors": counted})
    assert network.log_weights.max() > network.log_weights[7] + np.log(2)
    other = ColorNet(width=0.1, channels=8)
    replace(method, loss="class").prepare(other, {"colors": counted})
    assert (other.log_weights == 0).all()
    assert SPAN == 110
