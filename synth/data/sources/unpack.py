"""Unpack an untrusted archive: nothing is written outside the folder, and the disk is not filled."""

import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError),
    *(EOFError, NotImplementedError, RuntimeError),
)
LIMIT = 40 * 2**30
"""Largest unpacked size in bytes: more than any set here needs."""


def unpack(archive: Path, folder: Path, limit: int = LIMIT) -> None:
    """Unpack a zip or tar file (detected from the content) into ``folder``.

    Raises ``ValueError`` for a file that is not an archive, is damaged, has members outside the folder, or would unpack
    to more than ``limit`` bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if tarfile.is_tarfile(archive):
            _untar(archive, folder, limit)
        elif zipfile.is_zipfile(archive):
            _unzip(archive, folder, limit)
        else:
            raise ValueError(
                f"“{archive.name}” is neither a zip nor a tar file, perhaps an error page. Download it again."
            )
    except (tarfile.FilterError, _Outside) as error:
        raise ValueError(f"“{archive.name}” is not unpacked: it would write outside its folder ({error}).") from error
    except DAMAGED as error:
        raise ValueError(f"“{archive.name}” is damaged ({error}). Download it again.") from error


class _Outside(Exception):
    """A member's path leads out of the folder."""


def _untar(archive: Path, folder: Path, limit: int) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise ValueError("This Python cannot unpack tar files safely. Update it to 3.11.4 or newer.")
    total = 0

    def careful(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
        nonlocal total
        total += member.size
        _check_size(archive, total, limit)
        return tarfile.data_filter(member, path)

    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter=careful)
        while tar.fileobj and tar.fileobj.read(1 << 20):
            pass  # the checksum of a compressed file is verified only at its end


def _unzip(archive: Path, folder: Path, limit: int) -> None:
    with zipfile.ZipFile(archive) as file:
        members = file.infolist()
        _check_size(archive, sum(member.file_size for member in members), min(limit, shutil.disk_usage(folder).free))
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
                raise _Outside(member.filename)
        file.extractall(folder)


def _check_size(archive: Path, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(
            f"“{archive.name}” would unpack to more than {limit / 2**30:.1f} GiB, which is over the limit or does not "
            "fit on this disk. Free some space, or check the archive."
        )
