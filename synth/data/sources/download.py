"""Download one file: with progress, resumable, checksum verified, and in place only when complete.

During the download ``NAME.part`` holds the bytes and ``NAME.part.json`` says which file they belong to; the finished
file has its checksum beside it in ``NAME.sha256`` (the format of sha256sum).
"""

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from synth.data.sources.sources import Archive

ATTEMPTS = 5
WHOLE = 64
"""Digits of a whole SHA-256; some publishers give only the first ones."""


class Unreachable(ValueError):
    """Raised if none of a file's addresses can be read; the message says why."""


def download(archive: Archive, folder: Path, pause: float = 1.0, elsewhere: str = "--out") -> Path:
    """Return the archive's file in ``folder``, downloaded if it is missing, with its checksum verified.

    A broken connection is resumed after ``pause`` seconds, then twice that, and so on. ``elsewhere`` is what the user
    sets to choose another disk. Raises ``Unreachable`` if no address answers, ``ValueError`` if the content is not the
    expected one or does not fit on the disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / archive.file
    if not target.exists():
        part, problems = folder / f"{archive.file}.part", []
        for address in archive.addresses:
            try:
                with _disk_full_explained(part), _bar(archive.file) as bar:
                    _download_with_retries(address, part, bar, pause, elsewhere)
                break
            except Unreachable as problem:
                problems.append(str(problem))
        else:
            raise Unreachable(" ".join(problems))
        part.with_name(f"{part.name}.json").unlink(missing_ok=True)
        _check(part, archive, target)
        os.replace(part, target)
    verify(target, archive)
    return target


def verify(file: Path, archive: Archive) -> str:
    """Return a file's SHA-256, compared with the known or the recorded one; recorded if there is none."""
    digest = _check(file, archive, file)
    record = file.with_name(f"{file.name}.sha256")
    if not record.exists():
        record.write_text(f"{digest}  {file.name}\n", encoding="utf-8")
    return digest


def sha256(file: Path) -> str:
    """Return a file's SHA-256 as hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check(file: Path, archive: Archive, target: Path) -> str:
    """Return the SHA-256 of ``file``, which is or becomes ``target``; a file with the wrong one is deleted."""
    record = target.with_name(f"{target.name}.sha256")
    recorded = record.read_text(encoding="utf-8").split() if record.exists() else []
    known = [archive.sha256] if len(archive.sha256) == WHOLE else [archive.sha256, *recorded[:1]]
    digest = sha256(file)
    expected = next((digits for digits in known if not digest.startswith(digits)), "")
    if expected:
        file.unlink()
        renewed = "" if expected == archive.sha256 else f" If its publisher has replaced it, delete {record} first."
        raise ValueError(
            f"“{target.name}” is damaged or has been changed: its SHA-256 is {digest[:16]}… and should be "
            f"{expected[:16]}…. It has been deleted; run the command again to download it.{renewed}"
        )
    return digest


def _download_with_retries(address: str, part: Path, bar: Progress, pause: float, elsewhere: str) -> None:
    """Download ``address`` into ``part``, resuming where an earlier call or a broken connection stopped."""
    failures, size = 0, -1
    timeout = httpx.Timeout(30.0, connect=15.0)
    with httpx.Client(follow_redirects=True, timeout=timeout, headers={"Accept-Encoding": "identity"}) as client:
        while True:
            try:
                return _download_once(client, address, part, bar, elsewhere)
            except (httpx.HTTPError, httpx.InvalidURL, _Interrupted) as error:
                grown = part.stat().st_size if part.exists() else 0
                failures = 0 if grown > size else failures + 1
                size = grown
                # Do not retry a host that was never reached.
                if failures >= ATTEMPTS or (isinstance(error, httpx.ConnectError) and not grown):
                    raise Unreachable(f"{address} cannot be read ({error}).") from error
                time.sleep(pause * 2**failures)


class _Interrupted(Exception):
    """The server closed the connection early, or is overloaded."""


def _download_once(client: httpx.Client, address: str, part: Path, bar: Progress, elsewhere: str) -> None:
    about = part.with_name(f"{part.name}.json")
    headers, have = _resume_headers(address, part, about)
    with client.stream("GET", address, headers=headers) as response:
        if address.startswith("https:") and any(step.url.scheme != "https" for step in (*response.history, response)):
            raise Unreachable(f"{address} is not read: it leads to an address without encryption.")
        if response.status_code == 416 and response.headers.get("Content-Range") == f"bytes */{have}":
            return  # an earlier run ended between the last byte and the check
        if response.status_code == 416 or (response.status_code == 206 and not _continues(response, have)):
            part.unlink(missing_ok=True)
            raise _Interrupted("the file on the server has changed; starting over")
        if response.status_code >= 500 or response.status_code == 429:
            raise _Interrupted(f"the server answers {response.status_code}")
        if response.status_code not in (200, 206):
            raise Unreachable(f"{address} cannot be read (the server answers {response.status_code}).")
        if response.status_code == 200:
            have = 0
            about.write_text(json.dumps({"address": address, "validator": _validator(response)}), encoding="utf-8")
        total = _total(response, have)
        _check_space(part, total - have if total else 0, elsewhere)
        bar.update(bar.task_ids[0], total=total, completed=have)
        with part.open("ab" if have else "wb") as file:
            for chunk in response.iter_raw():  # raw chunks: bytes received before a break are kept
                file.write(chunk)
                bar.advance(bar.task_ids[0], len(chunk))
    if total is not None and part.stat().st_size != total:
        raise _Interrupted(f"{part.stat().st_size:,} of {total:,} bytes were received")


def _resume_headers(address: str, part: Path, about: Path) -> tuple[dict[str, str], int]:
    """Return the headers that request the rest of the same file, and the size already there; else ``{}, 0``."""
    if part.exists() and part.stat().st_size and about.exists():
        known = json.loads(about.read_text(encoding="utf-8"))
        if known.get("address") == address and known.get("validator"):
            have = part.stat().st_size
            return {"Range": f"bytes={have}-", "If-Range": known["validator"]}, have
    return {}, 0


def _validator(response: httpx.Response) -> str:
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _continues(response: httpx.Response, have: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _total(response: httpx.Response, have: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return have + int(length) if length.isdigit() else None


def _check_space(part: Path, need: int, elsewhere: str) -> None:
    free = shutil.disk_usage(part.parent).free
    if need > free:
        raise ValueError(
            f"“{part.stem}” needs {need / 1e6:,.0f} MB more, but {part.parent} has {free / 1e6:,.0f} MB left. "
            f"Free some space, or choose another disk with {elsewhere}."
        )


@contextmanager
def _disk_full_explained(part: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise ValueError(
            f"The disk is full. The received part of “{part.stem}” is kept: free some space and run the command again."
        ) from error


def _bar(title: str) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bar = Progress(*columns, TimeRemainingColumn(), transient=True)
    bar.add_task(title, total=None)
    return bar
