"""Test the losses against numbers worked out by hand, and the paper's ablations."""

from dataclasses import replace

import pytest
import torch

from synth import recipe
from synth.losses import adversarial
from synth.losses.gradients import gradients
from synth.methods.pix2pix import Pix2Pix
from synth.methods.presets import ablations
from synth.networks.network import Network
from synth.networks.unet import UNet
from tests.support.shrink import shrink


def small() -> Pix2Pix:
    method = shrink(recipe.find("facades-l1_cgan", "gpu"))
    assert isinstance(method, Pix2Pix)
    return method


def losses(method: Pix2Pix):
    torch.manual_seed(0)
    nets = method.networks()
    batch = {"x": torch.rand(2, 3, 32, 32) * 2 - 1, "y": torch.rand(2, 3, 32, 32) * 2 - 1}
    return nets, batch, dict(method.losses(nets, batch, 0))


def test_adversarial_losses():
    zero, two = torch.zeros(2, 1, 3, 3), torch.full((2, 1, 3, 3), 2.0)
    real, fake = adversarial.terms("vanilla")
    assert float(real(zero)) == pytest.approx(0.693147, abs=1e-5)
    assert float(fake(two)) == pytest.approx(2.126928, abs=1e-5)
    real, fake = adversarial.terms("least_squares")
    assert (float(real(two)), float(fake(two)), float(real(zero))) == (1.0, 4.0, 1.0)


def test_l1_cgan_is_equation_4():
    method = small()
    nets, batch, terms = losses(method)
    assert list(terms) == ["D", "G"]
    assert set(terms["D"]) == {"real", "fake"}
    assert set(terms["G"]) == {"gan", "l1"}
    y_hat = nets["G"](batch["x"])
    l1 = 100 * (y_hat - batch["y"]).abs().mean()
    # Dropout is on in training, so the two passes differ a little.
    assert terms["G"]["l1"].item() == pytest.approx(l1.item(), rel=0.05)


def test_gradients_see_steps_and_no_colour():
    flat = torch.zeros(1, 3, 4, 4)
    step = flat.clone()
    step[..., 2:] = 1.0
    assert float(gradients(flat, flat + 0.7)) == 0
    # One of three steps in each row, none in the columns.
    assert float(gradients(flat, step)) == pytest.approx(1 / 3)
    assert "gradients" in losses(replace(small(), gradients=50.0))[2]["G"]


def test_ablations_have_the_papers_terms():
    shown = {name: losses(method)[2] for name, method in ablations(small()).items()}
    assert {name: (list(t), sorted(t["G"])) for name, t in shown.items()} == {
        "l1": (["G"], ["l1"]),
        "l2": (["G"], ["l2"]),
        "gan": (["D", "G"], ["gan"]),
        "gan_l1": (["D", "G"], ["gan", "l1"]),
        "cgan": (["D", "G"], ["gan"]),
        "l1_cgan": (["D", "G"], ["gan", "l1"]),
        "l1_cgan_ls": (["D", "G"], ["gan", "l1"]),
        "encdec-l1": (["G"], ["l1"]),
        "encdec-l1_cgan": (["D", "G"], ["gan", "l1"]),
    }


def test_only_a_conditional_discriminator_sees_the_input():
    method = small()
    conditional, unconditional = method.networks()["D"], replace(method, conditional=False).networks()["D"]
    assert next(conditional.parameters()).shape[1] == 6
    assert next(unconditional.parameters()).shape[1] == 3


def test_encoder_decoder_variants_have_no_skips():
    found = {name: m.networks()["G"] for name, m in ablations(small()).items()}
    assert {n: g.skip for n, g in found.items() if isinstance(g, UNet)} == {n: "encdec" not in n for n in found}


class Same(Network):
    """A perfect generator for a task whose output is its input."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_feature_matching_vanishes_for_a_perfect_generator():
    method = replace(small(), feature_matching=10.0)
    nets = method.networks()
    y = torch.rand(2, 3, 32, 32)
    nets["G"] = Same()
    terms = dict(method.losses(nets, {"x": y, "y": y}, 0))["G"]
    assert terms["features"].item() == 0.0
    assert terms["l1"].item() == 0.0


def test_initial_weights_follow_the_appendix():
    torch.manual_seed(0)
    weight = replace(small(), discriminator=Pix2Pix(data=small().data, card=small().card).discriminator)
    values = weight.networks()["D"].state_dict()
    assert values["blocks.2.0.weight"].std().item() == pytest.approx(0.02, rel=0.02)
    assert values["blocks.2.1.weight"].mean().item() == pytest.approx(1.0, abs=0.01)
