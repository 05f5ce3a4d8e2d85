"""Part, preview and person of a video in the Dance tab: see one frame, and click whom to follow, before it is made."""

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from synth.app.controls import adapted, position, sentences
from synth.app.follower import PRIVATE
from synth.pixels.video_reader import probe
from synth.runtime.dance import film_preview
from synth.runtime.dance.film_options import MAX_SECONDS, FilmOptions
from synth.runtime.dance.pose import poses
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.session import Graph

MOST = 2
"""Previews that are made at the same time; others wait in the queue."""
CLICK = "Click another person in it to follow them."
NOBODY = "Nobody is seen at this moment. Choose another one, or click a person."
Request = tuple[Path, list[Graph], FilmOptions]


@dataclass(frozen=True)
class Shown:
    """What a page shows: a preview of ``source`` at ``time`` s, its size, the columns of the driver in it."""

    source: str
    time: float
    height: int
    driver: int


@dataclass(frozen=True)
class Person:
    """A person who was clicked in a preview of ``source``: x, y (shares of its images) and time in seconds."""

    source: str
    place: tuple[float, float, float]


def controls() -> tuple[Any, Any, Any]:
    """Lay out the controls of the part and the preview; return start, end and moment."""
    with gr.Row():
        # An empty field becomes 0 in the browser, so 0 stands for the end of the clip.
        start = gr.Number(0, label="Start (seconds)", min_width=110, elem_id="film-from")
        end = gr.Number(0, label="End (0: all of it)", min_width=110, elem_id="film-to")
    return start, end, gr.Slider(0, MAX_SECONDS, 0, step=0.1, label="Preview at (seconds)", elem_id="film-moment")


def picture() -> tuple[Any, Any, Any]:
    """Lay out the preview; return its image, note, and the button that forgets the person."""
    image = adapted(gr.Image, postprocess=_sent)(  # Gradio's own would write files
        visible=False, show_label=False, interactive=False, buttons=[], elem_id="film-preview"
    )
    note = gr.HTML(elem_classes="note", elem_id="film-preview-note")
    with gr.Row():
        forget = gr.Button(
            "Follow the largest person", size="sm", scale=0, min_width=220, visible=False, elem_id="film-anybody"
        )
    return image, note, forget


def wire(registry: Registry, asked: Callable[..., Request], inputs: list[Any], parts: list[Any], person: Any) -> None:
    """Wire the events. ``asked`` reads the values of ``inputs``, the first of which is the video, the last ``person``.

    ``parts`` are moment, button, image, note and the button that forgets the person.
    """
    moment, look, image, note, forget = parts
    shown = gr.State(None)
    outputs = [image, note, forget, shown, person]

    def show_preview(moment: Any, *given: Any) -> list[Any]:
        with sentences():
            return made(registry, asked(*given), at(moment), given[0], given[-1])

    def choose(shown: Any, *given: Any, event: gr.SelectData) -> list[Any]:
        with sentences():
            if not isinstance(shown, Shown) or shown.source != given[0]:
                raise ValueError("This preview is of another video. Make a new one.")
            x, y = position(event.index)
            if not 0 <= x <= shown.driver or not 0 <= y <= shown.height:
                return [gr.skip()] * len(outputs)
            who = Person(shown.source, (x / shown.driver, y / shown.height, shown.time))
            return made(registry, asked(*given[:-1], who), shown.time, given[0], who)

    def reset_preview(path: Any) -> list[Any]:
        return [gr.update(value=None, visible=False), "", gr.Button(visible=False), None, None, _slider(path)]

    busy: dict[str, Any] = PRIVATE | {"concurrency_id": "film-preview", "concurrency_limit": MOST}
    look.click(show_preview, [moment, *inputs], outputs, **busy | {"show_progress": "minimal"})
    moment.release(show_preview, [moment, *inputs], outputs, **busy)
    forget.click(lambda moment, *given: show_preview(moment, *given[:-1], None), [moment, *inputs], outputs, **busy)
    _wire_click(image, choose, [shown, *inputs], outputs, busy)
    inputs[0].change(reset_preview, inputs[0], [*outputs, moment], **busy)


def _wire_click(image: Any, choose: Callable[..., Any], inputs: list[Any], outputs: list[Any], busy: Any) -> None:
    def choose_person(event: gr.SelectData, *given: Any) -> list[Any]:
        return choose(*given, event=event)

    image.select(choose_person, inputs, outputs, **busy)


def made(registry: Registry, request: Request, moment: float, path: str, who: Any) -> list[Any]:
    """Make a preview; return the values of image, note, button, what is shown, and the person."""
    source, graphs, options = request
    time = max(moment, options.start)
    found = film_preview.preview(source, graphs, poses(registry).tracker(), options, time)
    chosen = options.person is not None
    if not found.seen:
        told = NOBODY
    elif chosen and options.chosen_at == time:
        told = "This person is followed. Click another one to follow them instead."
    elif chosen:
        told = f"You chose a person at {options.chosen_at:g} seconds; here the largest is shown. {CLICK}"
    else:
        told = f"The largest person is followed. {CLICK}"
    height = found.picture.shape[0]
    address = data_address(found.picture, "webp")
    shown = Shown(path, time, height, found.driver)
    return [gr.update(value=address, visible=True), html.escape(told), gr.Button(visible=chosen), shown, who]


def place(path: Any, person: Any) -> tuple[float, float, float] | None:
    """Return x, y and time of the person who was clicked in a preview of this video, else ``None``."""
    return person.place if isinstance(person, Person) and person.source == path else None


def at(moment: Any) -> float:
    """Return the moment of a preview; ``ValueError`` for anything but a time."""
    if not isinstance(moment, (int, float)) or isinstance(moment, bool) or not 0 <= moment < math.inf:
        raise ValueError(f"The moment is {str(moment)[:40]!r}; it must be a time in seconds, 0 or more.")
    return float(moment)


def _slider(path: Any) -> gr.Slider:
    """Return the slider of the moment, as long as the clip."""
    try:
        seconds = probe(path).seconds if path else 0.0
    except ValueError:  # said when the preview or the video is made
        seconds = 0.0
    return gr.Slider(value=0, maximum=max(math.floor(seconds * 10 - 1) / 10, 0.1) if seconds else MAX_SECONDS)


def _sent(value: Any) -> ImageData | None:
    return ImageData(url=value) if value else None
