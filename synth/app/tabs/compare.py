"""The Compare tab: all models of a group on one picture, labelled, as in figures 4 and 5 of Isola et al. 2017."""

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, follower, titles
from synth.app.controls import sentences
from synth.metric import headline
from synth.pixels import images as pictures
from synth.pixels.resize import fit
from synth.runtime import examples
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED, labelled, run

SHOWN = 512
"""Longer side in pixels of the images in a grid."""
NOTHING, UPLOAD = -2, -1
"""Values of the chosen input other than example numbers: nothing yet, or the user's own picture."""


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire its events; ``shown`` are the events at which a user opens it."""
    groups = ordered(registry)
    first = next(iter(groups))
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=320):
            group = controls.choice(list(groups), first, elem_id="compare-models")
            strip = controls.strip(controls.thumbs(registry, groups[first][0]))
        with gr.Column(scale=4, min_width=300):
            sizes = [("Shrink to the training size", TRAINED), ("Keep the picture's size", OWN)]
            size = controls.choice(sizes, TRAINED)
            with gr.Accordion("Your own picture", open=False):
                picture = controls.picture_input(sources=["upload", "clipboard"], height=200)
    with gr.Column(elem_id="compare-result") as zone:
        grid = gr.HTML(elem_id="grid")
    chosen = gr.State(NOTHING)

    def pages(name: str, index: Any, image: np.ndarray | None, size: str) -> Iterator[str]:
        """Yield the grid for an example, or for the user's own picture."""
        with sentences():
            names, truth = members(groups, name), None
            if index != UPLOAD:
                found = examples.find(registry, names[0])
                image, truth = None, None
                if found and index != NOTHING:
                    example = examples.pick(found, index)
                    image, truth = example.read(), example.target and pictures.read(example.target)
            if image is None:
                yield ""
            else:
                yield from panels(registry, names, image, truth, size)

    def switch(name: str) -> tuple[Any, ...]:
        """Return the examples of a group, the first of which is chosen."""
        with sentences():
            return controls.thumbs(registry, members(groups, name)[0]), 0

    busy: dict[str, Any] = follower.PRIVATE | {"concurrency_id": "run"}
    result = follower.Follower(zone)
    result.compute(pages, [group, chosen, picture, size], [grid], **busy)
    result.outdate(strip.click, picture.input, group.input)
    result.renew(size.input)
    result.renew_after(
        strip.click(chosen_example, None, chosen, **follower.PRIVATE),
        picture.input(lambda: UPLOAD, None, chosen, **follower.PRIVATE),
        group.input(switch, group, [strip, chosen], **follower.PRIVATE),
    )
    begin = gr.on(shown, lambda index: 0 if index == NOTHING else index, chosen, chosen, **follower.PRIVATE)
    result.begin_after(begin)


def chosen_example(event: gr.EventData) -> Any:
    """Return the number of an example that was clicked."""
    return event.index


def ordered(registry: Registry) -> dict[str, list[str]]:
    """Return the model names of every group, from the simplest variant to the one with most parts."""
    return {group: registry.plainest(names) for group, names in registry.groups().items()}


def members(groups: dict[str, list[str]], name: str) -> list[str]:
    """Return the models of a group that a browser names; ``ValueError`` for an unknown one."""
    if name not in groups:
        raise ValueError(f"There is no group {str(name)[:40]!r}. Reload the page.")
    return groups[name]


def panels(
    registry: Registry, names: list[str], image: np.ndarray, truth: np.ndarray | None, size: str
) -> Iterator[str]:
    """Yield the grid anew after every model, so that it fills up while they run."""
    image, notice = labelled(image, registry.card(names[0]))
    made = [panel("Input", image, [notice])]
    if truth is not None:
        made.append(panel("Ground truth", truth))
    for number, name in enumerate(names):
        yield page(made, len(names) - number)
        graph = registry.graph(name)
        outcome = run(graph, image, size)
        note = f"{outcome.milliseconds:.0f} ms · {graph.place}"
        made.append(panel(titles.title(registry, name), outcome.result, [metrics_line(graph.card.metrics), note]))
    yield page(made, 0)


def page(made: list[str], missing: int) -> str:
    """Return the grid as HTML: the panels made so far, and placeholders for those that are missing."""
    state = "grid filling" if missing else "grid"
    return f'<div class="{state}">{"".join(made)}{"<figure class=wait><div></div></figure>" * missing}</div>'


def panel(title: str, image: np.ndarray, notes: list[str] | None = None) -> str:
    """Return one labelled image as HTML."""
    lines = "".join(f"<small>{html.escape(note)}</small>" for note in notes or [] if note)
    title = html.escape(title)
    source = data_address(fit(image, SHOWN), "webp")
    return f'<figure><img src="{source}" alt="{title}"><figcaption>{title}{lines}</figcaption></figure>'


def metrics_line(metrics: dict[str, float]) -> str:
    """Return the headline metrics of a card, in one line."""
    return " · ".join(headline(metrics))
