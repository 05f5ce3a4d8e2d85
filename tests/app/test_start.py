"""Test starting the app: without torch, quickly, and with a clear error if it cannot start."""

import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import app
from synth.app.server.start import Serving, lines
from synth.benchmarks import served
from synth.runtime.registry import Registry
from tests.support.paths import ROOT


def test_torch_is_never_imported(registry: Registry) -> None:
    code = (
        "import sys; sys.modules['torch'] = None; import app; from synth.runtime.registry import Registry;"
        f"registry = Registry({str(registry.folder)!r}, 'cpu'); app.build(registry); import numpy;"
        "registry.graph('invert').run(numpy.zeros((9, 9, 3), 'uint8'));"
        "assert sys.modules.pop('torch') is None;"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'torch']"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_missing_folder_ends_in_a_sentence(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--weights", str(tmp_path / "none")])
    assert app.main() == 2
    assert "Give the folder with the models" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the time a process used is asked of Unix")
def test_the_first_page_takes_a_few_seconds_of_a_processor(registry: Registry) -> None:
    """Processor time from the start of the program to the first answer, beside that of importing what it needs.

    Both take longer on a machine that is shared, so the best of three pairs is compared.
    """
    assert any(_seconds_to_the_first_page(registry) <= 2 * _seconds_to_import() for _ in range(3))


def _seconds_to_import() -> float:
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import gradio, onnxruntime, av, cv2, PIL"], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _seconds_to_the_first_page(registry: Registry) -> float:
    import resource

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "app.py", "--port", str(port), "--weights", str(registry.folder), "--provider", "cpu"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _first_answer(f"http://127.0.0.1:{port}")
        finally:
            process.kill()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _first_answer(url: str, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the app did not answer")


def test_a_port_that_is_taken_ends_in_a_sentence(registry: Registry) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "app.py", "--port", port, "--weights", str(registry.folder), "--provider", "cpu"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"port {port} is taken. Leave out --port" in done.stdout
    assert "Traceback" not in done.stderr


PROXIES = {"http_proxy": "http://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9", "HTTPS_PROXY": "no:address"}


def test_it_starts_behind_a_proxy_and_says_three_lines(registry: Registry, tmp_path: Path, monkeypatch) -> None:
    for name, value in PROXIES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("no_proxy", raising=False)
    with served.app(
        "--weights", str(registry.folder), "--provider", "cpu", log=tmp_path / "log", seconds=600
    ) as running:
        said = until_said(tmp_path / "log", "--share")
    version, models, address = said.splitlines()
    assert version == f"synth {tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']['version']}"
    assert models == f"{len(registry.entries)} models in {registry.folder.name}/ on CPU"
    assert address.startswith(f"{running.address} (on this machine only; --share")


def until_said(log: Path, word: str, seconds: float = 600) -> str:
    """Return what the app printed, as soon as there is a word in it."""
    deadline = time.monotonic() + seconds
    while word not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return log.read_text()


def test_a_machine_too_slow_for_gradios_own_check_starts(registry: Registry, tmp_path: Path) -> None:
    code = (
        "import gradio.networking as net; net.url_ok = lambda url: False;"
        "import app, sys; sys.argv[1:] = ['--provider', 'cpu', '--weights', sys.argv[1]]; raise SystemExit(app.main())"
    )
    command = [sys.executable, "-c", code, str(registry.folder)]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process,
    ):
        try:
            assert "--share adds" in until_said(tmp_path / "log", "--share")
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("how", "share_url", "last"),
    [
        (Serving(), "", "http://127.0.0.1:7860 (on this machine only; --share adds a public address for 72 hours)"),
        (Serving(share=True), "https://a.example", "(public for 72 hours at https://a.example)"),
        (Serving(share=True), None, "without a public address: Gradio's service for --share could not be reached)"),
        (Serving(host="0.0.0.0"), "", "(for everybody who can reach this machine; --share adds a public address)"),
    ],
)
def test_the_start_says_who_can_reach_it(how: Serving, share_url: str, last: str, registry: Registry) -> None:
    page: Any = SimpleNamespace(local_url="http://127.0.0.1:7860/", share_url=share_url)
    assert lines(page, registry, how, "1.2.3")[2].endswith(last)


@pytest.mark.parametrize("port", ["99999", "0", "-1", "x", "80²"])
def test_a_port_that_is_none_ends_in_a_sentence(port: str, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", f"--port={port}"])
    with pytest.raises(SystemExit, match="2"):
        app.main()
    assert "from 1 to 65535" in capsys.readouterr().err
