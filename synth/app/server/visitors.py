"""Who sends a request: an address that the sender cannot choose, and which calls somebody listens to."""

import ipaddress
import os
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

CALL = re.compile(r"/call/(?:v2/)?[^/]+/([0-9a-zA-Z_-]+)/?$")


def address(scope: Any) -> str:
    """Return the address of the client of an ASGI request; of an IPv6 address the /64 network, which is one customer's.

    A header is believed only where a proxy of ours wrote it: on a Space, and for connections from this machine (a
    reverse proxy, the tunnel of ``--share``). Of its entries the last public one counts, since a client can put others
    in front of it but cannot add any behind it.
    """
    host, port = scope.get("client") or ("", 0)
    proxied = bool(os.environ.get("SPACE_ID")) or port == 0 or _parsed(host).is_loopback  # port 0: uvicorn rewrote it
    if proxied:
        headers = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        for entry in reversed(b",".join(headers).decode("latin-1").split(",")):
            if _parsed(entry.strip()).is_global:
                host = entry.strip()
                break
    found = _parsed(host)
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address; an IPv4 address in IPv6 clothes as IPv4, and 0.0.0.0 for anything else."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ipaddress.IPv4Address(0)
    return getattr(found, "ipv4_mapped", None) or found


class Listeners:
    """Sessions and calls whose results somebody is waiting for: those with an open stream of events."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def __contains__(self, key: str) -> bool:
        return key in self._open

    def opened(self, key: str) -> None:
        """Count one more stream of a session or a call."""
        self._open[key] += 1

    def closed(self, key: str) -> None:
        """Count one stream less."""
        self._open[key] -= 1
        if self._open[key] <= 0:
            del self._open[key]


class Listening:
    """ASGI middleware: note in ``listeners`` for how long the stream of a session or of a call is open."""

    def __init__(self, app: Any, listeners: Listeners):
        self.app, self.listeners = app, listeners

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        key = stream(scope) if scope["type"] == "http" and scope["method"] == "GET" else ""
        if not key:
            return await self.app(scope, receive, send)
        self.listeners.opened(key)
        try:
            await self.app(scope, receive, send)
        finally:
            self.listeners.closed(key)


def stream(scope: Any) -> str:
    """Return the session or the call whose stream of events a request asks for; empty for other requests."""
    path = scope["path"].rstrip("/")
    if path.endswith("/queue/data"):
        return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
    found = CALL.search(path)
    return found[1] if found else ""
