"""The Dance tab: who stands before the camera moves a character, live.

The page (``web/tabs/dance.html`` and ``dance.js``) sends its newest camera picture and shows what comes back. The
functions below are public end points outside Gradio's queue: everything that arrives is checked, and work is bounded
by ``WorkerPool`` and ``LiveSessions``.
"""

from typing import Any

from synth.app.live.endpoints import Answer, Call, public
from synth.app.live.frame_request import Frame, advance
from synth.app.live.latest_frame import newest
from synth.app.live.live_sessions import LiveSessions
from synth.app.page import page
from synth.app.tabs import dance_file, dance_stream
from synth.runtime.dance import blazepose
from synth.runtime.dance.demo import Demo, open_demo
from synth.runtime.dance.painting import cuts
from synth.runtime.dance.pose import GRAPH, poses
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool, workers


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab; the page itself asks for all it shows."""
    del shown
    turns, visitors = WorkerPool(workers(registry.provider)), LiveSessions()
    page(
        "dance",
        Stage(registry, turns, visitors).functions(),
        characters=[
            {
                "name": name,
                "title": registry.title(name),
                "size": registry.card(name).size,
                "cuts": cuts(registry.card(name)),
            }
            for name in registry.names("dance")
        ],
        warning=blind(registry),
    )
    dance_stream.build(registry, turns, visitors)
    dance_file.build(registry)


class Stage:
    """What the page may ask of the server: begin, send a frame, end, and see the demo."""

    def __init__(self, registry: Registry, turns: WorkerPool | None = None, visitors: LiveSessions | None = None):
        self._registry = registry
        self._turns = turns or WorkerPool(workers(registry.provider))
        self._visitors = visitors or LiveSessions()
        self._demos: dict[tuple[str, bool], Demo] = {}

    def functions(self) -> list[Call]:
        """Return the functions that the page calls; what is wrong comes back as a sentence under ``error``."""
        return [
            public("dance_begin", self._begin),
            public("dance_frame", self._frame),
            public("dance_end", self._end),
            public("dance_demo", self._demo),
        ]

    async def _begin(self, data: Answer) -> Answer:
        """Open what the first frame needs, so that it comes soon, and let the visitor in."""
        name = self._character(data)
        found, graph = await self._turns(lambda: (poses(self._registry), self._registry.graph(name)))
        return {"token": self._visitors.begin(), "pose": found.name, "warning": graph.warning}

    async def _frame(self, data: Answer) -> Answer:
        """Take a camera picture to the character. A visitor's frames go one after another, the newest wins."""
        visitor = self._visitors.find(data.get("token"))
        frame = Frame.read(data)
        name = self._character(data)
        return await newest(visitor, frame.number, self._turns, lambda: advance(visitor, frame, self._registry, name))

    async def _end(self, data: Answer) -> Answer:
        self._visitors.end(data.get("token"))
        return {}

    async def _demo(self, data: Answer) -> Answer:
        name, first, cut = self._character(data), data.get("first"), data.get("cut", False)
        if not isinstance(first, int) or isinstance(first, bool) or first < 0 or not isinstance(cut, bool):
            raise ValueError("There is no such part of the demo. Reload the page.")
        key = name, cut and cuts(self._registry.card(name))
        if key not in self._demos:
            made = await self._turns(lambda: open_demo(self._registry.folder, self._registry.graph(name), key[1]))
            self._demos.setdefault(key, made)
        return await self._demos[key].part(first, self._turns)

    def _character(self, data: Answer) -> str:
        name = data.get("character")
        if not isinstance(name, str) or name not in self._registry.names("dance"):
            raise ValueError("There is no such character any more. Reload the page.")
        return name


def blind(registry: Registry) -> str:
    """Return the sentence for visitors where nothing finds people, else nothing; opens no graph to know."""
    if GRAPH in registry.entries or registry.pose not in ("auto", "synth"):
        return ""
    if registry.pose == "auto" and blazepose.installed():
        return ""
    try:
        poses(registry)
    except ValueError as error:
        return str(error)
    return ""
