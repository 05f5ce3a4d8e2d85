"""Determine the inputs and outputs of a third-party network; its keys give the number of planes, not their meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from synth.card import Card, Input
from synth.counted import counted
from synth.networks.layers.instances import FromClasses
from synth.networks.layers.pixels import Gray, Pixels
from synth.networks.network import Network
from synth.pixels.palette import CITYSCAPES_IDS, numbered

CLASSES = "a gray pixel is the class of that number, any other colour counts as the nearest of the palette"
INSTANCES = "every instance in a colour of its own; left out or black: the edges of the first picture's classes"
LARGE = 512
"""Approximate height in pixels at which pix2pixHD's generators are trained; the app shrinks large images to it."""
WITH_FEATURES = 39
"""Input planes of a pix2pixHD that also takes encoder features: 35 classes, edges and 3 features."""

TWO_IMAGES = 6
"""Input planes that may be two images or classes, which the keys do not tell."""


@dataclass(frozen=True)
class Ends:
    """Interface of a network: a ``card`` with task, tabs, inputs and size, and the wrapper for uint8 pixels.

    ``wrap`` turns a frozen network into the module to export; ``assumptions`` is a sentence for the user, or empty.
    """

    card: Card
    wrap: Callable[[Network], Network] = Pixels
    assumptions: str = ""


def of(inputs: int, outputs: int, labels: int | None = None, classes: bool = False) -> Ends:
    """Return the interface of a network with ``inputs`` and ``outputs`` planes (channels), in [-1, 1].

    Three planes are an image, one is a gray image. Others are ``labels`` one-hot classes (0: an image) and, if there is
    one more plane, the boundaries between instances, as in pix2pixHD. If ``labels`` is not given, ``classes`` says that
    all planes but one are classes. Raises ``ValueError`` if the planes are ambiguous.
    """
    if outputs not in (1, 3):
        raise ValueError(
            f"It returns {counted(outputs, 'plane')}, not the 3 of an image or 1 of a gray image. Ask its author."
        )
    if inputs in (1, 3) and labels is None:
        card = Card(task="picture → picture", size=LARGE if classes else Card.size)
        return Ends(card, Pixels if (inputs, outputs) == (3, 3) else Gray)
    if labels is None and inputs == TWO_IMAGES:
        raise ValueError(
            "It takes 6 planes. If they are two images: --inputs figure,previous for a skeleton and the previous "
            "result (Everybody Dance Now), or --inputs photo,photo. If they are one-hot classes: --labels 6, or "
            "--labels 5 if the last plane holds the edges of instances."
        )
    if labels is None and not classes:
        raise ValueError(
            f"It takes {counted(inputs, 'plane')}, which are not an image. If they are one-hot classes, give their "
            f"number: --labels {inputs}, or --labels {inputs - 1} if the last plane holds the edges of instances."
        )
    if labels is None and inputs == WITH_FEATURES:
        raise ValueError(
            f"Its {inputs} planes seem to be Cityscapes' 35 classes, edges, and 3 feature planes of an encoder, which "
            f"is not supported. If all of them are classes: --labels {inputs}."
        )
    count = inputs - 1 if labels is None else labels
    edges = inputs - (count or 3)
    if edges not in (0, 1) or not 0 <= count <= 256:
        raise ValueError(
            f"It takes {counted(inputs, 'plane')}: {inputs} classes or {inputs - 1}, not {count}. Change --labels."
        )
    return _of_classes(count, bool(edges), outputs, "" if labels is not None else _alternatives(inputs))


def _of_classes(count: int, edges: bool, outputs: int, assumptions: str) -> Ends:
    """Return the interface of a network of ``count`` classes (0: an image), with or without a plane of edges."""
    palette = (CITYSCAPES_IDS if count == len(CITYSCAPES_IDS) else numbered(count)) if count else ()
    first = Input(kind="labels", palette=palette, note=CLASSES) if count else Input()
    second = Input("instances", kind="hints", note=INSTANCES if count else INSTANCES.split(";")[0])
    card = Card(
        task="label map → picture" if count else "picture → picture",
        tabs=("translate", "draw") if count else ("translate",),
        inputs=(first, second) if edges else (first,),
        size=LARGE,
        notes=f"{counted(len(palette), 'class', 'classes')}: {CLASSES}." if count else "",
    )
    return Ends(card, partial(FromClasses, palette=palette), assumptions)


def _alternatives(inputs: int) -> str:
    """Return the assumption about the planes as a sentence, with the options for other cases."""
    return (
        f"Assuming the usual: its {inputs} planes are {inputs - 1} classes and the edges of instances. "
        f"If there are no edges: --labels {inputs}."
    ) + (" If they are an image and edges: --labels 0." if inputs == 4 else "")
