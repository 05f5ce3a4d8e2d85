"""The camera by Gradio's own streaming, for pages on which the Dance tab's script cannot run or reach its functions.

A proxy may refuse what it does not know, or a policy forbid pages to compile code: then the panels above stay still.
Here Gradio takes the pictures and sends them through its queue, where again the newest wins: one at a time for each
visitor, one visitor's after another's.
"""

import functools
import time
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import ImageData

from synth.app.controls import choice, one_of, sentences
from synth.app.live.endpoints import Answer
from synth.app.live.frame_request import BROKEN, PREFIX, performing
from synth.app.live.latest_frame import newest
from synth.app.live.live_sessions import Gone, LiveSession, LiveSessions
from synth.app.tabs import dance_background
from synth.pixels import images
from synth.pixels.resize import fit
from synth.runtime.dance import backgrounds
from synth.runtime.dance.painting import cuts
from synth.runtime.encode import content, data_address
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import Busy, WorkerPool

SIDE, MAX_PIXELS, MAX_LETTERS = 320, 4_000_000, 3_000_000
CAMERA = {"video": {"width": {"ideal": 320}, "height": {"ideal": 240}}}
EVERY, LONGEST, MOST = 0.04, 600, 4
"""Seconds between two pictures, and for one run; how many visitors may stream at a time."""
ABOUT = (
    "If the panels above do not move, this is the same by other means: a picture of the camera at a time, without "
    "stick figure, settings and recording, and slower. A picture for the background goes to the computer that runs "
    "synth, as those of the camera do."
)
NOBODY = "Nobody is in view. Step in front of the camera."


def build(registry: Registry, turns: WorkerPool, visitors: LiveSessions) -> None:
    """Lay out and wire the part; it is closed at first and asks for no camera before its own button is pressed."""
    names = registry.names("dance")
    step = Stream(registry, turns, visitors).step
    with gr.Accordion("The camera does not start?", open=False, elem_id="stream"):
        gr.Markdown(ABOUT)  # and no HTML in this part: Gradio compiles even its plain text
        name = choice([(registry.title(name), name) for name in names], names[0])
        behind = dance_background.build(any(cuts(registry.card(name)) for name in names), "stream", "Its")
        with gr.Row():
            options = gr.WebcamOptions(mirror=True, constraints=CAMERA)
            camera = gr.Image(
                sources=["webcam"], streaming=True, format="jpeg", webcam_options=options, show_label=False, height=320,
                buttons=[], elem_id="stream-camera",
            )  # fmt: skip
            shown = gr.Image(interactive=False, show_label=False, height=320, buttons=[], elem_id="stream-shown")
        note, token, chosen = gr.Markdown(elem_id="stream-note"), gr.State(""), gr.State("")
    # On the instances, as in ``controls.picture_input``: Gradio would decode what nobody has checked, and write files.
    camera.preprocess, shown.postprocess, behind[-1].preprocess = _received, _sent, _uploaded
    # What is chosen is kept here: Gradio would look at the picture's whole file again for every frame.
    changes: list[Any] = [part.change for part in behind]
    gr.on(changes, laid, behind, chosen, queue=False, show_progress="hidden", api_visibility="private")
    camera.stream(
        step, [camera, name, token, chosen], [shown, note, token], stream_every=EVERY, time_limit=LONGEST,
        concurrency_limit=MOST, show_progress="hidden", api_visibility="private",
    )  # fmt: skip


class Stream:
    """Takes the camera pictures of all visitors to their characters; turns and visitors are those of the tab."""

    def __init__(self, registry: Registry, turns: WorkerPool, visitors: LiveSessions):
        self._registry, self._turns, self._visitors = registry, turns, visitors

    async def step(self, image: np.ndarray | None, name: Any, token: Any, behind: str = "") -> tuple[Any, Any, str]:
        """Return what is shown for a camera picture, as a data address, what is said, and the visitor's token.

        ``behind`` is what ``laid`` returns.
        """
        nothing = gr.skip(), gr.skip(), token
        if image is None:
            return nothing
        with sentences():
            name = one_of(self._registry.names("dance"), name)
            try:
                visitor = self._visitors.find(token)
            except Gone:
                token = self._visitors.begin()
                visitor = self._visitors.find(token)
            try:
                work = functools.partial(self._advance, visitor, image, name, behind)
                answer = await newest(visitor, visitor.number + 1, self._turns, work)
            except Busy:
                return nothing
        return answer["shown"], answer["note"], token

    def _advance(self, visitor: LiveSession, image: np.ndarray, name: str, behind: str) -> Answer:
        performance = performing(
            visitor, self._registry, name, mirrored=False
        )  # Gradio has mirrored the pictures already
        performance.role.cut = bool(behind)
        moment = performance.step(image, time.monotonic())
        size = performance.role.size
        if visitor.backdrop[:2] != (behind, size):
            visitor.backdrop = behind, size, backgrounds.laid(backgrounds.read(behind), size)
        note = NOBODY if moment.person is None else ""
        if behind and not cuts(self._registry.card(name)):
            note = f"{self._registry.title(name)} has only its own background."
        return {"shown": data_address(moment.before(visitor.backdrop[2]), "jpeg"), "note": note}


def laid(kind: Any, color: Any, own: str | None) -> str:
    """Return what a visitor chose in words that ``backdrop.read`` takes; ``ValueError`` as a message for anything else.

    ``own`` is the file of a picture; before there is one, the character's own background stays.
    """
    with sentences():
        if kind == dance_background.PICTURE:
            return own or ""
        found = dance_background.chosen(kind, color, None)
        backgrounds.laid(found, 1)
        return str(found)


def _uploaded(payload: Any) -> str | None:
    """Return the file that Gradio has taken, unread."""
    return payload.path if payload else None


def _sent(value: Any) -> ImageData | None:
    return ImageData(url=value) if value else None


def _received(payload: Any) -> np.ndarray | None:
    """Return a camera picture as uint8 RGB ``[H, W, 3]``, its longer side at most ``SIDE``; nothing touches a disk."""
    if payload is None:
        return None
    with sentences():
        return fit(images.read(content(payload.url, PREFIX, MAX_LETTERS, BROKEN), MAX_PIXELS), SIDE)
