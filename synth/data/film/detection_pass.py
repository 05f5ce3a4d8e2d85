"""The first look at a film: frames at an even rate, the person's pose in each, the cuts. It goes on where it stopped.

Finding poses is what takes time, so each one is put on disk at once; what a killed run has found is not sought again.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from synth.data.film.cuts import CutDetector
from synth.pixels.video_reader import Clip, VideoFrames

SIDE = 960
"""The longer side of the frames in which poses are sought: a person has 200 pixels there even in the distance."""
RECORD = 17 * 3 * 4


class Tracker(Protocol):
    """Finds one person, frame after frame."""

    def __call__(self, image: np.ndarray) -> np.ndarray | None: ...

    def reset(self) -> None: ...


@dataclass(frozen=True)
class Detections:
    """What was seen of a film, a row for each frame taken.

    ``ticks`` int ``[T]``: when, in frames of the even rate; ``poses`` float32 ``[T, 17, 3]`` in pixels of the upright
    frame at its full size, all scores 0 if nobody was seen; ``cuts`` bool ``[T]``: a cut lies before this frame.
    """

    name: str
    height: int
    width: int
    ticks: np.ndarray
    poses: np.ndarray
    cuts: np.ndarray
    notice: str = ""


def sample_frames(frames: VideoFrames, fps: float) -> Iterator[tuple[int, np.ndarray]]:
    """Yield frames as ``(tick, picture)``, at most one for each tick of 1 / ``fps`` seconds: no frame comes twice.

    A film with fewer frames than that, here and there or everywhere, leaves ticks out.
    """
    last = -1
    for time, picture in frames:
        tick = round(time * fps)
        if tick > last:
            last = tick
            yield tick, picture


def detect_poses(clip: Clip, fps: float, tracker: Tracker, folder: Path, step: Callable[[int], object]) -> Detections:
    """Look through a film and keep what was found in ``folder``; what is there already is believed.

    ``step`` is called with the tick of each frame looked at. Raises ``ValueError`` for what cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "done.npz").is_file():
        return _load(folder)
    known = saved_poses(folder)
    frames, cuts, ticks, cut = VideoFrames(clip.path, side=SIDE), CutDetector(), [], []
    with (folder / "poses").open("ab") as journal:
        journal.truncate(len(known) * RECORD)
        for tick, picture in sample_frames(frames, fps):
            ticks.append(tick)
            cut.append(cuts(picture))
            if len(ticks) > len(known):
                if cut[-1]:
                    tracker.reset()
                journal.write(_pose(tracker(picture), clip.height / picture.shape[0]).tobytes())
                journal.flush()
            step(tick)
    detected = Detections(
        clip.path.name, clip.height, clip.width, np.array(ticks), saved_poses(folder), np.array(cut), frames.notice
    )
    _save(folder, detected)
    return detected


def saved_poses(folder: Path) -> np.ndarray:
    """Return the poses ``[T, 17, 3]`` that a run, finished or not, has put into ``folder``."""
    path = folder / "poses"
    data = path.read_bytes() if path.is_file() else b""
    whole = len(data) // RECORD * RECORD
    return np.frombuffer(data[:whole], np.float32).reshape(-1, 17, 3).copy()


def _pose(pose: np.ndarray | None, scale: float) -> np.ndarray:
    if pose is None:
        return np.zeros((17, 3), np.float32)
    return np.asarray(pose, np.float32) * np.array([scale, scale, 1], np.float32)


def _save(folder: Path, detected: Detections) -> None:
    about = {key: value for key, value in asdict(detected).items() if not isinstance(value, np.ndarray)}
    part = folder / "part.npz"
    arrays = {"ticks": detected.ticks, "poses": detected.poses, "cuts": detected.cuts}
    np.savez(part, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)
    os.replace(part, folder / "done.npz")


def _load(folder: Path) -> Detections:
    with np.load(folder / "done.npz") as arrays:
        about = json.loads(str(arrays["about"]))
        return Detections(**about, ticks=arrays["ticks"], poses=arrays["poses"], cuts=arrays["cuts"])
