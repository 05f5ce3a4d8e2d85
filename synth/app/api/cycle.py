"""API function for cycle consistency: a translation, and its reconstruction by the partner model."""

from collections.abc import Callable
from typing import Any, Literal, TypedDict

from gradio import FileData

from synth.app.api import uploads
from synth.app.api.parts import named, one_of
from synth.app.controls import sentences
from synth.runtime.cycle import names, partner, travel
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED


class Cycled(TypedDict):
    """The translation, its reconstruction, and how much the latter differs from the input."""

    translation: FileData
    reconstruction: FileData
    way_back: str
    difference: float


def cycle(registry: Registry) -> Callable[..., Any]:
    def cycle(picture: FileData, graph: str, size: Literal["own size", "trained size"] = "own size") -> Cycled:
        """Translate a picture and then translate the result back, to see how much of the picture was kept.

        Only models that were trained together with a partner for the way back can do this: see partner in their card,
        from models.

        Args:
            picture: The picture.
            graph: The name of the model that translates first.
            size: "own size" keeps the size of the picture, "trained size" first shrinks it to the training size.

        Returns:
            translation: the synthesized picture, a PNG. reconstruction: the same translated back, a PNG of the same
            size. way_back: the name of the model that made it. difference: the mean absolute difference between input
            and reconstruction, from 0 to 255 grey levels.
        """
        with sentences():
            name = one_of(names(registry), graph)
            back = partner(registry, name)
            image, wanted = uploads.read(picture), one_of((OWN, TRAINED), size)
            trip = travel(registry.graph(name), registry.graph(back), image, wanted)
            return {
                "translation": uploads.png(trip.there.result, name, trip.there.notice, picture),
                "reconstruction": uploads.png(trip.back.result, back),
                "way_back": back,
                "difference": round(trip.difference, 3),
            }

    return named(cycle, graph=names(registry))
