"""The API: one named endpoint per tab, which are also the tools of the MCP server.

Endpoints are public, so they validate everything; they share the queues of the tabs. Their docstrings are what clients
and language models are shown.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, Literal, TypedDict, get_args

from gradio import FileData
from gradio.events import api

from synth.app import controls
from synth.app.api import uploads
from synth.app.api.cycle import cycle
from synth.app.api.dance_preview import dance_preview
from synth.app.api.parts import named, one_of
from synth.app.api.photos import colorize, enlarge, fill
from synth.app.api.see import see
from synth.app.controls import sentences
from synth.app.tabs import dance_file
from synth.app.tabs.compare import members, ordered
from synth.app.tabs.dance_preview import MOST
from synth.app.tabs.draw import on_canvas
from synth.app.tabs.see import names
from synth.runtime.cycle import names as returning
from synth.runtime.dance.films import ALONE, BESIDE
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED, run

Size = Literal["own size", "trained size"]
Layout = Literal["alone", "side by side"]
assert get_args(Size) == (OWN, TRAINED)
assert get_args(Layout) == (ALONE, BESIDE)


class Compared(TypedDict):
    """The result of one model of a group."""

    graph: str
    title: str
    picture: FileData
    milliseconds: float
    metrics: dict[str, float]
    notice: str


def build(registry: Registry) -> None:
    """Add the endpoints of all tabs that have models; to be called within the page's ``gr.Blocks``."""
    busy: dict[str, Any] = {"concurrency_id": "run", "concurrency_limit": 2}
    for tab, make in {
        "translate": _translate,
        "draw": _draw,
        "enlarge": enlarge,
        "colorize": colorize,
        "fill": fill,
    }.items():
        if registry.names(tab):
            api(make(registry), **busy)
    if registry.names("compare"):
        api(_compare(registry), **busy)
    if returning(registry):
        api(cycle(registry), **busy)
    if names(registry):
        api(see(registry), **busy)
    if registry.names("dance"):
        api(_dance(registry), concurrency_id="film", concurrency_limit=dance_file.MOST_WAITING)
        api(dance_preview(registry), concurrency_id="film-preview", concurrency_limit=MOST)
    api(_models(registry))


def check_mcp() -> None:
    """Raise ``ValueError`` with the install command if the package ``mcp`` is missing."""
    if not find_spec("mcp"):
        raise ValueError(
            'The package mcp is not installed. Install it with: pip install -e ".[mcp]"; or leave out --mcp.'
        )


def _translate(registry: Registry) -> Callable[..., Any]:
    def translate(picture: FileData, graph: str, size: Size = "own size") -> FileData:
        """Translate a picture into another one with a trained model, for instance a label map into a photograph.

        Which kind of picture a model takes (photo, label map, drawing) is in its card, see models. A label map of
        Cityscapes class numbers is translated to the model's colours, which the description in the PNG then says.

        Args:
            picture: The picture.
            graph: The name of the model.
            size: "own size" keeps the size of the picture, "trained size" first shrinks it to the training size.

        Returns:
            The synthesized picture, a PNG.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("translate"), graph))
            outcome = run(opened, uploads.read(picture), one_of(get_args(Size), size))
            return uploads.png(outcome.result, graph, outcome.notice, picture)

    return named(translate, graph=registry.names("translate"))


def _draw(registry: Registry) -> Callable[..., Any]:
    def draw(picture: FileData, graph: str) -> FileData:
        """Turn a drawing into a picture, as the canvas of the Draw tab does.

        A model takes areas in its own label colours (the palette in its card, see models) or black lines on white. The
        drawing is first resized to the square canvas.

        Args:
            picture: The drawing.
            graph: The name of the model.

        Returns:
            The synthesized picture, a PNG as large as the canvas.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("draw"), graph))
            outcome = run(opened, on_canvas(uploads.read(picture), opened.card))
            return uploads.png(outcome.result, graph, outcome.notice, picture)

    return named(draw, graph=registry.names("draw"))


def _compare(registry: Registry) -> Callable[..., Any]:
    groups = ordered(registry)

    def compare(picture: FileData, group: str, size: Size = "trained size") -> list[Compared]:
        """Run one picture through all models of a group: the variants of one experiment side by side.

        The result has for each model, from the simplest to the one with most parts: its name and title, the synthesized
        picture, the milliseconds it took, its metrics on held-out pictures, and a notice about the input, if any.

        Args:
            picture: The picture, of the kind that the models of the group take.
            group: The name of the group.
            size: "trained size" first shrinks the picture to the training size, "own size" keeps its size.

        Returns:
            A list with one object for each model.
        """
        with sentences():
            image, made = uploads.read(picture), []
            for name in members(groups, one_of(list(groups), group)):
                outcome = run(registry.graph(name), image, one_of(get_args(Size), size))
                file = uploads.png(outcome.result, name).model_dump()
                facts = {"milliseconds": round(outcome.milliseconds, 1), "metrics": registry.card(name).metrics}
                facts |= {"notice": outcome.notice}
                made.append({"graph": name, "title": registry.title(name), "picture": file, **facts})
            return made

    return named(compare, group=list(groups))


def _dance(registry: Registry) -> Callable[..., Any]:
    def dance(
        video: FileData,
        characters: list[str],
        layout: Layout = "alone",
        mirrored: bool = False,
        smoothness: float = 0.5,
        background: str = "",
        start: float | None = None,
        end: float | None = None,
        person: list[float] | None = None,
    ) -> Iterator[Any]:
        """Let fictional characters move like the person in a video. The result is marked as synthesized.

        The person must have agreed to it, and be seen from head to knees or more by a camera that does not move.

        Args:
            video: A clip of a person; up to five minutes of it are used.
            characters: The names of one to four characters, which appear side by side.
            layout: "alone" shows only the characters, "side by side" the video, too.
            mirrored: Whether left and right are swapped, as in a mirror.
            smoothness: How much the motion is filtered, from 0 (least) to 1 (most).
            background: A colour behind the characters, such as #00ff00; empty for their own background.
            start: Where the part of the clip that is used begins, in seconds; by default at its beginning.
            end: Where that part ends, in seconds; by default at the end of the clip.
            person: Whom to follow: x and y from 0 to 1 at the start, or at the time in seconds given as a third
                number; by default the largest person.

        Returns:
            The video of the characters (MP4) with the frame rate and the sound of the clip.
        """
        with sentences():
            path = str(uploads.received(video, "video"))
            if not isinstance(background, str):
                raise ValueError(f"The background must be a colour such as #00ff00, not {str(background)[:40]}.")
            if isinstance(characters, list):
                characters = [one_of(registry.names("dance"), name) for name in characters]
            source, graphs, options = dance_file.check(
                registry, path, characters, layout, mirrored, smoothness, background, start, end, person
            )
            target = controls.fresh_file(f"synth-{'-'.join(graph.card.name for graph in graphs)}.mp4")
            steps = dance_file.film(source, target, graphs, poses(registry), options, threading.Event())
            for update, _ in dance_file.throttled(steps):
                if update != "":
                    yield None  # lets Gradio end the work when the client has left
            yield uploads.given(target)

    dance.__annotations__["return"] = FileData
    names = tuple(registry.names("dance"))
    dance.__annotations__["characters"] = list[Literal[names]]
    return dance


def _models(registry: Registry) -> Callable[..., Any]:
    def models(graph: str = "") -> list[dict[str, Any]]:
        """List the models: what each takes and gives, its training data, licence and metrics.

        Args:
            graph: The name of one model; empty for all of them.

        Returns:
            A list with the card of each model: its name, task, tabs, group, inputs with palettes, licence and so on.
        """
        with sentences():
            names = [graph] if graph else list(registry.entries)
            return [asdict(registry.card(one_of(list(registry.entries), name))) | {"name": name} for name in names]

    return models
