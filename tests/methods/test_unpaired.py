"""Test unpaired translation: data, CycleGAN and CUT as in the papers, two graphs from one run, metrics."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import nn

from export.trained import export
from synth import recipe
from synth.data.sets.unpaired import Unpaired
from synth.evaluation.metrics import unpaired as measured
from synth.losses.contrastive import ProjectionHeads, patch_nce, places
from synth.methods.cut import CUT, GeneratorWithHeads
from synth.methods.cyclegan import CycleGAN, GeneratorPair
from synth.networks.layers.image_pool import ImagePool
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.network import FeatureNetwork, Network
from synth.networks.resnet import ResNet
from synth.runtime.session import open_graph
from synth.training import checkpoint
from synth.training.run_info import RunInfo
from synth.training.trainer import Trainer
from tests.support.graphs import noise
from tests.support.shrink import made_up, shrink

CPU = torch.device("cpu")
DATA = Unpaired(name="x", x="horse", y="ink", load=36, crop=32)


def folders(home: Path, layout: tuple[str, str, str, str], counts: tuple[int, int] = (7, 5)) -> Path:
    for number, name in enumerate(layout):
        (home / name).mkdir(parents=True)
        for index in range(counts[number % 2]):
            Image.fromarray(np.roll(noise(40, 50, 3), 3 * index + number, 0)).save(home / name / f"{index}.png")
    return home


@pytest.mark.parametrize(
    "layout",
    [("train/horse", "train/ink", "test/horse", "test/ink"), ("trainA", "trainB", "testA", "testB")],
)
def test_the_usual_layouts_are_found(tmp_path: Path, layout: tuple[str, str, str, str]) -> None:
    home = folders(tmp_path, layout)
    splits: tuple[tuple[Literal["train", "test"], tuple[str, ...]], ...] = (("train", layout[:2]), ("test", layout[2:]))
    for split, names in splits:
        x, y = DATA.find(home, split)
        assert (x[0].parent, y[0].parent) == tuple(home / name for name in names)
        assert (len(x), len(y)) == (7, 5)


def test_two_folders_alone_are_split(tmp_path: Path) -> None:
    home = folders(tmp_path, ("b", "a", "c/x", "c/y"), (45, 8))
    with pytest.raises(ValueError, match="two folders"):
        DATA.find(home / "c" / "x", "train")
    alone = folders(tmp_path / "alone", ("a", "b", "a/.x", "b/.x"), (45, 8))
    train, test = DATA.find(alone, "train"), DATA.find(alone, "test")
    assert [len(side) for side in (*train, *test)] == [43, 7, 2, 1]
    assert not {*train[0], *train[1]} & {*test[0], *test[1]}
    assert DATA.swapped().x == "ink"


@pytest.mark.parametrize("layout", [("train/horse", "train/ink"), ("trainA", "trainB")])
def test_without_test_folders_some_of_train_are_held_out(tmp_path: Path, layout: tuple[str, str]) -> None:
    for name, count in zip(layout, (45, 3), strict=True):
        (tmp_path / name).mkdir(parents=True)
        for index in range(count):
            Image.new("RGB", (4, 4)).save(tmp_path / name / f"{index}.png")
    train, test = DATA.find(tmp_path, "train"), DATA.find(tmp_path, "test")
    assert [len(side) for side in (*train, *test)] == [43, 2, 2, 1]
    assert not {*train[0], *train[1]} & {*test[0], *test[1]}


def test_what_the_test_pictures_show_again_is_left_out_of_training(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one, two, *others = (Image.fromarray(rng.integers(0, 255, (4, 4, 3), np.uint8)).resize((40, 40)) for _ in range(6))
    for name in ("train/horse", "train/ink", "test/horse", "test/ink"):
        (tmp_path / name).mkdir(parents=True)
        others.pop().save(tmp_path / name / "0.png")
    one.save(tmp_path / "train/horse/7.png")
    ImageOps.mirror(one).save(tmp_path / "test/horse/8.jpg")
    one.save(tmp_path / "test/ink/5.png")  # on the other side: that is no leak
    for name in ("train/ink/9.png", "test/ink/9.png"):
        two.save(tmp_path / name)
    apart = replace(DATA, without_overlap=True)
    for data, kept in ((DATA, [["0", "7"], ["0", "9"]]), (apart, [["0"], ["0"]])):
        assert [[file.stem for file in side] for side in data.training(tmp_path)] == kept
    assert [len(side) for side in apart.find(tmp_path, "test")] == [2, 3]
    assert apart.describe(tmp_path) == "horse (1) ↔ ink (1), unpaired"
    assert apart.open(tmp_path, 1, CPU, 0).x.length == 1


def test_batches_have_two_orders_and_depend_on_the_step_alone(tmp_path: Path) -> None:
    home = folders(tmp_path, ("train/horse", "train/ink", "test/horse", "test/ink"), (7, 7))
    one, two = (DATA.open(home, 2, CPU, 0) for _ in range(2))
    batch, again = next(one.batches(5)), next(two.batches(5))
    assert batch["x"].shape == batch["y"].shape == (2, 3, 32, 32)
    assert torch.equal(batch["x"], again["x"])
    assert torch.equal(batch["y"], again["y"])
    assert [one.x.draw(s)[0].tolist() for s in range(9)] != [one.y.draw(s)[0].tolist() for s in range(9)]
    assert set(DATA.sample(home)) == {"x", "y"}


class Add(Network):
    """A generator that adds a number."""

    def __init__(self, value: float):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.value


def test_the_objective_is_the_papers() -> None:
    method = shrink(recipe.find("horse2ink", "gpu"))
    assert isinstance(method, CycleGAN)
    nets = method.networks()
    values = iter((0.3, -0.1))
    nets["G"] = GeneratorPair(Spec(lambda: Add(next(values))))
    found = dict(method.losses(nets, made_up(method), 0))
    assert list(found) == ["G", "D_y", "D_x"]
    assert found["G"]["cycle"].item() == pytest.approx(10 * (0.2 + 0.2), rel=1e-4)
    assert found["G"]["identity"].item() == pytest.approx(10 * 0.5 * (0.3 + 0.1), rel=1e-4)
    lazy, values = replace(method, lazy=4), iter((0.3, -0.1))
    nets["G"] = GeneratorPair(Spec(lambda: Add(next(values))))
    terms = [next(lazy.losses(nets, made_up(lazy), step))[1] for step in range(5)]
    assert [round(term["identity"].item(), 3) if "identity" in term else 0 for term in terms] == [8, 0, 0, 0, 8]


def test_discriminators_are_shown_the_past_and_keep_it_in_the_checkpoint() -> None:
    D = ImagePool(Network(), 4, size=3)
    first = torch.rand(3, 3, 4, 4) * 2 - 1
    assert torch.equal(D.mixed(first), first)
    torch.manual_seed(1)
    shown = D.mixed(torch.full((8, 3, 4, 4), 0.5))
    old = [picture for picture in shown if (picture - 0.5).abs().max() > 0.01]
    assert 1 <= len(old) <= 7
    assert all((picture - first).abs().amax((1, 2, 3)).min() < 0.01 for picture in old)  # kept as 8 bits
    other = ImagePool(Network(), 4, size=3)
    other.load_state_dict(D.state_dict())
    assert torch.equal(other.memory, D.memory)
    none = ImagePool(Network(), 4, size=0)
    assert torch.equal(none.mixed(first), first)


@pytest.mark.parametrize("build", [Spec(ResNet, channels=4, blocks=6), Spec(Live, widths=(4, 4), blocks=2)])
def test_features_are_those_of_the_generators_first_half(build: Spec[FeatureNetwork]) -> None:
    network = build()
    x = torch.rand(1, 3, 32, 32)
    maps = network.features(x)
    assert torch.equal(maps[0], x)
    assert len(maps) >= 4
    assert all(a.shape[-1] >= b.shape[-1] for a, b in pairwise(maps))


def test_contrast_is_least_where_each_place_is_most_like_itself() -> None:
    torch.manual_seed(0)
    maps = [torch.randn(2, 6, 8, 8), torch.randn(2, 4, 4, 4)]
    where = places(maps, 20)
    assert [len(place) for place in where] == [20, 16]
    heads = ProjectionHeads([6, 4], width=16)
    vectors = heads(maps, where)
    assert [tuple(v.shape) for v in vectors] == [(2, 20, 16), (2, 16, 16)]
    assert torch.allclose(vectors[0].norm(dim=-1), torch.ones(2, 20), atol=1e-5)
    other = heads([torch.randn_like(m) for m in maps], where)
    assert patch_nce(vectors, vectors) < patch_nce(other, vectors)
    loss = patch_nce(other, vectors)
    (gradient,) = torch.autograd.grad(loss, vectors[0], allow_unused=True)
    assert gradient is None


def test_cut_is_one_direction_and_fastcut_a_value_of_it() -> None:
    cut, fast = (recipe.find(f"horse2ink-{name}", "gpu") for name in ("cut", "fastcut"))
    assert isinstance(cut, CUT)
    assert isinstance(fast, CUT)
    assert fast == replace(cut, nce=10.0, identity=False, card=fast.card)
    small = shrink(cut)
    nets = small.networks()
    assert set(nets) == {"G", "D"}
    assert isinstance(nets["G"], GeneratorWithHeads)
    assert [name for name, _ in small.losses(nets, made_up(small), 0)] == ["D", "G"]
    assert small.part(nets["G"]) is nets["G"].generator


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "back", "data"),
    [("horse2ink", "ink2horse", "horse2ink"), ("mine", "mine-back", "my_folders"), ("go-back", "go-back-back", "x")],
)
def test_one_run_gives_both_graphs_each_with_the_other_as_partner(
    name: str, back: str, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = shrink(recipe.find("horse2ink", "cpu"))
    trainer = Trainer(method, CPU)
    trainer.update(made_up(method), 0.0)
    info = RunInfo.of(method, recipe="horse2ink", name=name, data=data, hardware="test")
    monkeypatch.setattr(recipe, "find", lambda *_: method)
    checkpoint.save(tmp_path / "last.pt", {**trainer.state(), "info": info.to_dict()})
    assert export("horse2ink", tmp_path / "last.pt", out=tmp_path) == 0
    there, again = (open_graph(tmp_path / f"{n}.onnx", "cpu") for n in (name, back))
    image = noise(32, 32, 3)
    assert not np.array_equal(there.run(image), again.run(image))
    assert (there.card.recipe, again.card.recipe) == ("horse2ink", "horse2ink")
    assert there.card.task != again.card.task
    assert (there.card.partner, again.card.partner) == (back, name)
    assert (there.card.examples, again.card.examples) == (name, back)
    assert method.of(there.card) == method.graphs()[0]
    assert method.of(again.card) == method.graphs()[1]
    assert there.card.size == again.card.size == 36  # of the pictures out of which windows of 32 were cut


def test_pictures_of_the_target_are_at_no_distance() -> None:
    y = noise(6, 64, 64, 3)
    x = 255 - y // 2
    found = measured.distances_to_target(x, y, y)
    assert found["FID"] == pytest.approx(0, abs=1e-3)
    assert found["FID, input"] > 1
    assert "test pictures of horse" in measured.protocol(DATA, 6, 6, 64, "x")
