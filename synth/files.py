"""Files on disk: regular files to read, and results that appear under their name only when they are complete.

Standard library only, so that every package can use it.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM)
NO_FOLDER = (errno.ENOTDIR, errno.EEXIST)
UNFINISHED = re.compile(r"(\.(?:.+\.)?)[0-9a-f]{8}\.part", re.DOTALL)
MOST_BYTES = 200  # of a name in the name of its unfinished file; file systems allow 255
KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


class CannotWrite(OSError, ValueError):
    """A file cannot be written, and the next one could not either; the message names the file and a way out.

    It is a ``ValueError`` too, so that whatever shows those to a user shows this.
    """


def cannot_write(path: Path, error: OSError, hint: str = "") -> CannotWrite:
    """Return the error to raise instead of ``error``, which writing ``path`` raised; ``hint`` is added to its text."""
    if isinstance(error, CannotWrite):
        return error
    return CannotWrite(f"{path} cannot be written: {_reason(path, error)}{f' {hint}' if hint else ''}")


def sentence(error: OSError) -> str:
    """Return an error of the operating system as a sentence with the file's name; other texts stay as they are."""
    if error.errno is None:
        return str(error)
    name = error.filename2 or error.filename
    if not isinstance(name, (str, bytes, os.PathLike)):
        return f"A file cannot be read or written: {_reason(Path(), error)}"
    path = Path(os.fsdecode(name))
    if error.errno == errno.ENOENT:
        return f"There is no file or folder {path}."
    return f"{path} cannot be used: {_reason(path, error)}"


def _reason(path: Path, error: OSError) -> str:
    if error.errno in FULL:
        return "the disk is full. Free some space, or choose another place, and run the same command again."
    if error.errno == errno.EFBIG:
        return "the file would be larger than this disk or account allows. Choose another place."
    if error.errno == errno.EROFS:
        return "this disk can only be read. Choose another place."
    if error.errno in FORBIDDEN:
        return "there is no permission for it. Choose another place, or change the permissions."
    if error.errno == errno.ENOENT:
        return f"there is no folder {path.parent}. Make it, or choose another place."
    if error.errno in NO_FOLDER and (file := _file_above(path)):
        return f"{file} is a file, and a folder is needed there. Move it, or choose another place."
    if error.errno == errno.EISDIR:
        return "it is a folder. Choose another name."
    if error.errno == errno.ENAMETOOLONG:
        return "its name is too long for this disk. Choose a shorter one."
    return f"{(error.strerror or type(error).__name__).rstrip('.')}. Choose another place."


def _file_above(path: Path) -> Path | None:
    """Return the file that stands where a folder is needed: ``path`` or what is above it."""
    return next((one for one in (path, *path.parents) if os.path.lexists(one) and not one.is_dir()), None)


@contextlib.contextmanager
def writing(path: str | os.PathLike[str], hint: str = "", below: Path | None = None) -> Iterator[None]:
    """Turn the ``OSError`` of a block that writes ``path`` into ``CannotWrite``.

    If ``below`` is given, an error that names a file elsewhere is left alone: the block reads others.
    """
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename  # the second is the target of a copy
        if below and isinstance(name, (str, bytes, os.PathLike)) and not Path(os.fsdecode(name)).is_relative_to(below):
            raise
        raise cannot_write(Path(path), error, hint) from error


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], hint: str = "") -> Iterator[Path]:
    """Yield the path of an unfinished file to write; it becomes ``path`` when the block ends without an error.

    Missing folders are made. After an error the unfinished file is removed and an older ``path``, whose
    permissions are kept, is unchanged; an ``OSError`` becomes ``CannotWrite``.
    """
    path = Path(path)
    part = unfinished(path)
    try:
        with writing(path, hint):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield part
            if path.is_file():
                shutil.copymode(path, part)
            os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def write(path: str | os.PathLike[str], content: bytes | str, hint: str = "") -> None:
    """Write a file, text as UTF-8, so that it appears only when it is complete and on the disk. See ``replacing``."""
    with replacing(path, hint) as part, part.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder in ``folder``, whose entries move up into it when the block ends without an error.

    They replace what has the same names there; what killed processes left there is removed first. After an error
    ``folder`` is unchanged, or gone if it is new. An ``OSError`` becomes ``CannotWrite``, unless it names a file
    elsewhere.
    """
    part, new = folder / f".{secrets.token_hex(4)}.part", not folder.exists()
    try:
        with writing(folder, below=folder):
            if folder.is_dir():
                for left in filter(is_unfinished, folder.iterdir()):
                    shutil.rmtree(left, ignore_errors=True)
            part.mkdir(parents=True)
            yield part
            for entry in sorted(part.iterdir()):
                target = folder / entry.name
                if target.is_dir() and not target.is_symlink():
                    shutil.rmtree(target)
                os.replace(entry, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if new:
            with contextlib.suppress(OSError):  # not empty: it was filled
                folder.rmdir()


def is_unfinished(path: Path) -> bool:
    """Return whether a file or folder is what a killed process left; see ``unfinished`` and ``filling``."""
    return bool(UNFINISHED.fullmatch(path.name))


def folder(path: Path) -> Path:
    """Make a folder for results and check that files can be written to it. Raises ``CannotWrite``."""
    probe = path / f".{secrets.token_hex(4)}.part"
    try:
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"\0")
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    return path


def unfinished(path: Path) -> Path:
    """Return a new hidden name beside ``path`` for the file while it is written."""
    return path.with_name(f"{_prefix(path)}{secrets.token_hex(4)}.part")


def remove_unfinished(paths: Iterable[Path]) -> None:
    """Remove what killed processes left of the files ``paths``; no process may be writing them now."""
    prefixes: dict[Path, set[str]] = {}
    for path in paths:
        prefixes.setdefault(path.parent, set()).add(_prefix(path))
    for parent, known in prefixes.items():
        with contextlib.suppress(OSError), os.scandir(parent) as entries:
            for entry in entries:
                if (match := UNFINISHED.fullmatch(entry.name)) and match[1] in known:
                    with contextlib.suppress(OSError):
                        os.unlink(entry.path)


def _prefix(path: Path) -> str:
    name = os.fsencode(path.name)
    return f".{path.name if len(name) <= MOST_BYTES else hashlib.sha256(name).hexdigest()}."


def require_regular(path: Path) -> None:
    """Raise ``ValueError`` for a named pipe, a device and the like; a file that is missing is left to its reader."""
    if os.path.lexists(path) and (why := not_regular(path)):
        raise ValueError(f"“{path.name}” {why}, not a file that can be read. Remove it, or give a file.")


def not_regular(path: Path) -> str:
    """Return why a path is not a file that can be read, such as "is a named pipe"; empty if it is one.

    Opening a named pipe waits for a writer, perhaps for ever. Links are followed.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "is a link to itself"
        return "is a link to nothing" if path.is_symlink() else f"cannot be read ({error.strerror})"
    return "" if stat.S_ISREG(mode) else f"is {KINDS.get(stat.S_IFMT(mode), 'no regular file')}"
