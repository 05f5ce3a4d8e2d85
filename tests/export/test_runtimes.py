"""Test that three bundled graphs give the same pixels in three runtimes."""

import base64
from typing import Any

import numpy as np
import onnxruntime
import pytest

from export import runtime
from synth.benchmarks.static import serving
from tests.support.paths import WEIGHTS

pytestmark = pytest.mark.slow

NAMES = ("street", "emoji", "dance-ava")
CLOSE = 2  # grey levels: a value half way between two may be rounded to either
RUN = """async ([bundle, name, given]) => {
  const ort = await import(bundle);
  ort.env.wasm.wasmBinary ||= await (await fetch("wasm")).arrayBuffer();
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(name, { logSeverityLevel: 3 });
  const bytes = (data) => Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const image = (data) => new ort.Tensor("uint8", bytes(data), [1, 256, 256, 3]);
  const results = await session.run(Object.fromEntries(session.inputNames.map((key, i) => [key, image(given[i])])));
  return [...results[session.outputNames[0]].data];
}"""


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """Blocks of colour with soft noise, uint8 [1, 256, 256, 3]."""
    random = np.random.default_rng(0)
    blocks = np.kron(random.integers(0, 256, (8, 8, 3)), np.ones((32, 32, 1)))
    return np.clip(blocks + random.integers(-8, 9, blocks.shape), 0, 255).astype(np.uint8)[None]


def bare(name: str, image: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Return what every input is given, each another picture, and what comes out."""
    session = onnxruntime.InferenceSession(WEIGHTS / f"{name}.onnx", providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    number = np.array([0.5], np.float32)
    given = [
        np.roll(image, 48 * i, 2) if entry.type == "tensor(uint8)" else number
        for i, entry in enumerate(session.get_inputs())
    ]
    return given, np.asarray(session.run(None, dict(zip(names, given, strict=True)))[0])


def gap(found: np.ndarray, expected: np.ndarray) -> int:
    return int(np.abs(found.reshape(expected.shape).astype(int) - expected).max())


@pytest.mark.parametrize("name", [*NAMES, "enlarge", "dance-rogue", "colorize"])
def test_openvino(name: str, image: np.ndarray):
    openvino: Any = pytest.importorskip("openvino", reason="openvino is not installed: pip install -e '.[runtimes]'")
    core = openvino.Core()
    # Its default on some processors is bfloat16, which is faster and not the same picture.
    compiled = core.compile_model(core.read_model(WEIGHTS / f"{name}.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given, expected = bare(name, image)
    assert gap(compiled(given)[0], expected) <= CLOSE


def test_openvino_sees_the_same_classes(image: np.ndarray):
    openvino: Any = pytest.importorskip("openvino", reason="openvino is not installed: pip install -e '.[runtimes]'")
    model = openvino.Core().read_model(WEIGHTS / "see-street.onnx")
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given, expected = bare("see-street", image)
    assert (compiled(given)[0] != expected).any(-1).mean() < 1e-3  # rounding may decide between two classes


def test_openvino_has_the_same_beliefs(image: np.ndarray):
    openvino: Any = pytest.importorskip("openvino", reason="openvino is not installed: pip install -e '.[runtimes]'")
    core, path = openvino.Core(), WEIGHTS / "pose.onnx"
    compiled = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = np.asarray(session.run(["beliefs"], {"image": image})[0])
    assert np.abs(compiled([image])["beliefs"] - expected).max() < 1e-3


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("web")
    try:
        runtime.copy(folder / "runtime")
    except ValueError as problem:
        pytest.skip(str(problem))
    (folder / "index.html").write_text("<!doctype html><link rel=icon href=data:,><title>blank</title>")
    bundle, wasm = runtime.BUILDS[0]
    (folder / bundle).write_bytes((folder / "runtime" / bundle).read_bytes())
    (folder / "wasm").write_bytes(runtime.unpack(folder / "runtime" / f"{wasm}.gz"))
    for name in NAMES:
        (folder / name).symlink_to(WEIGHTS / f"{name}.onnx")
    with serving(folder) as address:
        page = browser.new_page()
        page.goto(address)
        yield page


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_onnxruntime_web(name: str, image: np.ndarray, page: Any):
    given, expected = bare(name, image)
    data = [base64.b64encode(one.tobytes()).decode() for one in given]
    assert gap(np.array(page.evaluate(RUN, [f"./{runtime.BUILDS[0][0]}", name, data])), expected) <= CLOSE
