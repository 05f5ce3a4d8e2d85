"""Detection pass, the first pass over a video: frames at a constant rate, the person's pose in each, and cuts.

Finding poses takes most of the time, so each one is written to disk at once and an interrupted run resumes after the
last.
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
"""Longer side of the frames in which poses are searched: a distant person still has 200 pixels there."""
RECORD = 17 * 3 * 4


class Tracker(Protocol):
    """Callable that finds one person in consecutive frames."""

    def __call__(self, image: np.ndarray) -> np.ndarray | None: ...

    def reset(self) -> None: ...


@dataclass(frozen=True)
class Detections:
    """Results of the detection pass, one row per frame.

    ``ticks`` int ``[T]``: times, in frames of the constant rate; ``poses`` float32 ``[T, 17, 3]`` in pixels of the
    upright frame at full size, all scores 0 if nobody was found; ``cuts`` bool ``[T]``: a cut precedes this frame.
    """

    name: str
    height: int
    width: int
    ticks: np.ndarray
    poses: np.ndarray
    cuts: np.ndarray
    notice: str = ""


def sample_frames(frames: VideoFrames, fps: float) -> Iterator[tuple[int, np.ndarray]]:
    """Yield frames as ``(tick, image)``, at most one per tick of 1 / ``fps`` seconds; no frame is repeated.

    Where a video has fewer frames than that, ticks are skipped.
    """
    last = -1
    for time, picture in frames:
        tick = round(time * fps)
        if tick > last:
            last = tick
            yield tick, picture


def detect_poses(clip: Clip, fps: float, tracker: Tracker, folder: Path, step: Callable[[int], object]) -> Detections:
    """Find poses and cuts in a video and store them in ``folder``; earlier results there are reused.

    ``step`` is called with the tick of each processed frame. Raises ``ValueError`` for an unreadable file.
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
    """Return the poses ``[T, 17, 3]`` that a run, finished or not, has written to ``folder``."""
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
