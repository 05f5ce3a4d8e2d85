"""Milliseconds of the Dance tab's live loop: ``python -m synth bench dance``, with ``--browser`` from webcam to screen.

The webcam shows the bundled demo, painted by the character's own graph, so that no data set is needed; ``--clip`` takes
a video of a person instead. The server's stages are timed in this process, frame by frame, as the app computes them;
with ``--browser`` the app runs in a process of its own and a headless Chromium measures what a user sees.
"""

import asyncio
import base64
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Literal

import cv2
import numpy as np

from synth.app.live.frame_request import PREFIX, Frame
from synth.benchmarks import motion
from synth.benchmarks.command import print_lines
from synth.pixels import video_reader
from synth.pixels.images import read
from synth.runtime import providers
from synth.runtime.dance import backgrounds
from synth.runtime.dance.demo import open_demo
from synth.runtime.dance.painting import encoded
from synth.runtime.dance.perform import Performance
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool
from synth.suggest import did_you_mean

WIDTH, HEIGHT, FPS = 640, 480, 30
SENT = 320
WARM = 20
MOST_FRAMES = 300
COLOR = "#00ff00"


def server(
    registry: Registry, name: str, frames: Sequence[np.ndarray], count: int = 200, cuts: Sequence[bool] = (False,)
) -> list[dict[str, float]]:
    """Return median milliseconds of each stage of one frame on the server, ``total`` and ``slow`` (90th percentile).

    ``frames`` are uint8 RGB ``[H, W, 3]``, repeated until ``count`` were timed, encoded as the page sends them. There
    is one result for each of ``cuts``, which alternate frame by frame: whether the character is cut out of its
    background.
    """
    performances = [Performance(registry.graph(name), poses(registry).tracker()) for _ in cuts]
    messages = [sent(frame) for frame in frames[: WARM + count]]
    found: list[list[dict[str, float]]] = [[] for _ in cuts]
    for performance, cut in zip(performances, cuts, strict=True):
        performance.role.cut = cut
    for number in range(WARM + count):
        data = messages[number % len(messages)] | {"number": number, "time": number / FPS}
        for performance, times in zip(performances, found, strict=True):
            times.append(_stages(performance, data))
    return [_medians(times[WARM:]) for times in found]


def _medians(times: list[dict[str, float]]) -> dict[str, float]:
    stages = {stage: median(one[stage] for one in times) for stage in times[0]}
    totals = [sum(one.values()) for one in times]
    return stages | {"total": median(totals), "slow": float(np.percentile(totals, 90))}


def _stages(performance: Performance, data: dict[str, Any]) -> dict[str, float]:
    start = time.perf_counter()
    frame = Frame.read(data)
    picture = frame.picture()
    decoded = time.perf_counter()
    moment = performance.step(picture, frame.time)
    done = time.perf_counter()
    pictures = encoded(moment.picture, moment.alone, moment.gap)
    json.dumps({**pictures, "pose": np.round(moment.pose, 1).tolist()})
    written = time.perf_counter()
    ms = moment.milliseconds
    return {
        "decode": (decoded - start) * 1e3,
        "pose": ms["pose"],
        "follow and draw": ms["draw"],
        "generator": ms["picture"],
        **({"cut": ms["cut"]} if "cut" in ms else {}),
        "encode": (written - done) * 1e3,
    }


def sent(frame: np.ndarray) -> dict[str, Any]:
    """Return a webcam frame as the page sends it: a JPEG of at most ``SENT`` pixels on its longer side."""
    scale = min(1.0, SENT / max(frame.shape[:2]))
    size = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    jpeg = PREFIX + base64.b64encode(data.tobytes()).decode()
    return {"jpeg": jpeg, "mirror": True, "smooth": 0.5, "again": 0}


def camera(registry: Registry, name: str, clip: Path | None = None) -> list[np.ndarray]:
    """Return the webcam's frames, uint8 RGB ``[480, 640, 3]`` each: the demo by the character, or a video."""
    if clip:
        frames = [picture for _, picture in itertools.islice(video_reader.VideoFrames(clip), MOST_FRAMES)]
    else:
        frames = [read(base64.b64decode(one["picture"].split(",")[1])) for one in asyncio.run(_demo(registry, name))]
    if not frames:
        raise ValueError(f"There are no frames in {clip}. Take another video.")
    return [_boxed(frame) for frame in frames]


async def _demo(registry: Registry, name: str) -> list[dict[str, Any]]:
    demo, pool, frames = open_demo(registry.folder, registry.graph(name)), WorkerPool(1), []
    while len(frames) < len(demo.poses):
        frames += (await demo.part(len(frames), pool))["frames"]
    return frames


def _boxed(frame: np.ndarray) -> np.ndarray:
    """Return the frame scaled to fit the webcam's size, with its border replicated over the rest."""
    scale = min(WIDTH / frame.shape[1], HEIGHT / frame.shape[0])
    width, height = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
    left, top = (WIDTH - width) // 2, (HEIGHT - height) // 2
    sides = (top, HEIGHT - height - top, left, WIDTH - width - left)
    return cv2.copyMakeBorder(cv2.resize(frame, (width, height)), *sides, cv2.BORDER_REPLICATE)


def dance(
    *,
    weights: Path = Path("weights"),
    character: str | None = None,
    provider: Literal["auto", "cuda", "coreml", "cpu"] = "auto",
    pose: str = "auto",
    clip: Path | None = None,
    count: int = 200,
    background: bool = False,
    browser: bool = False,
    tracks: Path | None = None,
) -> int:
    """Time the live loop of the Dance tab, stage by stage; with ``--tracks``, measure how well people are followed.

    Args:
        weights: the folder of graphs.
        character: the name of its graph; by default the first.
        provider: where the graphs run.
        pose: how people are found, as for app.py: auto, synth, mediapipe or onnx:FILE.
        clip: a video of a person instead of the demo.
        count: frames to time.
        background: also time another background, alternating with the character's own.
        browser: also run the app and a headless Chromium.
        tracks: a folder of recorded joint tracks; nothing is timed, but how a character follows them is measured.
    """
    if count < 1:
        raise ValueError("--count must be positive.")
    registry = Registry(weights, provider, pose)
    name = choose(registry, character)
    if tracks:
        return print_lines(motion.report(registry, name, tracks))
    return print_lines(report(registry, name, camera(registry, name, clip), count, background, browser))


def choose(registry: Registry, character: str | None) -> str:
    """Return the name of a character's graph, by default the first. Raises ``ValueError`` where there is none."""
    names = registry.names("dance")
    if not names:
        raise ValueError(f"There is no character in {registry.folder}. Choose another folder: --weights DIR")
    if character and character not in names:
        hint = did_you_mean(character, names)
        raise ValueError(
            f"There is no character {character!r} in {registry.folder}.{hint} There are: {', '.join(names)}."
        )
    return character or names[0]


def report(
    registry: Registry, name: str, frames: Sequence[np.ndarray], count: int, background: bool, browser: bool
) -> Iterator[str]:
    """Yield a line for each measurement of the character ``name``. Raises ``ValueError`` if it cannot be made."""
    if background:
        backgrounds.check(COLOR, registry.card(name))
    found = server(registry, name, frames, count, (False, True) if background else (False,))
    yield f"{name}, {poses(registry).name}, {registry.graph(name).place}, {providers.cores()} cores: ms per frame"
    for what, stages in zip(("", "for another background: "), found, strict=False):
        yield what + ", ".join(f"{stage} {ms:.1f}" for stage, ms in stages.items())
    if browser:
        from synth.benchmarks import dance_browser

        yield dance_browser.measure(registry, name, frames, background=background)
