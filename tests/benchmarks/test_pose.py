"""Test the comparison of pose estimators on images with and without a person made of coloured dots."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from synth.benchmarks import pose
from tests.support import dancers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame, joints = dancers.person()
    home = tmp_path / "exercise"
    (home / "test").mkdir(parents=True)
    labels = {f"{i}.png": joints.tolist() for i in range(3)}
    for i, name in enumerate(labels):
        shown = frame if i else np.zeros_like(frame)
        cv2.imwrite(str(home / "test" / name), shown[..., ::-1])
    (home / "teacher.json").write_text(json.dumps({"train": {}, "test": labels}))
    dancers.fill(tmp_path)
    return tmp_path


def test_who_is_not_found_is_missed_with_every_joint(folder: Path):
    line, trust = pose.report(["synth"], folder, folder)
    assert line.startswith("synth pose, exercise: PCK@0.2 66.7, 2 of 3 found, ")
    assert "→ 1.00 (34)" in trust, "all joints of the two people who are found are right, with one score"


def test_without_a_set_there_is_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="none of the sets exercise and lsp"):
        list(pose.report(["synth"], dancers.fill(tmp_path), tmp_path))
