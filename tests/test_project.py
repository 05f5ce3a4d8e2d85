"""The project itself: its files agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CODE = [p for folder in ("synth", "export", "tests") for p in (ROOT / folder).rglob("*.py")] + [ROOT / "app.py"]


def test_requirements_are_the_base_dependencies():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == PROJECT["dependencies"]


def test_never_both_runtimes():
    runtimes = [d for d in PROJECT["dependencies"] if d.startswith("onnxruntime")]
    assert [r.split(";")[1].strip() for r in runtimes] == [
        "sys_platform == 'linux' or sys_platform == 'win32'",
        "sys_platform == 'darwin'",
    ]


def test_the_spaces_front_matter_pins_a_gradio_that_the_project_allows():
    front = (ROOT / "README.md").read_text().split("---")[1]
    version = re.search(r"sdk_version: (\S+)", front)
    assert version
    floor = next(d for d in PROJECT["dependencies"] if d.startswith("gradio")).removeprefix("gradio>=").split(",")[0]
    assert [int(n) for n in version[1].split(".")[:2]] >= [int(n) for n in floor.split(".")]


@pytest.mark.parametrize("path", [p for p in CODE if "serve" in p.parts or p.name in ("app.py", "card.py")], ids=str)
def test_the_serving_side_never_imports_torch(path: Path):
    imports = re.findall(r"^\s*(?:import|from) ([\w.]+)", path.read_text(), re.M)
    forbidden = {"torch", "torchmetrics", "skimage", "tyro", "rich", "export"}
    assert not {i.split(".")[0] for i in imports} & forbidden
    assert not any(i.startswith(("synth.methods", "synth.networks", "synth.recipe")) for i in imports)


def test_empty_init_files_and_no_long_ones():
    assert all(not p.read_text() for p in CODE if p.name == "__init__.py")
    assert {p.name: n for p in CODE if (n := p.read_text().count("\n")) > 250} == {}


def test_bundled_graphs_stay_small():
    sizes = {p.name: p.stat().st_size / 2**20 for p in (ROOT / "weights").glob("*.onnx")}
    assert {name: size for name, size in sizes.items() if size > 16} == {}
    assert sum(sizes.values()) <= 100
