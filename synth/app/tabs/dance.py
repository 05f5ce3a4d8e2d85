"""The Dance tab: a person in front of the webcam controls a character, live.

The page (``web/tabs/dance.html`` and ``dance.js``) sends its latest webcam frame and shows the answer. The functions
below are public endpoints outside Gradio's queue, so they validate everything, and ``WorkerPool`` and ``LiveSessions``
bound their work.
"""

from typing import Any

from synth.app import titles
from synth.app.live.endpoints import Answer, Call, public
from synth.app.live.frame_request import Frame, advance
from synth.app.live.latest_frame import latest
from synth.app.live.live_sessions import LiveSessions
from synth.app.page import page
from synth.app.tabs import dance_file, dance_stream
from synth.pixels.video_writer import SYNTHESIZED
from synth.runtime import provenance
from synth.runtime.dance import blazepose
from synth.runtime.dance.demo import Demo, open_demo
from synth.runtime.dance.painting import cuts
from synth.runtime.dance.pose import GRAPH, poses
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool, workers


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab; the page itself requests everything that it shows."""
    del shown
    pool, sessions = WorkerPool(workers(registry.provider)), LiveSessions()
    page(
        "dance",
        DanceEndpoints(registry, pool, sessions).functions(),
        characters=[_describe(registry, name) for name in registry.names("dance")],
        warning=missing_pose(registry),
    )
    dance_stream.build(registry, pool, sessions)
    dance_file.build(registry)


def _describe(registry: Registry, name: str) -> dict[str, Any]:
    """Return what the page needs to know about a character; ``comment`` is the provenance mark of recordings."""
    entry, title = registry.entries[name], titles.title(registry, name)
    sentence = f"{SYNTHESIZED} Characters: {title}."
    return {
        "name": name,
        "title": title,
        "size": entry.card.size,
        "cuts": cuts(entry.card),
        "comment": provenance.comment(provenance.model_id(entry.card, entry.path), sentence),
    }


class DanceEndpoints:
    """Server functions of the Dance page: begin, frame, end, demo. Pool and sessions may be shared with the stream."""

    def __init__(self, registry: Registry, pool: WorkerPool | None = None, sessions: LiveSessions | None = None):
        self._registry = registry
        self._pool = WorkerPool(workers(registry.provider)) if pool is None else pool
        self._sessions = LiveSessions() if sessions is None else sessions
        self._demos: dict[tuple[str, bool], Demo] = {}

    def functions(self) -> list[Call]:
        """Return the functions that the page calls; invalid requests come back as a message under ``error``."""
        return [
            public("dance_begin", self._begin),
            public("dance_frame", self._frame),
            public("dance_end", self._end),
            public("dance_demo", self._demo),
        ]

    async def _begin(self, data: Answer) -> Answer:
        """Open the models that the first frame needs and start a session."""
        name = self._character(data)
        found, graph = await self._pool(lambda: (poses(self._registry), self._registry.graph(name)))
        return {"token": self._sessions.begin(), "pose": found.name, "warning": graph.warning}

    async def _frame(self, data: Answer) -> Answer:
        """Turn a webcam frame into the character's image. Frames of a session run in order, the latest wins."""
        session = self._sessions.find(data.get("token"))
        frame = Frame.read(data)
        name = self._character(data)
        return await latest(session, frame.number, self._pool, lambda: advance(session, frame, self._registry, name))

    async def _end(self, data: Answer) -> Answer:
        self._sessions.end(data.get("token"))
        return {}

    async def _demo(self, data: Answer) -> Answer:
        name, first, cut = self._character(data), data.get("first"), data.get("cut", False)
        if not isinstance(first, int) or isinstance(first, bool) or first < 0 or not isinstance(cut, bool):
            raise ValueError("There is no such part of the demo. Reload the page.")
        key = name, cut and cuts(self._registry.card(name))
        if key not in self._demos:
            made = await self._pool(lambda: open_demo(self._registry.folder, self._registry.graph(name), key[1]))
            self._demos.setdefault(key, made)
        return await self._demos[key].part(first, self._pool)

    def _character(self, data: Answer) -> str:
        name = data.get("character")
        if not isinstance(name, str) or name not in self._registry.names("dance"):
            raise ValueError(f"There is no character {str(name)[:40]!r}. Reload the page.")
        return name


def missing_pose(registry: Registry) -> str:
    """Return the message to show if no pose model is available, else an empty string; opens no bundled model."""
    if GRAPH in registry.entries or registry.pose not in ("auto", "synth"):
        return ""
    if registry.pose == "auto" and blazepose.installed():
        return ""
    try:
        poses(registry)
    except ValueError as error:
        return str(error)
    return ""
