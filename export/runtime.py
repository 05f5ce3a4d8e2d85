"""Download ONNX Runtime Web, one pinned version from npm, for exported pages.

A browser loads one of three builds: WebAssembly only, or WebGPU with one of the two mechanisms by which WebAssembly can
wait for a GPU: JSPI, a third smaller, if the browser has it, else Asyncify. The builds are stored compressed and the
browser decompresses them, so the download is 4 to 7 MB instead of 14 to 27 on any server.
"""

import gzip
import os
import shutil
import sys
import tarfile
from pathlib import Path

from synth.data.sources.download import Unreachable
from synth.data.sources.fetch import npm_pack
from synth.data.sources.sources import Package
from synth.files import filling

VERSION = "1.30.0"
PACKAGE = Package(
    f"onnxruntime-web-{VERSION}.tgz",
    f"onnxruntime-web@{VERSION}",
    "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
)
CDN = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{VERSION}/dist/"
BUILDS = (
    ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"),
    ("ort.jspi.bundle.min.mjs", "ort-wasm-simd-threaded.jspi.wasm"),
    ("ort.webgpu.bundle.min.mjs", "ort-wasm-simd-threaded.asyncify.wasm"),
)


def cache(name: str = "onnxruntime-web") -> Path:
    """Return the folder of downloads called ``name``: in ``$SYNTH_CACHE``, or where this system keeps caches.

    It is not with the data sets, which may be on a disk that can only be read.
    """
    if named := os.environ.get("SYNTH_CACHE"):
        return Path(named) / name
    usual = {"darwin": Path.home() / "Library" / "Caches", "win32": Path(os.environ.get("LOCALAPPDATA", Path.home()))}
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return usual.get(sys.platform, caches) / "synth" / name


def copy(target: Path) -> None:
    """Copy the runtime to the new folder ``target``. Raises ``ValueError`` if npm cannot download it."""
    ready = cache() / VERSION
    if not ready.is_dir():
        _unpack(package(), ready)
    target.mkdir()
    for file in ready.iterdir():
        shutil.copyfile(file, target / file.name)


def unpack(file: Path) -> bytes:
    """Return the decompressed content of a gzip file."""
    return gzip.decompress(file.read_bytes())


def package() -> Path:
    """Return the path of the package's archive, downloaded by npm if missing. Raises ``ValueError`` if that fails."""
    try:
        return npm_pack(PACKAGE, cache())
    except Unreachable as error:
        raise ValueError(f"{error} With --cdn the page loads ONNX Runtime from cdn.jsdelivr.net instead.") from error


def _unpack(archive: Path, ready: Path) -> None:
    """Extract the builds from the package to the folder ``ready``, in one step; ``.wasm`` files are compressed."""
    with filling(ready) as part, tarfile.open(archive) as tar:
        for name in (name for build in BUILDS for name in build):
            member = tar.extractfile(f"package/dist/{name}")
            assert member, name
            with member as source:
                data = source.read()
            if name.endswith(".wasm"):
                name, data = f"{name}.gz", gzip.compress(data, 6, mtime=0)
            (part / name).write_bytes(data)
