"""Test photographs of any size: held-out files, cropped windows, and batches as a function of the step."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from synth.data.sets.photos import Photos, Windows, center_crop
from tests.support.graphs import noise

CPU = torch.device("cpu")


def folder(home: Path, count: int = 6, height: int = 40, width: int = 60) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.fromarray(np.roll(noise(height, width, 3), number, 0)).save(home / f"{number}.png")
    return home


def windows(home: Path, **choices: object) -> Windows:
    data = Photos(name="x", crop=16, **choices)  # type: ignore[arg-type]
    return data.open(home, 4, CPU, 0)


def test_batches_are_windows_in_minus_one_to_one_and_depend_on_the_step_alone(tmp_path: Path):
    one, two = windows(folder(tmp_path)), windows(tmp_path)
    batch = next(one.batches(7))["y"]
    assert batch.shape == (4, 3, 16, 16)
    assert -1 <= batch.min() < batch.max() <= 1
    assert torch.equal(one.cut(7)["y"], two.cut(7)["y"])
    assert not torch.equal(one.cut(7)["y"], one.cut(8)["y"])
    assert torch.equal(one.cut(7, slice(2, 4))["y"], one.cut(7)["y"][2:])


def test_held_out_photographs_are_not_trained_on(tmp_path: Path):
    data = Photos(name="x", crop=16)
    folder(tmp_path, 50)
    train, test = (data.find(tmp_path, split) for split in ("train", "test"))
    assert test
    assert not {*train} & {*test}
    assert len(train) + len(test) == 50
    folder(tmp_path / "train", 3)
    folder(tmp_path / "val", 2)
    assert [len(data.find(tmp_path, split)) for split in ("train", "test")] == [3, 2]


def test_photographs_are_shrunk_in_proportion_and_never_enlarged_but_to_a_window(tmp_path: Path):
    path = folder(tmp_path, 1) / "0.png"
    assert Photos(crop=16, load=20).read([path])[0].shape == (20, 30, 3)
    assert Photos(crop=16, load=400).read([path])[0].shape == (40, 60, 3)
    assert Photos(crop=80).read([path])[0].shape == (80, 120, 3)


def test_a_window_is_a_part_of_its_photograph_mirrored_or_turned(tmp_path: Path):
    made = windows(folder(tmp_path), turn=True)
    image, random = made.images[0], np.random.default_rng(0)
    places = {image[t : t + 16, l : l + 16].tobytes() for t in range(25) for l in range(45)}  # noqa: E741
    for _ in range(8):
        cut = made._window(image, random)
        ways = [np.rot90(part, k) for part in (cut, cut[:, ::-1]) for k in range(4)]
        assert any(np.ascontiguousarray(way).tobytes() in places for way in ways)


def test_larger_windows_are_shrunk_to_the_crop(tmp_path: Path):
    made = windows(folder(tmp_path), zoom=2.0)
    assert made.cut(0)["y"].shape == (4, 16, 16, 3)
    assert made.images[0].std() > 1.1 * made.cut(0)["y"].float().std().item()  # noise that was averaged


def test_the_middle():
    image = noise(9, 12, 3)
    assert np.array_equal(center_crop(image, 4), image[2:6, 4:8])


def test_an_empty_or_missing_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="There is no folder"):
        Photos().find(tmp_path / "no", "train")
    with pytest.raises(ValueError, match="too few photographs"):
        Photos().find(tmp_path, "train")
