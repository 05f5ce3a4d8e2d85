"""Registry of the graphs in a folder: reads their cards at start and opens a session when a graph is first used.

Bundled graphs stay open; of untrusted graphs, which visitors upload, only the last few do.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.card import Card
from synth.runtime import graph_file, untrusted
from synth.runtime.session import Graph, open_graph

log = logging.getLogger("synth")

GUESTS = 3
"""Uploaded graphs that are kept open at the same time, over all visitors."""
RANKS = {"labels": 0, "drawing": 1}


@dataclass(frozen=True)
class Entry:
    """One graph of the registry: its card and its file."""

    card: Card
    path: Path

    @property
    def bytes(self) -> int:
        """Return the size of the file."""
        return self.path.stat().st_size


def foremost(item: tuple[str, "Entry"]) -> tuple[int, int, str, str]:
    """Return a sort key for the order in menus: graphs of label maps, those of most colours first, then of drawings.

    A graph and the one that translates back stand together.
    """
    name, card = item[0], item[1].card
    first = card.inputs[0]
    rank = RANKS.get(first.kind, len(RANKS))
    return rank, -len(first.palette) * (rank == 0), min(name, card.partner or name), name


def _meet(one: Card, other: Card) -> bool:
    """Return whether two graphs appear together: in one comparison, or among the choices of another tab."""
    if "compare" in one.tabs and "compare" in other.tabs and one.group == other.group:
        return True
    return bool({*one.tabs} & {*other.tabs} - {"compare"})


class Registry:
    """Hold the graphs of ``folder/*.onnx`` by name. Files that cannot be used are named in ``problems``, not fatal.

    ``pose`` is the pose estimator, see ``synth.runtime.dance.pose``.
    """

    def __init__(self, folder: str | Path, provider: str = "auto", pose: str = "auto"):
        self.folder, self.provider, self.pose = Path(folder), provider, pose
        self.entries: dict[str, Entry] = {}
        self.problems: list[str] = []
        self._open: dict[str, Graph] = {}
        self._guests: OrderedDict[Path, Graph] = OrderedDict()
        self._opening: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        found: dict[str, Entry] = {}
        for path in sorted(self.folder.glob("*.onnx"), key=lambda path: path.stem):
            try:
                found[path.stem] = Entry(graph_file.read(path)[0], path)
            except (ValueError, OSError) as error:
                self.problems.append(str(error))
                log.warning("%s", error)
        self.entries |= sorted(found.items(), key=foremost)

    def names(self, tab: str) -> list[str]:
        """Return the names of the graphs that a tab shows."""
        return [name for name, entry in self.entries.items() if tab in entry.card.tabs]

    def groups(self) -> dict[str, list[str]]:
        """Return the names of the graphs of each group, for comparison side by side."""
        found: dict[str, list[str]] = {}
        for name in self.names("compare"):
            found.setdefault(self.entries[name].card.group or self.entries[name].card.task, []).append(name)
        return found

    def plainest(self, names: Iterable[str]) -> list[str]:
        """Return names sorted from the plainest variant of a task to the richest, see ``Card.plainness``."""
        return sorted(names, key=lambda name: (*self.card(name).plainness, name))

    def card(self, name: str) -> Card:
        """Return a graph's card; ``ValueError`` for a name that is not in the registry."""
        if name not in self.entries:
            raise ValueError("There is no such graph any more. Reload the page.")
        return self.entries[name].card

    def title(self, name: str) -> str:
        """Return the name to show for a graph: its title, or its name where a graph beside it has the same title."""
        card = self.card(name)
        beside = [
            other
            for key, entry in self.entries.items()
            if key != name and (other := entry.card).title == card.title and _meet(other, card)
        ]
        return card.title if card.title and not beside else name

    def graph(self, name: str) -> Graph:
        """Return a graph, opened on its first use."""
        self.card(name)
        return self._once(self._open, name, lambda: open_graph(self.entries[name].path, self.provider))

    def third_party(self, path: str | Path) -> Graph:
        """Open an untrusted graph that was dropped into the app; only the last few stay open."""
        path = Path(path)
        graph = self._once(
            self._guests, path, lambda: open_graph(path, self.provider, untrusted.MAX_BYTES, untrusted=True)
        )
        with self._lock:
            self._guests[path] = graph
            self._guests.move_to_end(path)
            while len(self._guests) > GUESTS:
                self._guests.popitem(last=False)
        return graph

    def _once(self, opened: MutableMapping[Any, Graph], key: Hashable, make: Callable[[], Graph]) -> Graph:
        """Return ``opened[key]``, made on its first use; a request for another graph does not wait for it."""
        with self._lock:
            if key in opened:
                return opened[key]
            turn = self._opening.setdefault(key, threading.Lock())
        with turn:
            try:
                with self._lock:
                    known = opened.get(key)
                graph = known or make()
                with self._lock:
                    opened[key] = graph
                return graph
            finally:
                with self._lock:
                    self._opening.pop(key, None)

    def place(self, name: str) -> str:
        """Return the device of a graph that is open, else an empty text."""
        return self._open[name].place if name in self._open else ""
