"""List all metrics: key in the card, label, unit, decimals and better direction.

All tables, pages and cards use this list. Standard library only: the code that measures and the app read it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower", ""]
Group = Literal["pictures", "unpaired", "characters", "joints", "enlarged", "labels", "fcn", "colors", "holes", ""]
ARROWS: dict[Better, str] = {"higher": "↑", "lower": "↓", "": ""}
SPREAD = " std"
"""Suffix of the key of a metric's standard deviation."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    ``key`` is its name in ``Card.metrics``, ``decimals`` how many are shown (``None``: three significant digits) and
    ``stored`` how many are kept in the card. ``better`` is empty if neither direction is: for a reference, measured
    on true or input images beside the graph's own, for a spread, and for colourfulness, which has a right value.
    ``group`` is the kind of graph that only this metric belongs to; ``pictures`` are also measured of other kinds.
    """

    key: str
    label: str
    group: Group = ""
    decimals: int | None = None
    stored: int = 5
    better: Better = ""
    unit: str = ""

    @property
    def heading(self) -> str:
        """Return the heading of a table's column, with unit and arrow: ``PSNR, dB ↑``."""
        name = f"{self.label}, {self.unit}" if self.unit else self.label
        return f"{name} {ARROWS[self.better]}".strip()

    def number(self, value: float) -> str:
        """Return a value as text, with ``decimals``."""
        return f"{value:.3g}" if self.decimals is None else f"{value:.{self.decimals}f}"

    def phrase(self, value: float, spread: float | None = None) -> str:
        """Return label, value, spread and unit: ``PSNR 29.12 dB``."""
        deviation = "" if spread is None else f" ± {self.number(spread)}"
        return f"{self.label} {self.number(value)}{deviation} {self.unit}".strip()

    def best(self, values: Iterable[float]) -> float | None:
        """Return the best value; ``None`` if no direction is better or several values are all equal."""
        found = [*values]
        if not self.better or not found or (len({*found}) == 1 and len(found) > 1):
            return None
        return max(found) if self.better == "higher" else min(found)


_ALL = (
    Metric("FID", "FID", "pictures", 1, 2, "lower"),
    Metric("KID", "KID", "pictures", 3, 5, "lower"),
    Metric("KID std", "KID, standard deviation", "pictures", 3, 5),
    Metric("ST-LPIPS", "ST-LPIPS", "pictures", 3, 4, "lower"),
    Metric("L1", "L1", "pictures", 2, 2, "lower", "grey levels"),
    Metric("PSNR", "PSNR", "pictures", 2, 2, "higher", "dB"),
    Metric("SSIM", "SSIM", "pictures", 3, 4, "higher"),
    Metric("FID, input", "FID of the input", "unpaired", 1, 2),
    Metric("KID, input", "KID of the input", "unpaired", 3, 5),
    Metric("flicker", "Flicker", "characters", 2, 2, "lower", "× true video"),
    Metric("pose", "Joints in place", "characters", 1, 1, "higher", "%"),
    Metric("pose, true video", "Joints in place, true video", "characters", 1, 1, "", "%"),
    Metric("PCK exercise", "PCK, exercises", "joints", 1, 1, "higher", "%"),
    Metric("PCK LSP", "PCK, LSP", "joints", 1, 1, "higher", "%"),
    Metric("PCK LSP, teacher", "PCK, LSP, teacher's joints", "joints", 1, 1, "higher", "%"),
    Metric("PCK dancers", "PCK, dancers", "joints", 1, 1, "higher", "%"),
    Metric("PCK front", "PCK, from the front", "joints", 1, 1, "higher", "%"),
    Metric("PCK side", "PCK, from the side", "joints", 1, 1, "higher", "%"),
    Metric("PCK behind", "PCK, from behind", "joints", 1, 1, "higher", "%"),
    Metric("sides", "Left and right kept from behind", "joints", 1, 1, "higher", "%"),
    Metric("seen", "Joints seen", "joints", 1, 1, "higher", "%"),
    Metric("false", "False joints", "joints", 1, 1, "lower", "%"),
    Metric("PSNR Set5", "PSNR Set5", "enlarged", 2, 2, "higher", "dB"),
    Metric("SSIM Set5", "SSIM Set5", "enlarged", 3, 4, "higher"),
    Metric("PSNR Set14", "PSNR Set14", "enlarged", 2, 2, "higher", "dB"),
    Metric("SSIM Set14", "SSIM Set14", "enlarged", 3, 4, "higher"),
    Metric("ms/MP", "Time", "enlarged", 0, 0, "lower", "ms/megapixel"),
    Metric("pixel accuracy", "Pixel accuracy", "labels", 3, 3, "higher"),
    Metric("class accuracy", "Class accuracy", "labels", 3, 3, "higher"),
    Metric("mean IoU", "Mean IoU", "labels", 3, 3, "higher"),
    Metric("FCN pixel", "FCN pixel accuracy", "fcn", 3, 3, "higher"),
    Metric("FCN class", "FCN class accuracy", "fcn", 3, 3, "higher"),
    Metric("FCN IoU", "FCN class IoU", "fcn", 3, 3, "higher"),
    Metric("FCN pixel, true photos", "FCN pixel accuracy, true photos", "fcn", 3, 3),
    Metric("FCN class, true photos", "FCN class accuracy, true photos", "fcn", 3, 3),
    Metric("FCN IoU, true photos", "FCN class IoU, true photos", "fcn", 3, 3),
    Metric("AuC", "AuC", "colors", 1, 2, "higher", "%"),
    Metric("AuC, rare colours", "AuC, rare colours", "colors", 1, 2, "higher", "%"),
    Metric("colourfulness", "Colourfulness", "colors", 1, 1),
    Metric("PSNR, 10 hints", "PSNR, 10 hints", "colors", 2, 2, "higher", "dB"),
    Metric("L1 %, block", "L1, block", "holes", 2, 2, "lower", "%"),
    Metric("L2 %, block", "L2, block", "holes", 2, 2, "lower", "%"),
    Metric("PSNR, block", "PSNR, block", "holes", 2, 2, "higher", "dB"),
    Metric("ST-LPIPS, block", "ST-LPIPS, block", "holes", 3, 4, "lower"),
    Metric("L1 %, brush", "L1, brush", "holes", 2, 2, "lower", "%"),
    Metric("L2 %, brush", "L2, brush", "holes", 2, 2, "lower", "%"),
    Metric("PSNR, brush", "PSNR, brush", "holes", 2, 2, "higher", "dB"),
    Metric("ST-LPIPS, brush", "ST-LPIPS, brush", "holes", 3, 4, "lower"),
)
METRICS = {metric.key: metric for metric in _ALL}
"""All metrics by key, in the order of the tables."""
HEADLINES = (
    *("pose", "flicker", "PCK exercise", "PCK LSP", "mean IoU", "pixel accuracy", "AuC", "colourfulness"),
    *("PSNR Set5", "ST-LPIPS, block", "PSNR, block", "FID", "ST-LPIPS", "FID, input", "L1", "PSNR"),
)
"""The most informative metrics, for each kind of graph the more informative first."""


def known(key: str) -> Metric:
    """Return a metric by its key; an unlisted key gives one with three significant digits and no direction."""
    return METRICS.get(key) or Metric(key, key)


def keys(group: Group) -> list[str]:
    """Return the keys of a group, in the order of the tables."""
    return [metric.key for metric in _ALL if metric.group == group]


def columns(*found: Mapping[str, float]) -> list[Metric]:
    """Return the metrics found in any of several cards' ``metrics``: the listed ones in order, then others.

    Spreads are not columns: they are shown beside their metric.
    """
    there = dict.fromkeys(key for values in found for key in values)
    ordered = [*(key for key in METRICS if key in there), *(key for key in there if key not in METRICS)]
    return [known(key) for key in ordered if not (key.endswith(SPREAD) and key.removesuffix(SPREAD) in there)]


def phrases(metrics: Mapping[str, float]) -> list[str]:
    """Return all measured metrics as phrases: ``KID 0.257 ± 0.011``."""
    return [one.phrase(metrics[one.key], metrics.get(one.key + SPREAD)) for one in columns(metrics)]


def telling(metrics: Mapping[str, float], count: int = 2) -> list[Metric]:
    """Return the ``count`` most informative metrics of a card."""
    return [METRICS[key] for key in HEADLINES if key in metrics][:count]


def headline(metrics: Mapping[str, float], count: int = 2) -> list[str]:
    """Return the ``count`` most informative metrics of a card as phrases: ``FID 270.4``."""
    return [one.phrase(metrics[one.key]) for one in telling(metrics, count)]


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Return listed metrics in the order of the tables, rounded to the decimals that a card stores."""
    return {key: round(values[key], metric.stored) for key, metric in METRICS.items() if key in values}
