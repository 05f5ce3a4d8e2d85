"""Test the doctor on unpaired folders: when it takes a folder as unpaired, and every problem."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tyro
from PIL import Image

from synth.data.doctor import survey
from synth.data.doctor.doctor import doctor
from synth.data.doctor.finding import Finding
from synth.data.doctor.pairing import why_unpaired
from synth.data.doctor.unpaired_checks import check
from synth.data.doctor.unpaired_doctor import lay_out
from synth.data.sets.unpaired import Unpaired
from tests.support.pictures import pairs_folder, save

SIDE = 64


def photo(seed: int, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """Return something like a photograph: smooth, with many colours, uint8 [height, width, 3]."""
    coarse = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8))
    return np.array(coarse.resize((width, height), Image.Resampling.BICUBIC))


def fill(folder: Path, seed: int, count: int, prefix: str = "") -> None:
    for number in range(count):
        save(folder / f"{prefix}{number}.png", photo(seed + number))


def unpaired(
    root: Path, train: tuple[int, int] = (9, 7), test: int = 2, prefixes: tuple[str, str] = ("h", "k")
) -> Path:
    """Write ``root/{train,test}/{horse,ink}`` of unrelated images."""
    for side, (name, prefix) in enumerate(zip(("horse", "ink"), prefixes, strict=True)):
        fill(root / "train" / name, 1000 * side, train[side], prefix)
        fill(root / "test" / name, 1000 * side + 500, 2, prefix)
    return root


def findings(folder: Path) -> dict[str, Finding]:
    layout = lay_out(folder, Unpaired(name=""))
    found = check(layout, survey.inspect_items(layout.items, (), None, lambda: None))
    assert len({finding.what for finding in found}) == len(found)
    return {finding.what: finding for finding in found}


def test_names_that_do_not_match_are_unpaired_and_a_clean_set_is_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(unpaired(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "horse and ink, unpaired (no name is on both sides)" in shown
    assert "Training would use 9 and 7 images, and 2 and 2 to test" in shown
    assert "64x64" in shown
    assert "Nothing wrong" in shown
    assert shown.splitlines()[-1].startswith("Next: python -m synth train horse2ink --data ")


def test_pairs_stay_pairs(tmp_path: Path) -> None:
    """Names are numbers and counts differ, but y is the negative of x."""
    root = pairs_folder(tmp_path / "blocks", side=SIDE)
    for number in range(20):
        save(tmp_path / "photos" / "x" / f"{number}.png", photo(number))
        if number < 15:
            save(tmp_path / "photos" / "y" / f"{number}.png", 255 - photo(number))
    assert why_unpaired(root, "x", "y") == ""
    assert why_unpaired(tmp_path / "photos", "x", "y") == ""


def test_numbers_that_merely_count_are_no_pairs(tmp_path: Path) -> None:
    root = unpaired(tmp_path, (30, 24), prefixes=("", ""))
    assert "names are numbers" in why_unpaired(root, "x", "y")


def test_too_few_to_tell_are_taken_by_their_names(tmp_path: Path) -> None:
    fill(tmp_path / "a", 0, 3)
    fill(tmp_path / "b", 100, 3)
    assert why_unpaired(tmp_path, "x", "y") == ""


def test_a_few_names_by_accident_make_no_pairs(tmp_path: Path) -> None:
    root = unpaired(tmp_path)
    save(root / "train" / "ink" / "h0.png", photo(77))
    assert why_unpaired(root, "x", "y") == "only 1 of 10 names are on both sides"


def test_the_layout_of_the_original_code_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(("trainA", "trainB", "testA", "testB")):
        fill(tmp_path / name, 100 * number, 5)
    (tmp_path / "trainA" / "2.png").write_bytes(b"no picture")
    assert doctor(tmp_path) == 1
    shown = capsys.readouterr().out
    assert "A and B, unpaired (the folders are called trainA and trainB)" in shown
    assert "trainA/2.png" in shown
    assert "train/trainA" not in shown


def test_what_it_is_can_be_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = pairs_folder(tmp_path / "pairs", side=SIDE)
    assert tyro.cli(doctor, args=[str(root), "--kind", "unpaired"]) == 0
    assert "unpaired (as requested)" in capsys.readouterr().out
    assert tyro.cli(doctor, args=[str(unpaired(tmp_path / "set")), "--kind", "pairs"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "without a partner" in shown
    assert "unpaired" in shown, "the way out"


def test_pictures_side_by_side_are_not_two_folders(tmp_path: Path) -> None:
    fill(tmp_path, 0, 4)
    with pytest.raises(ValueError, match="two folders"):
        doctor(tmp_path, kind="unpaired")
    with pytest.raises(ValueError, match="no folder"):
        doctor(tmp_path / "nowhere", kind="unpaired")


def corrupt(root: Path) -> str:
    file = root / "train/horse/h3.png"
    file.write_bytes(file.read_bytes()[:300])
    return "train/horse/h3.png"


def tiny(root: Path) -> str:
    save(root / "train/ink/k3.png", photo(777, 20, 20))
    return "train/ink/k3.png 20x20"


def leak(root: Path) -> str:
    save(root / "test/horse/other.png", photo(4))
    return "train/horse/h4.png = test/horse/other.png"


def shared(root: Path) -> str:
    save(root / "train/ink/other.png", photo(4))
    return "train/horse/h4.png = train/ink/other.png"


def mirrored(root: Path) -> str:
    Image.fromarray(photo(4)[:, ::-1]).resize((80, 80)).save(root / "test/horse/other.jpg", quality=80)
    return "train/horse/h4.png = test/horse/other.jpg mirrored"


def small(root: Path) -> str:
    for file in root.glob("*/ink/*.png"):
        Image.open(file).resize((160, 160)).save(file)
    return "horse median 64x64"


def wide(root: Path) -> str:
    for file in root.glob("*/ink/*.png"):
        Image.open(file).resize((64, 40)).save(file)
    return "ink median width/height 1.60"


PROBLEMS: list[tuple[Callable[[Path], str], str]] = [
    (corrupt, "cannot be read"),
    (tiny, "tiny"),
    (leak, "the same image in train and in test"),
    (shared, "the same image on both sides"),
    (mirrored, "nearly the same image in train and in test"),
    (small, "sizes of the sides differ"),
    (wide, "proportions of the sides differ"),
]


@pytest.mark.parametrize(("spoil", "what"), PROBLEMS, ids=[spoil.__name__ for spoil, _ in PROBLEMS])
def test_each_trouble_is_a_problem_and_names_the_place(
    spoil: Callable[[Path], str], what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = unpaired(tmp_path)
    assert findings(root) == {}
    where = spoil(root)
    found = findings(root)
    assert list(found) == [what]
    assert found[what].kind == "problem"
    assert where in found[what].examples
    assert found[what].advice.endswith(".") or "“" in found[what].advice
    assert doctor(root) == 1
    assert what.split()[0] in capsys.readouterr().out


def test_a_copy_within_a_side_and_one_that_was_re_saved_are_notes(tmp_path: Path) -> None:
    root = unpaired(tmp_path)
    save(root / "train/horse/again.png", photo(4))
    Image.fromarray(photo(1005)).resize((100, 100)).save(root / "train/ink/k5again.jpg", quality=70)
    Image.fromarray(photo(1)).resize((50, 50)).save(root / "train/ink/h1again.jpg", quality=90)
    found = findings(root)
    assert {what: (finding.kind, finding.examples) for what, finding in found.items()} == {
        "the same image more than once": ("note", ("train/horse/again.png = train/horse/h4.png",)),
        "nearly the same image on both sides": ("note", ("train/horse/h1.png = train/ink/h1again.jpg",)),
        "nearly the same image more than once": ("note", ("train/ink/k5.png = train/ink/k5again.jpg",)),
    }
    assert doctor(root) == 0


def test_many_times_as_many_of_one_side(tmp_path: Path) -> None:
    assert "very different counts" not in findings(unpaired(tmp_path / "a", (12, 3)))
    found = findings(unpaired(tmp_path / "b", (13, 3)))["very different counts"]
    assert (found.kind, found.examples) == ("note", ("ink 3, horse 13",))


def test_a_single_picture_is_too_few(tmp_path: Path) -> None:
    assert findings(unpaired(tmp_path, (6, 1)))["a single image"].kind == "problem"


@pytest.mark.parametrize("layout", [("train/horse", "train/ink"), ("trainA", "trainB"), ("horse", "ink")])
def test_no_test_pictures_is_a_note_and_none_is_in_both(
    tmp_path: Path, layout: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for number, name in enumerate(layout):
        fill(tmp_path / name, 100 * number, 21, "hk"[number])
    assert findings(tmp_path)["no test images"].kind == "note"
    assert doctor(tmp_path) == 0
    assert "Training would use 20 and 20 images, and 1 and 1 to test" in capsys.readouterr().out


def test_test_pictures_alone_are_a_problem(tmp_path: Path) -> None:
    fill(tmp_path / "test" / "a", 0, 5, "h")
    fill(tmp_path / "test" / "b", 100, 5, "k")
    assert findings(tmp_path)["no training images"].kind == "problem"


def gray(file: Path) -> None:
    Image.open(file).convert("L").convert("RGB").save(file)


def test_a_side_without_colours_and_a_side_with_some_gray_pictures(tmp_path: Path) -> None:
    root = unpaired(tmp_path, (9, 9))
    gray(root / "train/horse/h2.png")
    found = findings(root)["gray images"]
    assert (found.kind, found.examples) == ("note", ("train/horse/h2.png",))
    gray(root / "train/ink/k2.png")
    assert "gray images" not in findings(root), "about as many on both sides"
    for file in root.glob("*/ink/*.png"):
        gray(file)
    found = findings(root)
    assert found["no colours on one side"].examples == ("horse 9% gray", "ink 100% gray")
    assert "gray images" not in found


def test_nothing_that_can_be_read_is_said_and_no_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = unpaired(tmp_path)
    for file in root.glob("*/ink/*.png"):
        file.write_bytes(b"nothing")
    assert doctor(root) == 1
    assert "–" in capsys.readouterr().out
