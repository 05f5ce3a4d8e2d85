"""Test the published colorizers: recognised by keys; the graph equals plain restatements of the papers' networks.

Photographs are resized by Pillow and converted to Lab by scikit-image, as in the authors' code.
"""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import color
from torch import Tensor
from torch.nn import functional as F

from export.__main__ import main
from synth.importers import foreign
from synth.networks.layers.recolored import as_pillow, painted
from synth.networks.zhang import Eccv16, Siggraph17
from synth.runtime import colorization, untrusted
from synth.runtime.colorization import Hint
from synth.runtime.graph_file import read
from synth.runtime.registry import Registry
from synth.runtime.session import open_graph
from tests.support.checkpoints import Made, State, faults, normed

DEPTHS, C = (2, 2, 3, 3, 3, 3, 3), 4
WIDTHS = (C, 2 * C, 4 * C, 8 * C, 8 * C, 8 * C, 8 * C)


def stages(state: Made, inputs: int) -> None:
    for number, (depth, width) in enumerate(zip(DEPTHS, WIDTHS, strict=True), 1):
        for i in range(depth):
            state.conv(f"model{number}.{2 * i}", width, width if i else inputs, 3, 3, bias=True)
        state.norm(f"model{number}.{2 * depth}", width)
        inputs = width


def eccv_state(bins: int = 313) -> Made:
    state = Made()
    stages(state, 1)
    state.conv("model8.0", 8 * C, 4 * C, 4, 4, bias=True, transposed=True)
    for i in (2, 4):
        state.conv(f"model8.{i}", 4 * C, 4 * C, 3, 3, bias=True)
    state.conv("model8.6", bins, 4 * C, 1, 1, bias=True)
    state.conv("model_out", 2, bins, 1, 1, bias=False)
    state["model_out.weight"] *= 8 * bins**0.5 / (1.5**0.5)  # colours up to the edge of the gamut
    state["model8.6.weight"] *= 4
    return state


def siggraph_state() -> Made:
    state = Made()
    stages(state, 4)
    ups = (("8", 8 * C, 4 * C, "3", 4 * C), ("9", 4 * C, 2 * C, "2", 2 * C), ("10", 2 * C, 2 * C, "1", C))
    for top, inputs, width, same, below in ups:
        state.conv(f"model{top}up.0", inputs, width, 4, 4, bias=True, transposed=True)
        state.conv(f"model{same}short{top}.0", width, below, 3, 3, bias=True)
    for key, width in (("model8.1", 4 * C), ("model8.3", 4 * C), ("model9.1", 2 * C), ("model10.1", 2 * C)):
        state.conv(key, width, width, 3, 3, bias=True)
    state.norm("model8.5", 4 * C)
    state.norm("model9.3", 2 * C)
    state.conv("model_class.0", 529, 4 * C, 1, 1, bias=True)
    state.conv("model_out.0", 2, 2 * C, 1, 1, bias=True)
    return state


def get(state: State, key: str) -> tuple[Tensor, Tensor]:
    return state[f"{key}.weight"], state[f"{key}.bias"]


def stage(state: State, number: int, x: Tensor, stride: int = 1) -> Tensor:
    depth, wide = DEPTHS[number - 1], 2 if number in (5, 6) else 1
    for i in range(depth):
        step = stride if i == depth - 1 else 1
        x = F.conv2d(x, *get(state, f"model{number}.{2 * i}"), step, wide, wide).relu()
    return normed(state, f"model{number}.{2 * depth}", x, running=True)


def eccv(state: State, light: Tensor, sharper: float = 1.0) -> Tensor:
    """L to ab at the same size, as in 2016; ``sharper`` is by what the logits are multiplied."""
    x = (light - 50) / 100
    for number in range(1, 8):
        x = stage(state, number, x, 2 if number <= 3 else 1)
    x = F.conv_transpose2d(x, *get(state, "model8.0"), 2, 1).relu()
    for i in (2, 4):
        x = F.conv2d(x, *get(state, f"model8.{i}"), 1, 1).relu()
    odds = F.conv2d(x, *get(state, "model8.6")).mul(sharper).exp()
    ab = F.conv2d(odds / odds.sum(1, keepdim=True), state["model_out.weight"])
    return 110 * F.interpolate(ab, scale_factor=4, mode="bilinear")


def siggraph(state: State, light: Tensor, ab: Tensor, mask: Tensor) -> Tensor:
    """L, known ab and where they are known to ab at the same size, as in 2017."""
    x1 = stage(state, 1, torch.cat(((light - 50) / 100, ab / 110, mask), 1))
    x2 = stage(state, 2, x1[:, :, ::2, ::2])
    x3 = stage(state, 3, x2[:, :, ::2, ::2])
    x = stage(state, 4, x3[:, :, ::2, ::2])
    for number in (5, 6, 7):
        x = stage(state, number, x)

    def up(x: Tensor, top: str, short: str, same: Tensor) -> Tensor:
        x = F.conv_transpose2d(x, *get(state, f"{top}up.0"), 2, 1)
        return (x + F.conv2d(same, *get(state, f"{short}.0"), 1, 1)).relu()

    x = F.conv2d(up(x, "model8", "model3short8", x3), *get(state, "model8.1"), 1, 1).relu()
    x = normed(state, "model8.5", F.conv2d(x, *get(state, "model8.3"), 1, 1).relu(), running=True)
    x = F.conv2d(up(x, "model9", "model2short9", x2), *get(state, "model9.1"), 1, 1).relu()
    x = normed(state, "model9.3", x, running=True)
    x = F.leaky_relu(F.conv2d(up(x, "model10", "model1short10", x1), *get(state, "model10.1"), 1, 1), 0.2)
    return 110 * F.conv2d(x, *get(state, "model_out.0")).tanh()


def photograph(height: int, width: int) -> np.ndarray:
    coarse = np.random.default_rng(6).integers(0, 256, (5, 6, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def light_of(image: np.ndarray) -> Tensor:
    small = np.asarray(Image.fromarray(image).resize((256, 256), Image.Resampling.BICUBIC))
    return torch.from_numpy(color.rgb2lab(small)[None, None, ..., 0].astype(np.float32))


def recolored(image: np.ndarray, ab: Tensor) -> np.ndarray:
    large = F.interpolate(ab, size=image.shape[:2], mode="bilinear")[0].permute(1, 2, 0).numpy()
    lab = np.concatenate((color.rgb2lab(image)[..., :1], large), -1)
    return np.clip(color.lab2rgb(lab), 0, 1) * 255


Imported = dict[str, tuple[State, Path, str]]
"""By name: the checkpoint, the graph's file and what was said."""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder, made = tmp_path_factory.mktemp("graphs"), {}
    for name, make in (("colorize-eccv16", eccv_state), ("colorize-siggraph17", siggraph_state)):
        state, said = make(), io.StringIO()
        torch.save(dict(state), folder / f"{name}.pth")
        with contextlib.redirect_stdout(said):
            assert main(["--from", str(folder / f"{name}.pth"), "--out", str(folder)]) == 0
        made[name] = (state, folder / f"{name}.onnx", said.getvalue())
    return made


pytestmark = pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB:UserWarning")


@pytest.mark.slow
@torch.no_grad()
@pytest.mark.parametrize("size", [(256, 256), (301, 517)])
def test_eccv16_gives_the_colours_of_the_published_network(size: tuple[int, int], imported: Imported):
    state, path, said = imported["colorize-eccv16"]
    graph, image = open_graph(path, "cpu"), photograph(*size)
    assert "the colorizer eccv16 with 4 channels, 313 colours, batch norm (running" in said
    wanted = recolored(image, eccv(state, light_of(image)))
    assert np.abs(wanted - recolored(image, eccv(state, light_of(image)) * 0)).mean() > 5, "there are colours at all"
    assert np.abs(graph.run(image) - wanted).max() <= 3
    vivid = recolored(image, eccv(state, light_of(image), sharper=0.38 / 0.1))
    assert np.abs(graph.run(image, temperature=0.1) - vivid).max() <= 6
    assert np.abs(vivid - wanted).max() > 20


@pytest.mark.parametrize("size", [(301, 517), (301, 217), (256, 256), (40, 700)])
def test_photographs_are_made_smaller_as_by_pillow(size: tuple[int, int]):
    image = np.random.default_rng(7).integers(0, 256, (*size, 3), np.uint8)
    wanted = np.asarray(Image.fromarray(image).resize((256, 256), Image.Resampling.BICUBIC)).astype(int)
    given = as_pillow(torch.from_numpy(image)[None], 256)[0].permute(1, 2, 0).numpy()
    assert np.abs(given - wanted).max() <= 1
    assert (given != wanted).mean() < 1e-3, "Pillow computes with whole numbers, which may round a half otherwise"


def test_colours_that_no_screen_has_are_painted_as_by_scikit_image():
    lab = np.random.default_rng(8).uniform((0, -110, -110), (100, 110, 110), (100, 100, 3)).astype(np.float32)
    planes = torch.from_numpy(lab).permute(2, 0, 1)[None]
    given = (painted(planes[:, :1], planes[:, 1:])[0].permute(1, 2, 0).numpy() + 1) * 127.5
    assert np.abs(given - 255 * color.lab2rgb(lab)).max() < 0.5


@torch.no_grad()
def test_siggraph17_gives_the_colours_of_the_published_network_with_hints_and_without(imported: Imported):
    state, path, said = imported["colorize-siggraph17"]
    graph, image = open_graph(path, "cpu"), photograph(256, 256)
    assert "the colorizer siggraph17 with 4 channels" in said
    assert "model_class.0.weight" in said, "a key that is not used is named"
    light, none = light_of(image), torch.zeros(1, 2, 256, 256)
    wanted = recolored(image, siggraph(state, light, none, none[:, :1]))
    assert np.abs(graph.run(image) - wanted).max() <= 3
    colors, marks = colorization.hint_images(image, [Hint(0.4, 0.6, 200, 40, 60)])
    known = torch.from_numpy(color.rgb2lab(colors)[..., 1:].astype(np.float32)).permute(2, 0, 1)[None]
    mask = torch.from_numpy(marks[None, None, ..., 0] / 255).float()
    hinted = recolored(image, siggraph(state, light, known * mask, mask))
    assert np.abs(hinted - wanted).max() > 10
    assert np.abs(graph.run(image, colors, marks) - hinted).max() <= 3


@pytest.mark.parametrize("make", [eccv_state, siggraph_state])
def test_whatever_key_is_wrong_is_named(make):
    for fault, key, broken in faults(make(), spared="model_class"):
        with pytest.raises(ValueError, match=r"[.?]$") as error:
            foreign.tell(broken)
        assert key in str(error.value), (fault, key, str(error.value))


def test_the_published_networks_have_the_known_number_of_parameters():
    with torch.device("meta"):
        assert sum(p.numel() for p in Eccv16().parameters()) == 32_236_011
        assert sum(p.numel() for p in Siggraph17().parameters()) == 34_051_074


def test_only_running_statistics_are_right(tmp_path: Path, capsys):
    torch.save(dict(eccv_state()), tmp_path / "net.pth")
    assert main(["--from", str(tmp_path / "net.pth"), "--norm", "batch", "--out", str(tmp_path)]) == 2
    assert "only works with its running statistics" in capsys.readouterr().err
    assert main(["--from", str(tmp_path / "net.pth"), "--labels", "3", "--out", str(tmp_path)]) == 2
    assert "takes no classes" in capsys.readouterr().err


def test_both_stand_in_the_colorize_tab_and_may_come_from_a_stranger(imported: Imported):
    folder = imported["colorize-eccv16"][1].parent
    registry, image = Registry(folder, "cpu"), photograph(300, 200)
    assert (registry.problems, sorted(registry.names("colorize"))) == ([], sorted(imported))
    for name, (_, path, _) in imported.items():
        read(path, untrusted=True)
        graph = registry.graph(name)
        plain = colorization.colorize(graph, image, [], {"temperature": 0.38}).result
        pinned = colorization.colorize(graph, image, [Hint(0.3, 0.3, 230, 20, 20)], {"temperature": 0.38}).result
        assert np.abs(plain.astype(int) - pinned).max() > 5, "a hint is taken"
        assert (
            np.abs(
                registry.third_party(path).run(image, seconds=untrusted.SECONDS).astype(int) - graph.run(image)
            ).max()
            <= 2
        )
