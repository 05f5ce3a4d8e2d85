"""Measure the filling of holes (Pathak et al. 2016, table 1), on the missing pixels only."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.data.sets import holes
from synth.data.sets.holes import Holes
from synth.data.sets.photos import center_crop
from synth.evaluation.measure import Views, planes
from synth.evaluation.metrics import lpips
from synth.metric import rounded

KINDS = ("block", "brush")


@dataclass(frozen=True)
class Test:
    """Held-out photographs with two kinds of holes: the paper's central block of half the width, and brush strokes."""

    data: Holes
    folder: Path

    @cached_property
    def photos(self) -> np.ndarray:
        """Centre squares of the test photographs, resized to the training size, ``[N, side, side, 3]``."""
        side = self.data.crop
        found = self.data.read(self.data.find(self.folder, "test"))
        squares = [center_crop(image, min(image.shape[:2])) for image in found]
        return np.stack([cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in squares])

    def masks(self, kind: str) -> np.ndarray:
        """Return a hole for each photograph, uint8 ``[N, side, side, 3]``; the same on every call."""
        side, count = self.data.crop, len(self.photos)
        if kind == "brush":
            drawn = [holes.draw_hole(side, 0.0, np.random.default_rng((1, i))) for i in range(count)]
        else:
            block = np.zeros((side, side), np.uint8)
            block[side // 4 : side - side // 4, side // 4 : side - side // 4] = 255
            drawn = [block] * count
        return np.repeat(np.stack(drawn)[..., None], 3, 3)

    def metrics(self, fill: Any) -> tuple[dict[str, float], np.ndarray]:
        """Return the metrics of ``fill`` (image and mask to image), and its outputs for the central blocks."""
        found, shown = {}, np.zeros(0)
        for kind in KINDS:
            masks = self.masks(kind)
            made = np.stack([fill(x, mask) for x, mask in zip(self.hidden(masks), masks, strict=True)])
            shown = made if kind == KINDS[0] else shown
            gaps = (made.astype(np.float64) - self.photos) / 255
            inside = [gap[mask > 0] for gap, mask in zip(gaps, masks, strict=True)]
            squares = np.array([np.square(gap).mean() for gap in inside])
            found |= {
                f"L1 %, {kind}": 100 * float(np.mean([np.abs(gap).mean() for gap in inside])),
                f"L2 %, {kind}": 100 * float(squares.mean()),
                f"PSNR, {kind}": float((-10 * np.log10(squares.clip(1e-10))).mean()),
                f"ST-LPIPS, {kind}": lpips.distances(planes(made), planes(self.photos)).mean().item(),
            }
        return rounded(found), shown

    def hidden(self, masks: np.ndarray) -> np.ndarray:
        """Return the photographs with white in place of missing pixels."""
        return np.where(masks > 0, np.uint8(255), self.photos)

    def floor(self) -> dict[str, float]:
        """Return the metrics of a method without learning: Telea 2004, by OpenCV."""
        return self.metrics(lambda x, mask: cv2.inpaint(x, mask[..., 0], 5, cv2.INPAINT_TELEA))[0]

    def views(self) -> Views:
        """Return the photographs without the central block, and the complete ones."""
        return Views(self.hidden(self.masks(KINDS[0])), self.photos)

    def protocol(self, graph: Any) -> str:
        """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
        side = self.data.crop
        return (
            f"The middle squares of {len(self.photos)} held-out photographs, resized to {side}x{side}, each run by "
            f"itself by ONNX Runtime on {graph.place}. block: the {side // 2}x{side // 2} pixels in the middle are "
            "missing, as in the paper; brush: strokes, always the same ones. L1, L2 and PSNR over the missing pixels "
            "alone, per picture, in percent of the range (of its square for L2) and in dB; ST-LPIPS over the whole "
            f"picture. {lpips.DESCRIPTION}."
        )
