"""``python -m export --from FILE.pth``: somebody else's trained network becomes a graph and a tab."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import tyro
from torch import nn

from export.check import unit
from export.trained import commit, gmac, write
from synth.importers import foreign
from synth.importers.keys import Found
from synth.networks.layers.norm import Statistics, freeze
from synth.runtime import graph_file

WORST = 8
"""Most grey levels that a picture may change by when weights are stored as float16; else they stay as they are."""
HALF, FULL = 2, 4
"""Bytes of a weight."""
ROOM = 2**20
"""Bytes that a graph needs beside its weights."""
TOLD = 8  # dropped keys that are listed one by one


def load(
    path: Annotated[Path, tyro.conf.arg(name="from")],
    name: str | None = None,
    part: str = "",
    norm: Statistics | None = None,
    labels: int | None = None,
    title: str | None = None,
    licence: str = "unknown: ask who trained it",
    out: Path = Path("weights"),
) -> int:
    """Turn a checkpoint of another project into a graph: its architecture is told by its keys.

    Args:
        path: the checkpoint (.pth, .pt, .safetensors): the state dict of one generator.
        name: what the graph is to be called; by default as the file.
        part: which network it is, in a file that holds several.
        norm: for batch norm: each picture's own statistics (batch, the default), as pix2pix is meant to be used, or the
            running ones.
        labels: how many of the planes that go in are one-hot classes, for networks that take label maps.
        title: what the app calls it.
        licence: the terms of the weights and of what they were trained on.
        out: the folder of graphs; the app shows what is in it.
    """
    name = name or re.sub(r"[^\w-]+", "-", path.stem)
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"{name!r} cannot be the name of a graph: use letters, digits, _ and - only.")
    found = foreign.find(path, part, labels)
    assert found.ends is not None
    parameters = sum(p.numel() for p in found.network.parameters())
    fits(found.what, parameters)
    print(f"{path}: {found.what}.")
    statistics = _statistics(found, norm)
    print("\n".join(told(found)))
    network = freeze(found.network, statistics)
    speaking = found.ends.wrap(network)
    card = replace(
        found.ends.card,
        name=name,
        title=title or name,
        multiple=multiple(speaking, network),
        licence=licence,
        data="unknown",
        source=found.what,
        commit=commit(),
        parameters=parameters,
        notes=_notes(path, found, statistics),
    )
    card = replace(card, gmac=round(gmac(speaking, card.inputs, card.multiple), 2))
    worst = WORST if FULL * parameters < graph_file.MAX_BYTES else math.inf
    largest, half_largest, _, target = write(speaking, card, out, worst)
    size = target.stat().st_size / 2**20
    print(f"{target}: {size:.1f} MiB; differs from torch by {largest:.3g} {unit(card)},")
    print(f"  stored as float16 by {half_largest:.3g}" + (": too much, so it is float32" * (half_largest > worst)))
    return 0


def fits(what: str, parameters: int) -> None:
    """Raise ``ValueError`` with a sentence for a network whose graph would be larger than the app opens."""
    most = graph_file.MAX_BYTES
    if HALF * parameters > most - ROOM:
        raise ValueError(
            f"This is {what}. Its {parameters / 1e6:,.0f} million parameters make a graph of "
            f"{HALF * parameters / 2**20:,.0f} MB; the app opens up to {most // 2**20}. Train it with fewer channels."
        )


def multiple(speaking: nn.Module, network: nn.Module) -> int:
    """Return what height and width must be multiples of: a graph that resizes inside takes any."""
    return int(getattr(speaking, "multiple", network.multiple))  # type: ignore[arg-type]


def _statistics(found: Found, norm: Statistics | None) -> Statistics:
    """Return which statistics batch norm is to use, and say so where it is a question."""
    if found.batch_norm:
        own, other = ("the running", "batch") if norm == "running" else ("each picture's own", "running")
        print(f"Batch norm uses {own} statistics. If the pictures look wrong: --norm {other}")
    elif norm == "batch" and found.running:
        raise ValueError("This network is right with running statistics only. Leave --norm out.")
    elif norm == "running" and not found.running:
        raise ValueError("There are no running statistics to use. Leave --norm out.")
    return "running" if found.running else norm or "batch"


def _notes(path: Path, found: Found, statistics: Statistics) -> str:
    assert found.ends is not None
    used = f"Batch norm statistics: {statistics}." if found.batch_norm else ""
    return " ".join(filter(None, (f"Imported from {path.name}.", used, found.ends.card.notes)))


def told(found: Found) -> list[str]:
    """Return what a network takes, what was taken for granted, which keys are not used, and why."""
    assert found.ends is not None
    lines = [f"Takes {entry.name} ({entry.kind}): {entry.note}." for entry in found.ends.card.inputs if entry.note]
    lines += [found.ends.said] if found.ends.said else []
    for why in sorted(set(found.dropped.values())):
        keys = [key for key in found.dropped if found.dropped[key] == why]
        more = f" and {len(keys) - TOLD} more" if len(keys) > TOLD else ""
        lines.append(f"Not used ({why}): {', '.join(keys[:TOLD])}{more}")
    return lines if found.dropped else [*lines, "All keys are used."]
