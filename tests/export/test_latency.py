"""Test the latency benchmark: all runtimes give the same result, and all are in the table."""

import numpy as np
import pytest
import torch

from export import latency
from synth.networks.live import Live

CPU = torch.device("cpu")


def test_all_ways_of_inference_give_the_same_picture(tmp_path):
    ways = latency._runs(*latency._pixels(Live(widths=(4, 4), blocks=1), "running"), CPU, tmp_path)
    eager, bare, ours = (np.asarray(way()).reshape(256, 256, 3).astype(int) for way in ways.values())
    assert np.abs(bare - ours).max() == 0
    assert np.abs(eager - ours).max() <= 1, "the graph stores its weights as float16"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "shape"), [("see-street", (256, 256, 3)), ("pose", (17, 3))])
def test_what_sees_is_timed_as_it_is_exported(name, shape, tmp_path):
    ways = latency._runs(*latency._recipe(name, "cpu"), CPU, tmp_path)
    assert [np.asarray(way()).squeeze().shape for way in (ways["torch, float32, eager"], ways["synth's session"])] == [
        shape, shape,
    ]  # fmt: skip


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_whole_table_on_a_gpu(capsys):
    assert latency.latency(calls=20) == 0
    assert "synth's session" in capsys.readouterr().out
