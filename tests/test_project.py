"""The project itself: its files agree with each other."""

import re
import tomllib

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


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


def test_bundled_graphs_stay_small():
    sizes = {p.name: p.stat().st_size / 2**20 for p in (ROOT / "weights").glob("*.onnx")}
    assert {name: size for name, size in sizes.items() if size > 16} == {}
    assert sum(sizes.values()) <= 100
