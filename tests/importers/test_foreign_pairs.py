"""Test networks of six planes: two images are told from classes by the user, and mean what they meant in training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from export.__main__ import main
from synth.importers import foreign
from synth.importers.choices import Pair
from synth.networks.layers.norm import freeze
from synth.pixels.body.body import Body
from synth.runtime.dance.perform import check
from tests.support.checkpoints import State, resnet, resnet_state

SIZE = (16, 24, 3)


def of_six_planes() -> State:
    state = resnet_state(2, "instance")
    state["model.1.weight"] = state["model.1.weight"].repeat(1, 2, 1, 1) / 2**0.5
    return state


def planes(image: np.ndarray, low: float) -> Tensor:
    """Return the planes of an image in [low, 1], ``[1, 3, H, W]``."""
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255 * (1 - low) + low


@pytest.mark.parametrize(
    ("pair", "dance", "low", "first"),
    [("figure,previous", True, 0.0, 0.0), ("figure,previous", False, -1.0, -1.0), ("photo,photo", False, -1.0, -1.0)],
)
def test_both_images_reach_the_network_as_in_training(pair: Pair, dance: bool, low: float, first: float):
    """In Everybody Dance Now skeletons are in [0, 1], and before the first result all planes are zero."""
    state, (one, other) = of_six_planes(), np.random.default_rng(1).integers(0, 256, (2, *SIZE), np.uint8)
    found = foreign.tell(state)
    assert found is not None
    ends = foreign.with_ends(foreign.replace(found, classes=dance), inputs=pair).ends
    assert ends is not None
    network = ends.wrap(freeze(found.network, "batch"))
    start = torch.full((1, 3, *SIZE[:2]), first)
    for second, seen in ((other, planes(other, -1.0)), (np.zeros_like(one), start)):
        with torch.no_grad():
            ours = network(torch.from_numpy(one)[None], torch.from_numpy(second)[None])[0].numpy()
            wanted = resnet(state, torch.cat((planes(one, low), seen), 1))[0].permute(1, 2, 0).numpy()
        assert np.abs(ours - np.round((wanted + 1) * 127.5)).max() <= 1


def test_a_skeleton_and_the_previous_result_make_a_character():
    found = foreign.tell(of_six_planes())
    assert found is not None
    ends = foreign.with_ends(found, inputs="figure,previous").ends
    assert ends is not None
    check(ends.card)
    body = Body.from_json(ends.card.body)
    assert ends.card.tabs == ("dance",)
    assert body.size == (ends.card.size, ends.card.size)
    assert 0.6 < body.usual_stature / ends.card.size < 0.8
    left, right = body.pose[5], body.pose[6]
    assert left[0] > right[0], "facing the viewer"
    assert ((body.pose[:, :2] > 0) & (body.pose[:, :2] < ends.card.size)).all()


def test_six_planes_are_never_guessed(tmp_path: Path, capsys):
    torch.save(dict(of_six_planes()), tmp_path / "net.pth")
    file = str(tmp_path / "net.pth")
    for more, words in (
        ([], "--inputs figure,previous for a skeleton"),
        (["--inputs", "photo,photo", "--labels", "6"], "Give --inputs or --labels, not both."),
    ):
        assert main(["--from", file, "--out", str(tmp_path), *more]) == 2
        assert words in capsys.readouterr().err
    torch.save(dict(resnet_state(2, "instance")), tmp_path / "net.pth")
    assert main(["--from", file, "--inputs", "photo,photo"]) == 2
    assert "It takes 3 planes and gives 3, not 6 and 3. Omit --inputs." in capsys.readouterr().err
