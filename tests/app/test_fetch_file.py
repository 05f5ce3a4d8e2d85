"""Test fetching files by URL: memory, time and the local network are protected from the remote server."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from synth.app.api import fetch
from synth.runtime import untrusted


class Other(BaseHTTPRequestHandler):
    """A server of somebody else: a file, a stream without end, a circle of redirections, a word now and then."""

    def do_GET(self) -> None:
        if to := {"/circle": "/circle", "/inside": "http://127.0.0.1:1/a.png"}.get(self.path):
            self.send_response(302)
            self.send_header("location", to)
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

    async def public(hostname: str, port: int | None) -> str:
        if hostname != "example.org":
            raise ValueError(f"{hostname} has no public address")
        return "127.0.0.1"

    monkeypatch.setattr(fetch, "public_address", public)
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
    ("path", "sentence"),
    [("endless", "larger than 0 MB"), ("circle", "redirects more than"), ("none", "404"), ("inside", "127.0.0.1 has")],
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


NOT_GLOBAL = [
    "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
    "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "fe80::1%eth0", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_GLOBAL)
def test_only_global_addresses_are_asked(address: str) -> None:
    assert not fetch.is_global(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_asked(address: str) -> None:
    assert fetch.is_global(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x.png", "http://[::1]/x.png", "http://[::ffff:127.0.0.1]/x", "http://10.0.0.1/x", "http://0/x",
     "http://2130706433/x", "http://0x7f.1/x", "http://localhost/x", "file:///etc/hostname", "http:///x",
     "http://127.0.0.1:99999999/x", "http://[:::/x"],
)  # fmt: skip
def test_the_servers_own_network_is_not_asked(url: str, tmp_path: Path, cache: None) -> None:
    with pytest.raises(gr.Error, match="could not be downloaded"):
        asyncio.run(fetch.fetch(url, ""))
    assert not list((tmp_path / "cache").iterdir())


def test_of_several_addresses_a_global_one_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(host: str, port: int | None, *more: Any, **given: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in ("10.0.0.1", "::ffff:127.0.0.1", "8.8.8.8")]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    assert asyncio.run(fetch.public_address("example.org", 80)) == "8.8.8.8"


def test_gradio_fetches_by_it(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.processing_utils, "async_ssrf_protected_download", None)
    monkeypatch.setattr(fetch.processing_utils, "async_ssrf_protected_get", None)
    fetch.bound()
    assert asyncio.run(fetch.processing_utils.async_ssrf_protected_get(f"{other}/a.png")).content == b"x" * 1000
    image = gr.Image()
    assert Path(str(asyncio.run(image.async_move_resource_to_block_cache(f"{other}/a.png")))).stat().st_size == 1000
