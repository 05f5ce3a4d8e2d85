"""Test every command that writes, on a disk that is full or not there: one sentence, exit code 2, nothing half done."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from export.__main__ import main as export
from synth import recipe
from synth.__main__ import main
from tests.support import graphs
from tests.support.pictures import pairs_folder
from tests.support.shrink import shrink

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the size of files is limited as on Unix")
SENTENCE = "cannot be written: the file would be larger than this disk or account allows. Choose another place."


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes: the system then answers EFBIG, as a full disk ENOSPC."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    return graphs.registry(tmp_path / "weights")


WRITERS = {
    "export web": lambda weights, out: export(["web", str(out), "--cdn", "--weights", str(weights)]),
    "export triton": lambda weights, out: export(["triton", str(out), "invert", "--weights", str(weights)]),
    "deploy": lambda weights, out: export(["deploy", "--folder", str(out), "--weights", str(weights)]),
}


@pytest.mark.parametrize("command", WRITERS)
def test_a_disk_that_is_full(command: str, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, before = tmp_path / "out", tree(weights)
    with largest_file(200):
        assert WRITERS[command](weights, out) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert str(out) in said
    assert SENTENCE in said
    assert tree(tmp_path / "out") == {}
    assert tree(weights) == before
    assert WRITERS[command](weights, out) == 0, "the same command, once there is room"
    assert not [name for name in tree(out) if name.endswith(".part")]


@pytest.mark.parametrize("command", WRITERS)
def test_a_file_where_a_folder_should_be(command: str, weights: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("mine")
    assert WRITERS[command](weights, tmp_path / "file" / "out") == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert f"{tmp_path / 'file'} is a file, and a folder is needed there. Move it" in said
    assert (tmp_path / "file").read_text() == "mine"


def test_an_older_page_stays_until_the_new_one_is_complete(weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "page"
    WRITERS["export web"](weights, out)
    before = tree(out)
    with largest_file(200):
        assert WRITERS["export web"](weights, out) == 2
    assert tree(out) == before
    (out / ".0123abcd.part").mkdir()
    assert WRITERS["export web"](weights, out) == 0
    assert tree(out) == before
    assert not (out / ".0123abcd.part").exists()


def test_training_and_export_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    found = recipe.find
    monkeypatch.setattr(recipe, "find", lambda name, preset="auto": shrink(found(name, "cpu")))
    data, run = pairs_folder(tmp_path / "data", 3, 1), tmp_path / "run"
    train = ["train", "pairs", "--data", str(data), "--device", "cpu", "--steps", "2", "--out"]

    (tmp_path / "file").write_text("mine")
    assert main([*train, str(tmp_path / "file" / "run")]) == 2
    assert f"{tmp_path / 'file'} is a file, and a folder is needed there" in capsys.readouterr().err
    for size in (0, 20, 4000):  # met by the folder, by TensorBoard, by the checkpoint
        with largest_file(size):
            assert main([*train, str(run)]) == 2
        said = capsys.readouterr().err
        assert str(run) in said
        assert SENTENCE in said
        assert len(said.splitlines()) == 1, said
        assert not [name for name in tree(tmp_path) if name.endswith((".part", ".pt"))]

    assert main([*train, str(run)]) == 0
    out = tmp_path / "graphs"
    with largest_file(4000):
        assert export(["pairs", str(run / "last.pt"), "--out", str(out)]) == 2
        assert main(["blend", str(run / "last.pt"), str(run / "last.pt"), "--out", str(tmp_path / "blend.pt")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-2] == f"{out / 'pairs.onnx'} {SENTENCE}"
    assert said[-1] == f"{tmp_path / 'blend.pt'} {SENTENCE}"
    assert not [name for name in tree(tmp_path) if name.endswith((".part", ".onnx")) or "blend" in name]
