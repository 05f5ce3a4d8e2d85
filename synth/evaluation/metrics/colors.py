"""Measure the colorization of black-and-white photographs (Zhang, Isola, Efros 2016, sec. 3.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from synth.data.sets.colors import GRAY, Colors, shares
from synth.data.sets.photos import center_crop
from synth.evaluation.measure import Views, planes
from synth.evaluation.metrics import lpips, psnr_ssim
from synth.losses.colors import smoothed
from synth.metric import rounded
from synth.pixels import color

SIDE, REACH, POINTS, PATCH = 224, 150.0, 10, 7
Paint = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Test:
    """Held-out photographs in colour, and the frequency of each colour in the training split."""

    data: Colors
    folder: Path

    @cached_property
    def photos(self) -> np.ndarray:
        """Centre crops of the test photographs in colour, uint8 ``[N, 224, 224, 3]``."""
        found = [center_crop(image, SIDE) for image in self.data.read(self.data.find(self.folder, "test"))]
        colored = [image for image in found if color.chroma(image) > GRAY]
        if not colored:
            raise ValueError(f"{self.folder} holds no test photographs in colour. Add some.")
        return np.stack(colored)

    @cached_property
    def weights(self) -> np.ndarray:
        """Inverse frequency of each bin in the training split, ``[313]``."""
        counted = shares(self.data.read(self.data.find(self.folder, "train")))
        return 1 / smoothed(torch.from_numpy(counted)).clamp(min=1e-6).numpy()

    def floor(self) -> dict[str, float]:
        """Return the metrics of the photographs left black and white."""
        return self.metrics(lambda image, *_: gray(image))

    def metrics(self, paint: Paint, hinted: bool = False) -> dict[str, float]:
        """Return the metrics of ``paint``, a function of a photograph and, if ``hinted``, of hints and their mask."""
        made = np.stack([paint(image) for image in self.photos])
        errors, bins = zip(*(_errors(a, b) for a, b in zip(made, self.photos, strict=True)), strict=True)
        error, weight = np.stack(errors), self.weights[np.stack(bins)]
        hit = (1 - error / REACH).clip(0)
        found = {
            "AuC": 100 * float(hit.mean()),
            "AuC, rare colours": 100 * float((hit * weight).sum() / weight.sum()),
            "colourfulness": float(np.mean([colourfulness(image) for image in made])),
            "ST-LPIPS": lpips.distances(planes(made), planes(self.photos)).mean().item(),
            "PSNR": _psnr(made, self.photos),
        }
        if hinted:
            with_hints = [paint(image, *clues(image, seed)) for seed, image in enumerate(self.photos)]
            found["PSNR, 10 hints"] = _psnr(np.stack(with_hints), self.photos)
        return rounded(found)

    def views(self) -> Views:
        """Return the photographs in black and white, and in their own colours."""
        return Views(np.stack([gray(image) for image in self.photos]), self.photos)

    def protocol(self, graph: Any) -> str:
        """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
        truth = np.mean([colourfulness(image) for image in self.photos])
        return (
            f"The middle {SIDE}x{SIDE} pixels of {len(self.photos)} held-out photographs that have colours, each run "
            f"by itself by ONNX Runtime on {graph.place}, without hints, at the card's temperature. AuC: area under "
            "the cumulative curve of the distance in ab between the uint8 result and the photograph, from 0 to "
            f"{REACH:.0f}, in percent; rare colours: the same, each pixel weighed by one over how common its colour's "
            "bin is in the training split. Colourfulness: Hasler & Suesstrunk 2003; the photographs themselves have "
            f"{truth:.1f}. "
            f"{lpips.DESCRIPTION}. PSNR per picture on RGB. 10 hints: the true mean colours of {POINTS} squares of "
            f"{PATCH}x{PATCH} pixels at random places, always the same ones."
        )


def measure(test: Test, graph: Any) -> tuple[dict[str, float], str, np.ndarray]:
    """Return the metrics of a colorizing graph, the protocol, and the photographs that it colorized."""
    made = np.stack([graph.run(image) for image in test.photos])
    return test.metrics(graph.run, len(graph.card.pictures) == 3), test.protocol(graph), made


def gray(image: np.ndarray) -> np.ndarray:
    """Return uint8 ``[H, W, 3]`` without colours, of the same luminance."""
    lab = color.to_lab(image)
    lab[..., 1:] = 0
    return color.from_lab(lab)


def clues(image: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return hints, a few squares in their true mean colours, and their mask (white there), uint8 like ``image``."""
    random, hints, marks = np.random.default_rng(seed), np.zeros_like(image), np.zeros_like(image)
    for top, left in random.integers(0, np.array(image.shape[:2]) - PATCH + 1, (POINTS, 2)):
        square = (slice(top, top + PATCH), slice(left, left + PATCH))
        hints[square], marks[square] = np.rint(image[square].mean((0, 1))), 255
    return hints, marks


def colourfulness(image: np.ndarray) -> float:
    """Return the colourfulness M3 (Hasler & Suesstrunk 2003) of uint8 RGB ``[H, W, 3]``; 0 for gray."""
    r, g, b = cv2.split(image.astype(np.float32))
    one, two = r - g, (r + g) / 2 - b
    return float(np.hypot(one.std(), two.std()) + 0.3 * np.hypot(one.mean(), two.mean()))


def _errors(output: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance in ab at each pixel and the bin of the true colour."""
    found, true = (color.to_lab(image)[..., 1:] for image in (output, truth))
    return np.linalg.norm(found - true, axis=-1), color.nearest_bin(true)


def _psnr(made: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean([psnr_ssim.psnr(a, b) for a, b in zip(made, truth, strict=True)]))
