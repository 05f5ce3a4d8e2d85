"""Measure predicted label maps: accuracies and mean IoU of Shelhamer, Long & Darrell 2017, sec. 5."""

from typing import Any

import numpy as np

from synth.card import Color
from synth.metric import rounded
from synth.pixels import palette as palettes

IGNORED = 255


def confusion(truth: np.ndarray, found: np.ndarray, count: int) -> np.ndarray:
    """Return the confusion matrix, int64 ``[K, K]``: pixels by true class (rows) and predicted class (columns).

    Both are class indices of one shape; pixels whose true class is not below ``count`` are left out.
    """
    known = truth < count
    pairs = truth[known].astype(np.int64) * count + found[known]
    return np.bincount(pairs, minlength=count * count).reshape(count, count)


def scores(matrix: np.ndarray) -> dict[str, float]:
    """Return pixel accuracy, class accuracy and mean IoU of a confusion matrix, each 0..1.

    Class accuracy ignores classes that are not in the truth; mean IoU those in neither truth nor result.
    """
    right, true, found = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    union = true + found - right
    return {
        "pixel accuracy": float(right.sum() / max(matrix.sum(), 1)),
        "class accuracy": float((right[true > 0] / true[true > 0]).mean()) if true.any() else 0.0,
        "mean IoU": float((right[union > 0] / union[union > 0]).mean()) if union.any() else 0.0,
    }


def classes(labels: np.ndarray, colors: tuple[Color, ...], palette: tuple[Color, ...]) -> np.ndarray:
    """Return a label map uint8 ``[H, W, 3]`` as indices into ``palette``, uint8 ``[H, W]``.

    A pixel counts as the nearest of all ``colors``, and is ``IGNORED`` where that one is not in ``palette``.
    """
    places = [palette.index(color) if color in palette else IGNORED for color in colors]
    return np.array(places, np.uint8)[palettes.nearest(labels, colors)]


def measure_segmentation(
    graph: Any, photos: np.ndarray, labels: np.ndarray, colors: tuple[Color, ...]
) -> tuple[dict[str, float], np.ndarray]:
    """Return the scores of a graph on photographs with their label maps, uint8 ``[N, H, W, 3]``, and its outputs.

    ``graph`` has ``run`` and a ``card`` with the palette of its output; ``colors`` are those of the label maps.
    """
    palette = graph.card.palette
    total, outputs = np.zeros((len(palette), len(palette)), np.int64), []
    for photo, label in zip(photos, labels, strict=True):
        outputs.append(graph.run(photo))
        found = palettes.nearest(outputs[-1], palette)
        total += confusion(classes(label, colors, palette), found, len(palette))
    return rounded(scores(total)), np.stack(outputs)


def protocol(graph: Any, count: int, side: int, data: str, runtime: str) -> str:
    """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
    return (
        f"{count} test pictures of {data}, resized to {side}x{side}, each whole, by itself and once, no flip; run by "
        f"{runtime}. One confusion matrix of all pixels whose truth is one of the {len(graph.card.palette)} classes; "
        "the rest is left out. Pixel accuracy: share of the pixels that are right. Class accuracy: the same for each "
        "class, then the mean. Mean IoU: for each class its right pixels over those that are it or were found to be "
        "it, then the mean. Label maps are snapped from JPEG, with a pixel of noise at some edges."
    )
