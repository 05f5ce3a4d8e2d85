"""Test blending the weights of two checkpoints: the result, what is kept, and what cannot be blended."""

from pathlib import Path
from typing import Any

import pytest
import torch

from synth.__main__ import main
from synth.training import checkpoint
from synth.training.run_info import RunInfo


def saved(path: Path, value: float, **info: Any) -> Path:
    known = {"recipe": "street", "preset": "cpu", "size": 64, "batch": 1, "name": "street"} | info
    about = RunInfo(method="Pix2Pix", fields={}, **known)
    average = {"w": torch.full((3,), float(value)), "count": torch.tensor(int(value))}
    state = {"step": int(value), "elapsed": 1.0, "networks": {"G": {"w": torch.zeros(3)}}, "average": average}
    checkpoint.save(path, {**state, "info": about.to_dict()})
    return path


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 2.0), (0.25, 4.0), (1.0, 10.0)])
def test_the_weights_lie_between(share: float, wanted: float, tmp_path: Path):
    a, b, out = saved(tmp_path / "a.pt", 2), saved(tmp_path / "b.pt", 10), tmp_path / "c.pt"
    assert main(["blend", str(a), str(b), "--out", str(out), "--share", str(share)]) == 0
    made = checkpoint.load(out)
    assert made["average"]["w"].tolist() == pytest.approx([wanted] * 3)
    assert made["average"]["count"].item() == 10
    assert (made["step"], checkpoint.about(made, out).blend) == (10, share)


@pytest.mark.parametrize(
    ("share", "info", "words"),
    [
        ("1.5", {}, "from 0 (the first checkpoint alone)"),
        ("0.5", {"recipe": "facades"}, "recipe"),
        ("0.5", {"size": 32}, "size 64"),
    ],
)
def test_what_cannot_be_blended_is_said(share: str, info: dict[str, Any], words: str, tmp_path: Path, capsys: Any):
    a, b, out = saved(tmp_path / "a.pt", 2), saved(tmp_path / "b.pt", 10, **info), tmp_path / "c.pt"
    assert main(["blend", str(a), str(b), "--out", str(out), "--share", share]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()
