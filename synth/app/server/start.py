"""Serve the page: start Gradio's server with every limit of this app, say where it is, and clean up at the end."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import gradio as gr
import httpx
from gradio.tunneling import CURRENT_TUNNELS
from starlette.middleware import Middleware

from synth.app import theme
from synth.app.api import fetch, parts
from synth.app.limits import BodyLimit
from synth.app.server import memory, temporary
from synth.app.server.fair_queue import MOST, FairQueue
from synth.app.server.local_only import LocalOnly, is_local
from synth.app.server.logins import LoginLimit
from synth.app.server.visitors import Listeners, Listening
from synth.counted import counted
from synth.runtime import providers, untrusted
from synth.runtime.registry import Registry

ONLY_HERE = "on this machine only; --share adds a public address for 72 hours"


@dataclass(frozen=True)
class Serving:
    """Where to serve: ``host`` and ``port`` or the defaults, who may use it, and names that a proxy in front uses."""

    host: str | None = None
    port: int | None = None
    share: bool = False
    mcp: bool = False
    auth: tuple[str, str] | None = None
    proxied_as: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the server."""
        host = self.host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
        return is_local(host) and not self.share and not os.environ.get("SPACE_ID")


class Ended(BaseException):
    """A signal asked this process to end."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


def serve(page: gr.Blocks, registry: Registry, how: Serving, folder: Path, version: str) -> None:
    """Serve the page until the process is told to end, then delete the ``folder`` of temporary files.

    Raises ``OSError`` if the port or the address is not available, or the server does not start.
    """
    keep = frozenset(path for block in page.blocks.values() for path in getattr(block, "keep_in_cache", ()))
    try:
        with ending(), temporary.swept(folder, keep), memory.returned(registry):
            launch(page, how)
            for line in lines(page, registry, how, version):
                print(line, flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                while page.is_running:
                    time.sleep(0.5)
    except Ended as end:  # as if nobody had caught the signal, but with the files deleted
        signal.signal(end.number, signal.SIG_DFL)
        os.kill(os.getpid(), end.number)


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """Raise ``Ended`` in the block when the process is asked to end; stop the tunnels of ``--share`` after it."""

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        raise Ended(number)

    on_main = threading.current_thread() is threading.main_thread()
    names = [name for name in ("SIGTERM", "SIGHUP") if on_main and hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for tunnel in CURRENT_TUNNELS:
            tunnel.kill()


def launch(page: gr.Blocks, how: Serving) -> None:
    """Start the server of the page in a thread; raises ``OSError`` as ``serve`` does."""
    page.queue(max_size=MOST, default_concurrency_limit=2)
    listeners = Listeners()
    FairQueue(page._queue, listeners)
    fetch.bound()
    local = [Middleware(LocalOnly, how.proxied_as)] if how.local else []  # type: ignore[arg-type]
    middleware = [*local, Middleware(LoginLimit), Middleware(BodyLimit), Middleware(Listening, listeners)]  # type: ignore[arg-type]
    with proxy_for_tunnel(how):
        try:
            page.launch(
                server_name=how.host,
                server_port=how.port,
                share=how.share,
                auth=how.auth,
                max_file_size=untrusted.MAX_BYTES,
                app_kwargs={"middleware": middleware, "exception_handlers": {TypeError: parts.wrong_arguments}},
                theme=theme.theme(),
                css_paths=[theme.CSS],
                favicon_path=str(theme.ICON),
                footer_links=[],
                ssr_mode=False,
                state_session_capacity=1000,
                enable_monitoring=False,  # by default, usage statistics are public
                run_history=False,
                mcp_server=how.mcp,
                quiet=True,
                prevent_thread_lock=True,
                # Without it, Gradio asks for its first page, for 3 seconds at most, and advises to publish the app
                # where that fails: on a slow machine, or behind a proxy.
                _frontend=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL, ImportError) as error:
            raise OSError(f"{error}. Check the variables http_proxy and all_proxy, or unset them") from error


@contextlib.contextmanager
def proxy_for_tunnel(how: Serving) -> Iterator[None]:
    """With ``--share``, use the proxy that the environment names, but not for this machine (``app.py`` uses none)."""
    before = os.environ.get("no_proxy", "")
    if how.share:
        here = [os.environ.get("SYNTH_NO_PROXY", ""), "127.0.0.1", "localhost", "::1", (how.host or "").strip("[]")]
        os.environ["no_proxy"] = ",".join(filter(None, here))
    try:
        yield
    finally:
        os.environ["no_proxy"] = before


def lines(page: gr.Blocks, registry: Registry, how: Serving, version: str) -> list[str]:
    """Return what to say at the start: the version; the models and their device; the address and who can reach it."""
    models = f"{counted(len(registry.entries), 'model')} in {registry.folder.name}/ on {_place(registry)}"
    address = str(page.local_url).rstrip("/")
    if page.share_url:
        reach = f"public for 72 hours at {page.share_url}"
    elif how.share:
        reach = "without a public address: Gradio's service for --share could not be reached"
    else:
        reach = ONLY_HERE if how.local else "for everybody who can reach this machine; --share adds a public address"
    return [f"synth {version}".strip(), models, f"{address} ({reach})"]


def _place(registry: Registry) -> str:
    choice: Any = providers.choose(registry.provider)
    kind = choice.providers[0][0].removesuffix("ExecutionProvider")
    return kind if kind == choice.device else f"{kind} ({choice.device})"


def no_start(host: str | None, port: int | None, error: OSError) -> str:
    """Return why the app could not start, and what to do; whatever failed, Gradio only says that it found no port."""
    if "empty port" not in str(error):
        return f"synth could not start: {error}"
    what = f"port {port} is taken" if port else "all ports from 7860 to 7959 are taken"
    bad_host = f", or {host} is not an address of this machine" if host else ""
    hint = "Leave out --port to use the first free one." if port else "Choose a free one: --port N"
    return f"synth could not start: {what}{bad_host}. {hint}"
