"""Tiny perception models: one segments dark from bright, one detects people made of dots."""

from dataclasses import replace
from pathlib import Path

import onnx
from PIL import Image

from synth.runtime.registry import Registry
from tests.support import dancers, graphs

STREET = replace(
    graphs.CARD,
    name="see-street",
    title="Street",
    tabs=("see",),
    examples="see",
    palette=(("black", 0, 0, 0), ("white", 255, 255, 255)),
)


def perception_registry(folder: Path) -> Registry:
    """Return a registry with a model that labels dark as white, and one that detects people made of dots."""
    graphs.save(folder, STREET)
    onnx.save(dancers.finder(card=replace(dancers.POSE, tabs=("see",), extras=("beliefs",))), folder / "pose.onnx")
    for name in ("see", "pose"):
        (folder / "examples" / name).mkdir(parents=True)
        Image.new("RGB", (30, 20)).save(folder / "examples" / name / "1.png")
    return Registry(folder, "cpu")
