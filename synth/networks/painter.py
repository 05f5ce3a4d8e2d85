"""Paints a character before its own background (after Chan et al. 2019, sec. 4.2 and 4.4; the plate is ours).

The camera does not move, so what is behind the character is known: the clean plate. The generator paints the character
and says, pixel by pixel, how much of it covers the plate. A second, small generator corrects the head: the paper's face
network, a residual on a crop.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.pixels import Pixels, from_pixels, to_pixels
from synth.networks.layers.spec import Spec
from synth.networks.live import Live

LEAST = 8
"""Pixels of a figure's face that must be seen to say where the head is."""
LEAST_CHANGE = 0.1
"""The part of a very small change that ``Settled`` takes over."""
AROUND = 4
"""Side in pixels of the square over which ``Settled`` averages a change: tremble cancels out, motion does not."""
ALONE = 4
"""A change so many times ``settle`` is taken over whole whatever is around it: thin things move too."""
COVERED = 0.05
"""Cover from which a pixel is the character's or its shadow's, and is held wholly."""
ABOVE, BESIDE, BELOW = 0.18, 0.35, 0.25
"""How far from its figure a character is seen, in sides of the picture: hair above, a shadow beside and below."""
SMALLEST = 64
"""Side in pixels from which a painter that never sees a last picture is exported without a place for it."""
CELLS = 32
"""Cells to a side in which the figure's surroundings are worked out."""


class Painter(nn.Module):
    """Figure and last picture ``[N, 6, side, side]`` to a picture ``[N, 3, side, side]``, all in [-1, 1].

    ``body`` builds the generator. ``plate`` lets it cover the clean plate, a buffer that training fills, instead of
    painting everything. ``head`` > 0 is the side in pixels of the crop around the head that ``face`` corrects.
    """

    plate: Tensor

    def __init__(self, side: int, body: Spec, face: Spec | None = None, head: int = 0, plate: bool = True):
        super().__init__()
        self.side = self.multiple = side
        self.head, self.covers = head if face else 0, plate
        self.blind = False
        """Whether the body was told that there never is a last picture, and takes figures alone."""
        self.body = body(inputs=6, outputs=4 if plate else 3)
        self.face = face(inputs=9, outputs=3) if face else None
        self.register_buffer("plate", torch.zeros(1, 3, side, side))

    def correct_nothing(self) -> None:
        """Let the correction of the head begin at zero: a random one would first have to be unlearned."""
        assert self.face is not None
        for parameter in list(self.face.children())[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, plate: Tensor | None = None) -> Tensor:
        """``plate`` [N, 3, H, W] is given where a window of the pictures is painted, in training.

        Whole pictures are painted around the figure alone, see ``near``; of a window's figure parts may lie outside.
        """
        return self.layers(x[:, :3], x[:, 3:], plate)[0]

    def layers(self, figure: Tensor, last: Tensor | None, plate: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the picture, and how much of the plate is covered, ``[N, 1, side, side]`` in [0, 1]: all without it.

        Without a ``last`` picture that is black. What corrects the head is in the picture alone: the cover may have
        gaps there.
        """
        painted = self.body(figure if self.blind else _with(figure, last))
        cover = (painted[:, 3:] + 1) / 2 if self.covers else torch.ones_like(painted[:, :1])
        if self.covers:
            if plate is None:
                cover, plate = cover * near(figure), self.plate
            painted = cover * painted[:, :3] + (1 - cover) * plate
        if self.face is None:
            return painted, cover
        rows, columns, found = head_window(figure, self.head)
        before = None if last is None else take(last, rows, columns)
        seen = _with(take(figure, rows, columns), before)
        residual = self.face(torch.cat((seen, take(painted, rows, columns)), 1))
        # Putting the crop back is taking it the other way round.
        correction = take(residual * found, rows.transpose(1, 2), columns.transpose(1, 2))
        return (painted + correction).clamp(-1, 1), cover


class First(nn.Module):
    """A painter that begins anew with every figure ``[N, 3, side, side]``; a last picture behind it is left alone."""

    def __init__(self, painter: Painter):
        super().__init__()
        self.painter, self.side = painter, painter.side

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x[:, :3])[0]

    def layers(self, figure: Tensor, last: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the picture and the cover, as ``Painter``."""
        del last
        return self.painter.layers(figure, None)

    def slim(self) -> None:
        """Do the same with less work for a runtime: what is always black is worked out once."""
        body = self.painter.body
        # What is made of the black of smaller pictures is worked out by the exporter, which then drops the weights.
        if isinstance(body, Live) and self.side >= SMALLEST:
            body.slim(given=3)
            self.painter.blind = True

    @property
    def plate(self) -> Tensor:
        return self.painter.plate


class Settled(nn.Module):
    """Keeps a painter's pictures still where the character is: figure and last picture to a picture, as ``Painter``.

    What differs from the last picture by ``settle`` grey levels or more, as a mean over the pixels around, is taken
    over, of less only a part, down to ``LEAST_CHANGE`` of it: a filter over time for the tremble of a painter that
    judges every frame anew. The plate does not tremble: where it is uncovered, it is there at once. Being in the graph,
    all this is the same in every runtime.
    """

    def __init__(self, body: Painter | First, settle: float):
        super().__init__()
        self.body, self.side, self.settle = body, body.side, settle * 2 / 255

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x[:, :3], x[:, 3:])[0]

    def layers(self, figure: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """Return the picture, kept still, and the cover as it is painted now."""
        painted, cover = self.body.layers(figure, last)
        change = painted - last
        # Means of cells, brought back to every pixel: a moving mean would take as long as the painter.
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


class Layers(Pixels):
    """Makes a painter over a plate speak pixels, and tell what it is made of, for another background.

    Gives the picture, uint8 RGB ``[N, H, W, 3]``, how much of the plate is covered, ``[N, H, W, 1]``, 255 for all of
    it, and the plate, ``[1, H, W, 3]``.
    """

    def forward(self, *images: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # type: ignore[override]
        # Not stacked: what is put together would be taken apart again.
        picture, cover = self.body.layers(*map(from_pixels, images))  # type: ignore[operator]
        return to_pixels(picture), to_pixels(2 * cover - 1), to_pixels(self.body.plate)  # type: ignore[arg-type]


def near(figure: Tensor) -> Tensor:
    """Return 1 around stick figures ``[N, 3, side, side]`` in [-1, 1], as far as a character reaches, else 0.

    ``[N, 1, side, side]``, with a soft edge. What a network paints elsewhere is a guess: limbs without a body, where
    somebody does what the character never did in training.
    """
    side = figure.shape[-1]
    brightest = F.max_pool2d(figure, side // CELLS).amax(1, keepdim=True)  # [N, 1, CELLS, CELLS]
    drawn = (brightest > -0.5).to(figure.dtype)
    above, beside, below = (math.ceil(share * CELLS) for share in (ABOVE, BESIDE, BELOW))
    drawn = F.pad(drawn, (beside, beside, below, above))
    around = F.max_pool2d(drawn, (above + below + 1, 2 * beside + 1), 1)
    return F.interpolate(around, (side, side), mode="bilinear", align_corners=False)


def take(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return ``[N, C, h, w]`` from ``[N, C, H, W]`` by one-hot ``rows`` [N, h, H] and ``columns`` [N, w, W].

    Matrix products, because every runtime has them: cutting at a place that the graph itself finds is not as common.
    """
    return rows[:, None] @ x @ columns[:, None].transpose(-1, -2)


def head_window(figure: Tensor, head: int) -> tuple[Tensor, Tensor, Tensor]:
    """Find the head in stick figures ``[N, 3, H, W]`` in [-1, 1].

    Returns one-hot rows ``[N, head, H]`` and columns ``[N, head, W]`` of a square around it, within the picture, and
    1 where there is a face, else 0, ``[N, 1, 1, 1]``. Only the limbs of a face are red and blue without any green.
    """
    red, green, blue = figure.unbind(1)
    signs = [sign.to(figure.dtype) for sign in (red > -0.5, green < -0.7, blue > -0.5)]
    face = signs[0] * signs[1] * signs[2]  # [N, H, W]; "and" is an operator that not every runtime has
    count = face.sum((1, 2))
    found = (count >= LEAST).to(figure.dtype)
    ends = []
    for axis, length in ((2, figure.shape[2]), (1, figure.shape[3])):
        along = face.sum(axis)  # [N, length]: over the columns for the rows, and the other way round
        place = torch.arange(length, device=figure.device, dtype=figure.dtype)
        centre = (along * place).sum(1) / _larger(count, 1)
        start = (centre - head / 2).round().clamp(0, length - head)
        wanted = start[:, None] + torch.arange(head, device=figure.device, dtype=figure.dtype)  # [N, head]
        ends.append((wanted[:, :, None] == place).to(figure.dtype))
    return ends[0], ends[1], found[:, None, None, None]


def _with(figure: Tensor, last: Tensor | None) -> Tensor:
    """Return figures and last pictures, or black in their place, as one: ``[N, 6, H, W]``."""
    # And not ``full_like``: an ``Expand`` to any size is what no stranger's graph may do.
    return torch.cat((figure, figure * 0 - 1 if last is None else last), 1)


def _strongest(x: Tensor) -> Tensor:
    """Return the largest absolute value of the three channels, ``[N, 1, H, W]`` from ``[N, 3, H, W]``."""
    red, green, blue = x.abs().split(1, 1)
    return _larger(_larger(red, green), blue)


def _larger(a: Tensor, b: Tensor | float) -> Tensor:
    """Return the larger of each two values: not every runtime has that as an operator."""
    return a + (b - a).relu()
