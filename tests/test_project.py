"""Test that the project's configuration files agree with each other."""

import importlib
import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SPACE = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.0"}


def pins() -> dict[str, str]:
    """Return the versions in constraints.txt by canonical name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


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


def test_the_constraints_satisfy_the_base_dependencies():
    asked = [Requirement(text) for text in PROJECT["dependencies"]]
    asked = [one for one in asked if not one.marker or one.marker.evaluate({**SPACE, "extra": ""})]
    known = pins()
    wrong = {str(one) for one in asked if not one.specifier.contains(known.get(canonicalize_name(one.name), "0"))}
    assert wrong == set()


def test_the_space_runs_the_gradio_that_the_constraints_pin():
    front = (ROOT / "README.md").read_text().split("---")[1]
    assert f"sdk_version: {pins()['gradio']}\n" in front


@pytest.mark.slow
@pytest.mark.skipif(
    not sys.platform.startswith("linux") or sys.version_info[:2] != (3, 11),
    reason="the pins are for Linux, Python 3.11",
)
def test_the_constraints_can_be_installed_and_pin_everything():
    """pip resolves them without a conflict, and nothing that the app needs is left unpinned."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    ended = subprocess.run(
        [*command, "-r", "requirements.txt", "-c", "constraints.txt"],
        cwd=ROOT,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "No matching distribution" in ended.stderr and "Retrying" in ended.stderr:
        pytest.skip("no connection to a package index")
    assert ended.returncode == 0, ended.stderr
    chosen = {one["metadata"]["name"]: one["metadata"]["version"] for one in json.loads(ended.stdout)["install"]}
    assert {canonicalize_name(name): version for name, version in chosen.items()} == pins()


def test_the_command_is_installed_as_synth():
    module, function = PROJECT["scripts"]["synth"].split(":")
    assert getattr(importlib.import_module(module), function)(["--help"]) == 0


def test_the_hooks_run_the_tools_that_the_project_pins():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    pinned = {Requirement(text).name for text in PROJECT["optional-dependencies"]["test"] if "==" in text}
    assert pinned == {"codespell", "pyright", "ruff"}
    assert {name for name in pinned if f"entry: {name}" in hooks} == pinned
    assert "repo: https" not in hooks, "a hook from elsewhere has a version of its own"


def test_the_changelog_begins_with_this_version():
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == PROJECT["version"]


def test_bundled_graphs_stay_small():
    sizes = {p.name: p.stat().st_size / 2**20 for p in (ROOT / "weights").glob("*.onnx")}
    assert {name: size for name, size in sizes.items() if size > 16} == {}
    assert sum(sizes.values()) <= 100
