"""``python -m export --from FILE.pth``: somebody else's trained network becomes a graph and a tab."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import tyro

from export.check import unit
from export.trained import commit, gmac, write
from synth.card import Card, Input
from synth.importers import foreign
from synth.networks.norm import Statistics, freeze
from synth.networks.pixels import Pixels

TOLD = 8  # dropped keys that are listed one by one


def load(
    path: Annotated[Path, tyro.conf.arg(name="from")],
    name: str | None = None,
    norm: Statistics = "batch",
    title: str | None = None,
    licence: str = "unknown: ask who trained it",
    out: Path = Path("weights"),
) -> int:
    """Turn a checkpoint of another project into a graph: its architecture is told by its keys.

    Args:
        path: the checkpoint (.pth, .pt): the state dict of one generator.
        name: what the graph is to be called; by default as the file.
        norm: for batch norm: each picture's own statistics, as pix2pix is meant to be used, or the running ones.
        title: what the app calls it.
        licence: the terms of the weights and of what they were trained on.
        out: the folder of graphs; the app shows what is in it.
    """
    name = name or re.sub(r"[^\w-]+", "-", path.stem)
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"{name!r} cannot be the name of a graph: use letters, digits, _ and - only.")
    found = foreign.find(path)
    print(f"{path}: {found.what}.")
    if found.batch_norm:
        own, other = ("each picture's own", "running") if norm == "batch" else ("the running", "batch")
        print(f"Batch norm uses {own} statistics. If the pictures look wrong: --norm {other}")
    _tell(found.dropped)
    network = freeze(found.network, norm)
    multiple = int(network.multiple)  # type: ignore[arg-type]
    card = Card(
        name=name,
        title=title or name,
        task="picture → picture",
        inputs=(Input(),),
        multiple=multiple,
        licence=licence,
        data="unknown",
        source=found.what,
        commit=commit(),
        parameters=sum(p.numel() for p in network.parameters()),
        notes=f"Imported from {path.name}." + (f" Batch norm statistics: {norm}." if found.batch_norm else ""),
    )
    speaking = Pixels(network)
    largest, half_largest, _, target = write(speaking, replace(card, gmac=round(gmac(speaking), 2)), out)
    size = target.stat().st_size / 2**20
    print(f"{target}: {size:.1f} MiB; differs from torch by {largest:.3g} {unit(card)},")
    print(f"  stored as float16 by {half_largest:.3g}")
    return 0


def _tell(dropped: dict[str, str]) -> None:
    """Print which keys are not used, and why."""
    for why in sorted(set(dropped.values())):
        keys = [key for key in dropped if dropped[key] == why]
        more = f" and {len(keys) - TOLD} more" if len(keys) > TOLD else ""
        print(f"Not used ({why}): {', '.join(keys[:TOLD])}{more}")
