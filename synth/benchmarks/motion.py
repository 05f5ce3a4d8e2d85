"""How a character follows recorded joint tracks of real people: ``python -m synth bench dance --tracks DIR``.

A track takes the place of the pose network. Everything after it is what films and the webcam use: ``PersonTrack``,
``SmoothTracker`` and ``LiveRetargeter``. Each ``NAME.json`` holds ``fps``, ``width``, ``height``, ``spans`` (what is to
be seen where, as [first, last] frames) and ``estimators``: for each, one pose ``[17][x, y, score]`` or null per frame.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synth.pixels.body.body import KINDS, STATURE, TREE, Body, with_middles
from synth.pixels.body.live_retargeting import LiveRetargeter
from synth.pixels.body.pose import seen
from synth.runtime.dance.perform import Role, SmoothTracker
from synth.runtime.dance.person_track import PersonTrack, person
from synth.runtime.registry import Registry

WAYS = ("film", "live")
FACE_KINDS = 8
"""The first kinds of limbs, without those of the face."""


class Played:
    """A ``Tracker`` that plays a recorded track, one pose per frame, whatever the frame shows."""

    def __init__(self, poses: list[np.ndarray | None]):
        self._poses, self._next = poses, 0

    def __call__(self, image: np.ndarray) -> np.ndarray | None:
        pose = self._poses[self._next]
        self._next += 1
        return None if pose is None else pose.copy()

    def select(self, x: float, y: float) -> None:
        """Do nothing: a recorded track has one person."""

    def reset(self) -> None:
        """Do nothing: a recorded track has no state."""


@dataclass(frozen=True)
class Recorded:
    """A recorded track of one estimator: its poses, and what is to be seen in which frames."""

    name: str
    estimator: str
    fps: float
    size: tuple[int, int]
    poses: list[np.ndarray | None]
    spans: dict[str, list[list[int]]]

    def during(self, what: str) -> np.ndarray:
        """Return whether each frame lies in a span called ``what``, bool ``[T]``."""
        inside = np.zeros(len(self.poses), bool)
        for first, last in self.spans.get(what, []):
            inside[first : last + 1] = True
        return inside


@dataclass(frozen=True)
class Followed:
    """A character's poses ``[T, 17, 3]`` for a track, in its own pixels, and the mode of each frame."""

    poses: np.ndarray
    modes: list[str]
    found: np.ndarray


def read(path: Path) -> list[Recorded]:
    """Return the tracks of one file, one for each estimator. Raises ``ValueError`` if it is not such a file."""
    try:
        clip: dict[str, Any] = json.loads(path.read_text("utf-8"))
        size = int(clip["height"]), int(clip["width"])
        tracks = []
        for estimator, frames in clip["estimators"].items():
            poses = [None if pose is None else np.array(pose, np.float32).reshape(17, 3) for pose in frames]
            tracks.append(Recorded(path.stem, estimator, float(clip["fps"]), size, poses, clip["spans"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a file of joint tracks ({error}). See synth/benchmarks/motion.py.") from error
    return tracks


def follow(track: Recorded, follower: LiveRetargeter, way: str) -> Followed:
    """Return what a character does for a track, as a film or live at the clip's own times."""
    times = [number / track.fps for number in range(len(track.poses))]
    frame = np.broadcast_to(np.zeros(3, np.uint8), (*track.size, 3))
    if way == "film":
        whole = PersonTrack(Played(track.poses))
        for time in times:
            whole.add(time, frame)
        joints = whole.smoothed()
        follower.calibrate(joints, times, track.size)
        people = [person(pose) for pose in joints]
    else:
        tracker = SmoothTracker(Played(track.poses))
        people = [tracker(frame, time) for time in times]
    poses, modes = [], []
    for who, time in zip(people, times, strict=True):
        poses.append(follower(who, time, track.size))
        modes.append(follower.mode)
    return Followed(np.stack(poses), modes, np.array([who is not None for who in people]))


def measure(track: Recorded, followed: Followed, body: Body) -> dict[str, float]:
    """Return the measurements of one track: shares are 0..1, NaN where the clip shows nothing of the kind.

    ``scale`` and ``leap``: how the drawn stature (nose, neck, hips, the longer leg) changes from frame to frame, 95th
    percentile and largest. ``limb``: the longest limb over the character's own. ``sides``: left and right as they are,
    of the frames from behind. ``notes``: frames whole in view that are called upper body or nobody. ``found``: of the
    frames with somebody. ``jump``: the character's torso over the person's in the middle of a jump, against standing.
    """
    somebody, lengths = ~track.during("nobody"), _lengths(followed.poses)
    stature = np.fmax(lengths[:, 0], lengths[:, 1])[:, STATURE].sum(1)
    change = np.abs(stature[1:] / stature[:-1] - 1)[somebody[1:] & somebody[:-1]]
    own = np.array(body.limbs) * body.usual_stature
    behind = track.during("from_behind") & followed.found
    rests, upper = (np.array([mode == name for mode in followed.modes]) for name in ("rest", "upper"))
    return {
        "scale": float(np.percentile(change, 95)),
        "leap": float(change.max()),
        "limb": float(np.nanmax((lengths / own)[..., :FACE_KINDS])),
        "sides": _share(followed.poses[:, 5, 0] < followed.poses[:, 6, 0], behind),
        "notes": _share(rests | upper | ~followed.found, track.during("whole_in_view")),
        "found": _share(followed.found & ~rests, somebody),
        "jump": _jump(track, followed),
    }


def report(registry: Registry, name: str, folder: Path) -> Iterator[str]:
    """Yield a table of all tracks in ``folder``, danced by the character ``name``.

    Raises ``ValueError`` if there are none.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"There are no joint tracks (NAME.json) in {folder}. Give another folder: --tracks DIR")
    yield (
        f"{name}: size change between frames (95th percentile / largest), longest limb over its own, sides right from "
        "behind, false notes, found, size in a jump over size standing"
    )
    for track in (track for path in files for track in read(path)):
        for way in WAYS:
            follower = Role(registry.graph(name), mirrored=False).follower
            yield _line(track, way, measure(track, follow(track, follower, way), follower.target))


def _line(track: Recorded, way: str, found: dict[str, float]) -> str:
    def shown(value: float, form: str) -> str:
        return "-" if np.isnan(value) else format(value, form)

    return (
        f"{track.name:10} {track.estimator:10} {way}: size {found['scale']:5.1%} / {found['leap']:6.1%}, "
        f"limb {found['limb']:.2f}, sides {shown(found['sides'], '.1%')}, notes {shown(found['notes'], '.1%')}, "
        f"found {found['found']:.1%}, jump {shown(found['jump'], '.3f')}"
    )


def _lengths(poses: np.ndarray) -> np.ndarray:
    """Return the drawn length of each kind of limb, left and right, of ``[T, 17, 3]``: ``[T, 2, kinds]``."""
    joints = with_middles(poses.astype(np.float64))
    known, result, done = seen(joints), np.full((len(poses), 2, len(KINDS)), np.nan), set[int]()
    for child, parent, kind in TREE:
        length = np.linalg.norm(joints[:, child, :2] - joints[:, parent, :2], axis=1)
        result[:, int(kind in done), kind] = np.where(known[:, child] & known[:, parent], length, np.nan)
        done.add(kind)
    return result


def _jump(track: Recorded, followed: Followed) -> float:
    """Return the character's torso over the person's in the middle third of the jump, over the same while standing."""
    air, stand = track.spans.get("airborne", []), track.spans.get("stands_straight", [])
    if not (air and stand):
        return float("nan")
    third = (air[0][1] - air[0][0]) // 3
    missing = np.full((17, 3), np.nan)
    people = np.stack([missing if pose is None else pose for pose in track.poses])
    ratio = _torso(followed.poses) / _torso(people)
    up, down = ratio[air[0][0] + third : air[0][1] - third + 1], ratio[stand[0][0] : stand[0][1] + 1]
    return float(np.nanmedian(up) / np.nanmedian(down))


def _torso(poses: np.ndarray) -> np.ndarray:
    joints = with_middles(poses)
    return np.linalg.norm(joints[:, 17, :2] - joints[:, 18, :2], axis=1)


def _share(right: np.ndarray, of: np.ndarray) -> float:
    return float(right[of].mean()) if of.any() else float("nan")
