"""Test the training loop: schedule, checks, runs that start from another, and errors for users."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from synth import recipe
from synth.__main__ import main
from synth.networks.layers.spec import Spec
from synth.networks.unet import UNet
from synth.training import checkpoint
from synth.training.ema import Average
from synth.training.log import Log
from synth.training.trainer import Trainer, check_finite
from tests.support.pictures import pairs_folder
from tests.support.shrink import shrink

CPU = torch.device("cpu")


def test_the_schedule_is_constant_then_linear():
    method = shrink(recipe.find("street-l1", "gpu"))
    trainer = Trainer(method, CPU)
    batch = {"x": torch.rand(2, 3, 32, 32), "y": torch.rand(2, 3, 32, 32)}
    rates = []
    for progress in (0.0, 0.5, 0.75, 1.0):
        trainer.update(batch, progress)
        rates.append(trainer.optimizers["G"].param_groups[0]["lr"] / method.lr)
    assert rates == pytest.approx([1, 1, 0.5, 0])


def test_each_update_changes_its_own_network_only():
    method = shrink(recipe.find("street-l1_cgan", "gpu"))
    nets = method.networks()
    batch = {"x": torch.rand(2, 3, 32, 32), "y": torch.rand(2, 3, 32, 32)}
    for name, terms in method.losses(nets, batch, 0):
        sum(terms.values()).backward(inputs=list(nets[name].parameters()))  # type: ignore[union-attr]
        for other, net in nets.items():
            assert all((p.grad is None) == (other != name) for p in net.parameters())
        nets[name].zero_grad(set_to_none=True)


def test_the_average_trails_its_source():
    source = torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(source.weight)
    average = Average(source, 0.9)
    torch.nn.init.ones_(source.weight)
    expected = 0.0
    for n in range(1, 200):
        average.update(source)
        expected += (1 - min(0.9, (1 + n) / (10 + n))) * (1 - expected)
    assert average.network.state_dict()["weight"].item() == pytest.approx(expected, abs=1e-5)


def test_a_loss_that_is_no_number_stops_with_a_sentence():
    with pytest.raises(FloatingPointError, match="G/l1 became nan at step 3"):
        check_finite({"G/l1": float("nan")}, 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nothing"], "There is no recipe 'nothing'"),
        (["train", "street-nothing"], "no variant 'nothing'"),
        (["train", "pairs-nothing"], "no variant 'nothing'. It has: none"),
        (["train", "street", "--minutes", "nan"], "--minutes must be positive, not nan"),
        (["train", "street", "--keep", "-1"], "--keep must be 0 or more, not -1"),
        (["train", "street", "--steps", "1", "--minutes", "1"], "not both"),
        (["train", "street", "--steps", "0"], "must be positive"),
        (["train", "street", "--size", "100"], "multiple of 32"),
        (["train", "street", "--as-name", "../x"], "cannot be the name of a graph"),
        (["train", "street", "--data", "no/such/folder"], "There is no folder"),
    ],
)
def test_users_mistakes_end_in_one_sentence(arguments: list[str], words: str, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.strip().splitlines()) == 1


def test_batches_of_one_train_unless_a_norm_sees_a_single_value(tmp_path: Path, capsys, monkeypatch):
    """The U-Net has no norm where its map is one pixel: the paper's batches of one are fine at its own size."""
    monkeypatch.chdir(tmp_path)
    alone = ["--data", str(pairs_folder(tmp_path / "data", 3, 1)), "--steps", "1", "--batch", "1", "--device", "cpu"]
    assert main(["train", "street-l1_cgan", "--preset", "cpu", *alone]) == 0
    capsys.readouterr()
    assert main(["train", "pairs", "--size", "32", *alone]) == 2
    assert "Batch norm needs more than one value" in capsys.readouterr().err


def test_a_new_run_may_start_from_old_weights_at_another_size(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = pairs_folder(tmp_path / "data", 3, 1)
    found = recipe.find
    monkeypatch.setattr(recipe, "find", lambda name, preset: shrink(found(name, "cpu")))
    common = ["train", "pairs", "--data", str(data), "--device", "cpu"]
    assert main([*common, "--steps", "2", "--out", "small"]) == 0
    assert main([*common, "--steps", "1", "--size", "64", "--init", "small/last.pt", "--out", "large"]) == 0
    small, large = (checkpoint.load(Path(f"{n}/last.pt")) for n in ("small", "large"))
    first, second = (checkpoint.about(state, Path()) for state in (small, large))
    assert (first.size, second.size, large["step"]) == (32, 64, 1)
    assert [(stage.steps, stage.size) for stage in second.stages(large["step"], 1.0)] == [(2, 32), (1, 64)]
    assert (Path("large") / "samples.png").exists()
    before = (Path("small") / "last.pt").read_bytes()
    assert main([*common[:1], "street", *common[2:], "--out", "small"]) == 2  # the folder belongs to another recipe
    for change in (["--size", "64"], ["--batch", "4"], ["--seed", "1"], ["--data", str(pairs_folder(tmp_path / "b"))]):
        assert main([*common, "--steps", "4", "--out", "small", *change]) == 2
    assert main([*common, "--steps", "2", "--out", "small"]) == 0  # nothing left to do, nothing written
    assert (Path("small") / "last.pt").read_bytes() == before


def test_a_spec_of_another_width_is_another_recipe():
    method = recipe.find("facades-l1", "gpu")
    assert replace(method, generator=Spec(UNet, channels=8)) != method


def test_a_run_that_goes_on_tells_the_step_of_the_whole_run(tmp_path: Path, capsys) -> None:
    log = Log(tmp_path, every=0.0)
    for steps in (1, 2):
        log.progress(0.5, 4821 + steps, steps, 1)
    assert capsys.readouterr().out.splitlines()[-1].startswith(" 50.0%  step 4823  ")
