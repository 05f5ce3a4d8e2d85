"""Test the doctor on pairs: findings, output and exit code for every problem and layout."""

import inspect
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tyro
from PIL import Image

from synth import recipe
from synth.data import training_command
from synth.data.doctor import image_checks
from synth.data.doctor.doctor import doctor
from synth.data.doctor.survey import find_layout
from synth.training.train import train
from tests.support.pictures import blocks, pairs_folder, save
from tests.support.spoilt import SIDE, findings, noise, photos


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return pairs_folder(tmp_path / "set", side=SIDE)


def test_a_clean_set_is_clean(clean: Path, capsys: pytest.CaptureFixture[str]):
    assert doctor(clean) == 0
    shown = capsys.readouterr().out
    assert "Nothing wrong" in shown
    assert "6 in train, 2 in test" in shown
    assert "Training would use 6 pairs, and 2 to test" in shown


def test_the_last_line_is_the_next_command_or_what_to_fix_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    root = pairs_folder(tmp_path / "my set", side=SIDE)
    assert doctor(root) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"Next: {training_command.pairs(root)}"
    (root / "train/y/3.png").unlink()
    assert doctor(root) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Fix first: without a partner (train/x/3.png). Then run doctor again."


def test_the_direction_that_training_takes_is_said_where_it_is_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = photos(tmp_path)
    (root / "x").rename(root / "photo")
    (root / "y").rename(root / "labels")
    assert doctor(root, x="photo", y="labels") == 0
    assert "`train pairs` takes labels → photo" in capsys.readouterr().out
    assert doctor(root, x="labels", y="photo") == 0
    assert "`train pairs`" not in capsys.readouterr().out


@pytest.mark.parametrize("make", [training_command.pairs, training_command.unpaired, training_command.character])
def test_the_next_command_is_one_that_train_takes(make: Callable[[Path], str], tmp_path: Path):
    folder = tmp_path / "my set, 2"
    words = shlex.split(make(folder))
    options = dict(zip(words[5::2], words[6::2], strict=True))
    assert words[:4] == ["python", "-m", "synth", "train"]
    assert words[4] in recipe.names()
    assert {name[2:].replace("-", "_") for name in options} <= inspect.signature(train).parameters.keys()
    assert options["--data"] == str(folder)
    assert options["--as-name"].removeprefix("dance-") == "my_set_2"


def spoil_unpaired(root: Path) -> None:
    (root / "y/3.png").unlink()


def spoil_file(root: Path) -> None:
    file = root / "x/3.png"
    file.write_bytes(file.read_bytes()[:300])


def spoil_empty(root: Path) -> None:
    (root / "x/3.png").write_bytes(b"")


def spoil_size(root: Path) -> None:
    save(root / "y/3.png", noise(3, SIDE, SIDE // 2))


def spoil_tiny(root: Path) -> None:
    for side in "xy":
        save(root / side / "3.png", noise(3, 1, 1))


def spoil_again(root: Path) -> None:
    for side in "xy":
        save(root / side / "99.png", np.array(Image.open(root / side / "3.png")))


def spoil_same(root: Path) -> None:
    (root / "x/3.png").write_bytes((root / "y/3.png").read_bytes())


def spoil_name(root: Path) -> None:
    Image.fromarray(noise(50)).save(root / "x/3.jpg")


SPOILT: list[tuple[Callable[[Path], None], str]] = [
    (spoil_unpaired, "without a partner"),
    (spoil_file, "cannot be read"),
    (spoil_empty, "cannot be read"),
    (spoil_size, "sizes of input and target differ"),
    (spoil_tiny, "tiny"),
    (spoil_again, "duplicate pairs"),
    (spoil_same, "input and target are identical"),
    (spoil_name, "same name, different extensions"),
]


@pytest.mark.parametrize(("spoil", "what"), SPOILT, ids=[spoil.__name__ for spoil, _ in SPOILT])
def test_each_trouble_is_a_problem_and_names_the_picture(
    spoil: Callable[[Path], None], what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = photos(tmp_path)
    assert doctor(root) == 0
    spoil(root)
    found = findings(root)
    assert found[what].kind == "problem"
    assert "/3." in " ".join(found[what].examples)
    assert found[what].advice
    capsys.readouterr()
    assert doctor(root) == 1
    assert what.split()[0] in capsys.readouterr().out


def test_what_only_needs_saying_is_a_note(tmp_path: Path):
    root = photos(tmp_path)
    picture = Image.fromarray(noise(1))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise(0)).save(root / "x/0.jpg", quality=95, exif=exif)
    (root / "x/0.png").unlink()
    picture.convert("RGBA").save(root / "x/1.png")
    picture.convert("CMYK").save(root / "x/2.tif")
    (root / "x/2.png").unlink()
    Image.fromarray((noise(3)[..., 0].astype(np.uint16)) * 257).save(root / "x/3.png")
    Image.fromarray(noise(4)).save(root / "x/4.png", "JPEG")
    Image.fromarray(noise(5)).save(root / "x/5.gif", save_all=True, append_images=[picture])
    (root / "x/5.png").unlink()
    found = findings(root)
    expected = {
        "EXIF rotation": "x/0.jpg",
        "transparency": "x/1.png",
        "CMYK colours": "x/2.tif",
        "16 bits or more": "x/3.png",
        "extension does not match the content": "x/4.png",
        "several frames": "x/5.gif",
    }
    for what, where in expected.items():
        assert found[what].kind == "note"
        assert found[what].examples == (where,)
    assert doctor(root) == 0


def test_files_that_training_passes_over_are_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    root = photos(tmp_path)
    for name in ("x/IMG_0001.jxl", "x/7.dng", "film.mov", "x/Thumbs.db", "__MACOSX/x/1.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"content")
    save(root / "x" / "more" / "8.png", noise(8))
    found = list(image_checks.unused(root, find_layout(root, "x", "y").items))
    assert [note.examples for note in found] == [("x/7.dng",), ("x/IMG_0001.jxl",), ("x/more/8.png",), ("film.mov",)]
    assert found[0].advice.startswith("Camera raw files are not read here; develop them")
    assert {note.kind for note in found} == {"note"}
    assert doctor(root) == 0
    assert "x/IMG_0001.jxl" in capsys.readouterr().out


def test_names_with_brackets_are_shown_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    save(photos(tmp_path) / "x/a[b][1].png", noise(9))
    assert doctor(tmp_path) == 1
    assert "a[b][1].png" in "".join(capsys.readouterr().out.split())


def test_the_same_pair_in_train_and_test_is_said(clean: Path):
    for side in "xy":
        save(clean / "test" / side / "7.png", np.array(Image.open(clean / "train" / side / "3.png")))
    found = findings(clean)["duplicate pairs"]
    assert found.kind == "problem"
    assert found.examples == ("train/x/3.png = test/x/7.png",)
    assert "train and in test" in found.advice


def test_one_input_with_two_targets_is_a_note(tmp_path: Path):
    root = photos(tmp_path)
    save(root / "x/99.png", noise(3))
    save(root / "y/99.png", noise(77))
    assert findings(root)["duplicate inputs"].kind == "note"


def test_re_saved_pairs_are_found_and_others_are_not(tmp_path: Path):
    root = photos(tmp_path, 40)
    assert "near-duplicate pairs" not in findings(root)
    for side, image in (("x", noise(3)), ("y", 255 - noise(3))):
        Image.fromarray(image).resize((80, 80)).save(root / side / "99.jpg", quality=80)
    assert findings(root)["near-duplicate pairs"].examples == ("x/3.png = x/99.jpg",)


def test_side_by_side_pictures_are_cut_in_half(tmp_path: Path):
    for number in range(8):
        save(tmp_path / f"{number}.png", np.concatenate([noise(number), 255 - noise(number)], axis=1))
    assert doctor(tmp_path) == 0
    save(tmp_path / "8.png", noise(8, SIDE, 2 * SIDE + 1))
    save(tmp_path / "9.png", np.concatenate([noise(30), noise(30)], axis=1))
    found = findings(tmp_path)
    assert found["odd width"].examples == ("8.png",)
    assert found["input and target are identical"].examples == ("9.png",)


def test_folders_that_are_no_data_sets_end_in_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="no folder"):
        doctor(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="not laid out as pairs"):
        doctor(tmp_path)
    for name in "abc":
        save(tmp_path / name / "1.png", blocks(1))
    with pytest.raises(ValueError, match="holds a, b, c"):
        doctor(tmp_path)


def test_one_pair_is_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert doctor(photos(tmp_path, 1)) == 1
    assert "a single pair" in " ".join(capsys.readouterr().out.split())


def test_the_command_line_has_the_promised_flags(clean: Path):
    assert tyro.cli(doctor, args=[str(clean)]) == 0
    with pytest.raises(ValueError, match="rainbow"):
        tyro.cli(doctor, args=[str(clean), "--palette", "rainbow"])
