"""Files that a request names by an address of the web: fetched within bounds.

Gradio refuses addresses inside the server's own network, but takes a file of any size into memory.
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
TURNS = 5
"""Redirections that are followed, each checked like the first address."""


def bound() -> None:
    """Let Gradio fetch by ``fetch`` from now on, whatever the component."""
    processing_utils.async_ssrf_protected_download = fetch


async def fetch(url: str, cache_dir: str) -> str:
    """Return the path of a file fetched from ``url``, in a new folder of Gradio's cache.

    Raises ``gr.Error`` with a sentence for what is too large or too slow, not there, or not a public address.
    """
    del cache_dir
    target = controls.fresh_file(re.sub(r".*/", "", httpx.URL(url).path))
    try:
        async with asyncio.timeout(SECONDS):
            await _fetch(httpx.URL(url), target)
    except (ValueError, httpx.HTTPError, OSError, TimeoutError) as error:
        reason = str(error) or f"it took longer than {SECONDS} seconds"
        raise gr.Error(f"The file at {url[:200]} cannot be had: {reason}.", print_exception=False) from error
    finally:
        if not target.exists():
            target.parent.rmdir()
    return str(target)


async def _fetch(url: httpx.URL, target: Path) -> None:
    for _ in range(TURNS):
        if url.scheme not in ("http", "https"):
            raise ValueError("it is no address of the web")
        address = await safehttpx.async_validate_url(url.host)
        transport = safehttpx.AsyncSecureTransport(address)
        async with httpx.AsyncClient(transport=transport) as client, client.stream("GET", url) as response:
            if not response.is_redirect:
                response.raise_for_status()
                return await _store(response, target)
            url = url.join(response.headers.get("location", ""))
    raise ValueError("it leads from one address to the next")


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
