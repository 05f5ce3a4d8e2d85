"""Read what a weight file holds without running its code: tensors, plain values, and stand-ins for harmless objects."""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import torch

from synth.training import checkpoint

GZIP = b"\x1f\x8b"
MOST = 8 * 2**30
"""Largest decompressed size in bytes: over twice that of float32 weights and Adam's state of the largest graph."""


class TooLarge(Exception):
    """Raised if a file decompresses to more than ``MOST`` bytes; the message says so."""


class Aside:
    """Stand-in for an object that people save beside the weights, such as training options; it keeps nothing.

    torch's unpickler makes one of these where the file names one of ``HARMLESS``, so that no code of that is run.
    """

    def __new__(cls, *_: object) -> "Aside":
        """Return a new one; whatever the file gives as arguments is ignored."""
        return super().__new__(cls)

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, state: object) -> None: ...


PATHS = ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")
HARMLESS = (
    *("argparse.Namespace", "types.SimpleNamespace"),
    *(f"{module}.{name}" for module in ("pathlib", "pathlib._local") for name in PATHS),
    *("numpy.dtype", "numpy.ndarray"),
    *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")),
)
"""Names in a pickle that stand for training options, paths, and numbers of NumPy, which no network needs."""


def content(path: Path) -> Any:
    """Return what a weight file holds, also if it is compressed with gzip. Any exception means that it is unusable."""
    with _decompressed(path) as file, torch.serialization.safe_globals([(Aside, name) for name in HARMLESS]):
        if path.name.removesuffix(".gz").endswith(".safetensors"):
            from safetensors.torch import load

            return load(file.read())
        return checkpoint.unpickled(file)


@contextmanager
def _decompressed(path: Path) -> Iterator[IO[bytes]]:
    """Yield the file, or what it decompresses to. Raises ``ValueError`` if that is damaged or too large."""
    with path.open("rb") as raw:
        packed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        if not packed:
            yield raw
            return
        with tempfile.TemporaryFile() as whole:
            try:
                with gzip.open(raw) as unpacked:
                    while chunk := unpacked.read(1 << 20):
                        whole.write(chunk)
                        if whole.tell() > MOST:
                            raise TooLarge(f"it decompresses to more than {MOST >> 30} GiB. Decompress it yourself.")
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise ValueError(f"gzip: {error}") from error
            whole.seek(0)
            yield whole
