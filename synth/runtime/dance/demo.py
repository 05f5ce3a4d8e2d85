"""Demo for pages without a webcam: a stored dance performed by a character, rendered once for all sessions."""

import asyncio
import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synth.pixels.body import skeleton
from synth.pixels.body.body import Body
from synth.pixels.body.measure import measure
from synth.pixels.body.retarget import retarget
from synth.runtime.dance.painting import Painting, encoded, paint
from synth.runtime.session import Graph
from synth.runtime.worker_pool import WorkerPool

FILE = Path("examples", "dance", "performance.json")
"""Below the folder of models: ``{"fps": 20, "size": [height, width], "points": [T][17][x, y]}``, all joints seen."""
JOIN = 10
"""Poses inserted between the last and the first, so that the dance loops."""
CHUNK = 8
STILL_FPS = 1.0


@dataclass
class Demo:
    """The dance of one character: its poses ``[T, 17, 3]`` and the frames rendered so far.

    ``cut``: the character is cut out, to be laid over a background of the page.
    """

    graph: Graph
    poses: np.ndarray
    fps: float
    cut: bool = False
    frames: list[dict[str, Any]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    last: np.ndarray | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._painting = Painting(self.graph)

    async def part(self, first: int, pool: WorkerPool) -> dict[str, Any]:
        """Return up to ``CHUNK`` frames from ``first`` on; those that are missing are rendered on the worker pool."""
        end = min(first + CHUNK, len(self.poses))
        async with self.lock:
            while len(self.frames) < end:
                await pool(self._render)
        return {
            "frames": self.frames[first:end],
            "total": len(self.poses),
            "fps": self.fps,
            "ms": float(np.median(self.milliseconds)) if self.milliseconds else 0.0,
            "place": self.graph.place,
        }

    def _render(self) -> None:
        side, pose = self.graph.card.size, self.poses[len(self.frames)]
        drawn = skeleton.draw(pose, side, side)
        if self.last is None:  # as when the dance loops, the first frame must not follow a black one
            self.last = paint(self.graph, drawn, np.zeros_like(drawn))
        painted = self._painting(drawn, self.last, self.cut)
        self.last = painted.picture
        self.milliseconds.append(painted.milliseconds["picture"])
        shown = encoded(painted.picture, painted.alone, painted.gap)
        self.frames.append({**shown, "pose": np.round(pose, 1).tolist()})


def open_demo(folder: Path, graph: Graph, cut: bool = False) -> Demo:
    """Return the demo of a character with the dance below ``folder``; without that file the character stands still."""
    body = Body.from_json(graph.card.body)
    body = body.scaled(graph.card.size / body.size[0])
    if not (folder / FILE).is_file():
        return Demo(graph, body.pose[None], STILL_FPS, cut)
    joints, size, fps = _read(folder / FILE)
    source = measure(joints, size)
    return Demo(graph, round_dance(np.stack([retarget(pose, source, body) for pose in joints])), fps, cut)


def round_dance(poses: np.ndarray) -> np.ndarray:
    """Append ``JOIN`` poses to ``poses [T, 17, 3]`` that lead smoothly from the last to the first."""
    share = np.arange(1, JOIN + 1)[:, None, None] / (JOIN + 1)
    eased = share * share * (3 - 2 * share)
    return np.concatenate([poses, poses[-1] + eased * (poses[0] - poses[-1])]).astype(np.float32)


@functools.cache
def _read(path: Path) -> tuple[np.ndarray, tuple[int, int], float]:
    given = json.loads(path.read_text("utf-8"))
    height, width = given["size"]
    points = np.array(given["points"], np.float32)
    joints = np.concatenate([points, np.ones_like(points[..., :1])], -1)
    return joints, (height, width), float(given["fps"])
