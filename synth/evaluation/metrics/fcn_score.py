"""Measure the FCN-score (Isola et al. 2017, sec. 4.1): segment synthesized photographs and compare with the labels."""

from dataclasses import replace

import cv2
import numpy as np

from synth.card import Card
from synth.evaluation.measure import Views
from synth.evaluation.metrics.segmentation import classes, confusion, scores
from synth.evaluation.report import Result
from synth.metric import rounded
from synth.pixels import palette as palettes
from synth.runtime.session import Graph

TITLE = "FCN-score"
COLUMNS = {"FCN pixel": "per-pixel accuracy", "FCN class": "per-class accuracy", "FCN IoU": "class IoU"}
NAMES = {"pixel accuracy": "FCN pixel", "class accuracy": "FCN class", "mean IoU": "FCN IoU"}
TRUE = ", true photos"


class Judge:
    """Segments synthesized photographs with ``graph`` and compares the result with their input label maps."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self._kept: dict[int, tuple[Views, dict[str, float]]] = {}

    def knows(self, card: Card) -> bool:
        """Return whether a graph with this card turns label maps of the judge's classes into photographs."""
        return len(card.inputs) == 1 and not card.palette and {*self.graph.card.palette} <= {*card.inputs[0].palette}

    def score(self, result: Result) -> Result:
        """Return the result with the score of its images added, beside that of the true photographs."""
        assert result.outputs is not None
        assert result.truth is not None
        if id(result.truth) not in self._kept:
            true = self._scores(result.truth.y, result.truth.x, result.card)
            self._kept[id(result.truth)] = result.truth, true
        own, true = self._scores(result.outputs, result.truth.x, result.card), self._kept[id(result.truth)][1]
        metrics = rounded(result.metrics | own | {f"{name}{TRUE}": value for name, value in true.items()})
        table = {"": as_printed(own), f"true photographs, {result.side}x{result.side}": as_printed(true)}
        protocol = f"{result.protocol} {self.protocol()}"
        return replace(result, metrics=metrics, protocol=protocol, parts={**result.parts, TITLE: table})

    def _scores(self, photos: np.ndarray, labels: np.ndarray, card: Card) -> dict[str, float]:
        palette, side = self.graph.card.palette, self.graph.card.size
        total = np.zeros((len(palette), len(palette)), np.int64)
        for photo, label in zip(photos, labels, strict=True):
            large = cv2.resize(photo, (side, side), interpolation=cv2.INTER_CUBIC)
            same = cv2.resize(label, (side, side), interpolation=cv2.INTER_NEAREST)
            truth = classes(same, card.inputs[0].palette, palette)
            total += confusion(truth, palettes.nearest(self.graph.run(large), palette), len(palette))
        return {NAMES[name]: value for name, value in scores(total).items()}

    def protocol(self) -> str:
        """Return the protocol of the score."""
        card = self.graph.card
        return (
            f"FCN-score: pictures are brought to {card.size}x{card.size} (bicubic) and segmented by {card.name} "
            f"({card.images:,} images seen, mean IoU {card.metrics.get('mean IoU', 0):.3f} on the same photographs); "
            f"pixel accuracy, class accuracy and class IoU of its {len(card.palette)} classes against the label maps "
            "that went in. “true photos”: the same of the photographs that belong to them."
        )


def as_printed(scores: dict[str, float]) -> dict[str, float]:
    """Return the scores under the names in tables 1 and 2 of the paper, with one more digit."""
    return {COLUMNS[name]: round(value, 3) for name, value in scores.items()}
