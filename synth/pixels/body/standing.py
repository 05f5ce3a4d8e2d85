"""How large a person appears and where they stand, from frame to frame: slowly, since nobody grows.

The size follows the limbs that are seen in nearly their full length. The ground follows the lower foot as far as a
person walks, but not in a jump: who leaves the ground fast comes back to it.
"""

import math

import numpy as np

from synth.pixels.body.body import TYPICAL
from synth.pixels.body.measure import limb_lengths
from synth.pixels.body.pose import seen
from synth.pixels.body.retarget import Stance

SIZED, HEADED = (0, 2, 3, 5, 6), (4, 7)
"""Kinds of limbs by which a person's size is told, and those that count if no torso is seen. The second largest counts,
because some are foreshortened."""
UNSURE = 0.4
"""Joints whose scores are below this share of the best are not measured: before a laptop a network guesses legs."""
GROW, SHRINK, STAY = 0.7, 3.0, 10.0
"""Time constants in seconds: a body seems smaller whenever its limbs point at the camera. ``STAY`` is for changes
within ``SAME``, which are errors of the estimator rather than steps towards the camera."""
SAME, NEAR = 0.08, 0.2
MOVED, GONE = 0.04, 3.0
"""A ground line that has moved by this share of the stature within about so many seconds: the person walks."""
SETTLE = 0.3
"""Seconds for which the first sizes count as much as later ones."""
WALK, LAND = 0.25, 2.0
"""How fast the ground line moves up and down, in statures per second."""
LEAP, AIR = 0.5, 1.2
"""Upward speed of the lower foot, in statures per second, that begins a jump, and a jump's longest time in seconds."""
FLOOR = 0.03
"""Height above the ground, as a share of the stature, below which feet are on it."""


class Standing:
    """Tracks the stance of one person."""

    def __init__(self) -> None:
        self.reset()

    def reset(self, usual: float | None = None) -> None:
        """Forget the person; ``usual`` is the stature in pixels if it was measured before."""
        self._tall: float | None = None
        self._usual = usual
        self._line = self._low = self._home = 0.0
        self._seen = False
        self._air = self._age = 0.0

    def __call__(self, joints: np.ndarray, step: float) -> Stance | None:
        """Return the stance of a person with joints ``[19, 3]``, ``step`` seconds after the last.

        ``None`` until enough of them was seen; the line is NaN until both ankles were.
        """
        self._size(joints, step)
        if self._tall is None:
            return None
        self._ground(joints, self._tall, step)
        return Stance(self._tall, self._line if self._seen else math.nan, FLOOR * self._tall)

    def _size(self, joints: np.ndarray, step: float) -> None:
        scores = np.nan_to_num(joints[:, 2])
        lengths = limb_lengths(np.where((scores >= UNSURE * scores.max())[:, None], joints, 0.0)[None])[0]
        kinds = SIZED if np.isfinite(lengths[0]) else (*SIZED, *HEADED)
        sizes = sorted((lengths[kind] / TYPICAL[kind] for kind in kinds if np.isfinite(lengths[kind])), reverse=True)
        if len(sizes) < 2:
            return
        now = float(sizes[1])
        self._age += step
        if self._tall is None:
            known = self._usual is not None and abs(now / self._usual - 1) < NEAR
            self._tall, self._age = (self._usual, SETTLE) if known and self._usual else (now, 0.0)
        slow = GROW if now > self._tall else SHRINK
        if self._age < SETTLE:
            slow = min(slow, max(self._age, SETTLE / 10))
        elif abs(self._line - self._home) > MOVED * self._tall:
            slow = GROW
        elif abs(now / self._tall - 1) < SAME:
            slow = STAY
        self._tall += (now - self._tall) * (1 - math.exp(-step / slow))
        self._home += (self._line - self._home) * (1 - math.exp(-step / GONE))

    def _ground(self, joints: np.ndarray, tall: float, step: float) -> None:
        ankles = seen(joints[15:17])
        if not ankles.all():
            return
        low = float(joints[15:17, 1].max())
        if not self._seen:
            self._line, self._low, self._home, self._seen = low, low, low, True
        speed = (self._low - low) / max(step, 1e-3) / tall
        self._low = low
        height = (self._line - low) / tall
        if height < FLOOR:
            self._air = 0.0
        elif speed > LEAP and not self._air:
            self._air = AIR
        if height < 0:
            self._line = min(self._line + LAND * tall * step, low)
        elif self._air:
            self._air = max(self._air - step, 1e-9)
            if self._air <= 1e-9:
                self._line -= min(WALK * step, height) * tall
        else:
            self._line -= min(WALK * step, height) * tall
