"""The training loop: total resume, several processes, guards, and user errors as sentences."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from synth import checkpoint, recipe
from synth.__main__ import main
from synth.data.store import Store
from synth.ema import Average
from synth.log import Log
from synth.networks.spec import Spec
from synth.networks.unet import UNet
from synth.train import history
from synth.trainer import Trainer, check_finite
from tests.pictures import blocks, pairs_folder
from tests.shrink import shrink

CPU = torch.device("cpu")
ROOT = Path(__file__).parent.parent
# A recipe with dropout and batch norm, so that random states and statistics matter; shrunk in the child process.
CHILD = """
import sys
from pathlib import Path
from tests.shrink import shrink
from synth import recipe, train
found = recipe.find
recipe.find = lambda name, preset: shrink(found(name, "cpu"))
sys.exit(train.train("facades-l1_cgan", data=Path(sys.argv[1]), out=Path(sys.argv[2]), steps=int(sys.argv[3]),
                     preset="gpu", device="cpu", save_every=10))
"""


def child(data: Path, out: Path, steps: int) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(data), str(out), str(steps)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)


def facades_folder(root: Path) -> Path:
    return pairs_folder(root, 5, 1)


@pytest.mark.slow
def test_twenty_steps_equal_ten_and_a_kill_and_ten_bit_for_bit(tmp_path: Path):
    data = facades_folder(tmp_path / "data")
    whole = child(data, tmp_path / "whole", 20)
    # The schedule belongs to 20 steps in both, so the second is stopped by force once step 10 is saved.
    halved = child(data, tmp_path / "halved", 20)
    last = tmp_path / "halved" / "last.pt"
    while not last.exists() and halved.poll() is None:
        time.sleep(0.002)
    halved.send_signal(signal.SIGKILL)
    halved.wait()
    assert whole.wait() == 0
    assert checkpoint.load(last)["step"] in (10, 20)
    again = child(data, tmp_path / "halved", 20)
    assert again.wait() == 0
    one, two = checkpoint.load(tmp_path / "whole" / "last.pt"), checkpoint.load(last)
    assert one["step"] == two["step"] == 20
    for part in ("networks", "average", "optimizers", "random"):
        first, second = flat(one[part]), flat(two[part])
        assert first.keys() == second.keys()
        assert all(torch.equal(first[k], second[k]) for k in first), part


def flat(state: object, prefix: str = "") -> dict[str, torch.Tensor]:
    if isinstance(state, torch.Tensor):
        return {prefix: state}
    items = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, list) else ()
    return {k: v for key, value in items for k, v in flat(value, f"{prefix}.{key}").items()}


def test_resuming_mid_run_in_one_process_is_exact(tmp_path: Path):
    method = shrink(recipe.find("street", "gpu"))
    x = np.stack([blocks(n, 36) for n in range(4)])
    store = Store({"x": x, "y": 255 - x}, 32, True, 2, CPU)

    def run(trainer: Trainer, until: int) -> Trainer:
        batches = store.batches(trainer.step)
        while trainer.step < until:
            trainer.update(next(batches), trainer.step / 6)
        return trainer

    whole = run(Trainer(method, CPU), 6)
    checkpoint.save(tmp_path / "a.pt", run(Trainer(method, CPU), 3).state())
    resumed = Trainer(method, CPU, seed=9)
    resumed.restore(checkpoint.load(tmp_path / "a.pt"), "a.pt")
    resumed = run(resumed, 6)
    first, second = flat(whole.state()), flat(resumed.state())
    assert all(torch.equal(first[k], second[k]) for k in first)


WORKER = """
import json, sys
import numpy as np, torch
from dataclasses import replace
from synth import distributed, recipe
from synth.data.store import Store
from synth.networks.spec import Spec
from synth.trainer import Trainer
from tests.pictures import blocks
from tests.shrink import shrink
device = distributed.start(torch.device("cpu"))
method = shrink(recipe.find("street", "gpu"))
options = {**method.generator.options, "norm": "instance"}
method = replace(method, batch=4, generator=Spec(method.generator.build, **options),
                 discriminator=Spec(method.discriminator.build, **{**method.discriminator.options, "norm": "instance"}))
x = np.stack([blocks(n, 68) for n in range(6)])
store = Store({"x": x, "y": 255 - x}, 64, True, 4, device)
trainer = Trainer(method, device)
batches = store.batches(0, distributed.part(4))
seen = []
for step in range(4):
    terms = {k: v.clone() for k, v in trainer.update(next(batches), 0.0).items()}
    distributed.average(terms.values())
    seen.append({k: v.item() for k, v in terms.items()})
if distributed.rank() == 0:
    print(json.dumps(seen))
distributed.stop()
"""


def together(script: Path, world: int) -> list[dict[str, float]]:
    """Run a script as ``world`` processes, told of each other as ``torchrun`` does; return what the first prints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "GLOO_SOCKET_IFNAME": "lo"}
    shared |= {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    running = []
    for rank in range(world):
        environment = {**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        pipe = subprocess.PIPE
        running.append(
            subprocess.Popen(
                [sys.executable, str(script)], env=environment, cwd=ROOT, text=True, stdout=pipe, stderr=pipe
            )
        )
    ends = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0] * world, [error[-2000:] for _, error in ends]
    return json.loads(ends[0][0].strip().splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names the loopback interface as Linux does")
def test_two_processes_lose_what_one_with_the_whole_batch_does(tmp_path: Path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    for alone, shared in zip(together(script, 1), together(script, 2), strict=True):
        assert shared == pytest.approx(alone, rel=1e-4)


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


def test_diverged_networks_are_never_saved(tmp_path: Path):
    path = tmp_path / "last.pt"
    checkpoint.save(path, {"networks": {"G": {"w": torch.ones(1)}}})
    with pytest.raises(ValueError, match="not numbers"):
        checkpoint.save(path, {"networks": {"G": {"w": torch.tensor([float("nan")])}}})
    assert checkpoint.load(path)["networks"]["G"]["w"].item() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path):
    path = tmp_path / "last.pt"
    state = {"networks": {"G": {"w": torch.ones(1000)}}}
    checkpoint.save(path, state)
    before = path.read_bytes()
    (tmp_path / "last.pt.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"cannot be written .* The one before is kept"):
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nothing"], "There is no recipe 'nothing'"),
        (["train", "street-nothing"], "no variant 'nothing'"),
        (["train", "pairs-nothing"], "no variant 'nothing'. It has: none"),
        (["train", "street", "--minutes", "nan"], "must be positive"),
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
    assert (small["info"]["size"], large["info"]["size"], large["step"]) == (32, 64, 1)
    assert [(run["steps"], run["size"]) for run in history(large)] == [(2, 32), (1, 64)]
    assert (Path("large") / "samples.png").exists()
    before = (Path("small") / "last.pt").read_bytes()
    assert main([*common[:1], "street", *common[2:], "--out", "small"]) == 2  # the folder belongs to another recipe
    for change in (["--size", "64"], ["--batch", "4"], ["--seed", "1"], ["--data", str(pairs_folder(tmp_path / "b"))]):
        assert main([*common, "--steps", "4", "--out", "small", *change]) == 2
    assert main([*common, "--steps", "2", "--out", "small"]) == 0  # nothing left to do, nothing written
    assert (Path("small") / "last.pt").read_bytes() == before


def test_a_spec_of_another_width_is_another_recipe():
    method = recipe.find("facades-l1", "gpu")
    assert replace(method, generator=Spec(UNet, channels=8)) != method  # type: ignore[call-arg]


def test_a_run_that_goes_on_tells_the_step_of_the_whole_run(tmp_path: Path, capsys) -> None:
    log = Log(tmp_path, every=0.0)
    for steps in (1, 2):
        log.progress(0.5, 4821 + steps, steps, 1)
    assert capsys.readouterr().out.splitlines()[-1].startswith(" 50.0%  step 4823  ")
