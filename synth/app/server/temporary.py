"""A folder of our own for uploads, results and other temporary files, swept by age: kept for two hours at most.

Gradio deletes only files that it has on a list, and only while it runs: not results inside JSON, uploads that were
aborted, or what a killed process leaves. So each app has a folder with a mark in it, and each sweeps those of others
that are marked, too. Folders without the mark, or of another user, are never touched, and links are never followed.
"""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from synth.app.server.periodic import every

PREFIX, MARK = "synth-files-", ".made-by-synth"
EVERY = 600
LISTED = 2 * 3600 - 3 * EVERY
"""Seconds after which Gradio deletes what it has on its list, which keeps that list short."""
KEPT = 2 * 3600 - EVERY
"""Seconds after which everything else is deleted; with the time between two sweeps, two hours at most."""


def make(parent: Path | None = None) -> Path:
    """Make a folder below ``parent`` (default: ``$GRADIO_TEMP_DIR``, else the system's) and use it from now on.

    Gradio, ``tempfile`` and their users then write there. Old files of this and other apps are deleted first.
    """
    parent = parent or Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
    if (parent / MARK).exists():  # the folder of an app that started this one
        parent = parent.parent
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
    (folder / MARK).touch()
    os.environ["GRADIO_TEMP_DIR"] = tempfile.tempdir = str(folder)
    return folder


@contextlib.contextmanager
def swept(folder: Path, keep: frozenset[str] = frozenset()) -> Iterator[None]:
    """Sweep the folders beside ``folder``, and itself, every ``EVERY`` seconds; delete it at the end."""

    def work() -> None:
        (folder / MARK).touch()
        sweep(folder.parent, keep)

    try:
        with every(EVERY, work, "synth-sweep"):
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path, keep: frozenset[str] = frozenset(), age: float = KEPT) -> None:
    """Delete what is older than ``age`` seconds, but for ``keep``, in all folders of synth's apps below ``parent``."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(parent):
            if ours(entry):
                _sweep(Path(entry.path), keep, time.time() - age)


def ours(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder that an app of this user made: no link, and marked inside."""
    try:
        found = entry.stat(follow_symlinks=False)
        mark = os.lstat(os.path.join(entry.path, MARK)) if entry.name.startswith(PREFIX) else None
    except OSError:
        return False
    own = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return bool(mark) and stat.S_ISDIR(found.st_mode) and stat.S_ISREG(mark.st_mode) and own


def _sweep(folder: Path, keep: frozenset[str], before: float) -> None:
    """Delete files of a folder, and folders that are empty, that nobody wrote since ``before``; the mark goes last."""
    emptied = set()
    for root, folders, files in os.walk(folder, topdown=False):
        for name in [*files, *folders]:
            path = os.path.join(root, name)
            if (name == MARK and root == str(folder)) or path in keep:
                continue
            with contextlib.suppress(OSError):  # another app was faster, or the folder is not empty
                found = os.lstat(path)
                if path in emptied or max(found.st_mtime, found.st_ctime) < before:
                    os.rmdir(path) if stat.S_ISDIR(found.st_mode) else os.unlink(path)
                    emptied.add(root)
    with contextlib.suppress(OSError):
        mark = folder / MARK
        if os.listdir(folder) == [MARK] and os.lstat(mark).st_mtime < before:  # its app is gone, too
            mark.unlink()
            folder.rmdir()
