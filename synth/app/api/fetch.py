"""Download files that a request names by a web address, within limits on time, size and redirects.

Gradio reads files of any size into memory, and leaves to a library which addresses are those of its own network. Here
a host must have a global address, in the words of ``ipaddress``, and the connection goes to that address.
"""

import asyncio
import ipaddress
import re
import socket
from pathlib import Path

import gradio as gr
import httpx
import safehttpx
from gradio import processing_utils

from synth.app import controls
from synth.runtime import untrusted

SECONDS = 60
MOST_REDIRECTS = 5
"""Redirects that are followed; each address is checked like the first."""
CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""Networks whose addresses end in the IPv4 address that they lead to."""


def bound() -> None:
    """Make Gradio download with ``fetch`` from now on, in all components."""
    processing_utils.async_ssrf_protected_download = fetch
    processing_utils.async_ssrf_protected_get = get


async def fetch(url: str, cache_dir: str) -> str:
    """Download ``url`` into a new folder of Gradio's cache; return the path.

    Raises ``gr.Error`` if the file is too large, too slow, missing, or not at a public address.
    """
    del cache_dir
    target = controls.fresh_file(re.sub(r".*/|[?#].*", "", url))
    try:
        async with asyncio.timeout(SECONDS):
            await _fetch(httpx.URL(url), target)
    except (ValueError, httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
        reason = str(error) or f"it took longer than {SECONDS} seconds"
        raise gr.Error(f"The file at {url[:200]} could not be downloaded: {reason}.", print_exception=False) from error
    finally:
        if not target.exists():
            target.parent.rmdir()
    return str(target)


async def get(url: str) -> httpx.Response:
    """Return what is at ``url`` within the limits of ``fetch``; Gradio reads a few files in this way."""
    path = Path(await fetch(url, ""))
    try:
        return httpx.Response(200, content=path.read_bytes(), request=httpx.Request("GET", url))
    finally:
        path.unlink()
        path.parent.rmdir()


async def public_address(host: str, port: int | None) -> str:
    """Return an address of a host that is global; raises ``ValueError`` for a host without one."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"there is no host {host[:100]}") from error
    for *_, address in found:
        if is_global(str(address[0])):
            return str(address[0])
    raise ValueError(f"{host[:100]} has no public address")


def is_global(text: str) -> bool:
    """Return whether an address can be reached from everywhere, and so can each IPv4 address that it carries inside."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (address, *_inside(address)))


def _inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address leads to: mapped, compatible, 6to4, Teredo and NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    wrapped = any(address in network for network in CARRIERS)
    return [*filter(None, [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]), *([last] * wrapped)]


async def _fetch(url: httpx.URL, target: Path) -> None:
    for _ in range(MOST_REDIRECTS):
        if url.scheme not in ("http", "https"):
            raise ValueError("the address does not begin with http:// or https://")
        address = await public_address(url.host, url.port)
        transport = safehttpx.AsyncSecureTransport(address)
        async with httpx.AsyncClient(transport=transport) as client, client.stream("GET", url) as response:
            if not response.is_redirect:
                response.raise_for_status()
                return await _store(response, target)
            url = url.join(response.headers.get("location", ""))
    raise ValueError(f"it redirects more than {MOST_REDIRECTS - 1} times")


async def _store(response: httpx.Response, target: Path) -> None:
    size = 0
    try:
        with target.open("wb") as file:
            async for piece in response.aiter_bytes():
                size += len(piece)
                if size > untrusted.MAX_BYTES:
                    raise ValueError(f"it is larger than {untrusted.MAX_BYTES // 2**20} MB")
                file.write(piece)
    except BaseException:
        target.unlink()
        raise
