"""``python -m synth blend A B``: weights between two checkpoints (network interpolation, Wang et al. 2018, sec. 3.4).

A network trained by reconstruction alone is blurred and has few artefacts; trained further against a discriminator it
is sharp and has more of them. Weights between the two work as well, if the second run began with the first's.
"""

from dataclasses import replace
from pathlib import Path

from rich.console import Console
from torch import Tensor

from synth.training import checkpoint

SAME = ("recipe", "size")


def blend(first: Path, second: Path, /, out: Path, share: float = 0.5) -> int:
    """Write a checkpoint whose averaged weights lie between those of two; it can be exported, not trained further.

    Args:
        first: the earlier checkpoint.
        second: the one whose training began with it (``train --init``).
        out: the checkpoint to write.
        share: the weight of the second, 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"--share must be from 0 (the first checkpoint alone) to 1 (the second alone), not {share}.")
    states = [checkpoint.load(path) for path in (first, second)]
    infos = [checkpoint.about(state, path) for state, path in zip(states, (first, second), strict=True)]
    for key in SAME:
        a, b = (getattr(info, key) for info in infos)
        if a != b:
            raise ValueError(f"{first} was trained with the {key} {a!r}, {second} with {b!r}: they cannot be blended.")
    a, b = (state["average"] for state in states)
    if {name: value.shape for name, value in a.items()} != {name: value.shape for name, value in b.items()}:
        raise ValueError(f"{first} and {second} do not hold the same network.")
    average = {name: _between(a[name], b[name], share) for name in b}
    kept = {key: states[1][key] for key in ("step", "elapsed")}
    info = replace(infos[1], blend=share).to_dict()
    checkpoint.save(out, {**kept, "networks": {}, "average": average, "info": info})
    Console().print(f"{out}: {1 - share:.0%} of {first}, {share:.0%} of {second}", highlight=False, soft_wrap=True)
    return 0


def _between(a: Tensor, b: Tensor, share: float) -> Tensor:
    return a + share * (b - a) if a.is_floating_point() else b
