"""``python -m export --from FILE.pth``: convert a third-party checkpoint to a graph that the app shows in its tabs."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import tyro

from export.check import unit
from export.trained import commit, gmac, write
from synth.importers import foreign
from synth.importers.choices import Pair, Size
from synth.importers.keys import Found
from synth.networks.layers import squashed
from synth.networks.layers.norm import Statistics, freeze
from synth.networks.network import Network
from synth.runtime import graph_file

WORST = 8
"""Largest change of the output by float16 weights, in grey levels; if it is larger, weights stay float32."""
HALF, FULL = 2, 4
"""Bytes per weight as float16 and as float32."""
ROOM = 2**20
"""Upper bound, in bytes, of everything in a graph except its weights."""
MOST_LISTED = 8
"""Number of unused keys that are printed per reason; the rest is counted."""

THEIRS = (
    "As in the authors' test script, an image is squashed to 256x256 pixels (bicubic), and values are cut to whole "
    "numbers; the result is resized to the size of the image."
)
KEPT = (
    "The size of an image is kept. The authors' test script squashes it to 256x256 instead, and cuts values to whole "
    "numbers where this rounds: --size theirs does the same."
)


def load(
    path: Annotated[Path, tyro.conf.arg(name="from")],
    name: str | None = None,
    part: str = "",
    norm: Statistics | None = None,
    labels: int | None = None,
    inputs: Pair | None = None,
    size: Size = "own",
    title: str | None = None,
    licence: str = "unknown: ask who trained it",
    out: Path = Path("weights"),
) -> int:
    """Convert a third-party checkpoint to a graph; its architecture is recognised by the keys of its state dict.

    Args:
        path: the checkpoint (.pth, .pt, .safetensors), the state dict of one generator.
        name: name of the graph; by default the file name.
        part: name of the network to convert, if the file holds several.
        norm: statistics that batch norm uses: those of each image (batch, the default; as in pix2pix) or the
            running statistics.
        labels: number of input channels that are one-hot classes, for networks that take label maps.
        inputs: the two images that six input channels are: a skeleton and the network's previous result, as in
            Everybody Dance Now, or any two.
        size: own keeps the size of an image; theirs works as the test script of pix2pix, CycleGAN and CUT does: at
            256x256, whatever the shape, cutting values to whole numbers. The result is then resized.
        title: title in the app; by default the name.
        licence: licence of the weights and of their training data.
        out: folder of graphs; the app lists what it holds.
    """
    name = name or re.sub(r"[^\w-]+", "-", Path(path.name.removesuffix(".gz")).stem)
    convert(
        path,
        name,
        part,
        norm,
        labels,
        inputs,
        size,
        out,
        {"title": title or name, "licence": licence, "data": "unknown"},
    )
    return 0


def convert(
    path: Path,
    name: str,
    part: str = "",
    norm: Statistics | None = None,
    labels: int | None = None,
    pair: Pair | None = None,
    size: Size = "own",
    out: Path = Path("weights"),
    facts: Mapping[str, Any] | None = None,
) -> Path:
    """Convert a third-party checkpoint to the graph ``out/NAME.onnx`` and return its path; see ``load``.

    ``pair`` is the option --inputs; ``facts`` are fields of the card that the network does not determine. Raises
    ``ValueError`` if the checkpoint cannot be used.
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"--name {name!r} is not a valid name of a graph. Use letters, digits, _ and - only.")
    found = foreign.find(path, part, labels, pair)
    assert found.ends is not None
    parameters = sum(p.numel() for p in found.network.parameters())
    fits(found.what, parameters)
    print(f"{path}: {found.what}.")
    statistics = _statistics(found, norm)
    print("\n".join(told(found, size)))
    network = freeze(found.network, statistics)
    wrapped = _squashed(network, found) if size == "theirs" else found.ends.wrap(network)
    card = replace(
        found.ends.card,
        name=name,
        multiple=wrapped.multiple,
        source=found.what,
        commit=commit(),
        parameters=parameters,
        notes=notes(path, found, statistics, size),
        **(facts or {}),
    )
    card = replace(card, gmac=round(gmac(wrapped, card.inputs, card.multiple), 2))
    worst = WORST if FULL * parameters < graph_file.MAX_BYTES else math.inf
    largest, half_largest, _, target = write(wrapped, card, out, worst)
    mebibytes = target.stat().st_size / 2**20
    print(f"{target}: {mebibytes:.1f} MiB; differs from torch by {largest:.3g} {unit(card)},")
    print(
        f"  stored as float16 by {half_largest:.3g}"
        + (": too much, so the weights stay float32" * (half_largest > worst))
    )
    return target


def fits(what: str, parameters: int) -> None:
    """Raise ``ValueError`` if a graph of so many ``parameters`` would be too large for the app to open."""
    most = graph_file.MAX_BYTES
    if HALF * parameters > most - ROOM:
        raise ValueError(
            f"This is {what}. Its {parameters / 1e6:,.0f} million parameters make a graph of "
            f"{HALF * parameters / 2**20:,.0f} MB; the app opens up to {most // 2**20}. Train it with fewer channels."
        )


def _statistics(found: Found, norm: Statistics | None) -> Statistics:
    """Return and print which statistics batch norm uses. Raises ``ValueError`` if ``norm`` does not fit."""
    if found.batch_norm:
        own, other = (
            ("running statistics", "batch") if norm == "running" else ("the statistics of each image", "running")
        )
        print(f"Batch norm uses {own}. If the images look wrong, try --norm {other}")
    elif norm == "batch" and found.running:
        raise ValueError("This network only works with its running statistics. Omit --norm batch.")
    elif norm == "running" and not found.running:
        raise ValueError("This checkpoint holds no running statistics. Omit --norm running.")
    return "running" if found.running else norm or "batch"


def _squashed(network: Network, found: Found) -> Network:
    """Return the pixel network that works at the authors' size. Raises ``ValueError`` if that is not known."""
    if not _squashes(found):
        raise ValueError(
            f"This is {found.what}. --size theirs is for networks of pix2pix, CycleGAN and CUT that turn colour images "
            f"of {squashed.SIDE}x{squashed.SIDE} pixels into such. Omit it."
        )
    return squashed.Squashed(network)


def _squashes(found: Found) -> bool:
    """Return whether the authors' test script runs this network at 256x256, from colour images to such."""
    return found.squashed and found.planes == (3, 3) and squashed.SIDE % found.network.multiple == 0


def notes(path: Path, found: Found, statistics: Statistics, size: Size = "own") -> str:
    """Return the card's notes: the imported file, the batch norm statistics, dropout, and those of its interface."""
    assert found.ends is not None
    used = f"Batch norm statistics: {statistics}." if found.batch_norm else ""
    own = found.ends.card.notes
    parts = (f"Imported from {path.name}.", used, found.noise, THEIRS if size == "theirs" else "", own)
    return " ".join(filter(None, parts))


def told(found: Found, size: Size = "own") -> list[str]:
    """Return lines to print: inputs, assumptions about them, dropout, sizes, and the unused keys and why."""
    assert found.ends is not None
    lines = [f"Takes {entry.name} ({entry.kind}): {entry.note}." for entry in found.ends.card.inputs if entry.note]
    sizes = THEIRS if size == "theirs" else KEPT * _squashes(found)
    lines += [line for line in (found.ends.assumptions, found.noise, sizes) if line]
    for why in sorted(set(found.dropped.values())):
        keys = [key for key in found.dropped if found.dropped[key] == why]
        more = f" and {len(keys) - MOST_LISTED} more" if len(keys) > MOST_LISTED else ""
        lines.append(f"Not used ({why}): {', '.join(keys[:MOST_LISTED])}{more}")
    return lines if found.dropped else [*lines, "All keys are used."]
