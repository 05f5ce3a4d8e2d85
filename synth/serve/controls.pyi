"""Small parts that several tabs share: a picture input that reads anything, a strip of thumbnails, files to fetch."""

import functools
import re
import secrets
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from synth.pixels import picture
from synth.pixels.resize import fit
from synth.serve import examples
from synth.serve.encode import data_address, png
from synth.serve.shelf import Shelf

MAX_READ = 40_000_000
THUMBNAIL, MOST_EXAMPLES = 96, 12

from gradio.events import Dependency

class Picture(gr.Image):
    """A picture input that gives uint8 RGB ``[H, W, 3]`` for whatever was dropped, pasted or snapped.

    Gradio would decode the file itself, without the sentences and the care of ``synth.pixels.picture``.
    """

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        if payload is None:
            return None
        if not payload.path:
            raise gr.Error("Send the picture as a file.", print_exception=False)
        with sentences():
            return picture.read(payload.path, max_pixels=MAX_READ)
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class sentences:  # noqa: N801  (reads as a statement: with sentences():)
    """Turn a ``ValueError`` with a sentence into the message that Gradio shows to the visitor."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, ValueError) and not isinstance(error, gr.Error):
            raise gr.Error(str(error), print_exception=False) from error


class Strip(gr.HTML):
    """A row of thumbnails; ``strip.click(fn)`` passes the number of the one clicked as ``event.index``."""

    is_template = True

    def __init__(self, thumbs: list[str], **given: Any):
        super().__init__(
            thumbs,
            html_template=(
                '<div class="strip">{{#each value}}<button type="button" data-index="{{@index}}">'
                '<img src="{{this}}" alt="Example {{@index}}"></button>{{/each}}</div>'
            ),
            js_on_load=(
                'element.addEventListener("click", (event) => { const button = event.target.closest("button");'
                ' if (button) trigger("click", { index: Number(button.dataset.index) }); });'
            ),
            apply_default_css=False,
            **given,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def thumbs(shelf: Shelf, name: str) -> list[str]:
    """Return the thumbnails of a graph's examples as data addresses."""
    labels = shelf.card(name).inputs[0].kind == "labels"
    return [_thumb(example.input, labels) for example in examples.find(shelf.folder, name)[:MOST_EXAMPLES]]


@functools.cache
def _thumb(path: Path, labels: bool) -> str:
    return data_address(fit(picture.read(path), THUMBNAIL, labels), "webp")


def fresh_file(name: str) -> Path:
    """Return a path in a new folder that only its visitor knows, in Gradio's cache (deleted with it after a day)."""
    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    return folder / (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "picture")


def save_png(image: np.ndarray, name: str) -> str:
    """Write uint8 RGB ``[H, W, 3]`` as a PNG to fetch; return its path."""
    path = fresh_file(name)
    path.write_bytes(png(image))
    return str(path)