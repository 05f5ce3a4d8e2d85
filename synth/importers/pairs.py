"""Networks that take two images as six planes: a skeleton and the previous result, or any two images."""

import numpy as np
import torch
from torch import Tensor

from synth.card import Card, Input
from synth.importers.choices import Pair
from synth.importers.ends import LARGE, Ends
from synth.networks.layers.pixels import Pixels, from_pixels, to_pixels
from synth.networks.network import Network, Wrapper
from synth.pixels.body.body import TYPICAL
from synth.pixels.body.measure import measure

SECOND = "the second of two images; black if left out"
FOREIGN = (
    "It was trained on skeletons that another program drew, in other colours: it may paint badly here. The proportions "
    "of its body are those of a typical adult."
)


class Following(Wrapper[Network]):
    """Run a generator of Everybody Dance Now (Chan et al. 2019) on a skeleton and its own previous result.

    Both are uint8 RGB ``[N, H, W, 3]``, as is the result. In the authors' code skeletons are in [0, 1], results in
    [-1, 1], and all planes of the first previous result are zero: here it is all black.
    """

    def forward(self, *images: Tensor) -> Tensor:
        figure, previous = images
        there = (previous.float().amax((1, 2, 3), keepdim=True) > 0).float()
        x = torch.cat(((from_pixels(figure) + 1) / 2, from_pixels(previous) * there), 1)
        return to_pixels(self.body(x))


def of(pair: Pair, planes: tuple[int, int], dance: bool) -> Ends:
    """Return the interface of a network of six planes; ``dance``: of the family of Everybody Dance Now.

    Raises ``ValueError`` for other ``planes`` (in, out).
    """
    if planes != (6, 3):
        raise ValueError(f"It takes {planes[0]} planes and gives {planes[1]}, not 6 and 3. Omit --inputs.")
    if pair == "photo,photo":
        return Ends(Card(task="two pictures → picture", inputs=(Input(), Input("second", kind="hints", note=SECOND))))
    card = Card(
        task="skeleton → character",
        tabs=("dance",),
        inputs=(Input("figure", kind="figure"), Input("previous", kind="previous")),
        size=LARGE,
        body=measure(standing(LARGE)[None], (LARGE, LARGE)).to_json(),
        notes=FOREIGN,
    )
    return Ends(card, Following if dance else Pixels)


def standing(size: int) -> np.ndarray:
    """Return the COCO joints of a typical adult who stands in an image of ``size`` x ``size`` pixels, ``[17, 3]``."""
    torso, hip, thigh, shin, shoulder, arm, forearm, head, eye, ear = TYPICAL * 0.75
    hips = 0.93 - shin - thigh
    neck = hips - torso
    nose = neck - head
    half = [(0.0, nose), (0.7 * eye, nose - 0.7 * eye), (0.7 * eye + ear, nose - 0.5 * eye), (shoulder, neck)]
    half += [(shoulder, neck + arm), (shoulder, neck + arm + forearm)]
    half += [(hip, hips), (hip, hips + thigh), (hip, hips + thigh + shin)]
    joints = [half[0], *(place for x, y in half[1:] for place in ((x, y), (-x, y)))]
    return np.array([((0.5 + x) * size, y * size, 1.0) for x, y in joints], np.float32)
