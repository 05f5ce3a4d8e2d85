"""The part of the Dance tab for files: a video of somebody in, a video of characters out."""

import contextlib
import html
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls
from synth.app.controls import sentences
from synth.app.tabs import dance_background
from synth.pixels.resize import fit
from synth.runtime.dance import films, perform
from synth.runtime.dance.films import ALONE, BESIDE, MAX_SECONDS, MOST_CHARACTERS, Progress, Report, Wish, dance
from synth.runtime.dance.painting import cuts
from synth.runtime.dance.pose import Poses, poses
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.session import Graph

EVERY, PREVIEW_EVERY = 0.4, 1.2
"""Seconds between two signs of life, and between two pictures of what is being made."""
PREVIEW = 512
MOST_WAITING = 8
ABOUT = (
    f"One person, seen from head to knees or more, by a camera that stands still; up to {MAX_SECONDS // 60} minutes. "
    "Sound and frame rate are kept. Use clips of people who agreed to it; the result says in its metadata that it is "
    "synthesized."
)

_turn = threading.BoundedSemaphore(1)
"""One film at a time: two would take twice as long each, and somebody may be before the webcam."""


def build(registry: Registry) -> None:
    """Lay out and wire the part for files, below the webcam."""
    names = registry.names("dance")
    gr.HTML(f'<h2 class="head">From a video</h2><p class="note">{ABOUT}</p>')
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            video = gr.Video(sources=["upload"], show_label=False, height=260, elem_id="film-in")
            cast = gr.CheckboxGroup(
                [(registry.title(name), name) for name in names],
                value=names[:1],
                label="Characters",
                elem_id="film-cast",
            )
            layout = controls.choice([("Characters alone", ALONE), ("Beside the video", BESIDE)], BESIDE)
            behind = dance_background.build(any(cuts(registry.card(name)) for name in names))
            with gr.Accordion("More", open=False):
                mirrored = gr.Checkbox(False, label="As in a mirror: left and right change places")
                smoothness = gr.Slider(0, 1, 0.5, step=0.05, label="Smoothness")
            with gr.Row():
                start = gr.Button("Make the video", variant="primary", size="md", elem_id="film-start")
                stop = gr.Button("Stop", size="md", interactive=False, elem_id="film-stop")
        with gr.Column(scale=6, min_width=320):
            state = gr.HTML(elem_id="film-state")
            result = gr.Video(show_label=False, interactive=False, visible=False, buttons=["download"], elem_id="film")
            report = gr.HTML(elem_classes="note", elem_id="film-report")

    wishes = [video, cast, layout, mirrored, smoothness, *behind]
    views = [state, result, report, start, stop]

    stops: dict[str, threading.Event] = {}

    def begin(path: str | None, names: Any, layout: Any, mirrored: Any, smoothness: Any, *behind: Any) -> list[Any]:
        with sentences():
            check(registry, path, names, layout, mirrored, smoothness, dance_background.chosen(*behind))
        return [waiting("Waiting for a turn"), gr.Video(None, visible=False), "", *buttons(False, False)]

    def make(
        path: str | None, names: Any, layout: Any, mirrored: Any, smoothness: Any,
        kind: Any, color: Any, own: Any, visitor: gr.Request,
    ) -> Iterator[list[Any]]:  # fmt: skip
        stop, key = threading.Event(), visitor.session_hash or ""
        stops[key] = stop
        try:
            with sentences():
                backdrop = dance_background.chosen(kind, color, own)
                source, graphs, wish = check(registry, path, names, layout, mirrored, smoothness, backdrop)
                yield from work(source, graphs, poses(registry), wish, stop)
        finally:
            if stops.get(key) is stop:
                del stops[key]

    def halt(visitor: gr.Request) -> list[Any]:
        stop = stops.get(visitor.session_hash or "")
        if not stop:
            return idle()
        stop.set()
        return [gr.skip()] * 3  # the work itself says when it has ended: of two answers the wrong one could come last

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    busy: dict[str, Any] = private | {"concurrency_id": "film", "concurrency_limit": MOST_WAITING}
    job = start.click(begin, wishes, views, **private).success(make, wishes, views, **busy)
    job.failure(idle, None, [state, start, stop], queue=False, **private)
    # Gradio's own way of stopping would also stop what is started again a moment later.
    stop.click(halt, None, [state, start, stop], queue=False, **private)


def work(
    source: Path, graphs: list[Graph], found: Poses, wish: Wish, stop: threading.Event
) -> Generator[list[Any], None, None]:
    """Make the film when its turn comes; yield what the page shows.

    After ``stop``, or when this is closed, the work ends and nothing is left on disk.
    """
    rest = [gr.skip(), gr.skip()]
    yield [waiting("Waiting for a turn"), *rest, *buttons(False, True)]
    target = controls.fresh_file(f"synth-{'-'.join(graph.card.name for graph in graphs)}.mp4")
    with contextlib.closing(film(source, target, graphs, found, wish, stop)) as steps:
        for signs, report in seldom(steps):
            if report:
                text = summary(report, found, graphs)
                yield ["", gr.Video(str(target), visible=True), text, *buttons(True, False)]
            elif signs:
                yield [signs, *rest, *buttons(False, True)]
            elif signs is None:
                yield [gr.skip()] * 5
    if stop.is_set():
        yield ["", *rest, *buttons(True, False)]


def film(
    source: Path, target: Path, graphs: list[Graph], found: Poses, wish: Wish, stop: threading.Event
) -> Generator[Progress | None, None, None]:
    """Make the film when its turn comes; yield its progress, and ``None`` as a sign of life while it waits.

    After ``stop``, or when this is closed, the work ends and nothing is left on disk, not even the target's folder.
    """
    try:
        while not _turn.acquire(timeout=EVERY):
            if stop.is_set():
                return
            yield None  # so that Gradio can close this when the visitor has left
        try:
            with contextlib.closing(dance(source, target, graphs, found.tracker(), wish)) as steps:
                for step in steps:
                    if stop.is_set():
                        return
                    yield step
        finally:
            _turn.release()
    finally:
        if not target.exists():
            target.parent.rmdir()


def seldom(steps: Iterator[Progress | None]) -> Iterator[tuple[str | None, Report | None]]:
    """Yield for every step what to show, mostly nothing: a page wants a sign of life now and then; and the report.

    For a step that only waits, what to show is ``None``.
    """
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
        yield going(step, now - begin, preview), None


def check(
    registry: Registry,
    path: Any,
    names: Any,
    layout: Any,
    mirrored: Any,
    smoothness: Any,
    backdrop: str | np.ndarray = "",
) -> tuple[Path, list[Graph], Wish]:
    """Return what comes from a browser as what ``dance`` takes; ``ValueError`` with a sentence for anything else."""
    if not path:
        raise ValueError("Drop a video first.")
    known = registry.names("dance")
    chosen = [name for name in known if name in names] if isinstance(names, list) else []
    if not 1 <= len(chosen) <= MOST_CHARACTERS:
        raise ValueError(f"Choose one to {MOST_CHARACTERS} characters first.")
    if layout not in (ALONE, BESIDE) or not isinstance(smoothness, (int, float)) or not 0 <= smoothness <= 1:
        raise ValueError("There is no such choice any more. Reload the page.")
    for name in chosen:
        perform.check(registry.card(name))
    poses(registry)
    wish = Wish(layout, bool(mirrored), float(smoothness), backdrop)
    films.check([registry.card(name) for name in chosen], wish)
    return Path(path), [registry.graph(name) for name in chosen], wish


def buttons(start: bool, stop: bool) -> list[gr.Button]:
    """Return the two buttons, and whether each can be pressed."""
    return [gr.Button(interactive=start), gr.Button(interactive=stop)]


def idle() -> list[Any]:
    """Return the page at rest again, after a failure."""
    return ["", *buttons(True, False)]


def waiting(text: str) -> str:
    return f'<p class="note" role="status">{html.escape(text)} …</p>'


def going(step: Progress, seconds: float, preview: str) -> str:
    """Return how far the work is, as HTML."""
    left = seconds / step.share - seconds if step.share > 0.05 else 0.0
    text = f"{step.doing} · {step.share:.0%}" + (f" · about {left:.0f} seconds left" if left else "")
    picture = f'<img src="{preview}" alt="The newest frame">' if preview else ""
    bar = f'<progress max="1" value="{step.share:.3f}"></progress>'
    return f'<div class="film">{picture}{bar}<p class="note" role="status">{html.escape(text)}</p></div>'


def summary(report: Report, found: Poses, graphs: list[Graph]) -> str:
    """Return what was done and how fast, as HTML."""
    rate = report.frames / max(report.seconds, 1e-6)
    stages = ", ".join(f"{stage} {spent:.0f} ms" for stage, spent in report.milliseconds.items())
    lines = [
        f"<b>{report.frames} frames in {report.seconds:.0f} seconds</b>, {rate:.1f} per second "
        f"(the clip has {report.fps:.3g}) · {html.escape(found.name)} on {html.escape(found.place)}, "
        f"characters on {html.escape(graphs[0].place)}",
        f"Per frame: {stages}.",
        *(html.escape(notice) for notice in report.notices),
        *(html.escape(graph.warning) for graph in graphs if graph.warning),
    ]
    return "<br>".join(lines)
