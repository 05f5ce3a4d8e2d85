"""Test the losses of joints: known and ignored joints, and that each network agrees with its graph."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from export.trained import sized
from synth.losses import joints as losses
from synth.methods.belief import BeliefMaps
from synth.networks.belief import Belief, Joints
from synth.networks.coordinate_regression import CoordinateRegression, JointsInPixels
from synth.networks.pose_machine import ConvolutionalPoseMachine
from synth.recipes.pose import cpu, plain, variants
from tests.support.shrink import shrink, spec

WHERE = torch.tensor([[[10.0, 22.0, 1.0], [50.0, 30.0, 1.0], [0.0, 0.0, 0.0]]])
KNOWN = torch.ones(1, 3)


def classes(certain: float = 20.0) -> torch.Tensor:
    """Logits ``[1, 4, 8, 8]`` of stride 8 that are right about ``WHERE``."""
    logits = torch.zeros(1, 4, 8, 8)
    logits[:, 3] = certain
    for joint, (rows, columns) in enumerate(((slice(2, 4), slice(0, 2)), (slice(3, 5), slice(5, 7)))):
        logits[0, joint, rows, columns] = 2 * certain
    return logits


def test_one_hot_maps_hold_each_joint_in_the_four_cells_around_it_and_background_elsewhere():
    found = losses.one_hot(classes(), WHERE, KNOWN, 8)
    assert found.item() < 1e-6
    assert losses.one_hot(classes(), WHERE.flip(1), KNOWN, 8) > 1
    assert losses.one_hot(torch.zeros(1, 4, 8, 8), WHERE, KNOWN, 8).item() == pytest.approx(np.log(4), rel=1e-5)


def test_a_joint_of_which_nothing_is_known_is_no_class():
    logits = classes().requires_grad_()
    known = torch.tensor([[1.0, 0.0, 1.0]])
    losses.one_hot(logits, WHERE, known, 8).backward()
    assert logits.grad is not None
    touched = logits.grad.abs().sum((0, 2, 3)) > 0
    assert touched.tolist()[1] is False
    assert touched.tolist()[0] is True


def test_direct_regression_counts_places_of_joints_that_are_there_and_the_score_of_all():
    right = torch.cat((WHERE[..., :2] / 64, torch.tensor([[[20.0], [20.0], [-20.0]]])), -1)
    assert losses.coordinates(right, WHERE, KNOWN, 64).item() < 1e-6
    off = right.clone()
    off[0, 2, :2] = 5.0  # nobody knows where a joint is that is not there
    assert losses.coordinates(off, WHERE, KNOWN, 64).item() < 1e-6
    off[0, 0, 0] += 0.1
    assert losses.coordinates(off, WHERE, KNOWN, 64).item() == pytest.approx(100 * 0.01 / 2, rel=1e-3)
    assert losses.coordinates(off, WHERE, torch.tensor([[0.0, 1.0, 1.0]]), 64).item() < 1e-6


def test_every_stage_of_the_pose_machine_has_one_stride_and_its_own_loss():
    torch.manual_seed(0)
    machine = variants["machine"]
    assert isinstance(machine, BeliefMaps)
    method = replace(machine, network=spec(machine.network))
    network = method.networks()["G"]
    assert isinstance(network, ConvolutionalPoseMachine)
    x = torch.rand(2, 3, 64, 96)
    assert [tuple(y.shape) for y in network(x)] == [(2, 17, 8, 12)] * 3
    batch = {"x": x, "joints": torch.tensor([40.0, 20.0, 1.0]).expand(2, 17, 3), "known": torch.ones(2, 17)}
    ((_, terms),) = method.losses({"G": network}, batch, 0)
    assert list(terms) == ["stage 1", "stage 2", "stage 3"]
    terms["stage 1"].backward()
    first, second = (head.weight.grad for head in list(network.heads)[:2])
    assert first is not None
    assert first.abs().sum() > 0
    assert second is None


def test_direct_regression_can_be_learned_and_its_graph_speaks_pixels():
    torch.manual_seed(0)
    method = shrink(variants["direct"])
    assert isinstance(method, BeliefMaps)
    network = method.networks()["G"]
    assert isinstance(network, CoordinateRegression)
    assert network.multiple == network.side == 32
    x, where = torch.rand(4, 3, 32, 32), torch.tensor([8.0, 24.0, 1.0]).expand(4, 17, 3)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-2)
    for _ in range(60):
        ((_, terms),) = method.losses({"G": network}, {"x": x, "joints": where, "known": torch.ones(4, 17)}, 0)
        optimizer.zero_grad()
        terms["direct"].backward()
        optimizer.step()
    with torch.no_grad():
        found = JointsInPixels(network)((((x + 1) * 127.5).round()).byte().permute(0, 2, 3, 1))
    assert (found[..., :2] - where[..., :2]).abs().max() < 2
    assert found[..., 2].min() > 0.7


def test_a_network_for_one_size_says_which_sizes_it_takes():
    with pytest.raises(ValueError, match="multiple of 32"):
        CoordinateRegression(side=100)


def test_what_was_trained_at_another_size_is_exported_for_that_size():
    direct = variants["direct"]
    assert isinstance(direct, BeliefMaps)
    method = sized(cpu(direct), 128)
    assert method.networks()["G"].side == 128
    assert sized(method, 128) is method


def test_beliefs_of_classes_leave_the_background_out():
    network = Belief(joints=18, width=0.1, middle=8, fine=8).eval()
    with torch.no_grad():
        joints, beliefs = Joints(network, classes=True)(torch.zeros(1, 64, 96, 3, dtype=torch.uint8))
    assert joints.shape == (1, 17, 3)
    assert beliefs.shape == (1, 17, 16, 24)
    assert beliefs.sum(1).max() < 1


def test_what_is_compared_is_trained_alike():
    for name, variant in variants.items():
        assert isinstance(variant, BeliefMaps)
        short, usual = cpu(variant), cpu(plain)
        same = ("data", "batch", "steps", "lr", "betas", "decay", "ema")
        assert [getattr(short, key) for key in same] == [getattr(usual, key) for key in same], name
        assert short.network.options["frozen"] == 2
    assert ConvolutionalPoseMachine in {
        variant.network.build for variant in variants.values() if isinstance(variant, BeliefMaps)
    }
