"""The panels of the Translate tab: input, translation and reconstruction of a picture, or of the live webcam.

The page (``web/tabs/translate.html`` and ``translate.js``) shows the images that it is given, or the webcam. The
functions below are public endpoints outside Gradio's queue, so they validate everything, and ``WorkerPool`` and
``LiveSessions`` bound their work.
"""

from time import perf_counter
from typing import Any

import gradio as gr
import numpy as np

from synth.app import titles
from synth.app.controls import one_of
from synth.app.live.endpoints import Answer, Call, public
from synth.app.live.frame_request import Frame
from synth.app.live.latest_frame import latest
from synth.app.live.live_sessions import LiveSessions
from synth.app.page import page
from synth.card import Card
from synth.pixels.resize import fit
from synth.runtime import cycle
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool, workers

SHOWN = 768
"""Longer side in pixels of the images that the panels show."""


def build(registry: Registry) -> gr.HTML:
    """Lay out the panels, hidden at first; their value is what ``still`` or ``webcam`` returns."""
    return page("translate", TranslateEndpoints(registry).functions(), value={}, elem_id="panels", visible="hidden")


def still(trip: cycle.Cycle, back: str) -> Answer:
    """Return the panels' value for a picture translated and translated back; ``back`` is the partner model's title."""
    shown = (trip.there.input, trip.there.result, trip.back.result)
    pictures = [data_address(fit(image, SHOWN), "webp") for image in shown]
    return {"pictures": pictures, "difference": round(trip.difference, 2), "back": back}


def webcam(registry: Registry, name: str, back: str) -> Answer:
    """Return the panels' value for the live webcam; with a model ``back``, the reconstruction is shown as well."""
    return {
        "live": name,
        "title": titles.title(registry, name),
        "cycle": bool(back),
        "back": back and titles.title(registry, back),
    }


def takes_webcam(card: Card) -> bool:
    """Return whether a model's only input is a photograph, such as a webcam frame."""
    return cycle.one_to_one(card) and card.required[0].kind == "photo"


class TranslateEndpoints:
    """Server functions of the Translate panels: begin, translate a frame, end."""

    def __init__(self, registry: Registry, pool: WorkerPool | None = None, sessions: LiveSessions | None = None):
        self._registry = registry
        self._pool = WorkerPool(workers(registry.provider)) if pool is None else pool
        self._sessions = LiveSessions() if sessions is None else sessions

    def functions(self) -> list[Call]:
        """Return the functions that the page calls; invalid requests come back as a message under ``error``."""
        return [
            public("translate_begin", self._begin),
            public("translate_frame", self._frame),
            public("translate_end", self._end),
        ]

    async def _begin(self, data: Answer) -> Answer:
        """Open the models, so that the first frame is answered soon, and start a session."""
        wanted = [name for name in self._asked(data) if name]
        graphs = await self._pool(lambda: [self._registry.graph(name) for name in wanted])
        return {"token": self._sessions.begin(), "warning": graphs[0].warning}

    async def _frame(self, data: Answer) -> Answer:
        """Translate a webcam frame. Frames of a session run in order, the latest wins."""
        session = self._sessions.find(data.get("token"))
        frame, (name, back) = Frame.read(data), self._asked(data)
        return await latest(session, frame.number, self._pool, lambda: translate(self._registry, frame, name, back))

    async def _end(self, data: Answer) -> Answer:
        self._sessions.end(data.get("token"))
        return {}

    def _asked(self, data: Answer) -> tuple[str, str]:
        """Return the model and, if requested, the one that translates back; ``ValueError`` if either is missing."""
        name, cycled = one_of(self._registry.names("translate"), data.get("graph")), data.get("cycle", False)
        if not takes_webcam(self._registry.card(name)):
            raise ValueError("This model does not take webcam images. Choose another model.")
        back = cycle.partner(self._registry, name) if cycled is True else ""
        if cycled is not bool(back):
            raise ValueError("There is no model here that translates the results of this one back. Reload the page.")
        return name, back


def translate(registry: Registry, frame: Frame, name: str, back: str) -> Answer:
    """Return a webcam frame's translation and, with ``back``, its reconstruction and the mean difference.

    The frame is shrunk to the training size first. The difference is in grey levels, 0..255; ``ms`` has milliseconds
    per stage, see ``frame_request.advance``.
    """
    start = perf_counter()
    graph = registry.graph(name)
    image = fit(frame.picture(), graph.card.size)
    made, spent = _timed(graph.run, image)
    answer: Answer = {"pictures": [data_address(made, "jpeg")], "ms": {"graph": spent}, "place": graph.place}
    if back:
        again, answer["ms"]["way back"] = _timed(registry.graph(back).run, made)
        answer["pictures"].append(data_address(again, "jpeg"))
        answer["difference"] = round(cycle.difference(image, again), 2)
    rest = (perf_counter() - start) * 1e3 - sum(answer["ms"].values())
    answer["ms"] = {"wait": (start - frame.came) * 1e3, "server": rest, **answer["ms"]}
    return answer


def _timed(run: Any, image: np.ndarray) -> tuple[np.ndarray, float]:
    start = perf_counter()
    made = run(image)
    return made, (perf_counter() - start) * 1e3
