"""Test training in several processes: the same result as one process on the whole batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

WORKER = """
import json, os
import numpy as np, torch
from dataclasses import replace
from synth import recipe
from synth.data.sets.store import Store
from synth.networks.layers.spec import Spec
from synth.training import distributed
from synth.training.trainer import Trainer
from tests.support.pictures import blocks
from tests.support.shrink import shrink
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
    print(json.dumps(seen), flush=True)
distributed.stop()
# All is said: an interpreter that winds up beside threads of torch has been seen to abort on a busy machine.
os._exit(0)
"""


def together(script: Path, world: int) -> list[dict[str, float]]:
    """Run a script as ``world`` processes by ``torchrun``; return what the first prints.

    It hands its own open port to the processes: one that was merely free before they started could be somebody else's
    by the time they have imported torch.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "GLOO_SOCKET_IFNAME": "lo"}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(world)]
    done = subprocess.run([*torchrun, str(script)], env=environment, cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names the loopback interface as Linux does")
def test_two_processes_lose_what_one_with_the_whole_batch_does(tmp_path: Path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    for alone, shared in zip(together(script, 1), together(script, 2), strict=True):
        assert shared == pytest.approx(alone, rel=1e-5)
