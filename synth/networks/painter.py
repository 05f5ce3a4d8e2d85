"""Generator that paints a character over a fixed background (after Chan et al. 2019, sec. 4.2 and 4.4).

Unlike in the paper, the camera is assumed not to move, so that the background behind the character, the clean plate, is
known. The generator predicts the character and its cover, an alpha matte over the plate. A second, small generator
predicts a residual on a crop of the head: the paper's face network.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.network import Network, Wrapper

LEAST = 8
"""Pixels of a skeleton's face that must be visible for the head to be found."""
LEAST_CHANGE = 0.1
"""Share of a very small change that ``TemporalFilter`` passes."""
AROUND = 4
"""Side in pixels of the squares over which ``TemporalFilter`` averages a change: flicker cancels, motion does not."""
ALONE = 4
"""A change of one pixel by this many times ``settle`` passes whatever the average around it: thin parts move too."""
COVERED = 0.05
"""Least cover of a pixel that belongs to the character or its shadow and is filtered in full."""
ABOVE, BESIDE, BELOW = 0.18, 0.35, 0.25
"""Reach of a character beyond its skeleton, in sides of the image: hair above, a shadow beside and below."""
SMALLEST = 64
"""Side in pixels from which a painter without feedback is exported without input channels for the last image."""
CELLS = 32
"""Cells along a side of the coarse grid on which ``near`` works."""


class Painter(Network):
    """Paint images ``[N, 3, side, side]`` from skeleton and last image ``[N, 6, side, side]``, all in [-1, 1].

    ``body`` builds the generator. With ``plate``, its output is blended over the clean plate, a buffer that training
    fills; without, it paints the whole image. ``head`` > 0 is the side in pixels of the crop around the head that
    ``face`` corrects.
    """

    plate: Tensor
    """The clean plate, ``[1, 3, side, side]`` in [-1, 1]."""

    def __init__(
        self,
        side: int,
        body: Spec[Network],
        face: Spec[Network] | None = None,
        head: int = 0,
        plate: bool = True,
    ):
        super().__init__()
        self.side = self.multiple = side
        self.head, self.covers = head if face else 0, plate
        self.blind = False
        """Whether the generator takes the skeleton alone, because there is never a last image."""
        self.body = body(inputs=6, outputs=4 if plate else 3)
        self.face = face(inputs=9, outputs=3) if face else None
        self.register_buffer("plate", torch.zeros(1, 3, side, side))

    def correct_nothing(self) -> None:
        """Set the last layer of the face network to zero, so that training starts without a random correction."""
        assert self.face is not None
        for parameter in list(self.face.children())[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, plate: Tensor | None = None) -> Tensor:
        """Return the painted images ``[N, 3, side, side]``.

        In training, ``x`` may be a window of the images with its ``plate`` ``[N, 3, H, W]``. Without ``plate``, ``x``
        is a whole image and only the surroundings of the skeleton are painted, see ``near``; in a window, parts of the
        skeleton may lie outside.
        """
        return self.layers(x[:, :3], x[:, 3:], plate)[0]

    def layers(self, skeleton: Tensor, last: Tensor | None, plate: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the image and its cover ``[N, 1, side, side]``: 1 where the character hides the plate, 0 where not.

        The cover is 1 everywhere for a painter without a plate. A missing ``last`` image counts as black. The
        correction of the head is in the image only, so the cover may have gaps there.
        """
        painted = self.body(skeleton if self.blind else _with(skeleton, last))
        cover = (painted[:, 3:] + 1) / 2 if self.covers else torch.ones_like(painted[:, :1])
        if self.covers:
            if plate is None:
                cover, plate = cover * near(skeleton), self.plate
            painted = cover * painted[:, :3] + (1 - cover) * plate
        if self.face is None:
            return painted, cover
        rows, columns, found = head_window(skeleton, self.head)
        before = None if last is None else take(last, rows, columns)
        seen = _with(take(skeleton, rows, columns), before)
        residual = self.face(torch.cat((seen, take(painted, rows, columns)), 1))
        # The transposed one-hot matrices put the crop back in its place.
        correction = take(residual * found, rows.transpose(1, 2), columns.transpose(1, 2))
        return (painted + correction).clamp(-1, 1), cover


class WithoutFeedback(Network):
    """Paint every image as if it were the first, from the skeleton alone; a last image in the input is ignored."""

    def __init__(self, painter: Painter):
        super().__init__()
        self.painter, self.side, self.multiple = painter, painter.side, painter.multiple

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x[:, :3])[0]

    def layers(self, skeleton: Tensor, last: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return image and cover, see ``Painter.layers``."""
        del last
        return self.painter.layers(skeleton, None)

    def slim(self) -> None:
        """Drop the input channels of the last image, which is always black."""
        body = self.painter.body
        # For smaller images the exporter would fold the contribution of black into a constant and drop the weights.
        if isinstance(body, Live) and self.side >= SMALLEST:
            body.slim(given=3)
            self.painter.blind = True

    @property
    def plate(self) -> Tensor:
        return self.painter.plate


class TemporalFilter(Wrapper[Painter | WithoutFeedback]):
    """Reduce flicker of a painter: skeleton and last image to an image, as ``Painter``.

    A change from the last image by ``settle`` grey levels or more, averaged over the surrounding pixels, passes in
    full; of smaller changes only a share passes, down to ``LEAST_CHANGE``. Only the character is filtered: the plate
    does not flicker, and it shows at once where it is uncovered. The filter is part of the graph, so every runtime
    applies it.
    """

    def __init__(self, body: Painter | WithoutFeedback, settle: float):
        super().__init__(body)
        self.settle = settle * 2 / 255

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x[:, :3], x[:, 3:])[0]

    def layers(self, skeleton: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """Return the filtered image and the unfiltered cover."""
        painted, cover = self.body.layers(skeleton, last)
        change = painted - last
        # Means over a grid, interpolated back to pixels: a moving average would take as long as the painter.
        cells = change.unflatten(3, (-1, AROUND)).unflatten(2, (-1, AROUND))
        around = _strongest(cells.mean((3, 5)))
        around = F.interpolate(around, change.shape[-2:], mode="bilinear", align_corners=False)
        far = _larger(around, _strongest(change) / ALONE)  # [N, 1, side, side]
        far = (far / self.settle).clamp(0, 1)
        kept = (1 - LEAST_CHANGE) * (1 - far**2) * (cover / COVERED).clamp(0, 1)
        return painted - change * kept, cover

    @property
    def plate(self) -> Tensor:
        return self.body.plate


AnyPainter = Painter | WithoutFeedback | TemporalFilter


class Layers(Wrapper[AnyPainter]):
    """Return the layers of a painter over a plate as uint8 pixels, so that the app can replace the background.

    Takes the skeleton and, if the painter uses it, the last image, uint8 RGB ``[N, H, W, 3]`` each. Returns the image
    ``[N, H, W, 3]``, the cover ``[N, H, W, 1]``, 255 where the plate is hidden, and the plate ``[1, H, W, 3]``.
    """

    def forward(self, *images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        picture, cover = self.body.layers(*map(from_pixels, images))
        return to_pixels(picture), to_pixels(2 * cover - 1), to_pixels(self.body.plate)


def near(skeleton: Tensor) -> Tensor:
    """Return a soft mask ``[N, 1, side, side]``: 1 within reach of a character around its skeleton, else 0.

    ``skeleton`` is ``[N, 3, side, side]`` in [-1, 1]. Anything painted farther away is an artefact, such as a detached
    limb for a pose that is not in the training clips.
    """
    side = skeleton.shape[-1]
    brightest = F.max_pool2d(skeleton, side // CELLS).amax(1, keepdim=True)  # [N, 1, CELLS, CELLS]
    drawn = (brightest > -0.5).to(skeleton.dtype)
    above, beside, below = (math.ceil(share * CELLS) for share in (ABOVE, BESIDE, BELOW))
    drawn = F.pad(drawn, (beside, beside, below, above))
    around = F.max_pool2d(drawn, (above + below + 1, 2 * beside + 1), 1)
    return F.interpolate(around, (side, side), mode="bilinear", align_corners=False)


def take(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return the crop ``[N, C, h, w]`` of ``x`` ``[N, C, H, W]`` at one-hot ``rows`` [N, h, H], ``columns`` [N, w, W].

    It is two matrix products, which every runtime supports; slicing at a computed position is less common.
    """
    return rows[:, None] @ x @ columns[:, None].transpose(-1, -2)


def head_window(skeleton: Tensor, head: int) -> tuple[Tensor, Tensor, Tensor]:
    """Find a square of ``head`` x ``head`` pixels around the head in drawn skeletons ``[N, 3, H, W]`` in [-1, 1].

    Returns one-hot rows ``[N, head, H]`` and columns ``[N, head, W]`` of the square, which lies within the image, and
    ``[N, 1, 1, 1]``: 1 if there is a face, else 0. Face limbs are the only ones drawn in red and blue without green.
    """
    red, green, blue = skeleton.unbind(1)
    signs = [sign.to(skeleton.dtype) for sign in (red > -0.5, green < -0.7, blue > -0.5)]
    face = signs[0] * signs[1] * signs[2]  # [N, H, W]; a product, because not every runtime supports `And`
    count = face.sum((1, 2))
    found = (count >= LEAST).to(skeleton.dtype)
    ends = []
    for axis, length in ((2, skeleton.shape[2]), (1, skeleton.shape[3])):
        along = face.sum(axis)  # [N, length]: summed over columns to find the rows, and the other way round
        place = torch.arange(length, device=skeleton.device, dtype=skeleton.dtype)
        centre = (along * place).sum(1) / _larger(count, 1)
        start = (centre - head / 2).round().clamp(0, length - head)
        wanted = start[:, None] + torch.arange(head, device=skeleton.device, dtype=skeleton.dtype)  # [N, head]
        ends.append((wanted[:, :, None] == place).to(skeleton.dtype))
    return ends[0], ends[1], found[:, None, None, None]


def _with(skeleton: Tensor, last: Tensor | None) -> Tensor:
    """Return skeletons and last images, or black in their place, as one input ``[N, 6, H, W]``."""
    # Not ``full_like``: it exports as ``Expand``, which the app refuses in an untrusted graph.
    return torch.cat((skeleton, skeleton * 0 - 1 if last is None else last), 1)


def _strongest(x: Tensor) -> Tensor:
    """Return the largest absolute value of the three channels, ``[N, 1, H, W]`` from ``[N, 3, H, W]``."""
    red, green, blue = x.abs().split(1, 1)
    return _larger(_larger(red, green), blue)


def _larger(a: Tensor, b: Tensor | float) -> Tensor:
    """Return the elementwise maximum without ``Max``, which not every runtime supports."""
    return a + (b - a).relu()
