"""Test pix2pixHD's generators: the graph equals a plain restatement of the network and, in numpy, of its inputs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from export.__main__ import main
from synth.importers import foreign
from synth.networks.pix2pixhd import CoarseToFineGenerator
from synth.networks.resnet import ResNet
from synth.pixels import palette
from synth.runtime import untrusted
from synth.runtime.graph_file import read
from synth.runtime.registry import Registry
from synth.runtime.run import run
from synth.runtime.session import open_graph
from tests.support.checkpoints import Made, State, faults, normed


def hd_state(
    planes: int = 3, levels: int = 4, blocks: int = 3, c: int = 4, locals_: int = 0, norm: str = "", stale: bool = False
) -> Made:
    """The keys of a global generator, or of one with ``locals_`` enhancers of two blocks; ``c`` channels at last."""
    state, affine, running = Made(), norm == "batch", norm == "batch" or stale

    def layer(conv: str, norm: str, *shape: int, transposed: bool = False) -> None:
        state.conv(conv, *shape, bias=True, transposed=transposed)
        state.norm(norm, shape[1] if transposed else shape[0], affine, running)

    def block(at: str, width: int) -> None:
        layer(f"{at}.conv_block.1", f"{at}.conv_block.2", width, width, 3, 3)
        layer(f"{at}.conv_block.5", f"{at}.conv_block.6", width, width, 3, 3)

    wide = c * 2**locals_
    layer("model.1", "model.2", wide, planes, 7, 7)
    for i in range(levels):
        layer(f"model.{4 + 3 * i}", f"model.{5 + 3 * i}", wide * 2 ** (i + 1), wide * 2**i, 3, 3)
    for i in range(blocks):
        block(f"model.{4 + 3 * levels + i}", wide * 2**levels)
    for i in range(levels):
        at, width = 4 + 3 * levels + blocks + 3 * i, wide * 2 ** (levels - i)
        layer(f"model.{at}", f"model.{at + 1}", width, width // 2, 3, 3, transposed=True)
    for n in range(1, locals_ + 1):
        width = c * 2 ** (locals_ - n)
        layer(f"model{n}_1.1", f"model{n}_1.2", width, planes, 7, 7)
        layer(f"model{n}_1.4", f"model{n}_1.5", width * 2, width, 3, 3)
        for i in range(2):
            block(f"model{n}_2.{i}", width * 2)
        layer(f"model{n}_2.2", f"model{n}_2.3", width * 2, width, 3, 3, transposed=True)
    last = f"model{locals_}_2.6" if locals_ else f"model.{4 + 6 * levels + blocks + 1}"
    state.conv(last, 3, c, 7, 7, bias=True)
    return state


def forward(state: State, x: Tensor, running: bool = False) -> Tensor:
    """The network of the paper, layer by layer, from the keys alone."""

    def get(key: str) -> tuple[Tensor, Tensor]:
        return state[f"{key}.weight"], state[f"{key}.bias"]

    def seven(key: str, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, (3, 3, 3, 3), mode="reflect"), *get(key))

    def block(at: str, x: Tensor) -> Tensor:
        y = normed(state, f"{at}.2", F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), *get(f"{at}.1")), running).relu()
        return x + normed(state, f"{at}.6", F.conv2d(F.pad(y, (1, 1, 1, 1), mode="reflect"), *get(f"{at}.5")), running)

    def sequence(name: str, x: Tensor) -> Tensor:
        """Run all layers of ``name``; what a layer is, its kernel says."""
        numbers = sorted({int(key.split(".")[1]) for key in state if key.startswith(f"{name}.")})
        for n in numbers:
            key = f"{name}.{n}"
            if f"{key}.conv_block.1.weight" in state:
                x = block(f"{key}.conv_block", x)
            elif f"{key}.weight" in state and state[f"{key}.weight"].ndim == 4:
                weight, after = state[f"{key}.weight"], f"{name}.{n + 1}"
                if weight.shape[-1] == 7:
                    x = seven(key, x)
                    if weight.shape[0] == 3:
                        return x.tanh()
                elif weight.shape[1] == x.shape[1]:
                    x = F.conv2d(x, *get(key), 2, 1)
                else:
                    x = F.conv_transpose2d(x, *get(key), 2, 1, 1)
                x = normed(state, after, x, running).relu()
        return x

    count = len({key.split("_")[0] for key in state if "_1." in key})
    sizes = [x]
    for _ in range(count):
        sizes.append(F.avg_pool2d(sizes[-1], 3, 2, 1, count_include_pad=False))
    y = sequence("model", sizes[-1])
    for n in range(1, count + 1):
        y = sequence(f"model{n}_2", sequence(f"model{n}_1", sizes[count - n]) + y)
    return y


CASES: dict[str, tuple[dict[str, Any], int, str]] = {
    "global": ({}, 16, "a global generator of pix2pixHD with 3 blocks, 4 halvings, 4 channels, instance norm"),
    "global, old": ({"stale": True, "levels": 3}, 8, "3 blocks, 3 halvings, 4 channels, instance norm"),
    "global, batch": ({"norm": "batch", "levels": 2}, 4, "3 blocks, 2 halvings, 4 channels, batch norm"),
    "local": (
        {"locals_": 1},
        32,
        "1 local enhancer of 2 blocks, 4 channels, around a global one with 3 blocks, 4 halv",
    ),
    "local, 2": ({"locals_": 2, "levels": 2}, 16, "2 local enhancers of 2 blocks, 4 channels, around a global one"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_generator_is_told_by_its_keys(case: str):
    given, multiple, what = CASES[case]
    state = hd_state(**given)
    found = foreign.tell(state)
    assert found is not None
    assert what in found.what
    assert found.network.multiple == multiple
    stale = {key for key in state if "running" in key or "num_batches" in key}
    assert found.dropped.keys() == ({key for key in stale if "num_batches" in key} if found.batch_norm else stale)
    x = torch.rand(2, 3, 2 * multiple, 3 * multiple, generator=torch.Generator().manual_seed(2)) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(found.network.eval()(x), forward(state, x, running="batch" in case), atol=1e-4)


def test_with_as_many_halvings_as_a_cyclegan_and_its_norm_it_is_the_same_network():
    found = foreign.tell(hd_state(levels=2))
    assert found is not None
    assert "a ResNet with 3 blocks" in found.what


def test_the_paper_sized_generators_have_the_known_number_of_parameters():
    with torch.device("meta"):
        assert sum(p.numel() for p in ResNet(36, levels=4).parameters()) == 182_546_755
        assert sum(p.numel() for p in CoarseToFineGenerator(36).parameters()) == 182_857_059


@pytest.mark.parametrize("case", ["global", "global, batch", "local"])
def test_whatever_key_is_wrong_is_named(case: str):
    for fault, key, broken in faults(hd_state(**CASES[case][0])):
        with pytest.raises(ValueError, match=r"[.?]$") as error:
            foreign.tell(broken)
        assert key in str(error.value), (fault, key, str(error.value))


def imported(folder: Path, state: State, *more: str) -> Path:
    torch.save(dict(state), folder / "street-hd.pth")
    assert main(["--from", str(folder / "street-hd.pth"), "--out", str(folder), *more]) == 0
    return folder / "street-hd.onnx"


def seen(classes: np.ndarray, count: int, instances: np.ndarray | None) -> Tensor:
    """What the network is shown: one-hot planes, and where a pixel's instance is not that of a neighbour."""
    planes = [(classes == k)[None] for k in range(count)]
    if instances is not None:
        edge = np.zeros(instances.shape, bool)
        beside, below = instances[:, 1:] != instances[:, :-1], instances[1:] != instances[:-1]
        edge[:, 1:] |= beside
        edge[:, :-1] |= beside
        edge[1:] |= below
        edge[:-1] |= below
        planes.append(edge[None])
    return torch.from_numpy(np.concatenate(planes)[None].astype(np.float32))


def scene(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes in large areas, and instances, numbers above 1000, which also part neighbours of one class."""
    random = np.random.default_rng(4)
    classes = random.integers(0, count, (4, 6)).repeat(16, 0).repeat(16, 1)
    things = random.integers(0, 3, (8, 12)).repeat(8, 0).repeat(8, 1)
    return classes, 1000 * classes + things


def as_picture(numbers: np.ndarray) -> np.ndarray:
    return np.stack([numbers % 256, numbers // 256, np.zeros_like(numbers)], -1).astype(np.uint8)


def wanted(state: State, planes: Tensor) -> np.ndarray:
    with torch.no_grad():
        return ((forward(state, planes)[0].permute(1, 2, 0) + 1) * 127.5).round().numpy()


@pytest.mark.slow
def test_label_and_instance_maps_become_what_the_network_was_trained_with(tmp_path: Path, capsys):
    state = hd_state(planes=36, levels=2, blocks=1, locals_=1)
    path = imported(tmp_path, state)
    told = capsys.readouterr().out
    assert "36 planes are 35 classes and the edges of instances" in told
    assert "--labels 36" in told
    graph = open_graph(path, "cpu")
    assert [entry.kind for entry in graph.card.inputs] == ["labels", "hints"]
    assert "draw" in graph.card.tabs
    classes, things = scene(35)
    numbers = np.stack([classes] * 3, -1).astype(np.uint8)
    colors = palette.paint(classes, palette.CITYSCAPES_IDS)
    alone, parted = wanted(state, seen(classes, 35, classes)), wanted(state, seen(classes, 35, things))
    assert np.abs(alone - parted).max() > 30
    assert np.abs(graph.run(numbers) - alone).max() <= 3
    assert np.array_equal(graph.run(numbers), graph.run(colors)), "numbers and colours say the same"
    assert np.abs(graph.run(colors, as_picture(things)) - parted).max() <= 3
    both = graph.run(np.stack([colors, colors]), np.stack([as_picture(things), np.zeros_like(colors)]))
    assert np.array_equal(both[0], graph.run(colors, as_picture(things)))
    assert np.array_equal(both[1], graph.run(colors))
    opens_in_the_app(path, colors)


def opens_in_the_app(path: Path, drawn: np.ndarray) -> None:
    """The graph stands in its tabs, and may also be dropped by a stranger."""
    registry = Registry(path.parent, "cpu")
    assert [*registry.problems, registry.names("draw"), registry.names("translate")] == [["street-hd"], ["street-hd"]]
    result = run(registry.graph("street-hd"), drawn).result
    assert result.shape == drawn.shape
    read(path, untrusted=True)
    assert np.abs(registry.third_party(path).run(drawn, seconds=untrusted.SECONDS).astype(int) - result).max() <= 1


@pytest.mark.parametrize(("planes", "labels", "kinds"), [(5, 5, ["labels"]), (4, 0, ["photo", "hints"])])
def test_somebody_may_say_what_the_planes_are(planes: int, labels: int, kinds: list[str], tmp_path: Path):
    state = hd_state(planes=planes, levels=3, blocks=1)
    graph = open_graph(imported(tmp_path, state, "--labels", str(labels)), "cpu")
    assert [entry.kind for entry in graph.card.inputs] == kinds
    classes, things = scene(5)
    if labels:
        image = palette.paint(classes, palette.numbered(5))
        assert np.abs(graph.run(image) - wanted(state, seen(classes, 5, None))).max() <= 3
        return
    image = np.random.default_rng(5).integers(0, 256, (*classes.shape, 3), np.uint8)
    x = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1
    edge = seen(classes, 0, things)
    assert np.abs(graph.run(image, as_picture(things)) - wanted(state, torch.cat((x, edge), 1))).max() <= 3
    assert np.abs(graph.run(image) - wanted(state, torch.cat((x, edge * 0), 1))).max() <= 3


@pytest.mark.parametrize(
    ("planes", "more", "why"),
    [(36, ["--labels", "20"], "takes 36 planes"), (39, [], "an encoder"), (36, ["--norm", "running"], "no running")],
)
def test_what_cannot_be_ends_in_a_sentence(planes: int, more: list[str], why: str, tmp_path: Path, capsys):
    torch.save(dict(hd_state(planes=planes, levels=3, blocks=1)), tmp_path / "net.pth")
    assert main(["--from", str(tmp_path / "net.pth"), "--out", str(tmp_path), *more]) == 2
    told = capsys.readouterr().err
    assert why in told
    assert len(told.splitlines()) == 1
