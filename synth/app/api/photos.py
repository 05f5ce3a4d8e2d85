"""API functions that work on photographs: enlarge, colorize, fill."""

import logging
from collections.abc import Callable
from typing import Any

from gradio import FileData

from synth.app.api import uploads
from synth.app.api.parts import named, one_of
from synth.app.controls import sentences
from synth.app.tabs.colorize import MOST_PIXELS, within_limit
from synth.app.tabs.dial import checked_number
from synth.pixels import masks
from synth.pixels.color import TEMPERATURE, VIVIDNESS
from synth.runtime import colorization, inpainting, tiles
from synth.runtime.registry import Registry
from synth.runtime.run import run

log = logging.getLogger("synth")


def enlarge(registry: Registry) -> Callable[..., Any]:
    def enlarge(picture: FileData, graph: str) -> FileData:
        """Enlarge a photograph two or four times, with details that a trained model makes up. Transparency is kept.

        A result may have up to 200 megapixels. How many times a model enlarges is the scale in its card, see models.

        Args:
            picture: The photograph.
            graph: The name of the model.

        Returns:
            The enlarged picture, a PNG.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("enlarge"), graph))
            image = uploads.read_with_alpha(picture)
            made = tiles.enlarge(lambda tile: run(opened, tile).result, image, opened.card.scale)
            return uploads.png(made, graph, source=picture)

    return named(enlarge, graph=registry.names("enlarge"))


def colorize(registry: Registry) -> Callable[..., Any]:
    def colorize(
        picture: FileData,
        graph: str,
        temperature: float = TEMPERATURE,
        hints: list[list[float]] | None = None,
        warmth: float | None = None,
        vividness: float = VIVIDNESS,
    ) -> FileData:
        """Give a black-and-white photograph plausible colours. Its luminance and transparency stay as they are; colours
        are guessed, not known.

        Args:
            picture: The photograph, up to 24 megapixels; colours that it has already are not used.
            graph: The name of the model.
            temperature: The softmax temperature, from 0.05 (vivid) to 1 (cautious), for the models that have it.
            hints: Known colours: a list of [x, y, red, green, blue], x and y from 0 to 1 of width and height.
            warmth: Deprecated, the old name of temperature; it wins where both are given. To be removed in 0.3.
            vividness: How much rare colours are favoured, from 0 (cautious) to 1 (vivid), for the models that have it.

        Returns:
            The photograph in colours, a PNG of the same size.
        """
        if warmth is not None:
            log.warning("/colorize: warmth is now called temperature; the old name will be removed in 0.3.")
            temperature = warmth
        with sentences():
            opened = registry.graph(one_of(registry.names("colorize"), graph))
            image, known = within_limit(uploads.read_with_alpha(picture)), colorization.read_hints(hints)
            settings = {
                "temperature": checked_number("temperature", temperature, 0.05, 1),
                "vividness": checked_number("vividness", vividness, 0, 1),
            }
            made = colorization.colorize(opened, image, known, settings).result
            return uploads.png(made, graph, source=picture)

    return named(colorize, graph=registry.names("colorize"))


def fill(registry: Registry) -> Callable[..., Any]:
    def fill(picture: FileData, mask: FileData, graph: str) -> FileData:
        """Fill holes in a photograph from what surrounds them (inpainting). All other pixels stay as they are.

        Args:
            picture: The photograph, up to 24 megapixels.
            mask: An image of the same proportions, white where to fill the photograph, black elsewhere; or paint on a
                transparent image.
            graph: The name of the model.

        Returns:
            The whole photograph, a PNG of the same size.
        """
        with sentences():
            opened = registry.graph(one_of(registry.names("fill"), graph))
            image = within_limit(uploads.read_with_alpha(picture))
            hole = masks.read(uploads.received(mask, "mask"), image.shape[:2], MOST_PIXELS)
            return uploads.png(inpainting.inpaint(opened, image, hole)[0], graph, source=picture)

    return named(fill, graph=registry.names("fill"))
