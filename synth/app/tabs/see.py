"""The See tab: segmentation or a person's joints, laid over a picture or over the live webcam.

The page (``see.html`` and ``see.js`` in ``web/tabs/``) shrinks pictures and sends them like webcam frames; it blends
image and answer itself, so that a change of opacity needs no request. The functions below are public endpoints outside
Gradio's queue, so they validate everything, and ``WorkerPool`` and ``LiveSessions`` bound their work.
"""

from time import perf_counter
from typing import Any

from synth.app import titles
from synth.app.controls import one_of, thumbs
from synth.app.live.endpoints import Answer, Call, public
from synth.app.live.frame_request import Frame
from synth.app.live.latest_frame import latest
from synth.app.live.live_sessions import LiveSession, LiveSessions
from synth.app.page import page
from synth.card import Card
from synth.pixels.body.pose import COCO
from synth.runtime import examples, perception
from synth.runtime.encode import data_address
from synth.runtime.perception import PersonTracker
from synth.runtime.registry import Registry
from synth.runtime.session import Graph
from synth.runtime.worker_pool import WorkerPool, workers

NOBODY = "Nobody was found in this picture."
NOBODY_LIVE = "Nobody is in view. Step in front of the camera."


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab; the page itself requests everything that it shows."""
    del shown
    page(
        "see",
        SeeEndpoints(registry).functions(),
        graphs=[_describe(registry, name) for name in names(registry)],
        joints=[name.replace("_", " ") for name in COCO],
    )


def names(registry: Registry) -> list[str]:
    """Return the names of the tab's models: those that give label maps first, then those that give joints."""
    known = [name for name in registry.names("see") if kind(registry.card(name))]
    return sorted(known, key=lambda name: kind(registry.card(name)))


def kind(card: Card) -> str:
    """Return what a model detects, ``areas`` or ``joints``; an empty string for one with other inputs or outputs."""
    if len(card.inputs) != 1 or card.inputs[0].kind != "photo" or card.scale != 1:
        return ""
    return "joints" if card.gives == "keypoints" else "areas" if card.palette else ""


def _describe(registry: Registry, name: str) -> dict[str, Any]:
    card = registry.card(name)
    about = {
        "name": name,
        "title": titles.title(registry, name),
        "task": card.task,
        "kind": kind(card),
        "palette": card.palette,
    }
    return about | {"thumbs": thumbs(registry, name)}


class SeeEndpoints:
    """Server functions of the See page: begin, look at an image, end, open an example."""

    def __init__(self, registry: Registry, pool: WorkerPool | None = None, sessions: LiveSessions | None = None):
        self._registry = registry
        self._pool = WorkerPool(workers(registry.provider)) if pool is None else pool
        self._sessions = LiveSessions() if sessions is None else sessions

    def functions(self) -> list[Call]:
        """Return the functions that the page calls; invalid requests come back as a message under ``error``."""
        return [
            public("see_begin", self._begin),
            public("see_look", self._look),
            public("see_end", self._end),
            public("see_example", self._example),
        ]

    async def _begin(self, data: Answer) -> Answer:
        """Open the model, so that the first frame is answered soon, and start a session."""
        name = self._graph(data)
        graph = await self._pool(lambda: self._registry.graph(name))
        return {"token": self._sessions.begin(), "warning": graph.warning}

    async def _look(self, data: Answer) -> Answer:
        """Run the model on an image. Images of a session run in order, the latest wins."""
        session = self._sessions.find(data.get("token"))
        frame, name, joint, still = Frame.read(data), self._graph(data), _joint(data), data.get("still") is True
        return await latest(
            session, frame.number, self._pool, lambda: see(session, frame, self._registry, name, joint, still)
        )

    async def _end(self, data: Answer) -> Answer:
        self._sessions.end(data.get("token"))
        return {}

    async def _example(self, data: Answer) -> Answer:
        found = examples.find(self._registry, self._graph(data))
        return {"picture": data_address(examples.pick(found, data.get("index")).read(), "webp")}

    def _graph(self, data: Answer) -> str:
        return one_of(names(self._registry), data.get("graph"))


def _joint(data: Answer) -> int:
    joint = data.get("joint", perception.ALL)
    if not isinstance(joint, int) or isinstance(joint, bool) or not perception.ALL <= joint < len(COCO):
        raise ValueError(f"There is no joint {str(joint)[:40]}: choose 0 to {len(COCO) - 1}, or -1 for all.")
    return joint


def see(session: LiveSession, frame: Frame, registry: Registry, name: str, joint: int, still: bool) -> Answer:
    """Return what the page lays over an image, and milliseconds per stage; see ``frame_request.advance``."""
    start = perf_counter()
    graph, image = registry.graph(name), frame.picture()
    if kind(graph.card) == "areas":
        found = perception.segment(graph, image)
        answer: Answer = {"labels": data_address(found.labels), "shares": [round(s, 4) for s in found.shares]}
        spent = found.milliseconds
    else:
        tracker = _tracker(session, graph)
        joints = tracker.find(image, still)
        answer = {
            "joints": None if joints is None else joints.round(2).tolist(),
            "note": "" if joints is not None else NOBODY if still else NOBODY_LIVE,
        }
        if belief := tracker.belief(joint):
            answer |= {
                "belief": data_address(perception.heat(belief[0])),
                "box": [round(float(side), 1) for side in belief[1]],
            }
        spent = tracker.milliseconds
    rest = (perf_counter() - start) * 1e3 - spent
    return {**answer, "ms": {"wait": (start - frame.came) * 1e3, "server": rest, "graph": spent}, "place": graph.place}


def _tracker(session: LiveSession, graph: Graph) -> PersonTracker:
    """Return the session's tracker over this graph, a new one where the model was changed."""
    tracker: PersonTracker | None = session.performance
    if tracker is None or tracker.graph is not graph:
        session.performance = tracker = PersonTracker(graph)
    return tracker
