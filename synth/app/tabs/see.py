"""The See tab: what a graph sees in a picture or before the camera, laid over it.

The page (``see.html`` and ``see.js`` in ``web/tabs/``) shrinks pictures and sends them as it sends those of a camera;
it mixes picture and answer itself, so that the opacity needs no answer. The functions below are public end points
outside Gradio's queue: everything that arrives is checked, and work is bounded by ``WorkerPool`` and ``LiveSessions``.
"""

from time import perf_counter
from typing import Any

from synth.app.controls import one_of, thumbs
from synth.app.live.endpoints import Answer, Call, public
from synth.app.live.frame_request import Frame
from synth.app.live.latest_frame import newest
from synth.app.live.live_sessions import LiveSession, LiveSessions
from synth.app.page import page
from synth.card import Card
from synth.pixels.body.pose import COCO
from synth.runtime import examples, perception
from synth.runtime.encode import data_address
from synth.runtime.perception import Watcher
from synth.runtime.registry import Registry
from synth.runtime.session import Graph
from synth.runtime.worker_pool import WorkerPool, workers

NOBODY = "Nobody was found in this picture."


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab; the page itself asks for all it shows."""
    del shown
    page(
        "see",
        Eyes(registry).functions(),
        graphs=[_describe(registry, name) for name in names(registry)],
        joints=[name.replace("_", " ") for name in COCO],
    )


def names(registry: Registry) -> list[str]:
    """Return the graphs that see something: label maps first, then joints."""
    known = [name for name in registry.names("see") if kind(registry.card(name))]
    return sorted(known, key=lambda name: kind(registry.card(name)))


def kind(card: Card) -> str:
    """Return what a graph sees, ``areas`` or ``joints``; nothing for one that gives other things."""
    if len(card.inputs) != 1 or card.inputs[0].kind != "photo" or card.scale != 1:
        return ""
    return "joints" if card.gives == "keypoints" else "areas" if card.palette else ""


def _describe(registry: Registry, name: str) -> dict[str, Any]:
    card = registry.card(name)
    about = {
        "name": name,
        "title": registry.title(name),
        "task": card.task,
        "kind": kind(card),
        "palette": card.palette,
    }
    return about | {"thumbs": thumbs(registry, name)}


class Eyes:
    """What the page may ask of the server: begin, look at a picture, end, and open an example."""

    def __init__(self, registry: Registry, turns: WorkerPool | None = None, visitors: LiveSessions | None = None):
        self._registry = registry
        self._turns = turns or WorkerPool(workers(registry.provider))
        self._visitors = visitors or LiveSessions()

    def functions(self) -> list[Call]:
        """Return the functions that the page calls; what is wrong comes back as a sentence under ``error``."""
        return [
            public("see_begin", self._begin),
            public("see_look", self._look),
            public("see_end", self._end),
            public("see_example", self._example),
        ]

    async def _begin(self, data: Answer) -> Answer:
        """Open the graph, so that the first answer comes soon, and let the visitor in."""
        name = self._graph(data)
        graph = await self._turns(lambda: self._registry.graph(name))
        return {"token": self._visitors.begin(), "warning": graph.warning}

    async def _look(self, data: Answer) -> Answer:
        """See what is in a picture. A visitor's pictures go one after another, the newest wins."""
        visitor = self._visitors.find(data.get("token"))
        frame, name, joint, still = Frame.read(data), self._graph(data), _joint(data), data.get("still") is True
        return await newest(
            visitor, frame.number, self._turns, lambda: see(visitor, frame, self._registry, name, joint, still)
        )

    async def _end(self, data: Answer) -> Answer:
        self._visitors.end(data.get("token"))
        return {}

    async def _example(self, data: Answer) -> Answer:
        found = examples.find(self._registry.folder, self._graph(data))
        return {"picture": data_address(examples.pick(found, data.get("index")).read(), "webp")}

    def _graph(self, data: Answer) -> str:
        return one_of(names(self._registry), data.get("graph"))


def _joint(data: Answer) -> int:
    joint = data.get("joint", perception.ALL)
    if not isinstance(joint, int) or isinstance(joint, bool) or not perception.ALL <= joint < len(COCO):
        raise ValueError("There is no such joint. Reload the page.")
    return joint


def see(visitor: LiveSession, frame: Frame, registry: Registry, name: str, joint: int, still: bool) -> Answer:
    """Return what the page lays over a picture, and milliseconds of each stage; see ``live.advance``."""
    start = perf_counter()
    graph, image = registry.graph(name), frame.picture()
    if kind(graph.card) == "areas":
        found = perception.areas(graph, image)
        told: Answer = {"labels": data_address(found.labels), "shares": [round(s, 4) for s in found.shares]}
        spent = found.milliseconds
    else:
        watcher = _watcher(visitor, graph)
        joints = watcher.find(image, still)
        told = {
            "joints": None if joints is None else joints.round(2).tolist(),
            "note": NOBODY if joints is None else "",
        }
        if glow := watcher.belief(joint):
            told |= {
                "belief": data_address(perception.glow(glow[0])),
                "box": [round(float(side), 1) for side in glow[1]],
            }
        spent = watcher.milliseconds
    rest = (perf_counter() - start) * 1e3 - spent
    return {**told, "ms": {"wait": (start - frame.came) * 1e3, "server": rest, "graph": spent}, "place": graph.place}


def _watcher(visitor: LiveSession, graph: Graph) -> Watcher:
    """Return who follows this visitor's person by this graph."""
    watcher: Watcher | None = visitor.performance
    if watcher is None or watcher.graph is not graph:
        visitor.performance = watcher = Watcher(graph)
    return watcher
