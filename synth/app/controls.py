"""Controls that several tabs share: picture input, strip of examples, viewer, downloads."""

import contextlib
import functools
import re
import secrets
import shutil
from abc import ABCMeta
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.component_meta import ComponentMeta
from gradio.utils import get_upload_folder

from synth.app import constants
from synth.app.sources import Picture
from synth.pixels import animation, images, metadata
from synth.pixels.resize import fit
from synth.runtime import examples, provenance
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry

MAX_READ = 40_000_000
THUMBNAIL, MOST_EXAMPLES = 96, 12
MOST_LETTERS = 80
FARTHEST = 1_000_000  # pixels


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Turn a ``ValueError`` into a message that Gradio shows to the user."""
    try:
        yield
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error


class _NoStub(ComponentMeta):
    """Metaclass for components of our own: Gradio's writes a stub file beside the module of every component."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> Any:
        return ABCMeta.__new__(cls, name, bases, attributes)


def adapted(component: type, **methods: Callable[..., Any]) -> Any:
    """Return a component's class with other ``preprocess`` or ``postprocess`` functions of one argument.

    They cannot be replaced on an instance: with every update, also ``gr.skip()``, Gradio makes a new one of its class.
    """
    return _NoStub(component.__name__, (component,), {name: staticmethod(given) for name, given in methods.items()})


def picture_input(alpha: bool = False, **given: Any) -> gr.Image:
    """Return a picture input that gives uint8 RGB ``[H, W, 3]`` for an upload, a pasted picture or a webcam snapshot.

    With ``alpha``, transparency is kept: ``[H, W, 4]``. The array is a ``Picture``, which knows its file. Gradio would
    decode the file itself, without the checks and error messages of ``synth.pixels.images``.
    """
    read = functools.partial(_read_upload, images.read_with_alpha if alpha else images.read)
    webcam = gr.WebcamOptions(constraints=constants.constraints())
    return adapted(gr.Image, preprocess=read)(show_label=False, webcam_options=webcam, **given)


def _read_upload(read: Callable[..., np.ndarray], payload: Any) -> np.ndarray | None:
    if payload is None:
        return None
    if not payload.path:
        raise gr.Error("Send the picture as a file.", print_exception=False)
    if notice := animation.only_first(payload.path):
        gr.Info(notice)
    with sentences():
        return Picture.of(read(payload.path, max_pixels=MAX_READ), Path(payload.path))


def strip(thumbnails: list[str]) -> gr.HTML:
    """Return a row of thumbnails; ``strip.click(fn)`` passes the number of the clicked one as ``event.index``."""
    return gr.HTML(
        thumbnails,
        html_template=(
            '<div class="strip">{{#each value}}<button type="button" data-index="{{@index}}">'
            '<img src="{{this}}" alt="Example {{@index}}"></button>{{/each}}</div>'
        ),
        js_on_load=(
            'element.addEventListener("click", (event) => { const button = event.target.closest("button");'
            ' if (button) trigger("click", { index: Number(button.dataset.index) }); });'
        ),
        apply_default_css=False,
    )


def choice(choices: Sequence[str | tuple[str, str]], value: str, visible: bool = True, **given: Any) -> gr.Radio:
    """Return radio buttons without frame and label.

    Those with the ``elem_id`` ``TAB-models`` are chosen by the page's address (``web/tabs/top.js``).
    """
    look: dict[str, Any] = {"show_label": False, "container": False, "elem_classes": "choice"}
    return gr.Radio(choices, value=value, visible=visible, **look, **given)


def switch(label: str, visible: bool = True) -> gr.Checkbox:
    """Return a checkbox without a frame, off at first."""
    return gr.Checkbox(False, label=label, container=False, visible=visible, elem_classes="switch")


def viewer(label: str = "") -> tuple[gr.ImageSlider, gr.DownloadButton, gr.HTML]:
    """Lay out a result: two images under a slider, a download button, a status line."""
    slider = gr.ImageSlider(
        label=label or None, show_label=bool(label), interactive=False, format="png", max_height=560,
        buttons=["fullscreen"], elem_classes="viewer",
    )  # fmt: skip
    with gr.Row(elem_classes="under"):
        status = gr.HTML(elem_classes="note")
        fetch = gr.DownloadButton("Download result", interactive=False, size="md", scale=0, min_width=170)
    return slider, fetch, status


def recipe_first(registry: Registry, tab: str) -> list[str]:
    """Return the models of a tab: the one named like its recipe, then its variants by name."""
    return sorted(registry.names(tab), key=lambda name: (name != registry.card(name).family, name))


def one_of(names: Sequence[str], name: Any) -> str:
    """Return a model's name sent by a browser if it is a known one, else raise ``ValueError``."""
    if name not in names:
        raise ValueError(f"There is no model {str(name)[:40]!r} here. Reload the page.")
    return name


def position(at: Any) -> tuple[float, float]:
    """Return a click (x, y) in pixels as a browser sent it; ``ValueError`` for anything else, such as no number."""
    pair = isinstance(at, (list, tuple)) and len(at) == 2
    if not pair or not all(isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < FARTHEST for v in at):
        raise ValueError(f"{str(at)[:40]} is not a position in the picture. Click in it again.")
    return at[0], at[1]


def thumbs(registry: Registry, name: str) -> list[str]:
    """Return thumbnails of a model's examples as ``data:`` URLs."""
    labels = registry.card(name).inputs[0].kind == "labels"
    return [_thumb(example.input, labels) for example in examples.find(registry, name)[:MOST_EXAMPLES]]


@functools.cache
def _thumb(path: Path, labels: bool) -> str:
    return data_address(fit(images.read(path), THUMBNAIL, labels), "webp")


def fresh_file(name: str) -> Path:
    """Return a path in a new folder of Gradio's cache with an unguessable name (see ``synth.app.server.temporary``)."""
    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    return folder / safe_name(name)


def example_file(path: Path) -> str:
    """Return the path of a copy of an example that Gradio may serve; results are named after it."""
    return str(shutil.copy(path, fresh_file(path.name)))


def safe_name(name: str) -> str:
    """Return a file name that is valid on every system, at most ``MOST_LETTERS`` characters, the suffix kept."""
    path = Path(re.sub(r"[^\w.-]+", "-", name).strip("-.") or "picture")
    ending = path.suffix[:8]
    return path.stem[: MOST_LETTERS - len(ending)] + ending


def save_png(image: np.ndarray, name: str, notice: str = "", source: Path | None = None) -> str:
    """Write uint8 RGB(A) as a PNG for download, with a provenance mark and a notice in it; return its path.

    What ``source``, the file that it was made from, says of itself is kept, but for the place.
    """
    path = fresh_file(name)
    path.write_bytes(provenance.encode(image, notice=notice, kept=metadata.read(source) if source else None))
    return str(path)
