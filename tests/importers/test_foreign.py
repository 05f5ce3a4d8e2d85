"""Test third-party checkpoints: the graph equals a plain restatement of the family's forward pass."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from export.__main__ import main
from export.foreign import fits, notes, told
from synth.importers import foreign
from synth.networks.resnet import ResNet
from synth.runtime.session import open_graph
from tests.support.checkpoints import (
    Made,
    State,
    cut,
    cut_state,
    faults,
    resnet,
    resnet_state,
    style,
    style_state,
    unet,
    unet_state,
)

Case = tuple[Callable[[], Made], Callable[..., Tensor], int, str]
CASES: dict[str, Case] = {
    "unet, batch": (lambda: unet_state(7, "batch"), unet, 128, "a U-Net with 7 levels (128 pixels), 4 channels, batch"),
    "unet, instance": (lambda: unet_state(5, "instance"), unet, 32, "5 levels (32 pixels), 4 channels, instance norm"),
    "resnet, 6": (lambda: resnet_state(6, "instance"), resnet, 4, "a ResNet with 6 blocks, 4 channels, instance norm"),
    "resnet, old": (lambda: resnet_state(9, "instance", stale=True), resnet, 4, "a ResNet with 9 blocks"),
    "resnet, dropout": (lambda: resnet_state(6, "instance", dropout=True), resnet, 4, "a ResNet with 6 blocks"),
    "resnet, batch": (lambda: resnet_state(6, "batch", dropout=True), resnet, 4, "4 channels, batch norm"),
    "cut": (cut_state, cut, 4, "an antialiased ResNet with 9 blocks, 4 channels, instance norm"),
    "style": (style_state, style, 4, "a style transfer network with 5 blocks"),
}


def some(multiple: int, planes: int = 3) -> Tensor:
    shape = (2, planes, 2 * multiple, 3 * multiple)
    return torch.rand(shape, generator=torch.Generator().manual_seed(2)) * 2 - 1


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_the_family_is_told_by_its_keys(case: str, wrapped: bool, tmp_path: Path):
    make, forward, multiple, what = CASES[case]
    state = make()
    saved = {f"module.{key}": value for key, value in state.items()} if wrapped else dict(state)
    torch.save({"state_dict": saved} if wrapped else saved, tmp_path / "net.pth")
    found = foreign.find(tmp_path / "net.pth")
    assert what in found.what
    assert found.network.multiple == multiple
    x = some(multiple)
    with torch.no_grad():
        network = found.network.eval() if not found.batch_norm else None
        assert network is None or torch.allclose(network(x), forward(state, x), atol=1e-4)
    stale = {key for key in state if "running" in key or "num_batches" in key or key.endswith(".filt")}
    assert found.dropped.keys() == ({k for k in stale if "num_batches" in k} if found.batch_norm else stale)


@pytest.mark.parametrize(
    ("case", "dropout", "words"),
    [
        ("unet, batch", None, "Its keys do not tell whether it was trained with dropout"),
        ("unet, instance", False, ""),  # the authors' code has dropout from six levels on
        ("resnet, dropout", True, "It was trained with dropout. The authors' test script leaves dropout on"),
        ("resnet, 6", False, ""),
        ("cut", False, ""),
        ("style", False, ""),
    ],
)
def test_dropout_in_training_is_said_where_the_keys_tell(case: str, dropout: bool | None, words: str, tmp_path: Path):
    torch.save(dict(CASES[case][0]()), tmp_path / "net.pth")
    found = foreign.find(tmp_path / "net.pth")
    assert found.dropout is dropout
    for report in ("\n".join(told(found)), notes(tmp_path / "net.pth", found, "batch")):
        assert words in report
        assert ("dropout" in report) == bool(words)


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["batch", "running"])
@pytest.mark.parametrize("case", ["unet, batch", "resnet, batch", "resnet, old", "cut", "style"])
def test_the_graph_gives_the_same_pixels(case: str, norm: str, tmp_path: Path, capsys):
    make, forward, multiple, what = CASES[case]
    question = "batch" in case
    state = make()
    torch.save(dict(state), tmp_path / "my net.pth")
    code = main(["--from", str(tmp_path / "my net.pth"), "--norm", norm, "--out", str(tmp_path)])
    said = capsys.readouterr()
    assert what in said.out
    if norm == "running" and not question:
        assert (code, list(tmp_path.glob("*.onnx"))) == (2, [])
        assert "holds no running statistics" in said.err
        return
    assert code == 0
    assert ("--norm" in said.out) == question
    graph = open_graph(tmp_path / "my-net.onnx", "cpu")
    assert (graph.card.title, graph.card.multiple) == ("my-net", multiple)
    assert graph.card.licence == "unknown: ask who trained it"
    size = (20, 28, 3) if multiple == 4 else (2 * multiple, 3 * multiple, 3)
    image = np.random.default_rng(3).integers(0, 256, size, np.uint8)
    x = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        wanted = ((forward(state, x, norm == "running")[0].permute(1, 2, 0) + 1) * 127.5).round().numpy()
    assert wanted.std() > 10
    assert np.abs(graph.run(image) - wanted).mean() < 0.5
    assert np.abs(graph.run(image) - wanted).max() <= 6, "what is left is the weights stored as float16"
    if multiple == 4:
        with pytest.raises(ValueError, match=r"could not run at 4x4 pixels\. Try a larger picture"):
            graph.run(image[:3, :3])


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 3), (3, 1), (1, 1)])
def test_networks_of_gray_pictures_take_and_give_colours(inputs: int, outputs: int, tmp_path: Path):
    state = resnet_state(6, "instance")
    state["model.1.weight"] = state["model.1.weight"][:, :inputs] * (3 / inputs) ** 0.5
    state["model.23.weight"], state["model.23.bias"] = (
        state["model.23.weight"][:outputs],
        state["model.23.bias"][:outputs],
    )
    torch.save(dict(state), tmp_path / "gray.pth")
    assert main(["--from", str(tmp_path / "gray.pth"), "--out", str(tmp_path)]) == 0
    image = np.random.default_rng(3).integers(0, 256, (16, 24, 3), np.uint8)
    seen = image if inputs == 3 else np.asarray(Image.fromarray(image).convert("L"))[..., None]
    with torch.no_grad():
        y = resnet(state, torch.from_numpy(seen.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1)[0]
    wanted = ((y.permute(1, 2, 0) + 1) * 127.5).round().numpy()
    given = open_graph(tmp_path / "gray.onnx", "cpu").run(image)
    assert given.shape == image.shape
    assert wanted.std() > 10
    assert np.abs(given - wanted).max() <= 6


def test_the_paper_sized_resnet_has_the_known_number_of_parameters():
    assert sum(p.numel() for p in ResNet().parameters()) == 11_378_179
    assert sum(p.numel() for p in ResNet(blocks=6).parameters()) == 7_837_699


@pytest.mark.parametrize("case", ["unet, batch", "unet, instance", "resnet, old", "resnet, batch", "cut", "style"])
def test_whatever_key_is_wrong_is_named(case: str):
    state = dict(CASES[case][0]())
    stale = "running_" if "old" in case or case == "style" else ".filt" if case == "cut" else " "
    for fault, key, broken in faults(state, spared=stale):
        with pytest.raises(ValueError, match=r"[.?]$") as error:
            foreign.tell(broken)
        assert key in str(error.value), (fault, key, str(error.value))
        assert ("was it renamed?" in str(error.value)) == (f"Is {key}_old meant" in str(error.value))
        assert ("was it renamed?" in str(error.value)) == (fault == "renamed"), (key, str(error.value))


def test_a_filter_that_is_another_one_than_usual_is_named():
    state = cut_state()
    state["model.7.filt"] = state["model.7.filt"] * 1.01
    with pytest.raises(ValueError, match=r"the filter model\.7\.filt is not the usual one"):
        foreign.tell(state)


def test_what_stands_at_a_norm_decides_which_norm_it_is():
    """Without statistics the picture's own are the only ones; with neither scale nor bias there is no norm at all."""
    batch = resnet_state(6, "batch")
    bare: State = {key: value for key, value in batch.items() if "running_" not in key and "num_" not in key}
    found = foreign.tell(bare)
    assert found is not None
    assert not found.batch_norm
    assert "each picture's own statistics" in found.what
    none = {key: value for key, value in batch.items() if value.ndim == 4 or key == "model.23.bias"}
    found = foreign.tell(none)
    assert found is not None
    assert "no norm" in found.what
    assert not any(isinstance(m, torch.nn.InstanceNorm2d | torch.nn.BatchNorm2d) for m in found.network.modules())


def test_weights_that_float16_cannot_hold_stay_as_they_are(tmp_path: Path, capsys):
    state = resnet_state(6, "instance")
    state["model.1.weight"] = state["model.1.weight"] * 1e6  # a norm follows, which takes it away again
    torch.save(dict(state), tmp_path / "net.pth")
    assert main(["--from", str(tmp_path / "net.pth"), "--out", str(tmp_path)]) == 0
    assert "too much, so the weights stay float32" in capsys.readouterr().out
    image = np.random.default_rng(3).integers(0, 256, (32, 32, 3), np.uint8)
    with torch.no_grad():
        y = resnet(state, torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1)[0]
    wanted = ((y.permute(1, 2, 0) + 1) * 127.5).round().numpy()
    assert np.abs(open_graph(tmp_path / "net.onnx", "cpu").run(image) - wanted).max() <= 1


def test_a_network_larger_than_the_app_opens_is_refused():
    fits("the generator of pix2pixHD", 182_857_059)
    with pytest.raises(ValueError, match=r"This is a network\. Its 731 million .* 1,395 MB; the app opens up to 400\."):
        fits("a network", 731_302_787)
