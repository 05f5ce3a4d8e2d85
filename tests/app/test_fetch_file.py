"""Test fetching files by URL: memory, time and the local network are protected from the remote server."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gradio as gr
import pytest
import safehttpx

from synth.app.api import fetch
from synth.runtime import untrusted


class Other(BaseHTTPRequestHandler):
    """A server of somebody else: a file, a stream without end, a circle of redirections, a word now and then."""

    def do_GET(self) -> None:
        if self.path == "/circle":
            self.send_response(302)
            self.send_header("location", "/circle")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        self.end_headers()
        pieces = {"/a.png": 1, "/endless": 10**6, "/slow": 100}.get(self.path, 0)
        try:
            for _ in range(pieces):
                self.wfile.write(b"x" * 1000)
                if self.path == "/slow":
                    self.wfile.flush()
                    stopped.wait(0.1)
        except OSError:
            gone.set()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


stopped, gone = threading.Event(), threading.Event()


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch, cache: None) -> Iterator[str]:
    """The address of such a server, which counts as public here."""

    async def public(hostname: str) -> str:
        return "127.0.0.1"

    monkeypatch.setattr(safehttpx, "async_validate_url", public)
    stopped.clear()
    gone.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://example.org:{server.server_port}"
        stopped.set()
        server.shutdown()


def test_a_file_is_fetched(other: str) -> None:
    path = Path(asyncio.run(fetch.fetch(f"{other}/deep/../a.png", "")))
    assert (path.name, path.stat().st_size) == ("a.png", 1000)


@pytest.mark.parametrize(
    ("path", "sentence"), [("endless", "larger than 0 MB"), ("circle", "redirects more than"), ("none", "404")]
)
def test_what_cannot_be_had_ends_in_a_sentence_and_leaves_nothing(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, sentence: str
) -> None:
    monkeypatch.setattr(untrusted, "MAX_BYTES", 10**5)
    with pytest.raises(gr.Error, match=sentence):
        asyncio.run(fetch.fetch(f"{other}/{path}", ""))
    assert not list((tmp_path / "cache").iterdir())
    assert path != "endless" or gone.wait(10), "nobody reads the rest"


def test_who_is_slow_is_left(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    with pytest.raises(gr.Error, match="longer than"):
        asyncio.run(fetch.fetch(f"{other}/slow", ""))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x.png", "http://[::1]/x.png", "http://10.0.0.1/x", "file:///etc/hostname", "http:///x"]
)
def test_the_servers_own_network_is_not_asked(url: str, cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(hostname: str) -> list[str]:
        return []

    monkeypatch.setattr(safehttpx, "async_resolve_hostname_google", nobody)
    with pytest.raises(gr.Error, match="could not be downloaded"):
        asyncio.run(fetch.fetch(url, ""))


def test_gradio_fetches_by_it(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.processing_utils, "async_ssrf_protected_download", None)
    fetch.bound()
    image = gr.Image()
    assert Path(str(asyncio.run(image.async_move_resource_to_block_cache(f"{other}/a.png")))).stat().st_size == 1000
