"""Test pairs on disk: every layout, resizing, and batches that are a pure function of the step."""

from pathlib import Path

import numpy as np
import pytest
import torch

from synth.data.sets.pairs import Pairs
from synth.data.sets.store import Store
from synth.data.sources.facades import SHIFTED, tidy
from synth.pixels.palette import FACADES, paint
from tests.support.pictures import blocks, pairs_folder, save

pairs = Pairs(name="made up", x="x", y="y", load=36, crop=32)


def test_two_folders_with_splits(tmp_path: Path):
    pairs_folder(tmp_path, 3, 2)
    assert [p.name for p in pairs.find(tmp_path, "train")] == ["0", "1", "2"]
    assert [p.name for p in pairs.find(tmp_path, "test")] == ["100", "101"]
    x, y = pairs.stack(pairs.find(tmp_path, "test"), 40)
    assert np.array_equal(x, 255 - y)


@pytest.mark.parametrize("order", ["xy", "yx"])
def test_side_by_side_in_either_order(tmp_path: Path, order):
    left, right = blocks(1), blocks(2)
    for number in range(3):
        save(tmp_path / f"{number}.png", np.concatenate([left, right], 1))
    sided = Pairs(name="sided", order=order, load=40, crop=40)
    found = sided.find(tmp_path, "train") + sided.find(tmp_path, "test")
    assert sorted(p.name for p in found) == ["0", "1", "2"]
    x, y = sided.read(found[0], 40)
    assert np.array_equal(x, left if order == "xy" else right)
    assert np.array_equal(y, right if order == "xy" else left)


def test_folders_by_other_names_are_taken_in_alphabetical_order(tmp_path: Path):
    for number in range(4):
        save(tmp_path / "sketch" / f"{number}.png", blocks(0))
        save(tmp_path / "render" / f"{number}.jpg", blocks(1))
    found = pairs.find(tmp_path, "train")[0]
    assert (found.x.parent.name, found.y.parent.name) == ("render", "sketch")


def test_without_a_test_folder_the_same_pairs_are_always_held_out(tmp_path: Path):
    for number in range(60):
        save(tmp_path / "x" / f"{number}.png", blocks(0))
        save(tmp_path / "y" / f"{number}.png", blocks(0))
    train, test = ({p.name for p in pairs.find(tmp_path, split)} for split in ("train", "test"))
    assert train | test == {str(n) for n in range(60)}
    assert not train & test
    assert 1 <= len(test) <= 9


def test_there_is_always_something_to_train_on(tmp_path: Path):
    for name in ("6", "37"):  # both would be held out by their hash
        save(tmp_path / "x" / f"{name}.png", blocks(0))
        save(tmp_path / "y" / f"{name}.png", blocks(0))
    assert [len(pairs.find(tmp_path, split)) for split in ("train", "test")] == [1, 1]


def test_unusable_folders_end_in_sentences(tmp_path: Path):
    with pytest.raises(ValueError, match="There is no folder"):
        pairs.find(tmp_path / "no", "train")
    with pytest.raises(ValueError, match="holds no pairs"):
        pairs.find(tmp_path, "train")
    save(tmp_path / "x" / "a.png", blocks(0))
    save(tmp_path / "y" / "b.png", blocks(0))
    with pytest.raises(ValueError, match="has the name of a file in"):
        pairs.find(tmp_path, "train")
    save(tmp_path / "y" / "a.png", blocks(0))
    with pytest.raises(ValueError, match="a single pair"):
        pairs.find(tmp_path, "train")


def test_label_maps_are_resized_without_new_colours():
    index = np.random.default_rng(0).integers(0, 12, (40, 40)).astype(np.uint8)
    labels = paint(index, FACADES)
    resized = pairs.resize(labels, 77, "labels")
    assert {tuple(c) for c in resized.reshape(-1, 3)} <= {c[1:] for c in FACADES}
    assert len({tuple(c) for c in pairs.resize(labels, 77, "photo").reshape(-1, 3)}) > 100


def test_cover_keeps_proportions():
    image = np.zeros((20, 60, 3), np.uint8)
    image[:, 20:40] = 255
    covered = Pairs(name="cover", fit="cover").resize(image, 20, "labels")
    assert covered.min() == 255
    assert Pairs(name="stretch").resize(image, 20, "labels").mean() == pytest.approx(85, abs=15)


def store(crop: int = 32, seed: int = 0) -> Store:
    x = np.stack([blocks(n, 36) for n in range(5)])
    return Store({"x": x, "y": 255 - x}, crop, True, 4, torch.device("cpu"), seed)


def test_a_batch_is_a_function_of_seed_and_step():
    first, second = store().cut(7), store().cut(7)
    assert torch.equal(first["x"], second["x"])
    assert not torch.equal(first["x"], store().cut(8)["x"])
    assert not torch.equal(first["x"], store(seed=1).cut(7)["x"])


def test_input_and_target_are_cut_and_mirrored_alike():
    for step in range(8):
        batch = store().cut(step)
        assert torch.equal(batch["x"], 255 - batch["y"])
        assert batch["x"].shape == (4, 32, 32, 3)


def test_every_picture_comes_once_an_epoch():
    seen = np.concatenate([store().draw(step)[0] for step in range(5)])  # 20 pictures: four epochs of five
    assert all(sorted(seen[i : i + 5]) == list(range(5)) for i in range(0, 20, 5))


def test_crops_reach_every_corner_and_half_are_mirrored():
    drawn = [store().draw(step) for step in range(200)]
    tops, lefts = (np.concatenate([d[i] for d in drawn]) for i in (1, 2))
    assert (tops.min(), tops.max(), lefts.min(), lefts.max()) == (0, 4, 0, 4)
    assert np.concatenate([d[3] for d in drawn]).mean() == pytest.approx(0.5, abs=0.06)


def test_batches_start_anywhere_and_are_channels_last_in_minus_one_to_one():
    batches = store().batches(3)
    batch = next(batches)
    assert torch.equal(batch["x"], store().cut(3)["x"].permute(0, 3, 1, 2).float() / 127.5 - 1)
    assert batch["x"].is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(next(batches)["x"], store().cut(4)["x"].permute(0, 3, 1, 2).float() / 127.5 - 1)


def test_workers_cut_the_same_batches_in_the_same_order():
    x = np.stack([blocks(n, 36) for n in range(5)])
    ahead = Store({"x": x, "y": 255 - x}, 32, True, 4, torch.device("cpu"), resident=False).batches(2)
    here = store().batches(2)
    for _ in range(8):
        assert torch.equal(next(ahead)["x"], next(here)["x"])


def test_parts_make_up_the_batch():
    whole = store().cut(2)["x"]
    assert torch.equal(torch.cat([store().cut(2, slice(0, 2))["x"], store().cut(2, slice(2, 4))["x"]]), whole)


def front(window: bool = True) -> np.ndarray:
    """Return class indices of a front: background, wall, two windows, a door."""
    index = np.zeros((96, 96), np.uint8)
    index[16:, 8:88] = 1
    if window:
        index[30:50, 20:36] = index[30:50, 60:76] = 2
    index[60:96, 40:56] = 3
    return index


def test_facades_in_jpeg_colours_are_recognised():
    noise = np.random.default_rng(0).integers(-8, 9, (96, 96, 3))
    shifted = np.clip(paint(front(), SHIFTED).astype(int) + noise, 0, 255).astype(np.uint8)
    assert np.array_equal(tidy(shifted), paint(front(), FACADES))


def test_facades_with_walls_and_windows_confused_are_mended():
    index = front()
    confused = np.array([1, 2, 2, 3], np.uint8)[index]
    random = np.random.default_rng(0).random((96, 96))
    confused[(index == 2) & (random < 0.4)] = 3  # the streaks
    assert (tidy(paint(confused, FACADES)) == paint(index, FACADES)).all(-1).mean() > 0.98


def test_facades_in_the_databases_colours_stay_as_they_are():
    labels = paint(front(), FACADES)
    assert np.array_equal(tidy(labels), labels)
