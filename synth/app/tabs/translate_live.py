"""The panels of the Translate tab: input, translation and reconstruction of a picture, or live before the camera.

The page (``web/tabs/translate.html`` and ``translate.js``) shows what it is given, or the camera. The functions below
are public end points outside Gradio's queue: everything that arrives is checked, and work is bounded by
``WorkerPool`` and ``LiveSessions``.
"""

from time import perf_counter
from typing import Any

import gradio as gr
import numpy as np

from synth.app.controls import one_of
from synth.app.live.endpoints import Answer, Call, public
from synth.app.live.frame_request import Frame
from synth.app.live.latest_frame import newest
from synth.app.live.live_sessions import LiveSessions
from synth.app.page import page
from synth.card import Card
from synth.pixels.resize import fit
from synth.runtime import cycle
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool, workers

SHOWN = 768
"""Longest side in pixels of what the panels show of a picture."""


def build(registry: Registry) -> gr.HTML:
    """Lay out the panels, hidden at first; their value is what ``still`` or ``camera`` returns."""
    return page("translate", Lens(registry).functions(), value={}, elem_id="panels", visible="hidden")


def still(trip: cycle.Cycle, back: str) -> Answer:
    """Return what the panels show of a picture that was translated there and back by the graph called ``back``."""
    shown = (trip.there.input, trip.there.result, trip.back.result)
    pictures = [data_address(fit(image, SHOWN), "webp") for image in shown]
    return {"pictures": pictures, "difference": round(trip.difference, 2), "back": back}


def camera(registry: Registry, name: str, back: str) -> Answer:
    """Return what the panels need to know to show the camera, and with ``back`` the way back by that graph."""
    return {"live": name, "title": registry.title(name), "cycle": bool(back), "back": back and registry.title(back)}


def takes_camera(card: Card) -> bool:
    """Return whether a graph makes something of a camera picture."""
    return cycle.one_to_one(card) and card.required[0].kind == "photo"


class Lens:
    """What the panels may ask of the server: begin, translate a frame, end."""

    def __init__(self, registry: Registry, turns: WorkerPool | None = None, visitors: LiveSessions | None = None):
        self._registry = registry
        self._turns = turns or WorkerPool(workers(registry.provider))
        self._visitors = visitors or LiveSessions()

    def functions(self) -> list[Call]:
        """Return the functions that the page calls; what is wrong comes back as a sentence under ``error``."""
        return [
            public("translate_begin", self._begin),
            public("translate_frame", self._frame),
            public("translate_end", self._end),
        ]

    async def _begin(self, data: Answer) -> Answer:
        """Open the graphs, so that the first answer comes soon, and let the visitor in."""
        wanted = [name for name in self._asked(data) if name]
        graphs = await self._turns(lambda: [self._registry.graph(name) for name in wanted])
        return {"token": self._visitors.begin(), "warning": graphs[0].warning}

    async def _frame(self, data: Answer) -> Answer:
        """Translate a camera picture. A visitor's pictures go one after another, the newest wins."""
        visitor = self._visitors.find(data.get("token"))
        frame, (name, back) = Frame.read(data), self._asked(data)
        return await newest(visitor, frame.number, self._turns, lambda: translate(self._registry, frame, name, back))

    async def _end(self, data: Answer) -> Answer:
        self._visitors.end(data.get("token"))
        return {}

    def _asked(self, data: Answer) -> tuple[str, str]:
        """Return the graph and, if asked for, that of the way back. Raises ``ValueError`` for what is not there."""
        name, there_and_back = one_of(self._registry.names("translate"), data.get("graph")), data.get("cycle", False)
        if not takes_camera(self._registry.card(name)):
            raise ValueError("This graph does not take a camera's pictures. Choose another one.")
        back = cycle.partner(self._registry, name) if there_and_back is True else ""
        if there_and_back is not bool(back):
            raise ValueError("This graph has no way back here. Reload the page.")
        return name, back


def translate(registry: Registry, frame: Frame, name: str, back: str) -> Answer:
    """Return a camera picture's translation and, with ``back``, its reconstruction and the mean difference.

    The picture is shrunk to the size of the training first. The difference is in grey levels; ``ms`` has milliseconds
    of each stage, see ``live.advance``.
    """
    start = perf_counter()
    graph = registry.graph(name)
    image = fit(frame.picture(), graph.card.size)
    made, spent = _timed(graph.run, image)
    told: Answer = {"pictures": [data_address(made, "jpeg")], "ms": {"graph": spent}, "place": graph.place}
    if back:
        again, told["ms"]["way back"] = _timed(registry.graph(back).run, made)
        told["pictures"].append(data_address(again, "jpeg"))
        told["difference"] = round(cycle.difference(image, again), 2)
    rest = (perf_counter() - start) * 1e3 - sum(told["ms"].values())
    told["ms"] = {"wait": (start - frame.came) * 1e3, "server": rest, **told["ms"]}
    return told


def _timed(run: Any, image: np.ndarray) -> tuple[np.ndarray, float]:
    start = perf_counter()
    made = run(image)
    return made, (perf_counter() - start) * 1e3
