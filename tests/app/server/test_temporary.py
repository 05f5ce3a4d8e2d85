"""Test the folder of temporary files: swept by age, left alone by others, gone at the end."""

import os
import signal
import stat
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from gradio.utils import get_upload_folder

from synth.app import controls
from synth.app.server import temporary
from synth.app.server.temporary import KEPT, MARK, PREFIX, sweep
from synth.benchmarks.served import app

OLD = KEPT + 60


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that no other test uses."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def aged(path: Path, seconds: float) -> Path:
    """Make a path look as if it was written some time ago (its time of change cannot be set: the sweep is told)."""
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)
    return path


@pytest.fixture
def by_mtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sweep see no change of status, which ``aged`` cannot set back."""
    real = os.lstat

    def lstat(path: object) -> os.stat_result:
        found = list(real(path))  # type: ignore[arg-type]
        found[stat.ST_CTIME] = found[stat.ST_MTIME]
        return os.stat_result(found)

    monkeypatch.setattr(os, "lstat", lstat)


def test_everything_that_writes_temporary_files_writes_there(parent: Path) -> None:
    folder = temporary.make()
    assert folder.parent == parent.resolve()
    assert get_upload_folder() == str(folder)
    assert controls.fresh_file("a.png").is_relative_to(folder)
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("by_mtime")
def test_old_files_go_and_new_ones_stay(parent: Path) -> None:
    folder = temporary.make()
    old, new = controls.fresh_file("old.png"), controls.fresh_file("new.png")
    aborted = folder / "tmpabc"
    for path in (old, new, aborted):
        path.write_bytes(b"x")
    for path in (old, aborted, old.parent):
        aged(path, OLD)
    sweep(parent)
    assert {path for path in folder.rglob("*") if path.is_file()} == {new, folder / MARK}


@pytest.mark.usefixtures("by_mtime")
def test_files_that_the_page_needs_stay(parent: Path) -> None:
    folder = temporary.make()
    path = folder / "shown.png"
    path.write_bytes(b"x")
    aged(path, OLD)
    sweep(parent, frozenset([str(path)]))
    assert path.exists()


@pytest.mark.usefixtures("by_mtime")
def test_what_a_killed_app_left_goes_with_its_folder(parent: Path) -> None:
    left = temporary.make()
    (left / "result").mkdir()
    (left / "result" / "a.png").write_bytes(b"x")
    for path in (left / "result" / "a.png", left / "result", left / MARK):
        aged(path, OLD)
    temporary.make()
    sweep(parent)
    assert not left.exists()


@pytest.mark.usefixtures("by_mtime")
def test_an_app_that_only_waits_keeps_its_folder(parent: Path) -> None:
    folder = temporary.make()
    sweep(parent)
    assert folder.exists()


@pytest.mark.usefixtures("by_mtime")
def test_files_of_others_are_never_touched(parent: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / MARK).touch()
    (elsewhere / "dear.txt").touch()
    unmarked = parent / f"{PREFIX}mine"
    unmarked.mkdir()
    other = parent / "other"
    other.mkdir()
    (other / MARK).touch()
    (parent / f"{PREFIX}link").symlink_to(elsewhere, target_is_directory=True)
    folder = temporary.make()
    (folder / "link").symlink_to(elsewhere, target_is_directory=True)
    (folder / "file").symlink_to(elsewhere / "dear.txt")
    linked = parent / f"{PREFIX}linked"
    linked.mkdir()
    (linked / MARK).symlink_to(elsewhere / MARK)
    dear = [elsewhere / "dear.txt", unmarked / "a", other / "a", linked / "a"]
    for path in dear:
        path.touch()
        aged(path, OLD)
    for path in (folder / "link", folder / "file"):
        aged(path, OLD)
    sweep(parent)
    assert all(path.exists() for path in dear)
    assert {path.name for path in folder.iterdir()} == {MARK}, "the links themselves are old files"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users are asked of Unix")
def test_folders_of_other_users_are_not_ours(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary.make()
    (entry,) = os.scandir(parent)
    assert temporary.ours(entry)
    monkeypatch.setattr(os, "getuid", lambda: entry.stat().st_uid + 1)
    assert not temporary.ours(entry)


def test_the_sweep_runs_again_and_again_and_ends_with_the_folder(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swept = threading.Semaphore(0)
    monkeypatch.setattr(temporary, "EVERY", 0.01)
    monkeypatch.setattr(temporary, "sweep", lambda *given: swept.release())
    folder = temporary.make()
    with temporary.swept(folder):
        assert all(swept.acquire(timeout=30) for _ in range(3))
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_sigterm_leaves_no_file(parent: Path, weights: Path) -> None:
    with app("--weights", str(weights), "--provider", "cpu") as served:
        (folder,) = parent.glob(f"{PREFIX}*")
        (folder / "result.png").write_bytes(b"x")
        os.kill(served.process, signal.SIGTERM)
        while Path(f"/proc/{served.process}/stat").exists() and folder.exists():
            time.sleep(0.05)
    assert not folder.exists()
