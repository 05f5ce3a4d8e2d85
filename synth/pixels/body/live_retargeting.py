"""Retarget a person's pose to a character, frame by frame, with continuous calibration and smooth transitions."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synth.pixels.body.body import NECK, ROOT, Body, with_middles
from synth.pixels.body.limb_motion import LimbMotion
from synth.pixels.body.measure import limb_lengths, measure_person
from synth.pixels.body.pose import mirror, seen
from synth.pixels.body.retarget import Plan, Stance, put_together, rest_plan, upper_plan, whole_plan
from synth.pixels.body.standing import Standing

MEMORY = 300  # poses used for calibration: one minute
EVERY = 0.2  # seconds between two stored poses
SETTLE = 1.5  # time constant, in seconds, with which new measurements take effect
LEGS_AFTER = 0.4  # seconds for which legs must be seen before they are used, if they were not
LEGS_SURE = 0.3  # mean score of hips, knees and ankles from which a person just found is taken to show them
LEGS_HELD = 2.0  # seconds for which legs count as in view after they were seen, if their place is
NEAR = np.array([0.3, 0.3, 0.4, 0.4])  # of the stature: least distance from neck to knees and ankles in a crouch
BLEND = 0.15  # time constant, in seconds, of transitions between whole body, upper body and rest


class LiveRetargeter:
    """Maps one person's keypoints to a character's pose, calibrating continuously.

    ``mirrored``: the character moves like a mirror image of the person. Input keypoints should be steady and smooth
    (``SteadyPose``, ``OneEuroFilter``). For another person or camera, create a new instance or call ``recalibrate``.
    """

    def __init__(self, target: Body, mirrored: bool = True):
        self.target, self._mirrored = target, mirrored
        self._offset = np.zeros(2)
        self._last: np.ndarray | None = None
        self._motion, self._standing = LimbMotion(), Standing()
        self.frames = self.guessed = 0  # frames so far, and those in which a part of the body had to be guessed
        rest = limb_lengths(with_middles(np.asarray(target.pose, np.float64))[None])[0]
        self._lengths = np.fmax(np.array(target.limbs) * target.usual_stature, rest)
        self.recalibrate()

    def recalibrate(self) -> None:
        """Discard the person's measurements; the next frames provide new ones."""
        self._poses: deque[np.ndarray] = deque(maxlen=MEMORY)
        self._stances: deque[tuple[float, float]] = deque(maxlen=MEMORY)
        self._size = (0, 0)
        self._body: Body | None = None
        self._goal: Body | None = None
        self._start = self._noted = self._measured = self._time = -math.inf
        self._fixed = False  # measured over a whole clip, so that nothing changes any more
        self._legs: float | None = None  # time when they became visible; None if they are not
        self._left = -math.inf  # time when they were last visible
        self._standing.reset()
        self.mode = "rest"

    def calibrate(self, poses: np.ndarray, times: Sequence[float], size: tuple[int, int]) -> None:
        """Measure the person from all poses ``[T, 17, 3]`` of a recorded clip, before retargeting it.

        ``times`` are in seconds, ``size`` is the (height, width) of its images. If no pose shows enough of the body,
        nothing is measured.
        """
        self.recalibrate()
        poses, last = np.asarray(poses, np.float32), times[0] if len(times) else 0.0
        found: list[tuple[np.ndarray, tuple[float, float]]] = []
        for pose, time in zip(poses, times, strict=True):
            stance = self._standing(with_middles(pose.astype(np.float64)), time - last)
            last = time
            if stance and _is_measurable(pose):
                found.append((mirror(pose, size[1]) if self._mirrored else pose, (stance.tall, stance.line)))
        for pose, stance in found[:: math.ceil(len(found) / MEMORY)] if found else []:
            self._poses.append(pose)
            self._stances.append(stance)
        self._size, self._fixed = size, bool(found)
        self._body = self._goal = self._measure()
        self._standing.reset(None if self._body is None else self._body.usual_stature)

    @property
    def body(self) -> Body | None:
        """The person's measurements so far (mirrored like the output), or None."""
        return self._body

    @property
    def mirrored(self) -> bool:
        """Whether the character moves like a mirror image; may be changed at any time."""
        return self._mirrored

    @mirrored.setter
    def mirrored(self, value: bool) -> None:
        """Whether the character moves like a mirror image; can be changed at any time."""
        if value != self._mirrored:
            self._mirrored = value
            self._poses = deque((mirror(pose, self._size[1]) for pose in self._poses), MEMORY)
            self._body = self._goal = self._measure()

    def __call__(self, keypoints: np.ndarray | None, time: float, size: tuple[int, int]) -> np.ndarray:
        """Return the character's pose ``[17, 3]``, in the target's pixels, for a person's ``[17, 3]`` at ``time``
        seconds.

        ``size`` is the (height, width) of the image that ``keypoints`` refer to. ``None``, or only missing joints,
        gives the rest pose. Afterwards ``mode`` says what was retargeted: ``whole``, ``upper`` or ``rest``.
        """
        step = min(max(time - self._time, 0.0), 1.0) if math.isfinite(self._time) else 0.0
        self._time = time
        if keypoints is not None and self._mirrored:
            keypoints = mirror(keypoints, size[1])
        mode, plan = self._plan(keypoints, time, step, size)
        self.frames += 1
        self.guessed += mode == "whole" and not plan.known[5:17].all()
        return self._draw(plan, mode, step)

    def _plan(self, keypoints: np.ndarray | None, time: float, step: float, size: tuple[int, int]) -> tuple[str, Plan]:
        """Return the mode and what the character should do in it."""
        if keypoints is None or not seen(keypoints[5:7]).any():
            return "rest", rest_plan(self.target)
        if size != self._size and self._poses:
            self.recalibrate()
            self._time = time
        self._size = size
        joints = with_middles(np.asarray(keypoints, np.float64))
        stance = self._standing(joints, step)
        if stance is not None and _is_measurable(keypoints) and not self._fixed:
            self._calibrate(keypoints, stance, time, step)
        if self._body is None or stance is None:
            return "rest", rest_plan(self.target)
        legs = _shows_legs(joints, stance.tall)
        mode = self._choose_mode(joints, stance, legs, time)
        if mode == "whole":
            return mode, whole_plan(joints, self._body, self.target, stance, legs)
        plan = upper_plan(joints, self._body, self.target, stance.tall)
        assert plan is not None
        return mode, plan

    def _calibrate(self, keypoints: np.ndarray, stance: Stance, time: float, step: float) -> None:
        if not self._poses:
            self._start = time
        if time - self._noted >= EVERY:
            self._poses.append(np.array(keypoints, np.float32))
            self._stances.append((stance.tall, stance.line))
            self._noted = time
            # At first every pose adds information; later one measurement per second is enough.
            if len(self._poses) <= 10 or time - self._measured >= 1:
                self._goal, self._measured = self._measure(), time
        if self._body is None or self._goal is None:
            self._body = self._goal
        else:
            settle = min(max((time - self._start) / 2, 0.05), SETTLE)
            self._body = self._body.toward(self._goal, 1 - math.exp(-step / settle))

    def _measure(self) -> Body | None:
        if not self._poses:
            return None
        return measure_person(np.stack(self._poses), np.array(self._stances), self._size)

    def _choose_mode(self, joints: np.ndarray, stance: Stance, legs: bool, time: float) -> str:
        assert self._body is not None
        if legs and self._body.ground and self.target.ground:
            self._left = time
            if self._legs is None:
                sure = self._fixed or float(joints[11:17, 2].mean()) >= LEGS_SURE
                self._legs = time - (LEGS_AFTER if self.mode == "rest" and sure else 0)
        elif (
            time - self._left > LEGS_HELD or not self._body.ground or _feet(joints, self._body, stance) > self._size[0]
        ):
            self._legs = None
        return "upper" if self._legs is None or time - self._legs < LEGS_AFTER - 1e-6 else "whole"

    def _draw(self, plan: Plan, mode: str, step: float) -> np.ndarray:
        """Return the pose of a plan; after a change of mode it moves from where the last pose was."""
        vectors = self._motion(plan.vectors, plan.scores, self._lengths, step)
        pose = put_together(replace(plan, vectors=vectors), self.target)
        if self._last is not None and mode != self.mode:
            self._offset = self._last[11:13, :2].mean(0) - pose[11:13, :2].mean(0)
        self._offset = self._offset * math.exp(-step / BLEND)
        self.mode = mode
        pose[:, :2] += self._offset
        self._last = pose
        return pose


def _is_measurable(keypoints: np.ndarray) -> bool:
    """Return whether both shoulders and the nose are seen, the minimum for measuring a body."""
    known = seen(keypoints)
    return bool(known[0] and known[5] and known[6])


def _shows_legs(joints: np.ndarray, tall: float) -> bool:
    """Return whether a knee or an ankle of ``[19, 3]`` is seen where it can be of a person who is ``tall`` pixels."""
    known = seen(joints)
    if not known[NECK]:
        return bool(known[13:17].any())
    # A network guesses feet at the image's lower edge when it shows only head and shoulders.
    apart = np.linalg.norm(joints[13:17, :2] - joints[NECK, :2], axis=1)
    return bool((known[13:17] & (apart > NEAR * tall)).any())


def _feet(joints: np.ndarray, body: Body, stance: Stance) -> float:
    """Return the y where the feet of ``[19, 3]`` should be."""
    known, legs = seen(joints), (body.limbs[2] + body.limbs[3]) * stance.tall
    if known[ROOT]:
        return float(joints[ROOT, 1]) + legs
    shoulders = joints[5:7][known[5:7], 1]
    return float(shoulders.mean()) + legs + body.limbs[0] * stance.tall
