"""Test properties of the networks: sizes, receptive fields, and the statistics of batch norm."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from synth.networks.layers.labels import OneHot
from synth.networks.layers.norm import freeze
from synth.networks.layers.spec import Spec
from synth.networks.layers.upsample import BedOfNails
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.unet import UNet
from synth.pixels.palette import CITYSCAPES, FACADES, colors, nearest


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_parameters_of_the_papers_networks():
    assert count(UNet()) == 54_414_531
    assert count(PatchGAN()) == 2_768_705


@pytest.mark.parametrize(("depth", "pixels"), [(0, 1), (1, 16), (3, 70), (5, 286)])
def test_patchgan_sees_what_it_says(depth: int, pixels: int):
    network = PatchGAN(inputs=1, channels=2, depth=depth, norm="none").double()
    assert network.receptive_field == pixels
    side = 2 * pixels + 130
    image = torch.zeros(1, 1, side, side, dtype=torch.double, requires_grad=True)
    logits = network(image)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    assert image.grad is not None
    rows = torch.nonzero(image.grad[0, 0].abs().sum(1)).flatten()
    assert int(rows.max() - rows.min()) + 1 == pixels


def test_live_is_small_enough_for_two_cores():
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        Live()(torch.zeros(1, 3, 256, 256))
    assert counter.get_total_flops() / 2e9 < 1.5


@pytest.mark.parametrize("upsample", ["transposed", "nearest", "bilinear", "bed_of_nails"])
@pytest.mark.parametrize("skip", [True, False])
def test_unet_keeps_the_size(upsample, skip: bool):
    network = UNet(channels=4, levels=3, upsample=upsample, skip=skip).eval()
    y = network(torch.randn(2, 3, 16, 24))
    assert y.shape == (2, 3, 16, 24)
    assert y.abs().max() <= 1


def test_skips_carry_detail_that_the_encoder_decoder_cannot():
    x = torch.randn(1, 3, 32, 32)
    bottleneck = torch.zeros(1, 32, 1, 1)
    for skip in (True, False):
        network = UNet(channels=4, levels=5, skip=skip, norm="none").eval()
        network.down[-1].register_forward_hook(lambda *_: bottleneck)
        changes = (network(x) - network(-x)).abs().max()
        assert (changes > 1e-6) == skip


def test_bed_of_nails():
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    expected = torch.tensor([[1.0, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]])
    assert torch.equal(BedOfNails()(x)[0, 0], expected)


def trained(network: nn.Module) -> nn.Module:
    """Give batch norms statistics and scales that differ from the initial ones."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.3)
            nn.init.normal_(module.bias, 0, 0.3)
    with torch.no_grad():
        for _ in range(3):
            network.train()(torch.randn(4, 3, 64, 64) * 2 + 0.5)
    return network


@pytest.mark.parametrize("network", [UNet(channels=4, levels=5, dropout=0.0), Live(widths=(4, 8, 8), blocks=1)])
def test_frozen_batch_statistics_are_those_of_each_picture(network: nn.Module):
    network = trained(network).eval()
    x = torch.randn(3, 3, 64, 64)
    own = freeze(network, "batch")(x)
    # The paper's protocol: training-mode batch norm, one picture at a time.
    network.train()
    with torch.no_grad():
        expected = torch.cat([network(one[None]) for one in x])
    assert torch.allclose(own, expected, atol=1e-5)


@pytest.mark.parametrize("network", [UNet(channels=4, levels=5), Live(widths=(4, 8, 8), blocks=1)])
def test_frozen_running_statistics_are_folded_exactly(network: nn.Module):
    network = trained(network).eval()
    x = torch.randn(2, 3, 64, 64)
    frozen = freeze(network, "running")
    assert torch.allclose(frozen(x), network(x), atol=1e-5)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in frozen.modules())


def test_the_two_statistics_give_different_pictures():
    network = trained(UNet(channels=4, levels=5))
    x = torch.randn(1, 3, 64, 64)
    assert (freeze(network, "batch")(x) - freeze(network, "running")(x)).abs().max() > 0.05


def test_the_smallest_picture_runs_with_its_own_statistics():
    network = freeze(trained(Live(widths=(4, 8, 8), blocks=1)), "batch")
    assert torch.isfinite(network(torch.randn(1, 3, 8, 8))).all()  # the middle of the network sees a single pixel


@pytest.mark.parametrize("statistics", ["batch", "running"])
def test_batch_norm_shared_between_gpus_is_frozen_alike(statistics):
    network = trained(Live(widths=(4, 8, 8), blocks=1)).eval()
    shared = nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(network))
    x = torch.randn(2, 3, 64, 64)
    assert torch.allclose(freeze(shared, statistics)(x), freeze(network, statistics)(x), atol=1e-6)


def test_freezing_leaves_the_network_alone():
    network = trained(UNet(channels=4, levels=5)).train()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    freeze(network, "running")
    freeze(network, "batch")
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())


@pytest.mark.parametrize("palette", [FACADES, CITYSCAPES])
def test_one_hot_is_the_nearest_colour_of_any_colour(palette):
    image = torch.randint(0, 256, (64, 64, 3), dtype=torch.uint8)
    image[0, : len(palette)] = torch.from_numpy(colors(palette))
    planes = OneHot(palette)(image.permute(2, 0, 1)[None].float() / 127.5 - 1)
    assert planes.shape == (1, len(palette), 64, 64)
    assert torch.equal(planes.sum(1), torch.ones(1, 64, 64))
    assert (planes[0].argmax(0).numpy() == nearest(image.numpy(), palette)).all()
    assert planes[0, :, 0, : len(palette)].argmax(0).tolist() == list(range(len(palette)))


def test_a_spec_reads_like_the_call():
    assert repr(Spec(UNet, channels=8, skip=False)) == "UNet(channels=8, skip=False)"
    assert Spec(UNet, channels=8) == Spec(UNet, channels=8) != Spec(UNet, channels=4)
    assert count(Spec(UNet, channels=4, levels=3)(inputs=1)) == count(UNet(inputs=1, channels=4, levels=3))
