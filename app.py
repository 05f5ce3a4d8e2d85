"""The web app: one tab per task, over the models in ``weights/``. Run ``python app.py``; it does not need torch."""

import argparse
import contextlib
import html
import logging
import os
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# Gradio asks its own server for pages, and opens HTTP clients on import: neither may depend on a proxy.
os.environ.setdefault("SYNTH_NO_PROXY", os.environ.get("no_proxy") or os.environ.get("NO_PROXY", ""))
os.environ["no_proxy"] = "*"
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")  # else it counts calls after each, for nobody
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")

import gradio as gr

from synth.app import modules
from synth.app.api import api, parts
from synth.app.server import start, temporary
from synth.app.tabs import colorize, compare, dance, draw, enlarge, fill, models, see, translate
from synth.runtime import providers
from synth.runtime.dance import pose
from synth.runtime.registry import Registry

WEIGHTS = Path(__file__).parent / "weights"
LINE = "Make a character dance like you, turn drawings into pictures, and colorize, enlarge or repair photographs."
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
    with gr.Blocks(title="synth", analytics_enabled=False, delete_cache=(temporary.EVERY, temporary.LISTED)) as page:
        gr.HTML(_top(registry), js_on_load=modules.bundle("tabs/top.js"))
        with gr.Tabs(overflow_behavior="wrap"):
            for number, key in enumerate(tabs(registry)):
                with gr.Tab(key.capitalize(), id=key) as tab:
                    TABS[key](registry, [tab.select, page.load] if number == 0 else [tab.select])
        api.build(registry)
        parts.optional_arguments(page)
        parts.errors_told(page)
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
    about_names = "also answer requests for this name, of a proxy on this machine; may be repeated"
    parser.add_argument("--proxied-as", action="append", default=[], metavar="NAME", help=about_names)
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


def version() -> str:
    """Return the version of this checkout or installation; empty if it is unknown."""
    try:
        text = (Path(__file__).parent / "pyproject.toml").read_text("utf-8")
        return str(tomllib.loads(text)["project"]["version"])
    except OSError:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version("synth")
    return ""


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
        folder = temporary.make()  # before the page, whose parts remember where their files go
        page = build(registry)
    except (ValueError, OSError) as error:
        print(error)
        return 2
    names = tuple(options.proxied_as)
    how = start.Serving(options.host, options.port, options.share, options.mcp, options.auth, names)
    try:
        start.serve(page, registry, how, folder, version())
    except OSError as error:
        print(start.no_start(options.host, options.port, error))
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
