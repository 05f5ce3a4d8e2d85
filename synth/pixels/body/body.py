"""Measurements of a body seen by a fixed camera: ground lines, apparent size, limb lengths.

The same measurements describe a character (from its training poses) and a person at the webcam; see ``measure``.
"""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np

from synth.pixels.body.pose import middle

NECK, ROOT = 17, 18  # appended to COCO's 17 joints: the midpoints of the shoulders and of the hips
KINDS = ("torso", "hip", "thigh", "shin", "shoulder", "upper_arm", "forearm", "head", "eye", "ear")
# Child, parent, kind, from the hips outwards, parents first. Left and right limbs share a kind: a body is symmetric.
TREE: tuple[tuple[int, int, int], ...] = (
    (NECK, ROOT, 0),
    *((11 + side, ROOT, 1) for side in (0, 1)),
    *((13 + side, 11 + side, 2) for side in (0, 1)),
    *((15 + side, 13 + side, 3) for side in (0, 1)),
    *((5 + side, NECK, 4) for side in (0, 1)),
    *((7 + side, 5 + side, 5) for side in (0, 1)),
    *((9 + side, 7 + side, 6) for side in (0, 1)),
    (0, NECK, 7),
    *((1 + side, 0, 8) for side in (0, 1)),
    *((3 + side, 1 + side, 9) for side in (0, 1)),
)
STATURE = (0, 2, 3, 7)  # the kinds whose lengths add up to the stature
TYPICAL = np.array([0.36, 0.07, 0.265, 0.25, 0.125, 0.195, 0.17, 0.14, 0.036, 0.062])
"""An adult's limb lengths as shares of the stature (the upper end among 396 photographs of people standing upright):
used until a person's limbs have been seen fully extended."""


@dataclass(frozen=True)
class Body:
    """Measurements of a body; positions in pixels of an image of ``size`` = (height, width).

    ``ground`` holds the y of the lower ankle at its (farthest, usual, closest) position, ``stature`` the length in
    pixels of the chain nose - neck - hips - knee - ankle at the farthest and the closest, ``across`` the (left, usual,
    right) x of the mid-hip, ``limbs`` the full length of each of ``KINDS`` as a share of the stature, ``face`` the
    usual offset from nose to left eye and from left eye to left ear (x, y, x, y, shares of the stature), ``rest`` a
    neutral pose ``[17, 3]``. ``ground`` is empty until a whole standing body has been seen.
    """

    size: tuple[int, int]
    ground: tuple[float, ...]
    stature: tuple[float, float]
    across: tuple[float, float, float]
    limbs: tuple[float, ...]
    face: tuple[float, ...]
    rest: tuple[tuple[float, ...], ...]

    @property
    def pose(self) -> np.ndarray:
        """The neutral pose as float32 ``[17, 3]``."""
        return np.array(self.rest, np.float32)

    def at(self, depth: float) -> tuple[float, float]:
        """Return the ground line and the stature at ``depth``: 0 is the farthest position, 1 the closest."""
        far, _, close = self.ground or (0.0, 0.0, 0.0)
        return far + (close - far) * depth, self.stature[0] + (self.stature[1] - self.stature[0]) * depth

    def depth(self, low: float) -> float:
        """Return the depth 0..1 of a body whose lower ankle is at y = ``low``; 0.5 if it has stayed in one place."""
        far, _, close = self.ground
        return min(max((low - far) / (close - far), 0.0), 1.0) if close - far > 1e-6 else 0.5

    @property
    def usual_stature(self) -> float:
        """The stature in pixels at the usual position."""
        return self.at(self.depth(self.ground[1]) if self.ground else 0.5)[1]

    def scaled(self, factor: float) -> "Body":
        """Return the same body in an image scaled by ``factor``."""
        return replace(
            self,
            size=(round(self.size[0] * factor), round(self.size[1] * factor)),
            ground=tuple(y * factor for y in self.ground),
            stature=(self.stature[0] * factor, self.stature[1] * factor),
            across=(self.across[0] * factor, self.across[1] * factor, self.across[2] * factor),
            rest=tuple((x * factor, y * factor, score) for x, y, score in self.rest),
        )

    def toward(self, other: "Body", weight: float) -> "Body":
        """Interpolate between this body (``weight`` 0) and ``other`` (1), so that calibration does not jump."""
        if len(self.ground) != len(other.ground):
            return other

        def mix(a: tuple, b: tuple) -> tuple:
            return tuple(x + weight * (y - x) for x, y in zip(a, b, strict=True))

        mixed = {name: mix(getattr(self, name), getattr(other, name)) for name in _LINEAR}
        return replace(other, **mixed)

    def to_json(self) -> str:
        """Return the body as JSON, for the card of a character's graph."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Body":
        """Parse a body from JSON. Raises ``ValueError`` if the text is not one."""
        try:
            values = json.loads(text)
            tuples = {name: tuple(values[name]) for name in ("size", *_LINEAR)}
            body = Body(**tuples, rest=tuple(tuple(joint) for joint in values["rest"]))
            whole = np.asarray(body.rest).shape == (17, 3) and (len(body.limbs), len(body.face)) == (len(KINDS), 4)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"This character's measurements cannot be read ({error}). Export it again.") from error
        if not whole or len(body.ground) not in (0, 3) or not min(body.stature) > 0:
            raise ValueError("This character's measurements are incomplete. Export it again.")
        return body


_LINEAR = ("ground", "stature", "across", "limbs", "face")


def with_middles(keypoints: np.ndarray) -> np.ndarray:
    """Return COCO-17 ``[..., 17, 3]`` with the neck and the mid-hip appended: ``[..., 19, 3]``."""
    neck = middle(keypoints[..., 5, :], keypoints[..., 6, :])
    root = middle(keypoints[..., 11, :], keypoints[..., 12, :])
    return np.concatenate([keypoints, neck[..., None, :], root[..., None, :]], -2)
