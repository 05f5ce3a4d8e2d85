"""Test enlarging in tiles: no seams, transparency, limits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from export import graph as exporter
from synth import recipe as recipes
from synth.card import Card
from synth.methods.enlarge import Enlarge
from synth.networks.espcn import ESPCN
from synth.networks.layers.pixels import Pixels
from synth.networks.srresnet import SRResNet
from synth.pixels import images
from synth.runtime import tiles
from synth.runtime.session import Graph, open_graph
from tests.support import graphs, pictures


@pytest.mark.parametrize("network", [ESPCN(4, 8), SRResNet(2, channels=8, blocks=16)])
def test_tiles_give_what_the_whole_picture_gives(network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With random weights, large ones, every pixel matters as far as the network can see."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.normal_(0, 0.15) if parameter.dim() > 1 and "base" not in name else None
    graph = exported(network, tmp_path)
    image = graphs.noise(150, 211, 3)
    whole = graph.run(image)
    assert whole.std() > 20
    monkeypatch.setattr(tiles, "TILE", 60)
    assert len(tiles.plan(*image.shape[:2])) == 12
    assert np.array_equal(tiles.enlarge(graph.run, image, network.scale), whole)
    monkeypatch.setattr(tiles, "OVERLAP", 3)
    assert not np.array_equal(tiles.enlarge(graph.run, image, network.scale), whole)


def exported(network: ESPCN | SRResNet, folder: Path) -> Graph:
    card = Card(name="x", scale=network.scale)
    model = exporter.with_card(exporter.export(Pixels(network.eval()), card), card)
    return open_graph(graphs.write(folder, model), "cpu")


@pytest.mark.parametrize("preset", ["gpu", "cpu"])
def test_the_overlap_is_enough_for_every_recipe(preset) -> None:
    seen = 0
    for name in recipes.names():
        method = recipes.find(name, preset)
        if isinstance(method, Enlarge):
            seen += 1
            assert method.networks()["G"].radius <= tiles.OVERLAP  # type: ignore[operator]
    assert seen >= 5


def four(tile: np.ndarray) -> np.ndarray:
    """Every pixel four times to the right and below."""
    assert tile.shape[2] == 3
    return tile.repeat(4, 0).repeat(4, 1)


@pytest.mark.parametrize("size", [(1, 1), (1, 999), (449, 3), (900, 500)])
def test_every_pixel_comes_to_its_place(size: tuple[int, int]) -> None:
    image = graphs.noise(*size, 3)
    assert np.array_equal(tiles.enlarge(four, image, 4), four(image))


def test_transparency_is_enlarged_too() -> None:
    image = graphs.noise(20, 30, 4)
    image[..., 3] = 255
    image[5:10, 5:12, 3] = np.arange(7, dtype=np.uint8) * 30 + 1
    made = tiles.enlarge(four, image, 4)
    assert np.array_equal(made, image.repeat(4, 0).repeat(4, 1))


def test_hidden_colours_do_not_shine_through() -> None:
    """Behind what cannot be seen lies the colour of the nearest pixel that can."""
    image = np.zeros((6, 9, 4), np.uint8)
    image[:, :3] = (200, 10, 10, 255)
    image[:, 6:] = (10, 10, 200, 128)
    seen = tiles.visible(image)
    assert np.array_equal(seen[:, 3], image[:, 0, :3])
    assert np.array_equal(seen[:, 5], image[:, 8, :3])
    nothing = np.zeros((2, 2, 4), np.uint8)
    assert np.array_equal(tiles.visible(nothing), nothing[..., :3])


def test_progress_goes_up_to_one() -> None:
    image = graphs.noise(500, 1000, 4)
    shares = list(tiles.fill(four, image, tiles.blank(image, 4)))
    assert len(shares) == 2 * len(tiles.plan(500, 1000))
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_twelve_megapixels_fit_and_more_is_refused_with_its_size() -> None:
    tiles.check(3000, 4000, 4)
    with pytest.raises(ValueError, match=r"become 24000 x 16000: 384 megapixels, 1\.2 GB.*at most 12 megapixels"):
        tiles.check(4000, 6000, 4)
    tiles.check(4000, 6000, 2)


def test_memory_is_bounded_by_the_tile() -> None:
    """However large a picture is, what the graph sees at a time is not."""
    sides = [part.look for part in tiles.plan(3000, 4000)]
    assert max(rows.stop - rows.start for rows, _ in sides) <= tiles.TILE + 2 * tiles.OVERLAP
    assert max(columns.stop - columns.start for _, columns in sides) <= tiles.TILE + 2 * tiles.OVERLAP


def test_a_picture_is_read_upright_with_its_transparency(tmp_path: Path) -> None:
    image = pictures.noise(30, 20)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(tmp_path / "turned.png", exif=exif)
    found = images.read_with_alpha(tmp_path / "turned.png")
    assert found.shape == (30, 20, 4)
    assert np.array_equal(found, np.rot90(np.asarray(image), -1))
    image.putalpha(255)
    image.save(tmp_path / "opaque.png")
    assert images.read_with_alpha(tmp_path / "opaque.png").shape == (20, 30, 3)
