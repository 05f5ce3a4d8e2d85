"""The video section of the Dance tab: from a video of a person to a video of characters."""

import contextlib
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, titles
from synth.app.controls import sentences
from synth.app.follower import PRIVATE
from synth.app.sources import result_name
from synth.app.tabs import dance_background, dance_examples, dance_preview
from synth.app.tabs.dance_report import progress_bar, summary, waiting
from synth.pixels.resize import fit
from synth.runtime.dance import film_options, perform
from synth.runtime.dance.film_options import ALONE, BESIDE, MAX_SECONDS, MOST_CHARACTERS, FilmOptions, with_part
from synth.runtime.dance.films import Progress, Report, dance
from synth.runtime.dance.painting import cuts
from synth.runtime.dance.pose import Poses, poses
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.session import Graph

EVERY, PREVIEW_EVERY = 0.4, 1.2
"""Seconds between two progress updates, and between two preview images."""
PREVIEW = 512
MOST_WAITING = 8
ABOUT = (
    f"Upload a clip, of which up to {MAX_SECONDS // 60} minutes are used: one person, seen from head to knees or more, "
    "filmed with a camera that does not move. Of several people, click one in the preview. Sound and frame rate are "
    "kept. Only use clips of people who agreed to it; the result is marked as synthesized in its metadata."
)

_slot = threading.BoundedSemaphore(1)
"""One video at a time: two would take twice as long each, and live sessions need the processor, too."""


def build(registry: Registry) -> None:
    """Lay out the video section below the webcam and wire its events."""
    names = registry.names("dance")
    gr.HTML(f'<h2 class="head">From a video</h2><p class="note">{ABOUT}</p>')
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            video = gr.Video(sources=["upload"], show_label=False, height=260, elem_id="film-in")
            dance_examples.build(registry, video)
            cast = gr.CheckboxGroup(
                titles.choices(registry, names),
                value=names[:1],
                label="Characters",
                elem_id="film-cast",
            )
            layout = controls.choice([("Characters only", ALONE), ("Next to your video", BESIDE)], BESIDE)
            behind = dance_background.build(any(cuts(registry.card(name)) for name in names))
            with gr.Accordion("More settings", open=False):
                mirrored = gr.Checkbox(False, label="Mirror: swap left and right")
                smoothness = gr.Slider(
                    0, 1, 0.5, step=0.05, label="Smoothness", info="0 follows every movement, 1 filters the most jitter"
                )
            begins, ends, moment = dance_preview.controls()
            with gr.Row():
                look = gr.Button("Preview", size="md", min_width=80, elem_id="film-look")
                start = gr.Button(
                    "Make the video", variant="primary", size="md", scale=2, min_width=150, elem_id="film-start"
                )
                stop = gr.Button("Stop", size="md", min_width=70, interactive=False, elem_id="film-stop")
        with gr.Column(scale=6, min_width=320):
            parts = [moment, look, *dance_preview.picture()]
            state = gr.HTML(elem_id="film-state")
            result = gr.Video(show_label=False, interactive=False, visible=False, buttons=["download"], elem_id="film")
            report = gr.HTML(elem_classes="note", elem_id="film-report")

    person = gr.State(None)
    inputs = [video, cast, layout, mirrored, smoothness, *behind, begins, ends, person]
    outputs = [state, result, report, start, stop]

    def asked(
        path: Any, names: Any, layout: Any, mirrored: Any, smoothness: Any,
        kind: Any, color: Any, own: Any, begins: Any, ends: Any, person: Any,
    ) -> tuple[Path, list[Graph], FilmOptions]:  # fmt: skip
        part = begins, ends or None, dance_preview.place(path, person)
        background = dance_background.chosen(kind, color, own)
        return check(registry, path, names, layout, mirrored, smoothness, background, *part)

    dance_preview.wire(registry, asked, inputs, parts, person)
    stops: dict[str, threading.Event] = {}

    def begin(*given: Any) -> list[Any]:
        with sentences():
            asked(*given)
        return [
            waiting("Waiting for other videos to finish"),
            gr.Video(None, visible=False),
            "",
            *buttons(False, False),
        ]

    def make(request: gr.Request, *given: Any) -> Iterator[list[Any]]:
        stop, key = threading.Event(), request.session_hash or ""
        stops[key] = stop
        try:
            with sentences():
                source, graphs, options = asked(*given)
                yield from work(source, graphs, poses(registry), options, stop)
        finally:
            if stops.get(key) is stop:
                del stops[key]

    def halt(request: gr.Request) -> list[Any]:
        stop = stops.get(request.session_hash or "")
        if not stop:
            return idle()
        stop.set()
        return [
            gr.skip()
        ] * 3  # the running job updates the page when it has ended; a second answer here could overtake it

    busy: dict[str, Any] = PRIVATE | {"concurrency_id": "film", "concurrency_limit": MOST_WAITING}
    job = start.click(begin, inputs, outputs, **PRIVATE).success(make, inputs, outputs, **busy)
    job.failure(idle, None, [state, start, stop], queue=False, **PRIVATE)
    # Gradio's own cancelling would also stop a job that is started a moment later.
    stop.click(halt, None, [state, start, stop], queue=False, **PRIVATE)


def work(
    source: Path, graphs: list[Graph], found: Poses, options: FilmOptions, stop: threading.Event
) -> Generator[list[Any], None, None]:
    """Make the video when no other is being made; yield the values of the page.

    After ``stop``, or when the generator is closed, the work ends and nothing is left on disk.
    """
    rest = [gr.skip(), gr.skip()]
    yield [waiting("Waiting for other videos to finish"), *rest, *buttons(False, True)]
    target = controls.fresh_file(result_name(source, *(graph.card.name for graph in graphs), ending=".mp4"))
    with contextlib.closing(film(source, target, graphs, found, options, stop)) as steps:
        for update, report in throttled(steps):
            if report:
                text = summary(report, found, graphs)
                yield ["", gr.Video(str(target), visible=True), text, *buttons(True, False)]
            elif update:
                yield [update, *rest, *buttons(False, True)]
            elif update is None:
                yield [gr.skip()] * 5
    if stop.is_set():
        yield ["", *rest, *buttons(True, False)]


def film(
    source: Path, target: Path, graphs: list[Graph], found: Poses, options: FilmOptions, stop: threading.Event
) -> Generator[Progress | None, None, None]:
    """Make the video when no other is being made; yield its progress, or ``None`` while it waits.

    After ``stop``, or when the generator is closed, the work ends and nothing is left on disk, not even the target's
    folder.
    """
    try:
        while not _slot.acquire(timeout=EVERY):
            if stop.is_set():
                return
            yield None  # lets Gradio close this generator when the user has left
        try:
            with contextlib.closing(dance(source, target, graphs, found.tracker(), options)) as steps:
                for step in steps:
                    if stop.is_set():
                        return
                    yield step
        finally:
            _slot.release()
    finally:
        if not target.exists():
            target.parent.rmdir()


def throttled(steps: Iterator[Progress | None]) -> Iterator[tuple[str | None, Report | None]]:
    """Yield (HTML to show, report) for every step: an empty string between updates, ``None`` for a step that waits."""
    begin, shown, pictured, preview = time.monotonic(), 0.0, 0.0, ""
    for step in steps:
        now = time.monotonic()
        if step is None:
            yield None, None
            continue
        if step.report or now - shown < EVERY:
            yield "", step.report
            continue
        if step.picture is not None and now - pictured >= PREVIEW_EVERY:
            preview, pictured = data_address(fit(step.picture, PREVIEW), "webp"), now
        shown = now
        yield progress_bar(step, now - begin, preview), None


def check(
    registry: Registry,
    path: Any,
    names: Any,
    layout: Any,
    mirrored: Any,
    smoothness: Any,
    background: str | np.ndarray = "",
    *part: Any,
) -> tuple[Path, list[Graph], FilmOptions]:
    """Return the arguments of ``dance`` for a request; ``ValueError`` for invalid values.

    ``part`` is start, end and person as ``film_options.with_part`` takes them.
    """
    if not path:
        raise ValueError("Upload a video first.")
    known = registry.names("dance")
    chosen = [name for name in known if name in names] if isinstance(names, list) else []
    if not 1 <= len(chosen) <= MOST_CHARACTERS:
        raise ValueError(f"Choose one to {MOST_CHARACTERS} characters first.")
    number = isinstance(smoothness, (int, float)) and not isinstance(smoothness, bool)
    if layout not in (ALONE, BESIDE) or not number or not 0 <= smoothness <= 1 or not isinstance(mirrored, bool):
        told = f"The layout must be “{ALONE}” or “{BESIDE}”, the smoothness a number from 0 to 1"
        raise ValueError(f"{told}, and mirrored true or false. Reload the page.")
    for name in chosen:
        perform.check(registry.card(name))
    poses(registry)
    options = with_part(FilmOptions(layout, mirrored, float(smoothness), background), *part)
    film_options.check([registry.card(name) for name in chosen], options)
    return Path(path), [registry.graph(name) for name in chosen], options


def buttons(start: bool, stop: bool) -> list[gr.Button]:
    """Return start and stop button; ``start`` and ``stop`` are whether each is enabled."""
    return [gr.Button(interactive=start), gr.Button(interactive=stop)]


def idle() -> list[Any]:
    """Return the values of the page after a failure: no progress, ready to start."""
    return ["", *buttons(True, False)]
