"""Test the record of a run: read back as written, also from checkpoints of the old format."""

from pathlib import Path
from typing import Any

import pytest
import torch

from synth import recipe
from synth.training import checkpoint
from synth.training.run_info import RunInfo, Stage

REPR = (
    "Pix2Pix(data=Pairs(name='facades', x='labels', y='photo', x_kind='labels', y_kind='photo', load=143, crop=128, "
    "flip=True, fit='stretch', order='xy'), batch=1, steps=14000, lr=0.0002, betas=(0.5, 0.999), decay=0.5, warmup=0, "
    "ema=0.999, statistics='batch', preset='cpu', generator=UNet(channels=16, levels=7, upsample='nearest'), "
    "discriminator=PatchGAN(channels=16), gan='vanilla', conditional=True, l1=5.0, l2=0.0, gradients=0.0, "
    "feature_matching=0.0, one_hot=False)"
)
OLD: dict[str, Any] = {
    "recipe": "facades-l1_cgan",
    "name": "mine",
    "preset": "cpu",
    "repr": REPR,
    "size": 128,
    "batch": 1,
    "seed": 0,
    "data": "facades",
    "before": [{"steps": 100, "images": 400, "minutes": 2.5, "size": 64}],
    "facts": {"body": "{}", "plate": torch.tensor([1, 2, 3])},
    "examples": 400,
    "hardware": "CPU, 2 threads",
}
"""As a checkpoint of format 1 holds it."""


def saved(folder: Path, info: dict[str, Any], version: int = checkpoint.FORMAT) -> Path:
    state = {"format": version, "step": 7, "elapsed": 60.0, "networks": {}, "average": {}, "info": info}
    torch.save(state, folder / "last.pt")
    return folder / "last.pt"


def read(path: Path) -> RunInfo:
    return checkpoint.about(checkpoint.load(path), path)


def test_a_checkpoint_of_the_old_format_is_read(tmp_path: Path):
    info = read(saved(tmp_path, OLD, version=1))
    assert (info.recipe, info.name, info.preset, info.size, info.batch) == ("facades-l1_cgan", "mine", "cpu", 128, 1)
    assert (info.seed, info.data, info.examples, info.hardware) == (0, "facades", 400, "CPU, 2 threads")
    assert (info.overrides, info.blend) == ((), 1.0)
    assert info.facts["plate"].tolist() == [1, 2, 3]
    assert info.source() == REPR
    assert info.fields["generator"] == "UNet(channels=16, levels=7, upsample='nearest')"
    assert info.source(statistics="'running'") == REPR.replace("statistics='batch'", "statistics='running'")
    assert info.stages(7, 60.0) == (
        Stage(steps=100, images=400, minutes=2.5, size=64),
        Stage(steps=7, images=7, minutes=1.0, size=128),
    )


def test_an_old_blend_and_what_older_checkpoints_lack(tmp_path: Path):
    assert read(saved(tmp_path, {**OLD, "blend": 0.25}, version=1)).blend == 0.25
    bare = {key: OLD[key] for key in ("recipe", "preset", "size", "batch")}
    info = read(saved(tmp_path, bare, version=1))
    assert (info.name, info.source(), info.before) == ("facades-l1_cgan", "", ())
    assert info.changed(RunInfo.from_dict(OLD, 1)) == ""  # what it does not know keeps nobody from resuming
    with pytest.raises(ValueError, match=r"does not say which recipe.*'batch'"):
        read(saved(tmp_path, {key: bare[key] for key in ("recipe", "preset", "size")}, version=1))


def test_an_old_source_that_is_no_call_is_kept_whole():
    assert RunInfo.from_dict({**OLD, "repr": "Own(net=<function f>)"}, 1).source() == "Own(net=<function f>)"


@pytest.mark.parametrize("preset", ["gpu", "cpu"])
def test_the_source_is_the_recipes_repr(preset: recipe.Preset):
    for name in recipe.names():
        method = recipe.find(name, preset)
        info = RunInfo.of(method, recipe=name, name=name)
        assert info.source() == repr(method)
        old = RunInfo.from_dict({**OLD, "repr": repr(method)}, 1)
        assert (old.method, old.fields) == (info.method, info.fields)


def test_it_comes_back_equal_from_a_checkpoint(tmp_path: Path):
    method = recipe.find("street", "cpu")
    stage = Stage(steps=3, images=6, minutes=0.5, size=64)
    facts = {"body": "{}", "numbers": [1.5, 2.5]}
    known = {"recipe": "street", "name": "mine", "overrides": ("l1=50.0",), "seed": 3, "data": "cityscapes"}
    info = RunInfo.of(method, **known, facts=facts, examples=9, hardware="test", before=(stage,), blend=0.5)
    checkpoint.save(tmp_path / "a.pt", {"networks": {}, "average": {}, "info": info.to_dict()})
    assert read(tmp_path / "a.pt") == info
    assert torch.load(tmp_path / "a.pt", weights_only=True)["format"] == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": 64}, "the size 128, not 64"),
        ({"overrides": ("l1=50.0",)}, "no --set, not --set l1=50.0"),
        ({"data": "other"}, "the data 'facades', not 'other'"),
    ],
)
def test_what_keeps_a_run_from_resuming_is_said(change: dict[str, Any], words: str):
    info = RunInfo.from_dict(OLD, 1)
    assert info.changed(info) == ""
    assert info.changed(RunInfo.from_dict({**OLD, **change}, 1)) == words
