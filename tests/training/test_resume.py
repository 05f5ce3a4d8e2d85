"""Test resuming: an interrupted run ends exactly like an uninterrupted one, to the last bit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from synth import recipe
from synth.data.sets.store import Store
from synth.training import checkpoint
from synth.training.trainer import Trainer
from tests.support.paths import ROOT
from tests.support.pictures import blocks, pairs_folder
from tests.support.shrink import shrink

CPU = torch.device("cpu")
# A recipe with dropout and batch norm, so that random states and statistics matter; shrunk in the child process.
CHILD = """
import sys
from pathlib import Path
from tests.support.shrink import shrink
from synth import recipe
from synth.training import train
found = recipe.find
recipe.find = lambda name, preset: shrink(found(name, "cpu"))
sys.exit(train.train("facades-l1_cgan", data=Path(sys.argv[1]), out=Path(sys.argv[2]), steps=int(sys.argv[3]),
                     preset="gpu", device="cpu", save_every=10, keep=1))
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
