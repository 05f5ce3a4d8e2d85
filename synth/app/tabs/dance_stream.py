"""The webcam through Gradio's own streaming, for pages where the Dance tab's script cannot run or reach its functions.

A proxy may refuse unknown requests, or a content policy may forbid pages to compile code: then the panels above do not
move. Here Gradio takes the webcam images and sends them through its queue; again the latest frame wins, one at a time
per session.
"""

import functools
import time
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import ImageData

from synth.app import constants, titles
from synth.app.controls import adapted, choice, one_of, sentences
from synth.app.live.endpoints import Answer
from synth.app.live.frame_request import BROKEN, PREFIX, performing
from synth.app.live.latest_frame import latest
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
EVERY, LONGEST, MOST = 0.04, 600, 4
"""Seconds between two frames, longest run in seconds, and how many sessions may stream at a time."""
ABOUT = (
    "If the panels above do not move, try this simpler and slower way: the webcam without skeleton, settings and "
    "recording. A background picture is sent to the computer that runs synth, as the webcam images are."
)
NOBODY = "Nobody is in view. Step in front of the camera."


def build(registry: Registry, pool: WorkerPool, sessions: LiveSessions) -> None:
    """Lay out this section, closed at first, and wire its events; its own button opens the webcam."""
    names = registry.names("dance")
    step = Stream(registry, pool, sessions).step
    with gr.Accordion("The camera does not start?", open=False, elem_id="stream"):
        gr.Markdown(ABOUT)  # no gr.HTML in this section: Gradio compiles even its plain text
        name = choice(titles.choices(registry, names), names[0])
        some_cut, file = any(cuts(registry.card(name)) for name in names), adapted(gr.Image, preprocess=_uploaded)
        behind = dance_background.build(some_cut, "stream", "Its", functools.partial(file, show_label=False))
        with gr.Row():
            options = gr.WebcamOptions(mirror=True, constraints=constants.constraints(constants.CAMERA["LONGEST"]))
            camera = adapted(gr.Image, preprocess=_received)(
                sources=["webcam"], streaming=True, format="jpeg", webcam_options=options, show_label=False, height=320,
                buttons=[], elem_id="stream-camera",
            )  # fmt: skip
            output = adapted(gr.Image, postprocess=_sent)  # Gradio's own would write files
            shown = output(interactive=False, show_label=False, height=320, buttons=[], elem_id="stream-shown")
        note, token, chosen = gr.Markdown(elem_id="stream-note"), gr.State(""), gr.State("")
    # The choice is kept in a State: as an input of ``stream``, the background file would be read again for every frame.
    changes: list[Any] = [part.change for part in behind]
    gr.on(changes, background_choice, behind, chosen, queue=False, show_progress="hidden", api_visibility="private")
    camera.stream(
        step, [camera, name, token, chosen], [shown, note, token], stream_every=EVERY, time_limit=LONGEST,
        concurrency_limit=MOST, show_progress="hidden", api_visibility="private",
    )  # fmt: skip


class Stream:
    """Runs webcam frames of all sessions through their characters, with the worker pool and sessions of the tab."""

    def __init__(self, registry: Registry, pool: WorkerPool, sessions: LiveSessions):
        self._registry, self._pool, self._sessions = registry, pool, sessions

    async def step(self, image: np.ndarray | None, name: Any, token: Any, behind: str = "") -> tuple[Any, Any, str]:
        """Return the character's image for a webcam frame (a ``data:`` URL), a note, and the session's token.

        ``behind`` is what ``background_choice`` returns.
        """
        nothing = gr.skip(), gr.skip(), token
        if image is None:
            return nothing
        with sentences():
            name = one_of(self._registry.names("dance"), name)
            try:
                session = self._sessions.find(token)
            except Gone:
                token = self._sessions.begin()
                session = self._sessions.find(token)
            try:
                work = functools.partial(self._advance, session, image, name, behind)
                answer = await latest(session, session.number + 1, self._pool, work)
            except Busy:
                return nothing
        return answer["shown"], answer["note"], token

    def _advance(self, session: LiveSession, image: np.ndarray, name: str, behind: str) -> Answer:
        performance = performing(session, self._registry, name, mirrored=False)  # Gradio has mirrored the image already
        performance.role.cut = bool(behind)
        moment = performance.step(image, time.monotonic())
        size = performance.role.size
        if session.background[:2] != (behind, size):
            session.background = behind, size, backgrounds.fitted(backgrounds.read(behind), size)
        note = NOBODY if moment.person is None else ""
        if behind and not cuts(self._registry.card(name)):
            note = f"{titles.title(self._registry, name)} has only its own background."
        return {"shown": data_address(moment.before(session.background[2]), "jpeg"), "note": note}


def background_choice(kind: Any, color: Any, own: str | None) -> str:
    """Return the chosen background as ``backgrounds.read`` takes it; raises ``gr.Error`` for an invalid choice.

    ``own`` is the path of an uploaded image; before one is uploaded, the character keeps its own background.
    """
    with sentences():
        if kind == dance_background.PICTURE:
            return own or ""
        found = dance_background.chosen(kind, color, None)
        backgrounds.fitted(found, 1)
        return str(found)


def _uploaded(payload: Any) -> str | None:
    """Return the path of the file that Gradio stored, without reading it."""
    return payload.path if payload else None


def _sent(value: Any) -> ImageData | None:
    return ImageData(url=value) if value else None


def _received(payload: Any) -> np.ndarray | None:
    """Decode a webcam image in memory to uint8 RGB ``[H, W, 3]``, its longer side at most ``SIDE`` pixels."""
    if payload is None:
        return None
    with sentences():
        return fit(images.read(content(payload.url, PREFIX, MAX_LETTERS, BROKEN), MAX_PIXELS), SIDE)
