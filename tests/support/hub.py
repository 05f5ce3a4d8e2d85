"""A small local stand-in for Hugging Face's hub, which stores the commits to a Space."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_test"


@dataclass
class Hub:
    """What it was told: Spaces created, their secrets, and the files they hold."""

    address: str = ""
    created: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes) -> Any:
        self.order.append(path.rsplit("/", 1)[-1].partition("?")[0])
        if path == "/api/repos/create":
            self.created.append(json.loads(body))
            return {"url": f"{self.address}/spaces/me/synth"}
        if path.endswith("/secrets"):
            given = json.loads(body)
            self.secrets[given["key"]] = given["value"]
            return {}
        if path == "/api/validate-yaml":
            return {"errors": [], "warnings": []}
        if "/preupload/" in path:
            names = [file["path"] for file in json.loads(body)["files"]]
            return {"files": [{"path": n, "uploadMode": "regular", "shouldIgnore": False, "oid": None} for n in names]}
        if "/commit/" in path:
            for line in body.splitlines():
                self._apply(json.loads(line))
            return {"success": True, "commitUrl": f"{self.address}/spaces/me/synth/commit/1", "commitOid": "1"}
        if "/tree/" in path:
            return [{"type": "file", "path": n, "size": len(c), "oid": "1"} for n, c in self.files.items()]
        if method == "GET" and path.startswith("/api/spaces/me/synth"):
            siblings = [{"rfilename": name} for name in self.files]
            return {"id": "me/synth", "author": "me", "sha": "1", "siblings": siblings, "tags": [], "private": False}
        return None

    def _apply(self, change: dict[str, Any]) -> None:
        value = change["value"]
        if change["key"] == "file":
            self.files[value["path"]] = base64.b64decode(value["content"])
        elif change["key"] == "deletedFile":
            del self.files[value["path"]]


@contextmanager
def running() -> Iterator[Hub]:
    """Serve a hub until the block ends; whoever lacks the token is refused."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            welcome = self.headers.get("authorization") == f"Bearer {TOKEN}"
            answer = hub.answer(self.command, self.path, body) if welcome else {"error": "Who are you?"}
            text = json.dumps(answer).encode()
            self.send_response((200 if answer is not None else 404) if welcome else 401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
