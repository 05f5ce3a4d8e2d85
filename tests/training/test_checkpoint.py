"""Test checkpoints: always complete on disk, safe to unpickle, and an error for any other file."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from synth.losses.colors import rebalancing
from synth.methods.colorize import Colorize
from synth.networks.unet import UNet
from synth.recipe import find
from synth.training import checkpoint
from synth.training.run_info import RunInfo


def test_diverged_networks_are_never_saved(tmp_path: Path):
    path = tmp_path / "last.pt"
    checkpoint.save(path, {"networks": {"G": {"w": torch.ones(1)}}})
    with pytest.raises(ValueError, match="NaN or infinity"):
        checkpoint.save(path, {"networks": {"G": {"w": torch.tensor([float("nan")])}}})
    assert checkpoint.load(path)["networks"]["G"]["w"].item() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path):
    path = tmp_path / "last.pt"
    state = {"networks": {"G": {"w": torch.ones(1000)}}}
    checkpoint.save(path, state)
    before = path.read_bytes()
    (tmp_path / "last.pt.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"the disk is full\. Free some space.* The previous one is kept"):
        checkpoint.save(path, state)
    assert path.read_bytes() == before
    assert not (tmp_path / "last.pt.part").exists()


def test_what_is_no_checkpoint_ends_in_a_sentence(tmp_path: Path):
    path = tmp_path / "x.pt"
    with pytest.raises(ValueError, match="There is no checkpoint"):
        checkpoint.load(path)
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="not a checkpoint"):
        checkpoint.load(path)
    torch.save({"a": 1}, path)
    with pytest.raises(ValueError, match="not a checkpoint of synth"):
        checkpoint.load(path)
    torch.save({"networks": {}, "format": 99}, path)
    with pytest.raises(ValueError, match="newer synth"):
        checkpoint.load(path)


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_a_pickle_with_code_in_it_is_refused(tmp_path: Path):
    torch.save({"networks": Evil(), "format": 1}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match="read safely"):
        checkpoint.load(tmp_path / "x.pt")


def test_a_checkpoint_of_another_recipe_names_what_differs(tmp_path: Path):
    saved = {"G": UNet(channels=4, levels=3).state_dict()}
    with pytest.raises(ValueError, match="another recipe"):
        checkpoint.restore({"G": UNet(channels=8, levels=3)}, saved, tmp_path)
    with pytest.raises(ValueError, match="holds the networks G, this recipe has G, D"):
        checkpoint.restore({"G": UNet(channels=4, levels=3), "D": UNet()}, saved, tmp_path)


def test_an_earlier_colorizer_gets_the_weights_of_its_bins(tmp_path: Path):
    shares = torch.arange(1.0, 314) / 49_141
    method = find("colorize", "cpu")
    assert isinstance(method, Colorize)
    info = RunInfo.of(method, recipe="colorize", name="colorize", facts={"colors": shares})
    kept = {"format": 2, "networks": {"G": {"a": torch.ones(1)}}, "average": {"a": torch.ones(1)}}
    checkpoint.save(tmp_path / "last.pt", {**kept, "info": info.to_dict()})
    state = checkpoint.load(tmp_path / "last.pt")
    for network in (state["networks"]["G"], state["average"]):
        torch.testing.assert_close(network["log_weights"].exp().flatten(), rebalancing(shares))
    other = RunInfo.of(replace(method, loss="l2"), recipe="colorize", name="colorize-l2", facts={"colors": shares})
    checkpoint.save(tmp_path / "l2.pt", {**kept, "info": other.to_dict()})
    assert "log_weights" not in checkpoint.load(tmp_path / "l2.pt")["average"]
