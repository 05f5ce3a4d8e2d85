"""Example videos of the Dance tab: rendered clips, one click away from a video of one's own."""

import shutil
from pathlib import Path
from typing import Any

import gradio as gr

from synth.app import controls
from synth.app.controls import sentences
from synth.pixels.resize import fit
from synth.pixels.video_reader import VideoFrames
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry

FOLDER = Path("examples", "dance")
"""Below the folder of models: MP4 files of one person or character each."""
MOST = 6


def build(registry: Registry, video: Any) -> None:
    """Lay out a row of the examples, if there are any; a click puts a copy of one into the ``video`` input."""
    paths = sorted((registry.folder / FOLDER).glob("*.mp4"))[:MOST]
    if not paths:
        return

    def take(event: gr.EventData) -> str:
        with sentences():
            return copied(paths, getattr(event, "index", None))

    strip = controls.strip([thumbnail(path) for path in paths])
    strip.click(take, None, video, api_visibility="private", show_progress="hidden")


def copied(paths: list[Path], index: object) -> str:
    """Return a copy of one of ``paths`` that a page may show; ``ValueError`` for a number that none has."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(paths):
        raise ValueError(f"There is no example video {str(index)[:40]}. Reload the page.")
    return str(shutil.copyfile(paths[index], controls.fresh_file(paths[index].name)))


def thumbnail(path: Path) -> str:
    """Return the first frame of a video as a ``data:`` URL."""
    _, frame = next(iter(VideoFrames(path)))
    return data_address(fit(frame, controls.THUMBNAIL), "webp")
