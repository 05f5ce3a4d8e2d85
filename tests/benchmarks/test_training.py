"""Test the training benchmark: its reference has the paper's configuration, and its timings are right."""

import time
from dataclasses import replace

import pytest
import torch

from synth import __main__ as command_line
from synth import recipe
from synth.benchmarks import machine, speed, training
from synth.card import Card
from synth.data.sets.pairs import Pairs
from synth.methods.cyclegan import CycleGAN
from synth.methods.pix2pix import Pix2Pix
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from tests.support.shrink import shrink

CPU = torch.device("cpu")
TINY = Pix2Pix(
    data=Pairs(name="bench", load=36, crop=32),
    card=Card(),
    generator=Spec(Live, widths=(4, 4), blocks=1),
    discriminator=Spec(PatchGAN, channels=4, depth=1),
    batch=2,
)


def test_the_reference_is_the_papers_configuration():
    with torch.device("meta"):
        nets = training.REFERENCE.networks()
    assert {n: sum(p.numel() for p in net.parameters()) for n, net in nets.items()} == {"G": 54_414_531, "D": 2_768_705}
    assert (training.REFERENCE.batch, training.REFERENCE.data.crop, training.REFERENCE.gan) == (1, 256, "vanilla")
    reference, *ours = training._runs(CPU, (1,))
    assert not reference.fast
    assert not reference.compile
    assert all(run.fast for run in ours)


def test_the_reference_of_cyclegan_is_the_papers_too():
    reference, *ours = training._runs(CPU, (1,), "cyclegan")
    with torch.device("meta"):
        nets = reference.method.networks()
    counts = {n: sum(p.numel() for p in net.parameters()) for n, net in nets.items()}
    assert counts == {"G": 2 * 11_378_179, "D_y": 2_764_737, "D_x": 2_764_737}
    assert (reference.method.batch, reference.method.data.crop, reference.fast) == (1, 256, False)
    assert [run.networks for run in ours] == [training.CYCLE, "horse2ink, cpu preset at 128x128"]
    assert ours[-1].method.preset == "cpu"


def test_on_a_gpu_every_batch_size_is_compiled_and_tried():
    runs = training._runs(torch.device("cuda"), (1, 16))
    assert [run.method.batch for run in runs if run.compile and run.networks == training.PAPER] == [1, 16]
    assert [run for run in runs if not run.fast] == runs[:1]


@pytest.mark.parametrize("fast", [True, False])
def test_a_training_rate_is_images_over_time(fast):
    began = time.perf_counter()
    rate = speed.training_rate(TINY, CPU, steps=10, fast=fast, compile=False)
    whole = time.perf_counter() - began
    # 11 steps of 2 pictures ran within the whole time, so the rate cannot be below what that gives.
    assert rate > 0.5 * 11 * 2 / whole
    unpaired = replace(shrink(recipe.find("horse2ink", "cpu")), batch=1)
    assert isinstance(unpaired, CycleGAN)
    assert speed.training_rate(unpaired, CPU, steps=1, fast=fast, compile=False) > 0
    twice = speed.training_rate(replace(TINY, batch=32), CPU, steps=3, fast=fast, compile=False)
    assert twice > rate, "more pictures a step amortise what a step costs"


def test_calls_are_timed_in_turns_and_the_first_of_each_turn_is_not():
    made = {"short": 0, "long": 0}

    def sleeping(name: str, milliseconds: float):
        def call() -> None:
            first = made[name] % 4 == 0
            made[name] += 1
            time.sleep((200 if first else milliseconds) / 1e3)

        return call

    found = speed.side_by_side({"short": sleeping("short", 5), "long": sleeping("long", 25)}, count=6, block=3)
    assert made == {"short": 8, "long": 8}
    assert [len(times.milliseconds) for times in found.values()] == [6, 6]
    assert 5 <= found["short"].median < found["long"].median < 200
    assert found["long"].median >= 25
    assert found["long"].median <= found["long"].slow <= max(found["long"].milliseconds)


def test_slow_calls_stop_at_the_time_limit():
    found = speed.side_by_side({"slow": lambda: time.sleep(0.02)}, count=1000, block=2, seconds=0.1)
    assert 2 <= len(found["slow"].milliseconds) < 20


def test_the_machine_is_named():
    text = machine.machine(CPU)
    assert f"{torch.get_num_threads()} threads" in text
    assert torch.__version__ in text


@pytest.mark.parametrize(
    "arguments", [["training", "--steps", "0"], ["latency", "--calls", "-1"], ["training", "--batches", "0"]]
)
def test_counts_must_be_positive(arguments, capsys):
    assert command_line.main(["bench", *arguments]) == 2
    assert "must be positive" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_asking_for_a_missing_gpu_says_so():
    with pytest.raises(ValueError, match="no CUDA device"):
        training.training(device="cuda")


@pytest.mark.slow
def test_the_whole_table_on_a_processor(capsys):
    assert training.training(device="cpu", steps=1) == 0
    shown = capsys.readouterr().out
    assert "reference: float32, eager" in shown
    assert "street, cpu preset" in shown
    assert "1.0x" in shown


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_whole_table_on_a_gpu(capsys):
    assert training.training(steps=10, batches=(1, 16)) == 0
    assert "ours: bf16, compiled" in capsys.readouterr().out
