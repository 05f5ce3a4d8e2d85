"""Test the bundled pose network on two people and on animals, which coloured dots cannot stand for."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from synth.pixels.body.pose import seen
from synth.pixels.images import read
from synth.runtime.dance.pose import poses
from synth.runtime.dance.tracker import Tracker
from synth.runtime.registry import Registry
from tests.support.paths import ROOT

EXAMPLES = ROOT / "weights" / "examples"
HEIGHT, WIDTH = 240, 426
LARGE, SMALL = 220, 130


@pytest.fixture(scope="module")
def bundled() -> Registry:
    return Registry(ROOT / "weights", "cpu", "synth")


@pytest.fixture
def tracker(bundled: Registry) -> Tracker:
    return poses(bundled).tracker()


def placed(frame: np.ndarray, path: Path, height: int, x: int) -> int:
    """Put a picture on the lower edge of a frame, so high and with its left side at ``x``; return its right side."""
    image = read(path)
    small = cv2.resize(image, (round(image.shape[1] * height / image.shape[0]), height), interpolation=cv2.INTER_AREA)
    frame[HEIGHT - height :, x : x + small.shape[1]] = small
    return x + small.shape[1]


def noisy(frame: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(-6, 7, frame.shape)
    return np.clip(frame.astype(int) + noise, 0, 255).astype(np.uint8)


def room() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 128, np.uint8)


@pytest.mark.parametrize(("near", "far"), [("0345", "1036"), ("1036", "0753"), ("1443", "0345")])
@pytest.mark.parametrize("aside", [False, True], ids=["left", "right"])
def test_of_two_people_one_is_followed_and_never_half_of_each(tracker: Tracker, near: str, far: str, aside: bool):
    frame = room()
    edges = placed(frame, EXAMPLES / "pose" / f"{near}.jpg", LARGE, 10), 260
    placed(frame, EXAMPLES / "pose" / f"{far}.jpg", SMALL, edges[1])
    found = set()
    for seed in range(12):
        picture = noisy(frame, seed)
        joints = tracker(np.ascontiguousarray(picture[:, ::-1]) if aside else picture)
        if joints is None:
            continue
        across = joints[seen(joints), 0]
        across = WIDTH - across if aside else across
        found.add("near" if (across < edges[1] - 20).all() else "far" if (across > edges[0]).all() else "both")
    assert len(found) == 1, "the same one in every frame"
    assert "both" not in found


@pytest.mark.parametrize("animal", ["1F42C", "1F432"], ids=["dolphin", "dragon"])
def test_an_animal_is_nobody(bundled: Registry, animal: str):
    tracker, found = poses(bundled).tracker(), 0
    for step in range(12):
        frame = room()
        placed(frame, EXAMPLES / "emoji" / "target" / f"{animal}.png", 200, 60 + 8 * step)
        found += tracker(frame) is not None
    assert found <= 2, "an odd frame is smoothed away, and the next one forgets it"


def test_who_is_followed_is_not_left_for_somebody_who_comes_nearer_behind_them(tracker: Tracker):
    alone = room()
    placed(alone, EXAMPLES / "pose" / "0345.jpg", 180, 10)
    both = alone.copy()
    placed(both, EXAMPLES / "pose" / "1036.jpg", LARGE, 260)
    for seed in range(6):
        assert tracker(noisy(alone, seed)) is not None
    for seed in range(6):
        joints = tracker(noisy(both, seed))
        assert joints is not None
        assert (joints[seen(joints), 0] < 220).all()
