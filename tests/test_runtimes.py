"""Three bundled graphs in three runtimes: the same pixels."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from export import runtime
from synth.metrics.static import serving

pytestmark = pytest.mark.slow

WEIGHTS = Path(__file__).parent.parent / "weights"
NAMES = ("street", "emoji", "dance-ava")
CLOSE = 2  # grey levels: a value half way between two may be rounded to either
RUN = """async ([bundle, name, data]) => {
  const ort = await import(bundle);
  ort.env.wasm.wasmBinary ||= await (await fetch("wasm")).arrayBuffer();
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(name, { logSeverityLevel: 3 });
  const image = new ort.Tensor("uint8", Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), [1, 256, 256, 3]);
  const results = await session.run({ [session.inputNames[0]]: image });
  return [...results[session.outputNames[0]].data];
}"""


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """Blocks of colour with soft noise, uint8 [1, 256, 256, 3]."""
    random = np.random.default_rng(0)
    blocks = np.kron(random.integers(0, 256, (8, 8, 3)), np.ones((32, 32, 1)))
    return np.clip(blocks + random.integers(-8, 9, blocks.shape), 0, 255).astype(np.uint8)[None]


def bare(name: str, image: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(WEIGHTS / f"{name}.onnx", providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: image})[0])


def gap(found: np.ndarray, expected: np.ndarray) -> int:
    return int(np.abs(found.reshape(expected.shape).astype(int) - expected).max())


@pytest.mark.parametrize("name", NAMES)
def test_openvino(name: str, image: np.ndarray):
    openvino: Any = pytest.importorskip("openvino", reason="openvino is not installed: pip install -e '.[runtimes]'")
    core = openvino.Core()
    # Its default on some processors is bfloat16, which is faster and not the same picture.
    compiled = core.compile_model(core.read_model(WEIGHTS / f"{name}.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert gap(compiled([image])[0], bare(name, image)) <= CLOSE


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
    given = [f"./{runtime.BUILDS[0][0]}", name, base64.b64encode(image.tobytes()).decode()]
    assert gap(np.array(page.evaluate(RUN, given)), bare(name, image)) <= CLOSE
