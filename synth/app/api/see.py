"""API function of the See tab: segmentation, or a person's joints."""

from collections.abc import Callable
from typing import Any, Literal, TypedDict

import cv2
import numpy as np
from gradio import FileData

from synth.app.api import uploads
from synth.app.api.parts import named, one_of
from synth.app.controls import sentences
from synth.app.tabs.see import kind, names
from synth.pixels.body import skeleton
from synth.pixels.body.pose import COCO
from synth.pixels.palette import shares
from synth.pixels.resize import fit
from synth.runtime import perception
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED, run
from synth.runtime.session import Graph

LARGEST = 1024
"""Longer side in pixels of images for pose detection: a body's window is shrunk further anyway."""


class Seen(TypedDict):
    """What a model sees: an image of it, the shares of the classes, the joints of a person."""

    picture: FileData
    shares: dict[str, float]
    joints: dict[str, list[float]]


def see(registry: Registry) -> Callable[..., Any]:
    def see(picture: FileData, graph: str, size: Literal["own size", "trained size"] = "trained size") -> Seen:
        """Analyse a photograph: find the class of every pixel of a street scene, or the joints of a person.

        Args:
            picture: The photograph.
            graph: The name of the model.
            size: "trained size" first shrinks the picture to the training size, "own size" uses all of its pixels.

        Returns:
            picture: a PNG of the photograph's size, the class of every pixel in colour (the palette is in the model's
            card, see models) or the skeleton of the person on black. shares: the share of the picture, from 0 to 1, of
            each class in it. joints: x, y in pixels and a score from 0 to 1 by name; empty if nobody was found.
        """
        with sentences():
            opened = registry.graph(one_of(names(registry), graph))
            image = uploads.read(picture)
            if kind(opened.card) == "areas":
                return _areas(opened, image, one_of((OWN, TRAINED), size))
            return _joints(opened, image)

    return named(see, graph=names(registry))


def _areas(graph: Graph, image: np.ndarray, size: str) -> Seen:
    labels = run(graph, image, size).result
    found = zip(graph.card.palette, shares(labels, graph.card.palette), strict=True)
    whole = cv2.resize(labels, image.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    by_class = {color[0]: round(share, 4) for color, share in found if share > 0}
    return {"picture": uploads.png(whole, graph.card.name), "shares": by_class, "joints": {}}


def _joints(graph: Graph, image: np.ndarray) -> Seen:
    small = fit(image, LARGEST)
    found = perception.PersonTracker(graph).find(small, still=True)
    joints: dict[str, list[float]] = {}
    drawn = np.zeros_like(image)
    if found is not None:
        found[:, :2] *= np.array(image.shape[1::-1]) / small.shape[1::-1]
        skeleton.draw_over(drawn, found)
        joints = {name: [round(float(part), 2) for part in joint] for name, joint in zip(COCO, found, strict=True)}
    return {"picture": uploads.png(drawn, graph.card.name), "shares": {}, "joints": joints}
