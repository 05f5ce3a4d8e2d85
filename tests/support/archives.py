"""Archives for the tests."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np

CONTENT = np.random.default_rng(0).bytes(50_000)
"""Bytes that no archive makes smaller."""


def zipped(folder: Path, files: dict[str, bytes], name: str = "a.zip") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in files.items():
            file.writestr(path, content)
    return folder / name


def tarred(folder: Path, files: dict[str, bytes], name: str = "a.tar.gz") -> Path:
    with tarfile.open(folder / name, "w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder / name
