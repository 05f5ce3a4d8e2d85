"""A small web server for the tests: byte ranges, validators, and connections that break on purpose."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """``files`` by path. The next ``breaks`` answers break off after ``breaks_at`` bytes; then ``answers`` run out."""

    files: dict[str, bytes]
    etag: str = '"one"'
    breaks: int = 0
    breaks_at: int = 1000
    ranges: bool = True
    status: int = 0
    answers: int = 1000
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve a site on this machine for as long as the block runs; ``site.address`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "") if site.ranges else ""
            site.asked.append((self.path, self.headers.get("Range", "")))
            content = site.files.get(self.path)
            site.answers -= 1
            if site.status or content is None or site.answers < 0:
                self.send_error(site.status or 404)
                return
            start = 0
            if wanted and self.headers.get("If-Range", site.etag) == site.etag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content) and start:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.send_header("ETag", site.etag)
            self.end_headers()
            end = len(content)
            if site.breaks:
                site.breaks, end = site.breaks - 1, min(end, start + site.breaks_at)
            self.wfile.write(content[start:end])
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
