"""Test the doctor on label maps: palettes, colours outside them, and images that are not label maps."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synth.data.doctor import survey
from synth.data.doctor.doctor import doctor
from synth.data.palette_file import read_palette
from synth.pixels import palette as palettes
from tests.support.pictures import save
from tests.support.spoilt import findings, noise, photos


def labelled(root: Path) -> Path:
    """Write facades-like pairs: label maps of four colours of the palette, and photographs."""
    for number in range(8):
        index = np.random.default_rng(number).integers(0, 4, (4, 4)).astype(np.uint8)
        labels = palettes.paint(np.kron(index, np.ones((16, 16), np.uint8)), palettes.FACADES)
        save(root / "labels" / f"{number}.png", labels)
        save(root / "photo" / f"{number}.png", noise(number))
    return root


@pytest.mark.parametrize("palette", ["facades", "file"])
def test_colours_outside_the_palette_are_found(palette: str, tmp_path: Path):
    root = labelled(tmp_path / "set")
    if palette == "file":
        lines = [f"{name}, {r}, {g}, {b}" for name, r, g, b in palettes.FACADES]
        (tmp_path / "mine.txt").write_text("# my colours\n\n" + "\n".join(lines))
        palette = str(tmp_path / "mine.txt")
    assert doctor(root, palette=palette) == 0
    labels = np.array(Image.open(root / "labels/5.png"))
    labels[:8, :8] = (1, 200, 3)
    save(root / "labels/5.png", labels)
    found = findings(root, palette, "labels", "photo")["colours outside the palette"]
    assert found.examples == ("labels/5.png 1.56%",)
    assert "(1, 200, 3)" in found.advice
    assert doctor(root, palette=palette) == 1


@pytest.mark.parametrize("side", ["x", "y"])
def test_label_maps_that_went_through_jpeg_are_said_to_be_blurred(side: str, tmp_path: Path):
    root = labelled(tmp_path)
    for file in list((root / "labels").iterdir()):
        Image.open(file).save(file.with_suffix(".jpg"), quality=95, subsampling=0)
        file.unlink()
    (root / "labels").rename(root / side)
    (root / "photo").rename(root / ("y" if side == "x" else "x"))
    found = findings(root, "facades")
    assert found["label maps as JPEG"].kind == "note"
    assert found["colours slightly off the palette"].examples == ("8 images",)
    assert "colours outside the palette" not in found


def test_without_a_palette_label_maps_are_recognised_and_slips_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = labelled(tmp_path)
    for number in range(8, 40):
        save(root / f"labels/{number}.png", np.array(Image.open(root / f"labels/{number % 8}.png"))[::-1])
        save(root / f"photo/{number}.png", noise(number))
    labels = np.array(Image.open(root / "labels/5.png"))
    labels[7, 9] = (9, 9, 9)
    save(root / "labels/5.png", labels)
    found = findings(root, "", "labels", "photo")["rare colours in label maps"]
    assert found.examples == ("(9, 9, 9) in labels/5.png",)
    doctor(root)
    shown = capsys.readouterr().out
    assert "label maps of 4 colours" in shown
    assert "0, 0, 170" in shown


def test_the_wrong_palette_is_held_against_the_label_maps(tmp_path: Path):
    found = findings(labelled(tmp_path), "cityscapes", "labels", "photo")["colours outside the palette"]
    assert all(example.startswith("labels/") for example in found.examples)


def test_drawings_and_photographs_are_no_label_maps(tmp_path: Path):
    assert survey.label_side(survey.find_layout(photos(tmp_path), "x", "y").items) is None
    for number in range(8):
        page = Image.new("L", (1024, 1024), 255)
        page.paste(0, (100 + 31 * number, 200, 500, 213))
        save(tmp_path / f"x/{number}.png", np.array(page.rotate(13, fillcolor=255).resize((100, 100)).convert("RGB")))
    assert survey.label_side(survey.find_layout(tmp_path, "x", "y").items) is None


def test_palettes_that_cannot_be_read_end_in_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="facades, cityscapes"):
        read_palette("rainbow")
    (tmp_path / "palette.txt").write_text("red 255 0 0\ngreen 0 300 0\n")
    with pytest.raises(ValueError, match="Line 2"):
        read_palette(str(tmp_path / "palette.txt"))
    (tmp_path / "palette.txt").write_text("\n")
    with pytest.raises(ValueError, match="no colours"):
        read_palette(str(tmp_path / "palette.txt"))
