"""Limbs of a character that move as limbs can: no longer than they are, and no faster than a body turns them.

A limb is a direction and a share of its full length. The share is the cosine of its angle to the image, so in three
dimensions it has its own length whatever it looks like; a share changes slowly for the trunk and the legs, of which a
jump in length is an error of the estimator, and fast for the arms.
"""

import math

import numpy as np

from synth.pixels.body.body import TREE

FULL, LONGEST = 1.03, 0.05
"""Share of its full length up to which a limb is drawn as it is seen, and how far beyond that at most: measurements of
a person are never exact."""
# Per kind of ``body.KINDS``, of those that turn: largest turn in radians per second, time constant in seconds of the
# share of the full length, and its largest change per second.
TURNING: dict[int, tuple[float, float, float]] = {
    0: (6.0, 0.2, 0.8),
    2: (12.0, 0.12, 1.2),
    3: (14.0, 0.12, 1.2),
    5: (18.0, 0.04, 6.0),
    6: (24.0, 0.04, 6.0),
    7: (8.0, 0.2, 1.5),
}
UNSURE = 0.25
"""Least trust in a limb: the lower score of its ends, by which its share of the full length changes more slowly."""
SLOW = 4.0
"""Largest turn in radians per second of a limb that is not seen, on its way to rest."""
ACROSS = 0.06
"""Time constant in seconds of hips and shoulders: in a turn of the body they pass through a length of 0."""


class LimbMotion:
    """Filters the limbs of one character's poses, frame by frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the last pose, so that the next is taken over as it is."""
        self._last: np.ndarray | None = None

    def __call__(self, vectors: np.ndarray, scores: np.ndarray, lengths: np.ndarray, step: float) -> np.ndarray:
        """Return the limbs ``[19, 2]`` to draw, for the wanted ``vectors`` to joints of these ``scores [19]``.

        A score of 0 is a limb at rest. ``lengths`` are the full lengths in pixels of each kind, ``step``
        the seconds since the last frame.
        """
        last, result = self._last, vectors.copy()
        for child, parent, kind in TREE:
            full = float(lengths[kind])
            x, y = (float(value) for value in vectors[child])
            if kind in TURNING:
                before = None if last is None else (float(last[child, 0]), float(last[child, 1]))
                result[child] = _turned(before, (x, y), float(min(scores[child], scores[parent])), full, kind, step)
            elif last is not None and kind in (1, 4):
                result[child] = last[child] + (vectors[child] - last[child]) * (1 - math.exp(-step / ACROSS))
            if kind in (1, 4):
                result[child] *= _limited(float(np.hypot(*result[child])) / full) * full / _length(result[child])
        self._last = result
        return result


def _turned(
    last: tuple[float, float] | None, wanted: tuple[float, float], score: float, full: float, kind: int, step: float
) -> tuple[float, float]:
    """Return one limb's vector, on its way from the ``last`` to the ``wanted`` one."""
    share, angle = _limited(math.hypot(*wanted) / full), math.atan2(wanted[1], wanted[0])
    if last is not None:
        turn, slow, most = TURNING[kind]
        trust = min(max(score, UNSURE), 1.0)
        before = math.hypot(*last) / full
        change = (share - before) * (1 - math.exp(-step * trust / slow))
        share = before + min(max(change, -most * trust * step), most * trust * step)
        way = angle - math.atan2(last[1], last[0])
        way -= 2 * math.pi * math.floor(way / (2 * math.pi) + 0.5)
        reach = (turn if score else min(turn, SLOW)) * step
        angle = math.atan2(last[1], last[0]) + min(max(way, -reach), reach)
    return share * full * math.cos(angle), share * full * math.sin(angle)


def _limited(share: float) -> float:
    """Return the share of a limb's full length to draw: itself up to ``FULL``, then at most ``LONGEST`` more."""
    return share if share <= FULL else FULL + LONGEST * math.tanh((share - FULL) / LONGEST)


def _length(vector: np.ndarray) -> float:
    return max(float(np.hypot(*vector)), 1e-9)
