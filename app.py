"""The web app: one tab per task, over the models in ``weights/``. Run ``python app.py``; it does not need torch."""

import argparse
import html
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
from starlette.middleware import Middleware

from synth.app import theme
from synth.app.api import api, fetch, parts
from synth.app.limits import BodyLimit
from synth.app.tabs import colorize, compare, dance, draw, enlarge, fill, models, see, translate
from synth.runtime import providers, untrusted
from synth.runtime.dance import pose
from synth.runtime.registry import Registry

WEIGHTS = Path(__file__).parent / "weights"
LINE = "Make a character dance like you, turn drawings into pictures, and colorize, enlarge or repair photographs."
EVERY, KEPT = 600, 2 * 3600 - 600  # seconds: uploads and results are deleted after two hours at most
AUTH = "SYNTH_AUTH"  # environment variable with the password of a private Space

TABS: dict[str, Callable[[Registry, list[Any]], None]] = {
    "dance": dance.build,
    "draw": draw.build,
    "translate": translate.build,
    "colorize": colorize.build,
    "enlarge": enlarge.build,
    "fill": fill.build,
    "compare": compare.build,
    "see": see.build,
    "models": models.build,
}
"""The tabs from left to right; each is shown if at least one card names it, ``models`` always."""


def build(registry: Registry) -> gr.Blocks:
    """Return the whole page over a registry of models."""
    with gr.Blocks(title="synth", analytics_enabled=False, delete_cache=(EVERY, KEPT)) as page:
        gr.HTML(_top(registry))
        with gr.Tabs(overflow_behavior="wrap"):
            for number, key in enumerate(tabs(registry)):
                with gr.Tab(key.capitalize(), id=key) as tab:
                    TABS[key](registry, [tab.select, page.load] if number == 0 else [tab.select])
        api.build(registry)
        parts.optional_arguments(page)
        if not registry.entries:
            gr.Markdown(
                f"There are no models in `{registry.folder.name}/` yet. Train one with `python -m synth train NAME`, "
                "or name another folder with `--weights DIR`."
            )
    return page


def tabs(registry: Registry) -> list[str]:
    """Return the keys of the tabs to show: those that some card names, and always ``models``."""
    return [key for key in TABS if key == "models" or registry.names(key)]


def _top(registry: Registry) -> str:
    """Return the head of the page as HTML: the name, one line about it, the device, and warnings."""
    choice = providers.choose(registry.provider)
    badge = f'<span class="badge">{html.escape(choice.device)}</span>'
    warnings = [choice.warning, *registry.problems]
    notes = "".join(f'<div class="warn" role="alert">{html.escape(text)}</div>' for text in warnings if text)
    return f'<div class="top"><h1>synth</h1><p>{LINE}</p>{badge}</div>{notes}'


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Open synth in a browser.")
    parser.add_argument("--port", type=_port, help="port of the page (default: the first free one from 7860 on)")
    parser.add_argument("--host", help="address to listen on (default: this machine only; 0.0.0.0 for all)")
    parser.add_argument(
        "--share", action="store_true", help="create a public address for 72 hours through Gradio's service"
    )
    about_auth = f"the login to ask users for; safer in the environment variable {AUTH}, which other users cannot see"
    parser.add_argument("--auth", type=_auth, default=os.environ.get(AUTH), metavar="USER:PASSWORD", help=about_auth)
    parser.add_argument("--mcp", action="store_true", help="also serve the API as MCP tools")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, metavar="DIR", help="folder with the models (.onnx)")
    parser.add_argument("--provider", choices=providers.NAMES, default="auto", help="where the models run")
    parser.add_argument("--pose", type=_pose, default="auto", metavar="HOW", help=f"pose detector: {pose.CHOICES}")
    options = parser.parse_args()
    if options.mcp and options.auth:
        parser.error(
            "MCP tools are served without a password, so --mcp and --auth cannot be combined: leave one of them out"
        )
    return options


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"the port must be a number from 1 to 65535, not {text}")
    return int(text)


def _auth(text: str) -> tuple[str, str]:
    user, _, password = text.partition(":")
    if not (user and password):  # never start without the password that was intended
        raise argparse.ArgumentTypeError(f"--auth (or {AUTH}) must be USER:PASSWORD, with a colon")
    return user, password


def _pose(text: str) -> str:
    try:
        return pose.valid(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def main() -> int:
    """Start the app; returns the exit code."""
    options = arguments()
    if not options.weights.is_dir():
        print(f"There is no folder {options.weights}. Give the folder with the models: --weights DIR")
        return 2
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("synth").setLevel(logging.INFO)
    try:
        if options.mcp:
            api.check_mcp()
        registry = Registry(options.weights, options.provider, options.pose)
        if options.pose != "auto":
            pose.poses(registry)  # report a missing detector at start, not to the first user
        page = build(registry)
    except ValueError as error:
        print(error)
        return 2
    try:
        launch(page, options.host, options.port, options.share, options.mcp, options.auth)
    except OSError as error:
        print(no_start(options.host, options.port, error))
        return 2
    return 0


def launch(
    page: gr.Blocks,
    host: str | None,
    port: int | None,
    share: bool,
    mcp: bool = False,
    auth: tuple[str, str] | None = None,
) -> None:
    """Serve the page until it is stopped; ``OSError`` if the port or the address is not available."""
    page.queue(max_size=64, default_concurrency_limit=2)
    fetch.bound()
    page.launch(
        server_name=host,
        server_port=port,
        share=share,
        auth=auth,
        max_file_size=untrusted.MAX_BYTES,
        app_kwargs={"middleware": [Middleware(BodyLimit)]},
        theme=theme.theme(),
        css_paths=[theme.CSS],
        favicon_path=str(theme.ICON),
        footer_links=[],
        ssr_mode=False,
        state_session_capacity=1000,
        enable_monitoring=False,  # by default, usage statistics are public
        mcp_server=mcp,
    )


def no_start(host: str | None, port: int | None, error: OSError) -> str:
    """Return why the app could not start, and what to do; whatever failed, Gradio only says that it found no port."""
    if "empty port" not in str(error):
        return f"synth could not start: {error}"
    what = f"port {port} is taken" if port else "all ports from 7860 to 7959 are taken"
    bad_host = f", or {host} is not an address of this machine" if host else ""
    hint = "Leave out --port to use the first free one." if port else "Choose a free one: --port N"
    return f"synth could not start: {what}{bad_host}. {hint}"


if __name__ == "__main__":
    raise SystemExit(main())
