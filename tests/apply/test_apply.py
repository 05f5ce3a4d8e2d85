"""Test applying a graph to folders and images: processed, skipped, and never overwritten files."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from synth.__main__ import main
from synth.apply.plan import Job, plan
from synth.pixels.resize import fit
from synth.runtime import provenance
from tests.support import graphs, pictures
from tests.support.paths import ROOT


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in ("invert", "other"):
        graphs.save(folder, replace(graphs.CARD, name=name))
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with sub-folders, twins of one name, and what is no picture."""
    folder = tmp_path / "in"
    for number, name in enumerate(("a.png", "deep/er/a.png", "deep/twin.png", "deep/twin.webp", ".hidden/a.png")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(graphs.noise(20 + number, 33, 3)).save(path, lossless=True)
    (folder / "notes.txt").write_text("not a picture")
    return folder


def run(weights: Path, source: Path, out: Path, *more: str, name: str = "invert") -> int:
    return main(["apply", name, str(source), str(out), "--weights", str(weights), "--provider", "cpu", *more])


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


ALL = ["a.png", "deep/er/a.png", "deep/twin.png.png", "deep/twin.webp.png"]


def test_a_folder_keeps_its_folders_and_every_size(weights: Path, archive: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert run(weights, archive, out) == 0
    assert files(out) == ALL
    assert np.array_equal(pixels(out / "deep/er/a.png"), 255 - pixels(archive / "deep/er/a.png"))
    assert np.array_equal(pixels(out / "deep/twin.webp.png"), 255 - pixels(archive / "deep/twin.webp"))
    told = provenance.read_xmp(out / "a.png")
    assert provenance.SOURCE in told
    assert provenance.made_by(told) == provenance.model_id(graphs.CARD, weights / "invert.onnx")
    assert "4 done" in capsys.readouterr().out


def test_what_is_there_and_whole_is_not_made_again(weights: Path, archive: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    run(weights, archive, out)
    for path in archive.rglob("*.*"):
        os.utime(path, (1, 1))
    old = {name: (out / name).stat().st_mtime_ns for name in ALL}
    whole = (out / "a.png").read_bytes()
    (out / "a.png").write_bytes(whole[:-20])
    os.utime(archive / "deep/er/a.png", (2**32, 2**32))
    assert run(weights, archive, out) == 0
    assert "2 done, 2 skipped as already done" in capsys.readouterr().out
    assert (out / "a.png").read_bytes() == whole
    assert {name for name in ALL if (out / name).stat().st_mtime_ns != old[name]} == {"a.png", "deep/er/a.png"}


def test_another_graph_makes_all_of_it_again(weights: Path, archive: Path, tmp_path: Path, capsys) -> None:
    run(weights, archive, tmp_path / "out")
    assert run(weights, archive, tmp_path / "out", name=str(weights / "other.onnx")) == 0
    assert capsys.readouterr().out.count("4 done") == 2


def test_another_size_makes_all_of_it_again(weights: Path, archive: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    for side, said in (("24", "4 done"), ("24", "4 skipped as already done"), ("16", "4 done"), ("0", "4 done")):
        assert run(weights, archive, out, "--side", side) == 0
        assert said in capsys.readouterr().out
        assert {max(pixels(out / name).shape) for name in ALL} == {int(side) or 33}


def test_bad_files_are_told_and_the_others_done(weights: Path, archive: Path, tmp_path: Path, capsys) -> None:
    (archive / "bad.png").write_bytes(pictures.saved(pictures.noise())[:300])
    (archive / "film.mp4").write_text("This is a letter.")
    foreign = tmp_path / "out" / "a.png"
    before = pictures.save(foreign, graphs.noise(5, 5, 3)).read_bytes()
    assert run(weights, archive, tmp_path / "out") == 1
    said = capsys.readouterr().out
    assert "“bad.png” is damaged" in said
    assert "“film.mp4” is not a video" in said
    assert "was not made by synth apply" in said
    assert "3 done, 3 failed" in said
    assert foreign.read_bytes() == before
    assert files(tmp_path / "out") == ALL


def test_files_that_look_like_images_and_are_not_used_are_named(weights: Path, archive: Path, tmp_path: Path, capsys):
    for name in ("b.JXL", "deep/c.jxl", "d.mxf", "Thumbs.db", "__MACOSX/e.psd", ".f.psd", "notes.pdf"):
        (archive / name).parent.mkdir(exist_ok=True)
        (archive / name).write_bytes(b"content")
    Image.fromarray(graphs.noise(9, 8, 3)).save(archive / "web.jfif", "JPEG")
    (archive / "broken.png").symlink_to(archive / "nowhere.png")
    assert run(weights, archive, tmp_path / "out") == 1
    said = capsys.readouterr().out
    assert "“b.JXL”, “c.jxl” cannot be used: JPEG XL is not read here; convert it to PNG or JPEG." in said
    assert "“d.mxf” cannot be used: this kind of video is not read here; convert it to MP4." in said
    assert "“broken.png” cannot be used: it is a link to nothing." in said
    assert f"5 done, 4 not used: {tmp_path / 'out'}" in said.replace("\n", "")
    assert not any(word in said for word in ("Thumbs", ".psd", ".pdf"))
    assert files(tmp_path / "out") == sorted([*ALL, "web.png"])


def test_author_and_resolution_are_kept_and_the_place_only_if_asked_for(weights: Path, tmp_path: Path, capsys) -> None:
    tags = Image.Exif()
    tags[Base.Artist], tags[IFD.GPSInfo] = "A. N. Author", {1: "N", 2: (48.0, 8.0, 15.0)}
    scan, out = tmp_path / "scan.jpg", tmp_path / "out.png"
    pictures.noise().save(scan, exif=tags, dpi=(300, 300))
    for more, place in ((["--keep-location"], {1: "N", 2: (48.0, 8.0, 15.0)}), ([], {})):
        assert run(weights, scan, out, *more) == 0
        assert "1 done" in capsys.readouterr().out, "made again, because the setting is another"
        with Image.open(out) as made:
            assert made.getexif()[Base.Artist] == "A. N. Author"
            assert made.getexif().get_ifd(IFD.GPSInfo) == place
            assert made.info["dpi"] == pytest.approx((300, 300), abs=0.01)


def test_a_folder_of_nothing_but_unread_images_says_why(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(5):
        (tmp_path / "in" / f"{number}.cr2").write_bytes(b"content")
    with pytest.raises(ValueError, match=r"no images or videos in .*“2\.cr2” and 2 more cannot be used: camera raw"):
        plan(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ValueError, match=r"“1\.cr2” cannot be used: camera raw files"):
        plan(tmp_path / "in" / "1.cr2", tmp_path / "out")


def test_results_within_the_input_do_not_go_in_again(weights: Path, archive: Path) -> None:
    for _ in range(2):
        assert run(weights, archive, archive / "out") == 0
        assert files(archive / "out") == ALL


@pytest.mark.parametrize("name", ["out.png", "out.webp", "out.jpg", "made/out.png"])
def test_one_picture_becomes_what_its_name_says(weights: Path, tmp_path: Path, name: str) -> None:
    source = pictures.save(tmp_path / "in.png", np.kron(pictures.blocks(0), np.ones((4, 4, 1), np.uint8)))
    assert run(weights, source, tmp_path / name, "--side", "80") == 0
    made = pixels(tmp_path / name)
    assert made.shape == (80, 80, 3)
    assert np.abs(made.astype(int) - (255 - fit(pixels(source), 80))).mean() < (1 if name.endswith("png") else 10)


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("none", "out", "no file or folder"),
        ("a.png", "out.gif", "cannot be written"),
        ("a.png", "a.png", "the input itself"),
        (".", ".", "the input itself"),
        (".", "a.png", "need a folder"),
        ("empty", "out", "no images or videos in"),
        ("notes.txt", "out", "not have the suffix"),
    ],
)
def test_what_cannot_be_meant_ends_in_a_sentence(tmp_path: Path, source: str, target: str, sentence: str) -> None:
    pictures.save(tmp_path / "a.png", graphs.noise(4, 4, 3))
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match=sentence):
        plan(tmp_path / source, tmp_path / target)


def test_a_graph_that_is_not_there_and_one_of_another_kind(weights: Path, archive: Path, tmp_path: Path, capsys):
    shutil.copy(ROOT / "weights" / "pose.onnx", weights)
    for name, sentence in (("none", "there are: invert, other, pose"), ("pose", "one image to another")):
        assert run(weights, archive, tmp_path / "out", name=name) == 2
        assert sentence in capsys.readouterr().err


def test_neither_torch_nor_gradio_is_imported(weights: Path, archive: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from synth.__main__ import main; code = main(sys.argv[1:]);"
        "sys.exit(code or ', '.join({'torch', 'gradio'} & {*sys.modules}) or None)"
    )
    arguments = ["apply", "invert", str(archive), str(tmp_path / "out"), "--weights", str(weights)]
    subprocess.run([sys.executable, "-c", code, *arguments, "--provider=cpu"], check=True, cwd=ROOT, timeout=600)
    assert files(tmp_path / "out") == ALL


def test_names_are_the_same_however_often_they_are_planned(archive: Path, tmp_path: Path) -> None:
    jobs = plan(archive, tmp_path / "out").jobs
    assert jobs == plan(archive, tmp_path / "out").jobs
    assert jobs[0] == Job(archive / "a.png", tmp_path / "out" / "a.png", False)
