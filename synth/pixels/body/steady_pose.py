"""Keep a tracked pose plausible: sides that stay, no leaps that a body cannot make, gaps that are held for a moment.

An estimator looks at one frame at a time, so that a single wrong look would become a monster. What a body cannot do
within the time since the last frame is not believed until it has been seen for a while.
"""

import math
from dataclasses import dataclass

import numpy as np

from synth.pixels.body.body import TREE, TYPICAL, with_middles
from synth.pixels.body.facing import FacingFilter, evidence
from synth.pixels.body.pose import seen
from synth.pixels.body.sides import with_sides
from synth.pixels.body.standing import Standing

SPEED = np.array([2.5] * 5 + [2.5, 2.5, 5.0, 5.0, 7.0, 7.0, 2.5, 2.5, 5.0, 5.0, 7.0, 7.0])
"""How fast each joint can move, in statures per second."""
SLACK = 0.05
"""Error of a measured place, as a share of the stature."""
AGREE = 0.12
"""Seconds for which a joint must be seen at its new place before a leap there is believed."""
REACH = 1.45
"""Longest limb, as a multiple of an adult's typical one."""
NECK_TURN = math.radians(110)
"""Largest angle between the trunk and the line from neck to nose."""
OVER, UPSIDE = math.radians(100), 1.0
"""A trunk that turns by more than this angle at once is believed after this many seconds."""
# Not those of the face, whose size says little.
LIMBS = [(child, parent, kind) for child, parent, kind in TREE if child < 17 and parent < 17 and kind not in (8, 9)]


@dataclass
class Counts:
    """How many frames were looked at, and in how many somebody was found, held, or had left and right exchanged."""

    frames: int = 0
    found: int = 0
    held: int = 0
    swapped: int = 0


class SteadyPose:
    """Steadies the poses of one person, frame by frame."""

    def __init__(self) -> None:
        self._facing, self._standing = FacingFilter(), Standing()
        self.counts = Counts()
        self.reset()

    def reset(self) -> None:
        """Forget the person; the counts stay."""
        self._facing.reset()
        self._standing.reset()
        self._last: np.ndarray | None = None  # the last believed place of each joint, [17, 3]
        self._when = np.full(17, -math.inf)
        self._rival = np.zeros((17, 2))  # where an unbelieved joint was seen last, and since when
        self._since = np.full(17, math.inf)
        self._over: float | None = None
        self._now: float | None = None

    def __call__(self, pose: np.ndarray | None, time: float, front: bool | None = None) -> np.ndarray | None:
        """Return the plausible joints of a pose ``[17, 3]`` seen at ``time`` seconds; ``None`` if there are none.

        ``front``: whether the person faces the camera, if that is known (else it is told from the poses so far).
        """
        step = 0.0 if self._now is None else min(max(time - self._now, 0.0), 1.0)
        self._now = time
        self.counts.frames += 1
        stance = None if pose is None else self._standing(with_middles(np.asarray(pose, np.float64)), step)
        if front is None:
            front = self._facing(None if pose is None or stance is None else evidence(pose, stance.tall), step)
        if pose is None or stance is None:
            return None
        self.counts.found += 1
        pose = np.array(pose, np.float32)
        pose, swapped = with_sides(pose, front, stance.tall, self._recent(time))
        self.counts.swapped += swapped
        before = int(seen(pose).sum())
        if self._is_turned_over(pose, time):
            self.counts.held += 1
            return self._recent(time)
        _drop_impossible(pose, stance.tall)
        self._believe(pose, time, stance.tall)
        known = seen(pose)
        self.counts.held += int(known.sum()) < before
        return pose if known.any() else None

    def _recent(self, time: float) -> np.ndarray | None:
        """Return the last pose, without joints that were seen too long ago to compare with."""
        if self._last is None:
            return None
        recent = self._last.copy()
        recent[time - self._when > UPSIDE, 2] = 0
        return recent

    def _is_turned_over(self, pose: np.ndarray, time: float) -> bool:
        """Return whether the trunk has turned further than a body turns from one moment to the next."""
        last = self._last
        if last is None or not (seen(pose[[5, 6, 11, 12]]).all() and seen(last[[5, 6, 11, 12]]).all()):
            return False
        if time - self._when[[5, 6, 11, 12]].min() > 2 * UPSIDE or _between(_trunk(pose), _trunk(last)) < OVER:
            self._over = None
            return False
        self._over = time if self._over is None else self._over
        return time - self._over < UPSIDE

    def _believe(self, pose: np.ndarray, time: float, tall: float) -> None:
        """Give joints that moved too fast score 0, in place, until they have stayed there; remember the others."""
        known, fresh = seen(pose), self._last is None
        if self._last is None:
            self._last = np.zeros((17, 3), np.float32)
        for joint in np.flatnonzero(known):
            age = time - self._when[joint]
            reach = (SPEED[joint] * age + SLACK) * tall
            here = pose[joint, :2]
            if fresh or age > 1 or float(np.linalg.norm(here - self._last[joint, :2])) <= reach:
                self._since[joint] = math.inf
            else:
                moved = float(np.linalg.norm(here - self._rival[joint]))
                if not math.isfinite(self._since[joint]) or moved > (SPEED[joint] / 15 + SLACK) * tall:
                    self._since[joint] = time
                self._rival[joint] = here
                if time - self._since[joint] < AGREE:
                    pose[joint, 2] = 0
                    continue
                self._since[joint] = math.inf
            self._last[joint] = pose[joint]
            self._when[joint] = time


def _drop_impossible(pose: np.ndarray, tall: float) -> None:
    """Give the far ends of limbs that are too long, and a head that hangs from its neck, score 0, in place."""
    known = seen(pose)
    for child, parent, kind in LIMBS:
        apart = float(np.linalg.norm(pose[child, :2] - pose[parent, :2]))
        if known[child] and known[parent] and apart > REACH * TYPICAL[kind] * tall:
            pose[child, 2] = 0
            known[child] = False
    if known[[0, 5, 6, 11, 12]].all():
        head = pose[0, :2] - pose[5:7, :2].mean(0)
        if np.linalg.norm(head) > SLACK * tall and _between(head, _trunk(pose)) > NECK_TURN:
            pose[:5, 2] = 0


def _trunk(pose: np.ndarray) -> np.ndarray:
    return pose[5:7, :2].mean(0) - pose[11:13, :2].mean(0)


def _between(one: np.ndarray, other: np.ndarray) -> float:
    """Return the angle between two vectors in radians."""
    way = math.atan2(one[1], one[0]) - math.atan2(other[1], other[0])
    return abs(way - 2 * math.pi * math.floor(way / (2 * math.pi) + 0.5))
