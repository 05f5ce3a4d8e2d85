"""Accept only local hosts and origins while the app listens on this machine alone.

A web page from anywhere can make a browser send requests to ``localhost``, or give its own name that address (DNS
rebinding). Such requests carry the page's name as ``Origin`` or ``Host``. The Model Context Protocol demands this
check for its routes; here it holds for all of them.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

REFUSED = (
    "This app only answers requests for localhost, not for {name}. To serve it under another name, start it with "
    "--host 0.0.0.0, with --share, or with --proxied-as {name}."
)


class LocalOnly:
    """ASGI middleware: answer 403 to a ``Host`` or an ``Origin`` that is neither local nor one of the ``names``."""

    def __init__(self, app: Any, names: tuple[str, ...] = ()):
        self.app, self.names = app, {name.lower() for name in names}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            given = [value.decode("latin-1") for name, value in scope["headers"] if name in (b"host", b"origin")]
            foreign = [value for value in given if not self._known(value)]
            if foreign:
                return await refuse(send, 403, REFUSED.format(name=hostname(foreign[0])[:100] or foreign[0][:100]))
        return await self.app(scope, receive, send)

    def _known(self, value: str) -> bool:
        name = hostname(value)
        return is_local(name) or name in self.names


def hostname(value: str) -> str:
    """Return the name in a ``Host`` or ``Origin`` header, in lower case, without port; empty if there is none."""
    try:
        return urlsplit(value if "://" in value else f"//{value}").hostname or ""
    except ValueError:
        return ""


def is_local(name: str) -> bool:
    """Return whether a host name or an address means this machine only."""
    name = name.strip("[]").removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


async def refuse(send: Any, status: int, sentence: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer a request with a status and a sentence, as plain text."""
    body = sentence.encode()
    length = (b"content-length", str(len(body)).encode())
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await send({"type": "http.response.start", "status": status, "headers": [kind, length, *headers]})
    await send({"type": "http.response.body", "body": body})
