"""ONNX Runtime Web for pages: one pinned version from npm.

There are three builds, of which a browser loads one: WebAssembly alone, and WebGPU with either of two ways in which
WebAssembly waits for a GPU (JSPI, a third smaller, where the browser has it; else Asyncify). They are stored compressed
and decompressed by the browser, so that the download is 4 to 7 MB instead of 14 to 27 on every server.
"""

import gzip
import os
import shutil
import tarfile
from pathlib import Path

from synth.data.sets.data_root import data_root
from synth.data.sources.download import Unreachable
from synth.data.sources.fetch import npm_pack
from synth.data.sources.sources import Package

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


def cache() -> Path:
    """Return the folder of the downloaded package, beside the data sets' downloads."""
    return data_root() / "downloads" / "onnxruntime-web"


def copy(target: Path) -> None:
    """Copy the runtime into the folder ``target``. Raises ``ValueError`` with a way out where npm cannot get it."""
    ready = cache() / VERSION
    if not ready.is_dir():
        _unpack(package(), ready)
    shutil.copytree(ready, target)


def unpack(file: Path) -> bytes:
    """Return the decompressed content of a file."""
    return gzip.decompress(file.read_bytes())


def package() -> Path:
    """Return the package's archive; npm downloads it if it is missing. Raises ``ValueError`` with a way out."""
    try:
        return npm_pack(PACKAGE, cache())
    except Unreachable as problem:
        raise ValueError(f"{problem} With --cdn the page gets ONNX Runtime from cdn.jsdelivr.net instead.") from problem


def _unpack(archive: Path, ready: Path) -> None:
    part = ready.with_name(f"{ready.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    with tarfile.open(archive) as tar:
        for name in (name for build in BUILDS for name in build):
            member = tar.extractfile(f"package/dist/{name}")
            assert member, name
            with member as source:
                data = source.read()
            if name.endswith(".wasm"):
                name, data = f"{name}.gz", gzip.compress(data, 6, mtime=0)
            (part / name).write_bytes(data)
    os.replace(part, ready)
