"""Tiny graphs with the names of bundled ones."""

from dataclasses import replace
from pathlib import Path

import onnx

from synth.card import Input
from tests.support import dancers, graphs, returning
from tests.support.perception_models import STREET

GROUP = "Facades: losses and networks"


def company(folder: Path) -> Path:
    """Fill a folder with tiny graphs that have the names of bundled ones."""
    labels = replace(graphs.CARD, inputs=(graphs.LABELS,))
    for card in (
        replace(labels, name="street"),
        replace(graphs.CARD, name="emoji", size=64, inputs=(Input(kind="drawing"),)),
        replace(labels, name="facades-l1", tabs=("compare",), group=GROUP, metrics={"L1": 1.0}),
        replace(labels, name="facades-cgan", tabs=("compare",), group=GROUP),
        graphs.LARGER,
        graphs.TINTED,
        graphs.HOLES,
    ):
        graphs.save(folder, card)
    graphs.save(folder, STREET)
    onnx.save(dancers.finder(card=replace(dancers.POSE, tabs=("see",))), folder / "pose.onnx")
    onnx.save(dancers.character("dance-ava"), folder / "dance-ava.onnx")
    there = replace(returning.THERE, name="horse2ink", partner="ink2horse")
    graphs.save(folder, there)
    onnx.save(returning.darker(replace(there, name="ink2horse", partner="horse2ink")), folder / "ink2horse.onnx")
    return folder
