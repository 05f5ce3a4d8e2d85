"""The functions for programs that work on photographs: enlarge, colorize, fill."""

from collections.abc import Callable
from typing import Any

from gradio import FileData

from synth.app.api import uploads
from synth.app.api.parts import named, one_of
from synth.app.controls import sentences
from synth.app.tabs.colorize import temperature, within
from synth.runtime import colorization, inpainting, tiles
from synth.runtime.registry import Registry
from synth.runtime.run import run


def enlarge(registry: Registry) -> Callable[..., Any]:
    def enlarge(picture: FileData, graph: str) -> FileData:
        """Enlarge a photograph two or four times, with details that a trained graph makes up. Transparency is kept.

        A result may have up to 200 megapixels. How many times a graph enlarges is the scale in its card, see models.

        Args:
            picture: The picture.
            graph: The name of the graph.

        Returns:
            The enlarged picture, a PNG.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("enlarge"), graph))
            image = uploads.read_with_alpha(picture)
            return uploads.png(tiles.enlarge(lambda tile: run(opened, tile).result, image, opened.card.scale), graph)

    return named(enlarge, graph=registry.names("enlarge"))


def colorize(registry: Registry) -> Callable[..., Any]:
    def colorize(
        picture: FileData, graph: str, warmth: float = 0.38, hints: list[list[float]] | None = None
    ) -> FileData:
        """Give a black-and-white photograph plausible colours. Its luminance stays, to the last detail; colours are
        guessed, not known.

        Args:
            picture: The photograph, up to 24 megapixels; of colours that it has, nothing is used.
            graph: The name of the graph.
            warmth: The temperature at which colours are chosen, from 0.05 (vivid) to 1 (cautious).
            hints: Colours that are known: a list of [x, y, red, green, blue], x and y from 0 to 1 of width and height.

        Returns:
            The photograph in colours, a PNG of the same size.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("colorize"), graph))
            image = within(uploads.read(picture))
            return uploads.png(
                colorization.colorize(opened, image, colorization.pins(hints), temperature(warmth)).result, graph
            )

    return named(colorize, graph=registry.names("colorize"))


def fill(registry: Registry) -> Callable[..., Any]:
    def fill(picture: FileData, mask: FileData, graph: str) -> FileData:
        """Fill what is missing in a photograph from what is around it. All other pixels stay as they are.

        Args:
            picture: The photograph, up to 24 megapixels.
            mask: A picture of the same size, white (or any bright colour) where something is to be filled, else black.
            graph: The name of the graph.

        Returns:
            The whole photograph, a PNG of the same size.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("fill"), graph))
            image, marks = within(uploads.read(picture)), within(uploads.read(mask))
            return uploads.png(inpainting.fill(opened, image, marks.max(2) > 127)[0], graph)

    return named(fill, graph=registry.names("fill"))
