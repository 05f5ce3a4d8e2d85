"""Keep the poses of a recorded clip plausible: as ``steady_pose``, with a look at what comes next.

The sides are those of the most probable turns over the whole clip, and a leap is believed if it can be reached from
what was before or from what comes after.
"""

from collections.abc import Sequence

import numpy as np

from synth.pixels.body.body import with_middles
from synth.pixels.body.facing import evidence, facing_of_clip
from synth.pixels.body.standing import Standing
from synth.pixels.body.steady_pose import Counts, SteadyPose


def steady_clip(
    poses: Sequence[np.ndarray | None], times: Sequence[float], counts: Counts | None = None
) -> list[np.ndarray | None]:
    """Return the plausible joints of each pose ``[17, 3]`` (``None``: nobody) of a clip at ``times``, in seconds."""
    standing, likely = Standing(), list[np.ndarray | None]()
    for number, pose in enumerate(poses):
        step = times[number] - times[number - 1] if number else 0.0
        stance = None if pose is None else standing(with_middles(np.asarray(pose, np.float64)), step)
        likely.append(None if pose is None or stance is None else evidence(pose, stance.tall))
    fronts = facing_of_clip(likely, np.array(times)) if len(times) else []
    steady = SteadyPose()
    if counts is not None:
        steady.counts = counts
    return [steady(pose, time, bool(front)) for pose, time, front in zip(poses, times, fronts, strict=True)]
