"""ONNX Runtime's telemetry stays off: it would store a device id in the user's home folder at the first session."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

SESSION = "from synth.runtime.session import open_graph; open_graph({path!r}, 'cpu')"
APPLY = "['apply', 'invert', {image!r}, {out!r}, '--weights', {weights!r}]"
COMMAND = f"from synth.__main__ import main; raise SystemExit(main({APPLY}))"


@pytest.mark.parametrize("code", [SESSION, COMMAND], ids=["session", "command"])
def test_no_file_is_written_into_the_home_folder(weights: Path, tmp_path: Path, code: str) -> None:
    image, home = ROOT / "weights/examples/emoji/input/1F3C6.png", tmp_path / "home"
    home.mkdir()
    path, out = weights / "invert.onnx", tmp_path / "out.png"
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    filled = code.format(path=str(path), image=str(image), out=str(out), weights=str(weights))
    done = subprocess.run([sys.executable, "-c", filled], cwd=ROOT, env=environment, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode()
    assert [file.name for file in home.rglob("*") if "onnxruntime" in file.name or file.name == "deviceid"] == []
