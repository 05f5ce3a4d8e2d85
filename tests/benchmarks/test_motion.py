"""Test the table of how a character follows recorded joint tracks, on tracks with known answers."""

import json
from pathlib import Path

import numpy as np
import pytest

from synth.benchmarks import motion
from synth.pixels.body.pose import mirror
from synth.runtime.dance.perform import Role
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.bodies import body

SPANS = {"stands_straight": [[0, 19]], "airborne": [[20, 40]], "from_behind": [[0, 9]], "whole_in_view": [[0, 59]]}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights")), "cpu", "synth")


def track(poses: list[np.ndarray | None], **spans: list[list[int]]) -> motion.Recorded:
    return motion.Recorded("made", "exact", 30, (480, 640), poses, SPANS | spans)


@pytest.mark.parametrize("way", motion.WAYS)
def test_somebody_who_stands_still_is_perfect(registry: Registry, way: str):
    follower = Role(registry.graph("dance-dots"), mirrored=False).follower
    still = track([body(380, 460, 320)] * 60)
    found = motion.measure(still, motion.follow(still, follower, way), follower.target)
    assert found["limb"] == pytest.approx(1, abs=0.05)
    assert found["leap"] < 0.001
    assert found["jump"] == pytest.approx(1, abs=1e-3)
    assert (found["notes"], found["found"], found["sides"]) == (0, 1, 0), "who faces us is not from behind"


def test_what_is_wrong_is_counted(registry: Registry):
    """The measurements, on a character's poses that are wrong in known ways."""
    target = Role(registry.graph("dance-dots")).follower.target
    poses = np.stack([target.pose] * 60)
    poses[5, :, :2] *= 2
    poses[:4] = [mirror(pose, 64) for pose in poses[:4]]  # left and right exchanged
    poses[:4, :, 0] = 64 - poses[:4, :, 0]
    followed = motion.Followed(poses, ["whole"] * 30 + ["upper"] * 15 + ["rest"] * 15, np.arange(60) < 45)
    found = motion.measure(track([body(380, 460, 320)] * 60, nobody=[[50, 59]]), followed, target)
    assert found["leap"] == pytest.approx(1)
    assert found["limb"] > 1.8
    assert found["sides"] == pytest.approx(0.4)
    assert found["notes"] == pytest.approx(0.5)
    assert found["found"] == pytest.approx(45 / 50)


def test_the_table_has_a_line_for_each_estimator_and_way(registry: Registry, tmp_path: Path):
    still = [body(380, 460, 320).tolist()] * 20 + [None]
    clip = {"fps": 25, "width": 640, "height": 480, "spans": {}, "estimators": {"one": still, "other": still}}
    (tmp_path / "stand.json").write_text(json.dumps(clip))
    lines = list(motion.report(registry, "dance-dots", tmp_path))
    assert [line.split()[:3] for line in lines[1:]] == [
        ["stand", name, way] for name in ("one", "other") for way in ("film:", "live:")
    ]
    assert "sides -, notes -, found 100.0%, jump -" in lines[1]


def test_a_folder_or_file_without_tracks_is_refused(registry: Registry, tmp_path: Path):
    with pytest.raises(ValueError, match="no joint tracks"):
        next(motion.report(registry, "dance-dots", tmp_path))
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match="not a file of joint tracks"):
        list(motion.report(registry, "dance-dots", tmp_path))
