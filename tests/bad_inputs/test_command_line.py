"""Test bad arguments and files of every command: exit code 1 or 2, a sentence, and nothing raw."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import app
from export.__main__ import main as export
from synth.__main__ import main as synth
from tests.bad_inputs.said import checked
from tests.support import graphs
from tests.support.pictures import noise, pairs_folder, saved


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of graphs, images and files that are neither; the commands run in it."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "weights").mkdir()
    graphs.registry(folder / "weights")
    Image.fromarray(graphs.noise(9, 9, 3)).save(folder / "a.png")
    (folder / "letter.txt").write_text("This is a letter.")
    (folder / "empty").mkdir()
    (folder / "letters").mkdir()
    (folder / "letters" / "a.txt").write_text("This is a letter.")
    (folder / "phone").mkdir()
    (folder / "phone" / "a.psd").write_bytes(b"8BPS")
    (folder / "broken").mkdir()
    (folder / "broken" / "a.png").write_bytes(saved(noise())[:200])
    (folder / "broken" / "b.png").write_bytes(b"")
    for name in ("letter.pt", "letter.onnx", "letter.zip", "letter.mp4", "recipe.py"):
        (folder / name).write_text("This is a letter.")
    (folder / "empty.pt").write_bytes(b"")
    np.save(folder / "array.pt", np.zeros(3))
    (folder / "array.pt.npy").rename(folder / "array.pt")
    (folder / "zip.pt").write_bytes(b"PK\3\4" + bytes(100))
    pairs_folder(folder / "pairs", 3, 1)
    (folder / "one" / "x").mkdir(parents=True)
    Image.fromarray(graphs.noise(9, 9, 3)).save(folder / "one" / "x" / "a.png")
    return folder


SYNTH = {
    "aplpy a.png out": "Unknown command 'aplpy'. Did you mean 'apply'?",
    "bench speed": "Unknown command 'speed'",
    "bench --fast": "Unknown command '--fast'",
    "apply invrt a.png out": "Did you mean 'invert'?",
    "apply none.onnx a.png out": "There is no model none.onnx",
    "apply letter.onnx a.png out": "letter.onnx is not an ONNX graph",
    "apply colorize none.png out": "no file or folder none.png",
    "apply invert letter.txt out": "does not have the suffix of an image or a video",
    "apply invert empty out": "There are no images or videos in empty",
    "apply invert letters out": "There are no images or videos in letters",
    "apply invert phone out": "image editors",
    "apply invert a.png a.png": "is the input itself",
    "apply invert . .": "is the input itself",
    "apply invert a.png out.gif": "cannot be written: the result's name ends in",
    "apply invert broken letter.txt": "is a file",
    "apply invert a.png letter.txt/out.png": "letter.txt is a file, and a folder is needed there",
    "apply invert broken out": "“a.png” is damaged or incomplete",
    "apply invert letter.mp4 out": "is not a video that can be read here",
    "apply invert a.png out --workers -1": "--workers must be 0 or more, not -1",
    "apply invert a.png out --side -5": "--side must be 0 or more, not -5",
    "apply invert a.png out --side wide": "--side takes a whole number, not 'wide'",
    "apply invert a.png out --provider abacus": "abacus",
    "apply invert a.png out --beside": "--beside for characters",
    "apply invert a.png out --background green": "--background is for characters",
    "apply invert a.png": "Something is missing: PATH",
    "apply invert a.png out --weights none": "There is no model",
    "doctor none": "There is no folder none",
    "doctor letter.txt": "There is no folder letter.txt",
    "doctor empty": "is not laid out as pairs",
    "doctor one": "is not laid out as pairs",
    "doctor pairs --palette 1,2": "1,2",
    "evaluate tower": "There is no graph 'tower'",
    "results --weights empty": "There is no file empty/README.md",
    "inspect none.pt": "none.pt",
    "inspect letter.pt": "letter.pt",
    "inspect empty.pt": "empty.pt",
    "inspect zip.pt": "zip.pt",
    "inspect letter.onnx": "letter.onnx",
    "data fasades": "Did you mean",
    "data facades --from none.zip --out sets": "no file or folder none.zip",
    "data facades --from letter.zip --out sets": "neither a zip nor a tar file",
    "data video none.mp4 --name me": "“none.mp4” cannot be opened",
    "data video letter.mp4 --name me": "is not a video that can be read here",
    "data video letter.mp4 --name ../me": "cannot be the name of a data set",
    "data video letter.mp4 letter.mp4 --name me": "one was given twice",
    "deploy": "Name the Space",
    "deploy --space me": "is not the name of a Space",
    "deploy --space me/synth --auth me": "--auth must be USER:PASSWORD",
    "deploy --folder broken": "is not an empty folder",
    "train pars": "Did you mean",
    "train none.py": "none.py",
    "train ./recipe.py": "recipe.py",
    "train pairs --data none": "There is no folder none",
    "train pairs --data one": "pairs",
    "train pairs --data pairs --steps 0": "--steps must be positive",
    "train pairs --data pairs --steps 5 --minutes 5": "not both",
    "train pairs --data pairs --minutes -1": "--minutes must be",
    "train pairs --data pairs --size 3": "--size must be",
    "train pairs --data pairs --keep -1": "--keep must be 0 or more",
    "train pairs --data pairs --set speed=9": "speed",
    "train pairs --data pairs --set l1": "l1",
    "train pairs --data pairs --set l1=much": "much",
    "train pairs --data pairs --as-name a/b": "cannot be the name of a graph",
    "blend none.pt letter.pt --out both.pt": "There is no checkpoint none.pt",
    "blend letter.pt letter.pt --out both.pt": "letter.pt is not a checkpoint",
    "blend letter.pt letter.pt --out both.pt --share 2": "--share must be from 0",
}
EXPORT = {
    "strete last.pt": "Did you mean 'street'?",
    "street none.pt": "There is no checkpoint none.pt",
    "street letter.pt": "letter.pt is not a checkpoint",
    "street array.pt": "array.pt is not a checkpoint",
    "street empty.pt": "empty.pt is not a checkpoint",
    "--from none.pth --name x": "none.pth",
    "--from letter.pt --name x": "letter.pt",
    "--from zip.pt --name x": "zip.pt",
    "--from array.pt --name x": "array.pt",
    "check none.onnx": "none.onnx",
    "check letter.onnx": "letter.onnx",
    "again tower": "tower",
    "shelve tower": "There is no graph 'tower'",
    "shelve invert": "There are no metrics in invert",
    "triton models tower": "There is no graph tower",
    "triton models invert --batch 0": "--batch must be positive, not 0",
    "triton broken invert": "holds something that is not a model",
    "web broken --cdn": "is not empty and does not hold a page",
    "web page tower --cdn": "tower is not in weights",
    "web letter.txt --cdn": "letter.txt is a file, and a folder is needed there",
}
APP = {
    "--port 99999": "from 1 to 65535",
    "--port web": "from 1 to 65535",
    "--auth me": "must be USER:PASSWORD",
    "--mcp --auth me:secret": "cannot be combined",
    "--provider abacus": "invalid choice",
    "--pose none": "none",
    "--weights none": "There is no folder none",
    "--weights letter.txt": "There is no folder letter.txt",
    "--colour": "unrecognized arguments",
}


def said(run: Any, words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command; return what it prints, the box of a parser unfolded."""
    try:
        code = run(words.split())
    except SystemExit as ended:
        code = ended.code
    printed = capsys.readouterr()
    assert code in (1, 2), printed
    return " ".join(f"{printed.out} {printed.err}".replace("│", " ").split())


@pytest.fixture
def inside(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.mark.parametrize("words", SYNTH)
def test_a_bad_command(words: str, place: Path, inside: None, capsys: pytest.CaptureFixture[str]) -> None:
    weights = [] if "--weights" in words or words.split()[0] not in ("apply", "evaluate") else ["--weights", "weights"]
    checked(said(lambda given: synth([*given, *weights]), words, capsys), SYNTH[words])
    assert not list(place.rglob("*.part"))


@pytest.mark.parametrize("words", EXPORT)
def test_a_bad_export(words: str, place: Path, inside: None, capsys: pytest.CaptureFixture[str]) -> None:
    checked(said(export, words, capsys), EXPORT[words])
    assert not list(place.rglob("*.part"))


@pytest.mark.parametrize("words", APP)
def test_a_bad_start(words: str, inside: None, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def run(given: list[str]) -> int:
        monkeypatch.setattr("sys.argv", ["app.py", *given])
        return app.main()

    checked(said(run, words, capsys), APP[words])
