"""Download files that a request names by a web address, within limits on time, size and redirects.

Gradio refuses addresses inside the server's own network, but reads files of any size into memory.
"""

import asyncio
import re
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


def bound() -> None:
    """Make Gradio download with ``fetch`` from now on, in all components."""
    processing_utils.async_ssrf_protected_download = fetch


async def fetch(url: str, cache_dir: str) -> str:
    """Download ``url`` into a new folder of Gradio's cache; return the path.

    Raises ``gr.Error`` if the file is too large, too slow, missing, or not at a public address.
    """
    del cache_dir
    target = controls.fresh_file(re.sub(r".*/", "", httpx.URL(url).path))
    try:
        async with asyncio.timeout(SECONDS):
            await _fetch(httpx.URL(url), target)
    except (ValueError, httpx.HTTPError, OSError, TimeoutError) as error:
        reason = str(error) or f"it took longer than {SECONDS} seconds"
        raise gr.Error(f"The file at {url[:200]} could not be downloaded: {reason}.", print_exception=False) from error
    finally:
        if not target.exists():
            target.parent.rmdir()
    return str(target)


async def _fetch(url: httpx.URL, target: Path) -> None:
    for _ in range(MOST_REDIRECTS):
        if url.scheme not in ("http", "https"):
            raise ValueError("the address does not begin with http:// or https://")
        address = await safehttpx.async_validate_url(url.host)
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
