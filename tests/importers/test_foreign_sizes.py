"""Test ``--size theirs``: images are squashed and values cut as the test script of pix2pix and CycleGAN does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from export import foreign as exporting
from export.__main__ import main
from synth.importers import foreign
from synth.networks.layers.norm import freeze
from synth.networks.layers.squashed import Squashed, resized
from synth.runtime.session import open_graph
from tests.support.checkpoints import State, resnet, resnet_state, style_state, unet_state


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)


def by_pillow(image: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def script(state: State, image: np.ndarray) -> np.ndarray:
    """Restate the authors' script: squash, normalise, run, and cut to whole numbers; then resize the result."""
    x = torch.from_numpy(by_pillow(image, 256, 256).copy()).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        y = resnet(state, x / 255 * 2 - 1)[0].permute(1, 2, 0).numpy()
    return by_pillow(((y + 1) / 2 * 255).astype(np.uint8), *image.shape[:2])


@pytest.mark.parametrize("old", [(300, 501), (64, 90), (5, 3), (256, 1000)])
@pytest.mark.parametrize("new", [(256, 256), (77, 300)])
def test_images_are_resized_to_the_pixels_of_pillow(old: tuple[int, int], new: tuple[int, int]):
    image = noise(*old)
    ours = resized(torch.from_numpy(image)[None], torch.ones(new[0]), torch.ones(new[1]))[0].numpy()
    assert np.array_equal(ours, by_pillow(image, *new))


@pytest.mark.parametrize("size", [(256, 256), (120, 333)])
def test_the_network_gives_what_the_script_gives(size: tuple[int, int]):
    state, image = resnet_state(2, "instance"), noise(*size)
    found = foreign.tell(state)
    assert found is not None
    network = Squashed(freeze(found.network, "batch"))
    with torch.no_grad():
        ours = network(torch.from_numpy(image)[None])[0].numpy()
    assert np.abs(ours.astype(int) - script(state, image)).max() <= 1
    assert (ours != script(state, image)).mean() < 0.001, "values that are nearly whole numbers"


@pytest.mark.slow
def test_the_graph_takes_any_size_and_says_what_it_does(tmp_path: Path, capsys):
    state = resnet_state(2, "instance")
    torch.save(dict(state), tmp_path / "net.pth")
    assert main(["--from", str(tmp_path / "net.pth"), "--size", "theirs", "--out", str(tmp_path)]) == 0
    assert exporting.THEIRS in capsys.readouterr().out
    graph = open_graph(tmp_path / "net.onnx", "cpu")
    assert exporting.THEIRS in graph.card.notes
    for size in ((256, 256), (121, 333)):
        difference = np.abs(graph.run(noise(*size)).astype(int) - script(state, noise(*size)))
        assert difference.max() <= 6, "what is left is the weights stored as float16"
        assert difference.mean() < 0.5


@pytest.mark.parametrize("state", [style_state(), unet_state(9, "instance")])
def test_other_networks_are_refused_with_what_they_are(state: State, tmp_path: Path, capsys):
    torch.save(dict(state), tmp_path / "net.pth")
    assert main(["--from", str(tmp_path / "net.pth"), "--size", "theirs", "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert foreign.find(tmp_path / "net.pth").what in told
    assert "--size theirs is for networks of pix2pix" in told


def test_that_sizes_are_kept_is_said_beside_the_way_to_theirs():
    found = foreign.tell(resnet_state(2, "instance"))
    assert found is not None
    assert exporting.KEPT in "\n".join(exporting.told(foreign.with_ends(found)))
