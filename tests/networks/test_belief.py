"""Test the pose network: its trunk, the decoding inside the graph, its targets, and that it can learn."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from synth.losses.joints import spread
from synth.methods.belief import BeliefMaps
from synth.networks.belief import STRIDES, Belief, Joints, find
from synth.networks.layers.norm import freeze
from synth.networks.layers.spec import Spec
from synth.networks.trunks import lite
from synth.networks.trunks.lite import Lite0
from synth.pixels.body import peaks
from synth.recipes.pose import plain
from tests.support.shrink import total


def bumps(seed: int, height: int, width: int, stride: int) -> np.ndarray:
    """Joints all over and a little outside of the picture, of any score."""
    random = np.random.default_rng(seed)
    places = random.uniform(-0.05, 1.05, (17, 2)) * (width * stride, height * stride)
    return np.concatenate([places, random.uniform(0, 1, (17, 1))], 1).astype(np.float32)


def test_the_network_has_the_size_that_is_known():
    network = Belief()
    assert sum(p.numel() for p in network.trunk.parameters()) == 1_388_976
    assert network.trunk.channels == [24, 40, 112, 192]
    with torch.no_grad():
        maps = network.eval()(torch.zeros(2, 3, 64, 96))
    assert [tuple(m.shape) for m in maps] == [(2, 17, 64 // s, 96 // s) for s in STRIDES]


def with_norms(x: torch.Tensor) -> torch.Tensor:
    """What the packaged network computes down to stride 32, straight from its state, batch norms and all."""
    state = torch.load(lite.packaged() or "", weights_only=True)

    def unit(x: torch.Tensor, conv: str, norm: str, stride: int, active: bool) -> torch.Tensor:
        weight = state[f"{conv}.weight"]
        groups = weight.shape[0] if weight.shape[1] == 1 else 1
        x = F.conv2d(x, weight, None, stride, weight.shape[-1] // 2, groups=groups)
        parts = (state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        x = F.batch_norm(x, *parts, eps=1e-3)
        return F.relu6(x) if active else x

    x = unit(x, "_conv_stem", "_bn0", 2, True)
    for i in range(13):
        name = f"_blocks.{i}."
        y = unit(x, f"{name}_expand_conv", f"{name}_bn0", 1, True) if i else x
        y = unit(y, f"{name}_depthwise_conv", f"{name}_bn1", 2 if i in (1, 3, 5, 11) else 1, True)
        y = unit(y, f"{name}_project_conv", f"{name}_bn2", 1, False)
        x = x + y if x.shape == y.shape else y
    return x


@pytest.mark.skipif(not lite.packaged(), reason="the packaged weights are not installed")
def test_the_packaged_weights_are_folded_exactly():
    trunk = Lite0().eval()
    lite.load(trunk, lite.packaged() or lite.Path())
    x = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted, found = with_norms(x), trunk(x)[-1]
    assert wanted.abs().mean() > 0.1
    assert (found - wanted).abs().max() < 1e-3


def test_weights_of_another_network_are_refused(tmp_path):
    torch.save({f"{i}": torch.zeros(2) for i in range(300)}, tmp_path / "x.pth")
    with pytest.raises(ValueError, match="does not hold the weights"):
        lite.load(Lite0(), tmp_path / "x.pth")


@pytest.mark.parametrize(("height", "width"), [(12, 12), (24, 9), (7, 31)])
def test_targets_and_decoding_equal_the_ones_in_numpy(height: int, width: int):
    stride, sigma = 4, 1.75
    joints = np.stack([bumps(seed, height, width, stride) for seed in range(5)])
    wanted = np.stack([peaks.gaussian_maps(one, height, width, stride, sigma) for one in joints])
    maps = spread(torch.from_numpy(joints), height, width, stride, sigma)
    assert np.abs(maps.numpy() - wanted).max() < 1e-6
    found, known = find(maps, stride).numpy(), np.stack([peaks.find_peaks(one, stride) for one in wanted])
    assert np.abs(found - known).max() < 1e-3


def test_decoding_equals_the_one_in_numpy_on_noise_and_plateaus():
    random = np.random.default_rng(3)
    noise = random.uniform(0, 1, (4, 17, 10, 13)).astype(np.float32)
    coarse = np.round(noise * 4) / 4  # equal cells everywhere
    for maps in (noise, coarse, np.zeros_like(noise), np.ones_like(noise)):
        found = find(torch.from_numpy(maps), 4).numpy()
        assert np.abs(found - np.stack([peaks.find_peaks(one, 4) for one in maps])).max() < 1e-3


def tiny(**changes) -> BeliefMaps:
    return replace(plain, network=Spec(Belief, width=0.1, middle=8, fine=8), **changes)


def test_nothing_is_learned_of_a_joint_of_which_nothing_is_known():
    method = tiny()
    nets = method.networks()
    batch = {"x": torch.rand(2, 3, 64, 64), "joints": torch.rand(2, 17, 3), "known": torch.zeros(2, 17)}
    batch["known"][:, 3] = 1
    ((_, terms),) = method.losses(nets, batch, 0)
    total(terms).backward()
    network = nets["G"]
    assert isinstance(network, Belief)
    assert network.second.weight.grad is not None
    touched = network.second.weight.grad.abs().sum((1, 2, 3)) > 0
    assert touched.tolist() == [i == 3 for i in range(17)]


def test_an_unseen_joint_is_taught_an_empty_map():
    joints = torch.tensor([[[8.0, 8.0, 0.0], [8.0, 8.0, 1.0]]])
    maps = spread(joints, 8, 8, 4, 1.75)
    assert maps[0, 0].max() == 0
    assert maps[0, 1].max() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
def test_two_joints_can_be_learned(loss):
    torch.manual_seed(0)
    method = tiny(loss=loss)
    network = method.networks()["G"]
    assert isinstance(network, Belief)
    x = torch.rand(4, 3, 64, 64)
    joints = torch.zeros(4, 17, 3)
    joints[:, 0] = torch.tensor([40.0, 20.0, 1.0])
    joints[:, 1] = torch.tensor([10.0, 50.0, 1.0])
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-2)
    for _ in range(60):
        ((_, terms),) = method.losses({"G": network}, {"x": x, "joints": joints, "known": torch.ones(4, 17)}, 0)
        optimizer.zero_grad()
        total(terms).backward()
        optimizer.step()
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.momentum = 0.5
    with torch.no_grad():
        for _ in range(10):
            network(x)
        found, _ = Joints(freeze(network, "running"))(((x * 0.5 + 0.5) * 255).byte().permute(0, 2, 3, 1))
    assert (found[:, :2, :2] - joints[:, :2, :2]).abs().max() < 6
    assert found[:, :2, 2].min() > 0.4
    assert found[:, 2:, 2].max() < 0.2


def test_the_first_stage_of_the_trunk_is_not_trained():
    frozen = [name for name, p in Belief().named_parameters() if not p.requires_grad]
    assert frozen
    assert all(name.startswith("trunk.stages.0.") for name in frozen)
