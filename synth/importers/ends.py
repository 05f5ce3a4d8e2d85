"""What goes into somebody else's network and what comes out: its keys say how many planes, but not of what."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from synth.card import Card, Input
from synth.networks.layers.instances import FromClasses
from synth.networks.layers.pixels import Gray, Pixels
from synth.pixels.palette import CITYSCAPES_IDS, numbered

CLASSES = "a gray pixel is the class of that number, any other colour counts as the nearest of the palette"
INSTANCES = "every instance in a colour of its own; left out or black: the edges of the first picture's classes"
LARGE = 512
"""About the height in pixels that pix2pixHD's generators are trained at: what a large picture is shrunk to."""
WITH_FEATURES = 39


@dataclass(frozen=True)
class Ends:
    """What a graph of the network is to people: ``card`` has its task, tabs, inputs and size; ``wrap`` makes a frozen
    network speak pixels; ``said`` is what was taken for granted, as a sentence, or empty."""

    card: Card
    wrap: Callable[[nn.Module], nn.Module] = Pixels
    said: str = ""


def of(inputs: int, outputs: int, labels: int | None = None, classes: bool = False) -> Ends:
    """Return the ends of a network with so many planes in and out, in [-1, 1].

    Three planes are a picture and one is a gray one. Any others are ``labels`` one-hot planes of classes (0: a picture)
    and, if there is one more, a plane of edges between instances, as pix2pixHD has them; where ``classes`` says that
    this is usual, they are all but one by default. Raises ``ValueError`` with a sentence for what cannot be told.
    """
    if outputs not in (1, 3):
        raise ValueError(f"It gives {outputs} planes, which are no picture: only its author knows what they are.")
    if inputs in (1, 3) and labels is None:
        card = Card(task="picture → picture", size=LARGE if classes else Card.size)
        return Ends(card, Pixels if (inputs, outputs) == (3, 3) else Gray)
    if labels is None and not classes:
        raise ValueError(
            f"It takes {inputs} planes, which are no picture. If they are one-hot classes, say how many: --labels "
            f"{inputs}, or --labels {inputs - 1} if the last plane is edges of instances."
        )
    if labels is None and inputs == WITH_FEATURES:
        raise ValueError(
            f"Its {inputs} planes seem to be Cityscapes' 35 classes, edges, and 3 planes that an encoder makes of "
            f"photographs: such a network takes more than pictures. If they are all classes: --labels {inputs}."
        )
    count = inputs - 1 if labels is None else labels
    edges = inputs - (count or 3)
    if edges not in (0, 1) or not 0 <= count <= 256:
        raise ValueError(f"It takes {inputs} planes: that many classes, or one less, but not {count}. Change --labels.")
    return _of_classes(count, bool(edges), outputs, "" if labels is not None else _alternatives(inputs))


def _of_classes(count: int, edges: bool, outputs: int, said: str) -> Ends:
    palette = (CITYSCAPES_IDS if count == len(CITYSCAPES_IDS) else numbered(count)) if count else ()
    first = Input(kind="labels", palette=palette, note=CLASSES) if count else Input()
    second = Input("instances", kind="hints", note=INSTANCES if count else INSTANCES.split(";")[0])
    card = Card(
        task="label map → picture" if count else "picture → picture",
        tabs=("translate", "draw") if count else ("translate",),
        inputs=(first, second) if edges else (first,),
        size=LARGE,
        notes=f"{len(palette)} classes: {CLASSES}." if count else "",
    )
    return Ends(card, partial(FromClasses, palette=palette), said)


def _alternatives(inputs: int) -> str:
    return (
        f"Its {inputs} planes are taken for {inputs - 1} classes and the edges of instances, as is usual. "
        f"If there are no edges: --labels {inputs}."
    ) + (" If they are a picture and edges: --labels 0." if inputs == 4 else "")
