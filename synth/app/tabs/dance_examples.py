"""Other ways to a video of the Dance tab: example clips to click, and animated pictures, which become videos."""

import shutil
from pathlib import Path
from typing import Any

import gradio as gr

from synth.app import controls
from synth.app.controls import sentences
from synth.app.follower import PRIVATE
from synth.pixels import animation
from synth.pixels.resize import fit
from synth.pixels.video_reader import VideoFrames
from synth.pixels.video_writer import write_video
from synth.runtime.dance.film_options import MAX_SECONDS
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry

FOLDER = Path("examples", "dance")
"""Below the folder of models: MP4 files of one person or character each."""
MOST = 6
LARGEST = 1280
"""Longer side in pixels above which an animated picture is shrunk."""
ANIMATED = [".gif", ".webp", ".png", ".apng"]


def build(registry: Registry, video: Any) -> None:
    """Lay out a button for an animated picture, and a row of the examples, if there are any.

    Both put a video into the ``video`` input, whose own file chooser offers no pictures, and which could not show them.
    """

    def convert(path: str) -> str:
        with sentences():
            return playable(path)

    animated: Any = gr.UploadButton(
        "Or open an animated GIF, WebP or PNG", file_types=ANIMATED, size="sm", elem_id="film-animated"
    )
    animated.upload(
        convert, animated, video, **PRIVATE | {"show_progress": "full", "show_progress_on": [video]},
        concurrency_id="animated", concurrency_limit=1,
    )  # fmt: skip
    paths = sorted((registry.folder / FOLDER).glob("*.mp4"))[:MOST]
    if not paths:
        return

    def take(event: gr.EventData) -> str:
        with sentences():
            return copied(paths, getattr(event, "index", None))

    strip = controls.strip([thumbnail(path) for path in paths])
    strip.click(take, None, video, **PRIVATE)


def playable(path: str) -> str:
    """Return an animated picture as a video that pages can play, named like it; ``ValueError`` for other files."""
    source = Path(path)
    if not animation.is_animated(source):
        raise ValueError(f"“{source.name}” has no second frame. Open an animated GIF, WebP or PNG, or upload a video.")
    *_, seconds = animation.measure(source)
    if seconds > MAX_SECONDS:
        raise ValueError(f"“{source.name}” lasts {seconds:.0f} seconds. Cut it to {MAX_SECONDS} seconds or less.")
    target, frames = controls.fresh_file(f"{source.stem}.mp4"), animation.Animation(source, LARGEST)
    write_video(target, frames, comment="", end=lambda: frames.end)
    if frames.notice:
        gr.Info(frames.notice)
    return str(target)


def copied(paths: list[Path], index: object) -> str:
    """Return a copy of one of ``paths`` that a page may show; ``ValueError`` for a number that none has."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(paths):
        raise ValueError(f"There is no example video {str(index)[:40]}. Reload the page.")
    return str(shutil.copyfile(paths[index], controls.fresh_file(paths[index].name)))


def thumbnail(path: Path) -> str:
    """Return the first frame of a video as a ``data:`` URL."""
    _, frame = next(iter(VideoFrames(path)))
    return data_address(fit(frame, controls.THUMBNAIL), "webp")
