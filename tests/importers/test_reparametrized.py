"""Test checkpoints with spectral and weight norm: the folded network gives what PyTorch gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import utils
from torch.nn.utils import parametrizations

from export.__main__ import main
from synth.importers import foreign
from synth.importers.reparametrized import folded
from tests.support.checkpoints import resnet, resnet_state, unet, unet_state

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated:FutureWarning")
NORMS: dict[str, Callable[..., nn.Module]] = {
    "spectral norm": utils.spectral_norm,
    "weight norm": utils.weight_norm,
    "spectral norm, parametrized": parametrizations.spectral_norm,
    "weight norm, parametrized": parametrizations.weight_norm,
}


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Conv2d(3, 6, 3),
        lambda: nn.ConvTranspose2d(3, 6, 3),
        lambda: nn.Conv2d(5, 5, 1),
        lambda: nn.ConvTranspose2d(4, 4, 3),
        lambda: nn.Conv2d(1, 1, 3),
        lambda: nn.Conv2d(4, 1, 3, bias=False),
    ],
)
def test_a_layer_gives_what_torch_gives(norm: str, make: Callable[[], nn.Conv2d]):
    torch.manual_seed(3)
    layer, plain = NORMS[norm](make()), make()
    for _ in range(5):
        layer(torch.rand(2, plain.in_channels, 8, 8))
    with torch.no_grad():  # as a step of the optimizer, after which the vectors no longer fit exactly
        for parameter in layer.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    state, names = folded(layer.state_dict())
    plain.load_state_dict(state)
    x = torch.rand(2, plain.in_channels, 8, 8)
    assert torch.allclose(layer.eval()(x), plain(x), atol=1e-5)
    assert names == norm.partition(",")[0]


@pytest.mark.parametrize("dim", [None, 0, 1])
def test_weight_norm_of_any_axis_is_folded(dim: int | None):
    made: Any = utils.weight_norm  # its type says that None is no axis
    layer, plain = made(nn.Conv2d(3, 6, 3), dim=dim), nn.Conv2d(3, 6, 3)
    plain.load_state_dict(folded(layer.state_dict())[0])
    x = torch.rand(1, 3, 8, 8)
    assert torch.allclose(layer(x), plain(x), atol=1e-6)


def normed_state(state: dict[str, Tensor], norm: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return a network's state dict with a norm around each convolution, and the plain one that it amounts to."""
    torch.manual_seed(4)
    saved, plain = dict(state), dict(state)
    for key in [key for key, value in state.items() if key.endswith(".weight") and value.ndim == 4]:
        stem, shape = key.removesuffix("weight"), state[key].shape
        upward = "conv_block" not in key and shape[-1] == 3 and shape[0] > shape[1]  # widths shrink only there
        kind = nn.ConvTranspose2d if upward and int(key.split(".")[1]) > 9 else nn.Conv2d
        inputs, outputs = shape[:2] if kind is nn.ConvTranspose2d else shape[1::-1]
        layer: Any = kind(inputs, outputs, shape[-1], bias=False)
        layer.weight.data.copy_(state[key])
        layer = NORMS[norm](layer)
        layer(torch.rand(1, inputs, 9, 9))
        saved.pop(key)
        saved |= {f"{stem}{name}": value.clone() for name, value in layer.eval().state_dict().items()}
        plain[key] = layer.weight.detach().clone()
    return saved, plain


@pytest.mark.parametrize("norm", NORMS)
def test_a_generator_gives_what_torch_gives(norm: str, tmp_path: Path, capsys):
    saved, plain = normed_state(resnet_state(6, "instance"), norm)
    torch.save(saved, tmp_path / "net.pth")
    found = foreign.find(tmp_path / "net.pth")
    assert f"({norm.partition(',')[0]} folded into the weights)" in found.what
    x = torch.rand(1, 3, 8, 12) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(found.network.eval()(x), resnet(plain, x), atol=1e-4)
    assert main(["inspect", str(tmp_path / "net.pth")]) == 0
    assert "folded into the weights" in capsys.readouterr().out


@pytest.mark.parametrize("gone", ["weight_u", "weight_v"])
def test_an_incomplete_norm_is_refused_truthfully(gone: str, tmp_path: Path):
    saved, _ = normed_state(resnet_state(6, "instance"), "spectral norm")
    del saved[f"model.1.{gone}"]
    torch.save(saved, tmp_path / "net.pth")
    with pytest.raises(ValueError, match=f"model.1.{gone} is missing"):
        foreign.find(tmp_path / "net.pth")


def test_a_norm_of_another_shape_is_refused_truthfully():
    state = utils.spectral_norm(nn.Conv2d(3, 6, 3)).state_dict()
    with pytest.raises(ValueError, match=r"spectral norm of weight does not fit its shape \(\(6, 3, 3, 3\)"):
        folded({**state, "weight_u": torch.ones(5)})


def test_plain_checkpoints_stay_as_they_are():
    state = unet_state(5, "instance")
    same, names = folded(state)
    assert names == ""
    assert same.keys() == state.keys()
    assert unet(same, torch.zeros(1, 3, 32, 32)).shape == (1, 3, 32, 32)
