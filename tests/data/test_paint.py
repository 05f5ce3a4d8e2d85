"""Test painting class numbers in label colours: folders, halves, numberings, and what stays as it is."""

import re
from pathlib import Path

import numpy as np
import pytest

from synth.__main__ import main
from synth.data.doctor.doctor import doctor
from synth.pixels import images
from synth.pixels.numbering import NUMBERINGS
from synth.pixels.palette import CITYSCAPES, IDS, STREETS, paint
from tests.support.pictures import gray, save, street
from tests.support.spoilt import findings, noise

NAMES = [color[0] for color in STREETS]
OTHER = ["sky", "road", "building", "vegetation", "rest"]
PLAIN = paint(street(NAMES), STREETS)


def pairs(root: Path, classes: list[str], halves: bool = False) -> Path:
    """Write eight pairs of a street's class numbers and something like a photograph."""
    for number in range(8):
        labels, photo = np.roll(gray(street(classes)), 8 * number, 1), noise(number, 64, 128)
        if halves:
            save(root / "train" / f"{number}.png", np.hstack([photo, labels]))
        else:
            save(root / "x" / f"{number}.png", labels)
            save(root / "y" / f"{number}.png", photo)
    return root


@pytest.mark.parametrize(("classes", "word"), [(list(IDS), "ids"), (NAMES, "trainids"), (OTHER, "voc")])
@pytest.mark.parametrize("halves", [False, True])
def test_the_doctors_command_makes_a_set_without_a_fault(
    classes: list[str], word: str, halves: bool, tmp_path: Path, capsys
):
    root = pairs(tmp_path / "my set", classes, halves)
    assert doctor(root) == 1
    found = findings(root)["class numbers, not colours"]
    assert found.kind == "problem"
    assert len(found.examples) == 8
    assert found.command == f"python -m synth data paint '{root}' '{root}-painted' --numbers {word}"
    assert found.command in capsys.readouterr().out.splitlines()
    painted = tmp_path / "my set-painted"
    assert main(["data", "paint", str(root), str(painted), "--numbers", word]) == 0
    assert "8 painted" in capsys.readouterr().out
    assert doctor(painted) == 0
    if halves:
        made, labels = images.read(painted / "train/1.png"), np.roll(street(classes), 8, 1)
        assert np.array_equal(made[:, :128], noise(1, 64, 128))
        assert np.array_equal(made[:, 128:], NUMBERINGS[word].paint(labels))
    else:
        assert (painted / "y/1.png").read_bytes() == (root / "y/1.png").read_bytes()


def test_a_palette_is_compared_with_painted_maps_only(tmp_path: Path):
    found = findings(pairs(tmp_path, NAMES), "cityscapes")
    assert "class numbers, not colours" in found
    assert "colours outside the palette" not in found


def test_a_folder_is_guessed_and_other_files_are_kept(tmp_path: Path, capsys):
    for name in ("a", "deep/b"):
        save(tmp_path / f"in/{name}.bmp", gray(street(NAMES)))
    (tmp_path / "in/notes.txt").write_text("mine")
    assert main(["data", "paint", str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    assert "2 painted (Cityscapes trainIds), 1 copied" in capsys.readouterr().out
    assert np.array_equal(images.read(tmp_path / "out/deep/b.png"), PLAIN)
    assert (tmp_path / "out/notes.txt").read_text() == "mine"


def test_one_file_is_painted_in_the_colours_of_a_file(tmp_path: Path):
    lines = [f"{name} {red} {green} {blue}" for name, red, green, blue in CITYSCAPES[::-1]]
    (tmp_path / "mine.txt").write_text("\n".join(lines))
    classes = [color[0] for color in CITYSCAPES[::-1]]
    source = save(tmp_path / "a.png", gray(street(classes)))
    command = ["data", "paint", str(source), str(tmp_path / "b.png"), "--numbers", str(tmp_path / "mine.txt")]
    assert main(command) == 0
    assert np.array_equal(images.read(tmp_path / "b.png"), PLAIN)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["nowhere", "out"], "no file or folder"),
        (["in", "in"], "input itself"),
        (["in", "in/out"], "input itself or inside"),
        (["in", "full"], "exists already"),
        (["in", "out"], "cannot be told"),
        (["in", "out", "--numbers", "rainbow"], "ids, trainids, camvid"),
        (["in", "out", "--numbers", "facades"], "No image in .* holds class numbers of the CMP"),
    ],
)
def test_mistakes_end_in_a_sentence(given: list[str], sentence: str, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save(Path("in/a.png"), gray(np.kron(np.array([[0, 1], [2, 40]], np.uint8), np.ones((9, 9), np.uint8))))
    save(Path("full/a.png"), PLAIN)
    assert main(["data", "paint", *given]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert re.search(sentence, error)
    assert not Path("out").exists()
