"""Test deployment: the files of a Space, the app started from them alone, and the errors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from export import deploy
from synth.__main__ import main
from synth.benchmarks import served
from tests.support import graphs, hub
from tests.support.paths import ROOT


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    return graphs.registry(tmp_path / "weights")


def pushed(space: hub.Hub, weights: Path, *more: str, token: str = hub.TOKEN) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, with the stand-in for the hub."""
    command = [sys.executable, "-m", "synth", "deploy", "--space", "me/synth", "--weights", str(weights), *more]
    environment = {**os.environ, "HF_ENDPOINT": space.address, "HF_TOKEN": token, "HF_HUB_DISABLE_TELEMETRY": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_dry_run_lists_all_files_and_their_sum(weights: Path, capsys, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    assert main(["deploy", "--space", "me/synth", "--dry-run", "--weights", str(weights)]) == 0
    *lines, last = capsys.readouterr().out.strip().splitlines()
    sizes = {line.split()[1]: int(line.split()[0].replace(",", "")) for line in lines}
    assert {"README.md", "app.py", "requirements.txt", "packages.txt", "synth/card.py"} <= sizes.keys()
    assert {f"weights/{path.name}" for path in weights.glob("*.onnx")} <= sizes.keys()
    assert last.split() == [f"{sum(sizes.values()):,}", "bytes", "in", str(len(sizes)), "files"]


def test_neither_data_nor_checkpoints_nor_training_are_shipped(weights: Path):
    for name in ("last.pt", "photo.npz", "secret.env", ".token", "examples/x.mp4", "measured/x.json"):
        (weights / name).parent.mkdir(exist_ok=True)
        (weights / name).write_bytes(b"x")
    names = deploy.app(weights).keys()
    assert not {Path(name).suffix for name in names} - deploy.KINDS - {""}
    assert not [n for n in names if n.startswith(("synth/methods", "synth/networks", "synth/data", "tests", "export"))]
    assert not [name for name in names if name.endswith("x.json")]
    assert [name for name in names if Path(name).suffix == ""] == ["LICENSE", ".gitattributes"]


def test_the_app_runs_from_what_is_shipped_alone(weights: Path, tmp_path: Path):
    space = tmp_path / "space"
    deploy.lay_out(deploy.app(weights), space)
    with served.app("--provider", "cpu", folder=space) as running:
        assert running.memory() > 50
    code = "import synth.runtime.registry as registry; print(registry.__file__)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=space, capture_output=True, text=True, check=True)
    assert Path(shown.stdout.strip()).is_relative_to(space), "it was the copy that ran"


def test_a_graph_too_large_for_plain_git_is_declared(weights: Path):
    attributes = deploy.app(weights)[deploy.ATTRIBUTES]
    assert isinstance(attributes, bytes)
    assert b"*.onnx filter=lfs" in attributes
    tracked = ROOT / ".gitattributes"
    declared = tracked.is_file() and "*.onnx filter=lfs" in tracked.read_text()
    assert declared or all(path.stat().st_size < 10e6 for path in (ROOT / "weights").glob("*.onnx"))


def test_on_a_gpu_the_cuda_libraries_are_asked_for(weights: Path):
    asked = deploy.app(weights, "t4-small")["requirements.txt"]
    assert isinstance(asked, bytes)
    assert b"\nonnxruntime-gpu[cuda,cudnn]==" in asked


def test_a_space_installs_the_exact_versions_of_the_constraints(weights: Path):
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    for hardware in (None, "cpu-basic"):
        asked = deploy.app(weights, hardware)["requirements.txt"]
        assert isinstance(asked, bytes)
        assert asked.decode().splitlines() == pins


def test_the_files_can_be_written_to_a_folder(weights: Path, tmp_path: Path, capsys):
    folder = tmp_path / "space"
    arguments = ["deploy", "--folder", str(folder), "--weights", str(weights)]
    assert main(arguments) == 0
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == deploy.app(weights).keys()
    assert main(arguments) == 2
    assert "not an empty folder" in capsys.readouterr().err


def test_a_space_holds_what_is_here_and_nothing_from_before(weights: Path):
    with hub.running() as space:
        space.files["weights/old.onnx"] = b"x"
        ended = pushed(space, weights, "--private", "--hardware", "cpu-basic", "--auth", "ann:secret")
    assert ended.returncode == 0, ended.stderr
    assert f"{space.address}/spaces/me/synth" in ended.stdout
    assert space.files.keys() == deploy.app(weights).keys()
    assert space.files["app.py"] == (ROOT / "app.py").read_bytes()
    asked = {key: space.created[0].get(key) for key in ("type", "sdk", "visibility", "hardware")}
    assert asked == {"type": "space", "sdk": "gradio", "visibility": "private", "hardware": "cpu-basic"}
    assert space.secrets == {deploy.SECRET: "ann:secret"}
    assert space.order.index("secrets") < space.order.index("main"), "never open for a moment"
    assert "secret" not in ended.stdout + ended.stderr


def test_without_a_login_the_way_out_is_said(weights: Path):
    with hub.running() as space:
        ended = pushed(space, weights, token="hf_wrong")
    assert ended.returncode == 2
    assert "hf auth login" in ended.stderr
    assert not space.files


def test_without_a_connection_the_way_out_is_said(weights: Path):
    ended = pushed(hub.Hub("http://127.0.0.1:9"), weights)  # nobody listens there
    assert ended.returncode == 2
    assert "Check the connection" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--folder DIR"),
        (["--space", "me/synth", "--folder", "out"], "uploads nothing"),
        (["--space", "synth"], "OWNER/NAME"),
        (["--space", "a/b/c"], "OWNER/NAME"),
        (["--space", "me/syn th"], "OWNER/NAME"),
        (["--space", "me/synth", "--hardware", "zero-a10g"], "PyTorch only"),
        (["--space", "me/synth", "--static", "--auth", "a:b"], "no server"),
        (["--space", "me/synth", "--auth", "nobody"], "USER:PASSWORD"),
        (["--space", "me/synth", "--weights", "nowhere"], "no graphs"),
    ],
)
def test_mistakes_end_in_a_sentence(arguments: list[str], words: str, capsys):
    assert main(["deploy", "--dry-run", *arguments]) == 2
    assert words in capsys.readouterr().err
