"""Test a character's training examples: which frames are consecutive, what is left out, and the measured body."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from synth import recipe
from synth.card import Card
from synth.data.sets import character
from synth.data.sets.frames import Frames
from synth.pixels.body.body import Body
from tests.support.bodies import body

SIDE = 64


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A set of two training clips of six frames, numbered by their grey, and one to test on."""
    spans = [("train", 0, 6), ("train", 6, 6), ("test", 0, 6)]
    named = [character.Clip(split, f"{'dm_' * (first == 6)}clip{first}", first, count) for split, first, count in spans]
    poses = {}
    for split, total in (("train", 12), ("test", 6)):
        (tmp_path / split).mkdir()
        for i in range(total):
            cv2.imwrite(str(tmp_path / split / f"{i:05d}.jpg"), np.full((SIDE, SIDE, 3), 20 * i, np.uint8))
        poses[split] = np.stack([body(45.0, 60.0, 30.0 + i) for i in range(total)])
    cv2.imwrite(str(tmp_path / "background.png"), np.full((SIDE, SIDE, 3), 250, np.uint8))
    character.write(tmp_path, SIDE, 20.0, named, poses, {})
    return tmp_path


def test_frames_before_are_of_the_same_clip(clips: Path):
    store = Frames(name="x", side=SIDE, window=32, gap=2).open(clips, 8, torch.device("cpu"), 0)
    assert store.length == 12
    pairs = set()
    for step in range(20):
        batch = store.cut(step)
        grey = {name: np.rint(pixels.numpy().mean((1, 2, 3)) / 20).astype(int) for name, pixels in batch.items()}
        pairs |= set(zip(grey["y"], grey["y_before"], strict=True))
        assert set(grey["plate"]) == {12}  # 250 of 255
    assert all(now // 6 == before // 6 and 0 <= now - before <= 2 for now, before in pairs)
    assert {(0, 0), (6, 6), (2, 0), (2, 1), (8, 6)} <= pairs


def test_a_batch_is_a_pure_function_of_seed_and_step(clips: Path):
    open_ = [Frames(name="x", side=SIDE, window=32).open(clips, 4, torch.device("cpu"), seed) for seed in (0, 0, 1)]
    same, again, other = (store.cut(3) for store in open_)
    assert all(np.array_equal(same[name], again[name]) for name in same)
    assert any(not np.array_equal(same[name], other[name]) for name in same)
    part = open_[0].cut(3, slice(1, 3))
    assert all(np.array_equal(part[name], same[name][1:3]) for name in part)


def test_a_share_of_the_examples_is_transformed(clips: Path):
    for i in range(12):  # a body before its plate
        picture = np.full((SIDE, SIDE, 3), 250, np.uint8)
        picture[20:62, 26 + i : 36 + i] = (200, 30, 30)
        cv2.imwrite(str(clips / "train" / f"{i:05d}.jpg"), picture)
    plain, augmented = (Frames(name="x", side=SIDE, window=SIDE, cut_out_share=share) for share in (0.0, 0.5))
    a, b, again = (data.open(clips, 32, torch.device("cpu"), 0).cut(1) for data in (plain, augmented, augmented))
    assert all(np.array_equal(b[name], again[name]) for name in b)
    apart = [not np.array_equal(x, y) for x, y in zip(a["y"], b["y"], strict=True)]
    assert 8 < sum(apart) < 24
    for i in np.flatnonzero(apart):
        assert not np.array_equal(a["y_before"][i], b["y_before"][i]), "the frames before move with it"
        assert not np.array_equal(a["x"][i], b["x"][i])


def test_clips_of_unchecked_origin_are_left_out_and_an_empty_set_says_what_to_do(clips: Path, tmp_path: Path):
    frames = Frames(name="x", side=SIDE, window=32, without=("dm_",))
    assert frames.open(clips, 2, torch.device("cpu"), 0).length == 6
    with pytest.raises(ValueError, match="Film for longer"):
        replace(frames, without=("clip", "dm_")).open(clips, 2, torch.device("cpu"), 0)
    with pytest.raises(ValueError, match="data video FILE"):
        frames.open(tmp_path / "nothing", 2, torch.device("cpu"), 0)


def test_the_card_carries_the_body_that_was_measured(clips: Path):
    method = recipe.find("dance", "cpu")
    facts = replace(method.data, side=SIDE, window=32).open(clips, 2, torch.device("cpu"), 0).facts  # type: ignore[type-var]
    card: Card = method.describe(facts)
    measured = Body.from_json(card.body)
    assert measured.size == (SIDE, SIDE)
    assert measured.stature[1] == pytest.approx(45, rel=0.15)
    assert 55 < measured.ground[1] < 64
