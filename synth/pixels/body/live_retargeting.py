"""Retarget a person's pose to a character, frame by frame, with continuous calibration and smooth transitions."""

import math
from collections import deque

import numpy as np

from synth.pixels.body.body import Body
from synth.pixels.body.measure import measure
from synth.pixels.body.pose import mirror, seen
from synth.pixels.body.retarget import retarget, whole

MEMORY = 300  # poses used for calibration: one minute
EVERY = 0.2  # seconds between two stored poses
SETTLE = 1.5  # time constant, in seconds, with which new measurements take effect
LEGS_AFTER = 0.4  # seconds for which ankles must be seen before the legs are used
BLEND = 0.15  # time constant, in seconds, of transitions between whole body, upper body and rest


class LiveRetargeter:
    """Maps one person's keypoints to a character's pose, calibrating continuously.

    ``mirrored``: the character moves like a mirror image of the person. Input keypoints should be smoothed
    (``OneEuroFilter``). For another person or camera, create a new instance or call ``recalibrate``.
    """

    def __init__(self, target: Body, mirrored: bool = True):
        self.target, self._mirrored = target, mirrored
        self._offset = np.zeros((17, 2))
        self._last: np.ndarray | None = None
        self.recalibrate()

    def recalibrate(self) -> None:
        """Discard the person's measurements; the next frames provide new ones."""
        self._poses: deque[np.ndarray] = deque(maxlen=MEMORY)
        self._size = (0, 0)
        self._body: Body | None = None
        self._goal: Body | None = None
        self._start = self._noted = self._measured = self._time = -math.inf
        self._ankles: float | None = None  # time when they became visible; None if they are not
        self.mode = "rest"

    def calibrate(self, poses: np.ndarray, size: tuple[int, int]) -> None:
        """Measure the person from all poses ``[T, 17, 3]`` of a recorded clip, before retargeting it.

        ``size`` is the (height, width) of its images. If no pose shows enough of the body, nothing is measured.
        """
        self.recalibrate()
        known = [pose for pose in np.asarray(poses, np.float32) if _is_measurable(pose)]
        known = known[:: math.ceil(len(known) / MEMORY)] if known else []
        if known:
            self._poses.extend(mirror(pose, size[1]) if self._mirrored else pose for pose in known)
            self._size = size
            self._body = self._goal = measure(np.stack(self._poses), size, human=True)

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
            self._body = self._goal = measure(np.stack(self._poses), self._size, human=True) if self._poses else None

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
        if keypoints is not None and _is_measurable(keypoints):
            self._calibrate(keypoints, time, step, size)
        mode = self._choose_mode(keypoints, time)
        if mode == "rest" or keypoints is None or self._body is None:
            pose = self.target.pose
        else:
            pose = retarget(keypoints, self._body, self.target, legs=mode == "whole")
        return self._blend(pose, mode, step)

    def _calibrate(self, keypoints: np.ndarray, time: float, step: float, size: tuple[int, int]) -> None:
        if size != self._size and self._poses:
            self.recalibrate()
            self._time = time
        self._size = size
        if not self._poses:
            self._start = time
        if time - self._noted >= EVERY:
            self._poses.append(np.array(keypoints, np.float32))
            self._noted = time
            # At first every pose adds information; later one measurement per second is enough.
            if len(self._poses) <= 10 or time - self._measured >= 1:
                self._goal, self._measured = measure(np.stack(self._poses), size, human=True), time
        if self._body is None or self._goal is None:
            self._body = self._goal
        else:
            settle = min(max((time - self._start) / 2, 0.05), SETTLE)
            self._body = self._body.toward(self._goal, 1 - math.exp(-step / settle))

    def _choose_mode(self, keypoints: np.ndarray | None, time: float) -> str:
        if keypoints is None or self._body is None or not seen(keypoints[5:7]).any():
            self._ankles = None
            return "rest"
        if not whole(keypoints) or not self._body.ground:
            self._ankles = None
            return "upper"
        if self._ankles is None:
            self._ankles = time - (LEGS_AFTER if self.mode == "rest" else 0)
        return "whole" if time - self._ankles >= LEGS_AFTER - 1e-6 else "upper"

    def _blend(self, pose: np.ndarray, mode: str, step: float) -> np.ndarray:
        """Return the pose; after a change of mode it starts at the previous pose and converges to the new one."""
        if self._last is not None and mode != self.mode:
            both = seen(self._last) & seen(pose)
            self._offset = np.where(both[:, None], self._last[:, :2] - pose[:, :2], 0.0)
        self._offset = self._offset * math.exp(-step / BLEND)
        self.mode = mode
        result = pose.copy()
        result[:, :2] += self._offset
        self._last = result
        return result


def _is_measurable(keypoints: np.ndarray) -> bool:
    """Return whether both shoulders and the nose are seen, the minimum for measuring a body."""
    known = seen(keypoints)
    return bool(known[0] and known[5] and known[6])
