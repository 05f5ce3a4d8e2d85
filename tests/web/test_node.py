"""Test the pages' JavaScript without a browser: node's test runner over fixtures computed by Python."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.web import fixtures


def test_the_modules_compute_what_python_does(tmp_path: Path):
    node = shutil.which("node")
    if not node or int(subprocess.check_output([node, "--version"], text=True)[1:].split(".")[0]) < 20:
        pytest.skip("there is no node 20 or newer")
    fixtures.write(tmp_path)
    tests = sorted(map(str, (ROOT / "tests" / "web").glob("*.test.js")))
    command = [node, "--test", "--test-reporter=spec", *tests]
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "SYNTH_WEB": str(tmp_path)}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
