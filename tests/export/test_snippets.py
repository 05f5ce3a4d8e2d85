"""Test the code examples of the export guide, which use a graph without synth."""

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pytest
from PIL import Image

from export import runtime
from synth.benchmarks.static import serving
from synth.runtime.session import open_graph
from tests.support.paths import ROOT

LABELS = ROOT / "weights/examples/street/input/132.png"
HEADERS = Path(os.environ.get("ONNXRUNTIME_INCLUDE", "/usr/include/onnxruntime"))
CLOSE = 2


def snippet(language: str) -> str:
    """Return the example in a language from the guide's section."""
    section = (ROOT / "export/README.md").read_text("utf-8").split("## Use a graph without synth")[1].split("\n## ")[0]
    found = re.findall(rf"```{language}\n(.*?)```", section, re.S)
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    graph = open_graph(ROOT / "weights/street.onnx", "cpu")
    return graph.run(np.asarray(Image.open(LABELS).convert("RGB")))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the guide's paths exist."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "weights").symlink_to(ROOT / "weights")
    return folder


def gap(found: np.ndarray, expected: np.ndarray) -> int:
    return int(np.abs(found.reshape(expected.shape).astype(int) - expected).max())


def test_python(place: Path, expected: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(place)
    exec(compile(snippet("python"), "README.md", "exec"), {})
    assert gap(np.asarray(Image.open(place / "street.png")), expected) <= CLOSE


@pytest.fixture
def blank(browser: Any, place: Path) -> Iterator[Any]:
    """An empty page beside the weights, where jsdelivr's files come from the package that npm gets."""
    try:
        archive = runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))
    (place / "index.html").write_text("<!doctype html><link rel=icon href=data:,><title>blank</title>")

    def answer(route: Any) -> None:
        name = route.request.url.removeprefix(runtime.CDN)
        with tarfile.open(archive) as package, cast(IO[bytes], package.extractfile(f"package/dist/{name}")) as file:
            kind = "application/wasm" if name.endswith(".wasm") else "text/javascript"
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": kind}
            route.fulfill(body=file.read(), headers=headers)

    with serving(place) as address:
        page = browser.new_page()
        page.route(f"{runtime.CDN}**", answer)
        page.goto(address)
        yield page
        page.close()


@pytest.mark.slow
@pytest.mark.browser
def test_javascript(blank: Any, expected: np.ndarray):
    assert f"onnxruntime-web@{runtime.VERSION}/" in snippet("js")
    blank.add_script_tag(type="module", content=snippet("js"))
    canvas = blank.locator("canvas")
    canvas.wait_for(timeout=300_000)
    read = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, i) => i % 4 < 3)"
    assert gap(np.array(canvas.evaluate(read)), expected) <= CLOSE


def test_cpp(place: Path, expected: np.ndarray):
    import onnxruntime

    library = next(Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*"), None)
    if not shutil.which("g++") or not library or not (HEADERS / "onnxruntime_cxx_api.h").exists():
        pytest.skip("needs g++, and ONNX Runtime's headers at $ONNXRUNTIME_INCLUDE (Debian: libonnxruntime-dev)")
    (place / "use.cpp").write_text(snippet("cpp"))
    linked = [str(library), f"-Wl,-rpath,{library.parent}"]
    subprocess.run(["g++", "-std=c++17", f"-I{HEADERS}", "use.cpp", *linked, "-o", "use"], cwd=place, check=True)
    (place / "labels.rgb").write_bytes(Image.open(LABELS).convert("RGB").tobytes())
    # The library names itself without its last digits.
    (place / "libonnxruntime.so.1").symlink_to(library)
    subprocess.run(["./use"], cwd=place, check=True, env={**os.environ, "LD_LIBRARY_PATH": str(place)})
    assert gap(np.fromfile(place / "photo.rgb", np.uint8), expected) <= CLOSE
