"""``python -m synth blend A B``: weights between two checkpoints (network interpolation, Wang et al. 2018, sec. 3.4).

A network that was trained by reconstruction is calm and blurred, the same one trained on against a D is sharp and
restless. Between the two lies a path of networks that work, if the second was begun with the first.
"""

from pathlib import Path

from rich.console import Console
from torch import Tensor

from synth.training import checkpoint

SAME = ("recipe", "size")


def blend(first: Path, second: Path, /, out: Path, share: float = 0.5) -> int:
    """Write a checkpoint whose averaged weights lie between those of two, to be exported; it cannot be trained on.

    Args:
        first: the checkpoint that was there first.
        second: the one that was begun with it (``train --init``).
        out: the file to write.
        share: how much of the second, 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError("--share goes from 0, all of the first checkpoint, to 1, all of the second.")
    states = [checkpoint.load(path) for path in (first, second)]
    infos = [checkpoint.about(state, path) for state, path in zip(states, (first, second), strict=True)]
    for key in SAME:
        if infos[0][key] != infos[1][key]:
            raise ValueError(f"{first} was trained with the {key} {infos[0][key]!r}, {second} with {infos[1][key]!r}.")
    a, b = (state["average"] for state in states)
    if {name: value.shape for name, value in a.items()} != {name: value.shape for name, value in b.items()}:
        raise ValueError(f"{first} and {second} do not hold the same network.")
    average = {name: _between(a[name], b[name], share) for name in b}
    kept = {key: states[1][key] for key in ("step", "elapsed")}
    checkpoint.save(out, {**kept, "networks": {}, "average": average, "info": {**infos[1], "blend": share}})
    Console().print(f"{out}: {1 - share:.0%} of {first}, {share:.0%} of {second}", highlight=False, soft_wrap=True)
    return 0


def _between(a: Tensor, b: Tensor, share: float) -> Tensor:
    return a + share * (b - a) if a.is_floating_point() else b
