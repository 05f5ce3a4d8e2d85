"""Test access by an unknown client: no files of the server, no way around the password."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client

from app import arguments
from synth.benchmarks.served import app
from tests.support.paths import ROOT

USER, PASSWORD = "ann", "open:sesame"


@pytest.fixture(scope="module")
def guarded(weights: Path, monkeypatch_module: pytest.MonkeyPatch) -> Iterator[str]:
    """The app as a private Space starts it: the password is a secret of its environment."""
    monkeypatch_module.setenv("SYNTH_AUTH", f"{USER}:{PASSWORD}")
    with app("--weights", str(weights), "--provider", "cpu") as served:
        yield served.address


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "app.py", "pyproject.toml", "../etc/passwd", str(ROOT / "README.md"), "{weights}/invert.onnx"],
)
def test_no_file_of_the_server_can_be_read(path: str, address: str, weights: Path):
    for prefix in ("/gradio_api/file=", "/file=", "/gradio_api/file/"):
        answer = httpx.get(f"{address}{prefix}{path.format(weights=weights)}")
        assert answer.status_code in (400, 403, 404), answer.text[:200]


@pytest.mark.parametrize("asked", ["https://example.org/x.png", "http://169.254.169.254/", "file:///etc/passwd"])
def test_the_server_fetches_nothing_for_unknown_clients(asked: str, address: str):
    answer = httpx.get(f"{address}/gradio_api/proxy={asked}")
    assert answer.status_code in (400, 403, 404)


@pytest.mark.parametrize("path", ["/monitoring", "/monitoring/summary", "/gradio_api/monitoring"])
def test_how_much_the_app_is_used_is_nobodys_business(path: str, address: str):
    assert httpx.get(f"{address}{path}").status_code in (403, 404)


def calls(address: str) -> dict[str, httpx.Response]:
    """Try what a page does: its description, a server function, an upload, an end point, a file."""
    body: dict[str, Any] = {"session_hash": "x", "component_id": 1, "fn_name": "dance_begin", "data": {}}
    return {
        "config": httpx.get(f"{address}/config"),
        "server function": httpx.post(f"{address}/gradio_api/component_server", json=body),
        "upload": httpx.post(f"{address}/gradio_api/upload", files={"files": b"x"}),
        "end point": httpx.post(f"{address}/gradio_api/call/models", json={"data": []}),
        "queue": httpx.post(f"{address}/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": "x"}),
        "file": httpx.get(f"{address}/gradio_api/file=x"),
    }


def test_without_the_password_nothing_answers(guarded: str):
    assert {name: answer.status_code for name, answer in calls(guarded).items()} == dict.fromkeys(calls(guarded), 401)
    assert "dance_frame" not in httpx.get(guarded).text


def test_a_wrong_password_opens_nothing(guarded: str):
    answer = httpx.post(f"{guarded}/login", data={"username": USER, "password": "open"})
    assert answer.status_code == 400
    assert not answer.cookies


def test_the_right_password_opens_the_page(guarded: str):
    answer = httpx.post(f"{guarded}/login", data={"username": USER, "password": PASSWORD})
    assert httpx.get(f"{guarded}/config", cookies=answer.cookies).status_code == 200


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_programs_give_the_password_too(guarded: str):
    client = Client(guarded, verbose=False, auth=(USER, PASSWORD))
    assert client.predict(api_name="/models")


@pytest.mark.parametrize("given", ["ann", "ann:", ":secret", ""])
def test_half_a_password_does_not_start_an_open_app(given: str, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("sys.argv", ["app.py", "--auth", given])
    with pytest.raises(SystemExit):
        arguments()
    assert "USER:PASSWORD" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["app.py"])
    monkeypatch.setenv("SYNTH_AUTH", given)
    with pytest.raises(SystemExit):
        arguments()


def test_tools_and_a_password_do_not_go_together(monkeypatch: pytest.MonkeyPatch, capsys):
    """The tools are served beside the login, which would not be asked for."""
    monkeypatch.setattr("sys.argv", ["app.py", "--mcp", "--auth", f"{USER}:{PASSWORD}"])
    with pytest.raises(SystemExit):
        arguments()
    assert "without a password" in capsys.readouterr().err
