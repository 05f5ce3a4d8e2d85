"""The Enlarge tab: a picture two or four times as large, compared with bicubic enlargement under a slider."""

import html
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, follower, titles
from synth.app.controls import sentences
from synth.app.sources import result_name, source_of
from synth.app.tabs import batch, side_by_side
from synth.counted import counted
from synth.pixels import bicubic, images, metadata
from synth.runtime import examples, provenance, tiles
from synth.runtime.registry import Registry
from synth.runtime.run import run
from synth.runtime.session import Graph

EVERY = 0.4
"""Seconds between two updates of the progress bar."""
SHOWN = 2048
"""Side in pixels of the part of a result that the slider shows; the file to download has all of it."""
OWN = -1
"""Value of the chosen input other than an example number: the user's own picture."""
ABOUT = (
    "Takes photographs of up to {most:.0f} megapixels; transparency is kept. New detail is made up: do not rely on it "
    "to read number plates or recognize faces."
)


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire its events; ``shown`` are the events at which a user opens it."""
    names = side_by_side.ordered(registry)
    first = names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = controls.choice(titles.choices(registry, names), first, elem_id="enlarge-models")
            most = tiles.MOST_PIXELS / registry.card(first).scale ** 2 / 1e6
            gr.HTML(f'<p class="note">{ABOUT.format(most=most)}</p>')
            image = controls.picture_input(True, sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(registry, first))
        with gr.Column(scale=6, min_width=320, elem_id="enlarge-result") as zone:
            slider, fetch, status = controls.viewer("Bicubic | enlarged")
            state = gr.HTML(elem_id="enlarge-state")
            stop = gr.Button("Stop", size="md", visible=False, elem_id="enlarge-stop")
    comparison = side_by_side.Comparison(registry)
    chosen = gr.State(OWN)

    def result(progress: follower.Progress, name: str, image: np.ndarray | None) -> Iterator[list[Any]]:
        if image is None:
            yield [None, None, "", *at_rest()]
            return
        with sentences():
            graph = registry.graph(controls.one_of(names, name))
            yield from enlarged(graph, image, progress.stopped, result_name(image, name))

    def example(name: str, event: gr.EventData) -> list[Any]:
        with sentences():
            found = examples.pick(examples.find(registry, controls.one_of(names, name)), event.index)
        return [controls.example_file(found.input), event.index]

    def begin(name: str, image: np.ndarray | None) -> Any:
        """Show the first example if there is no picture yet."""
        found = examples.find(registry, controls.one_of(names, name))
        if image is not None or not found:
            return [gr.skip()] * 2
        return [controls.example_file(found[0].input), 0]

    private = follower.PRIVATE
    busy: dict[str, Any] = private | {"concurrency_id": "enlarge", "concurrency_limit": 2}
    made = follower.Follower(zone, fetch, status)
    job = made.compute(result, [made.progress, graph, image], [slider, fetch, status, state, stop], **busy)
    job.failure(at_rest, None, [state, stop], queue=False, **private)
    comparison.wire(job, [graph, image, chosen], image, [image.input, strip.click, graph.input], busy)
    made.outdate(image.input, strip.click)
    made.renew(graph.input)
    made.renew_after(
        image.input(lambda: OWN, None, chosen, **private), strip.click(example, graph, [image, chosen], **private)
    )
    made.begin_after(gr.on(shown, begin, [graph, image], [image, chosen], **private))
    stop.click(lambda progress: progress.stopped.set(), made.progress, None, queue=False, **private)
    batch.build(lambda paths, progress, name: many(registry.graph(name), paths, progress), [graph], "enlarge-all")


def enlarged(graph: Graph, image: np.ndarray, stopped: threading.Event, file: str) -> Generator[list[Any], None, None]:
    """Enlarge an image; yield updates of the page while it runs, then the result. Setting ``stopped`` ends it early.

    ``file`` is the name of the file to download.
    """
    target, spent = tiles.blank(image, graph.card.scale), []
    updated = time.monotonic()

    def call(tile: np.ndarray) -> np.ndarray:
        outcome = run(graph, tile)
        spent.append(outcome.milliseconds)
        return outcome.result

    for share in tiles.fill(call, image, target):
        if stopped.is_set():
            yield [None, None, "Stopped.", *at_rest()]
            return
        if share < 1 and time.monotonic() - updated > EVERY:
            updated = time.monotonic()
            yield [gr.skip()] * 3 + [progress_bar(share, sum(spent) / 1e3), gr.Button(visible=True)]
    if len(spent) > 1:
        yield [gr.skip()] * 3 + ['<p class="note" role="status">Saving the file …</p>', gr.Button(visible=False)]
    yield [*present(graph, image, target, sum(spent), file), *at_rest()]


def many(graph: Graph, paths: list[str], progress: Any) -> tuple[str | None, str]:
    """Enlarge every file; see ``batch.zipped``."""

    def made(path: Path) -> bytes:
        image = images.read_with_alpha(path, max_pixels=controls.MAX_READ)
        made = tiles.enlarge(lambda tile: run(graph, tile).result, image, graph.card.scale)
        return provenance.encode(made, kept=metadata.read(path))

    return batch.zipped(graph.card.name, paths, made, progress)


def present(graph: Graph, image: np.ndarray, target: np.ndarray, milliseconds: float, file: str) -> list[Any]:
    """Return the values for slider, download button and status line; ``file`` is the name of the download."""
    scale = graph.card.scale
    path = controls.save_png(target, file, source=source_of(image))
    rows, columns = (middle(side, SHOWN // scale) for side in image.shape[:2])
    plain = bicubic.scaled(images.on_white(image[rows, columns]), scale)
    shown = images.on_white(target[tiles.times(rows, scale), tiles.times(columns, scale)])
    (height, width), (down, across) = image.shape[:2], target.shape[:2]
    status = (
        f"<b>{milliseconds:.0f} ms</b> · {html.escape(graph.place)} · {width} × {height} → {across} × {down} pixels"
    )
    if shown.shape[:2] != target.shape[:2]:
        status += "<br>Only the middle is shown here; the download has the whole picture."
    status += "<br>Left: bicubic interpolation. Right: this model. "
    status += '<span class="wheel-only">Zoom with the mouse wheel.</span>'
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [(plain, shown), path, status]


def middle(length: int, most: int) -> slice:
    """Return the middle ``most`` of ``length`` pixels, or all of them."""
    start = max(0, (length - most) // 2)
    return slice(start, min(length, start + most))


def progress_bar(share: float, seconds: float) -> str:
    """Return a progress bar with the seconds left, as HTML."""
    bar = f'<progress max="1" value="{share:.3f}"></progress>'
    left = f"{share:.0%} · about {counted(seconds / share - seconds, 'second')} left"
    return f'<div class="film">{bar}<p class="note" role="status">{left}</p></div>'


def at_rest() -> list[Any]:
    """Return the values of progress and stop button when nothing runs."""
    return ["", gr.Button(visible=False)]
