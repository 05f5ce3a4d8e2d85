"""Registry of the models in a folder: reads their cards at start and opens a session when a model is first used.

Bundled models stay open; of untrusted ones, which users upload, only the last few do.
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

MOST_THIRD_PARTY = 3
"""Maximum number of uploaded models that are open at the same time, over all users."""
RANKS = {"labels": 0, "drawing": 1}


@dataclass(frozen=True)
class Entry:
    """One model of the registry: its card and its file."""

    card: Card
    path: Path

    @property
    def bytes(self) -> int:
        """Return the size of the file."""
        return self.path.stat().st_size


def foremost(item: tuple[str, "Entry"]) -> tuple[int, int, str, str]:
    """Return a sort key for menus: models for label maps first, most colours first, then those for drawings.

    A model and its partner, which translates back, are adjacent.
    """
    name, card = item[0], item[1].card
    first = card.inputs[0]
    rank = RANKS.get(first.kind, len(RANKS))
    return rank, -len(first.palette) * (rank == 0), min(name, card.partner or name), name


def _shown_together(one: Card, other: Card) -> bool:
    """Return whether two models appear together: in one comparison, or among the choices of another tab."""
    if "compare" in one.tabs and "compare" in other.tabs and one.group == other.group:
        return True
    return bool({*one.tabs} & {*other.tabs} - {"compare"})


class Registry:
    """Models of ``folder/*.onnx`` by name. Files that cannot be used are reported in ``problems`` and skipped.

    ``pose`` is the pose estimator, see ``synth.runtime.dance.pose``.
    """

    def __init__(self, folder: str | Path, provider: str = "auto", pose: str = "auto"):
        self.folder, self.provider, self.pose = Path(folder), provider, pose
        self.entries: dict[str, Entry] = {}
        self.problems: list[str] = []
        self._open: dict[str, Graph] = {}
        self._third_party: OrderedDict[Path, Graph] = OrderedDict()
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
        """Return the names of the models that a tab shows."""
        return [name for name, entry in self.entries.items() if tab in entry.card.tabs]

    def groups(self) -> dict[str, list[str]]:
        """Return the names of the models of each group, for comparison side by side."""
        found: dict[str, list[str]] = {}
        for name in self.names("compare"):
            found.setdefault(self.entries[name].card.group or self.entries[name].card.task, []).append(name)
        return found

    def plainest(self, names: Iterable[str]) -> list[str]:
        """Return names sorted from the plainest variant of a task to the richest, see ``Card.plainness``."""
        return sorted(names, key=lambda name: (*self.card(name).plainness, name))

    def card(self, name: str) -> Card:
        """Return a model's card; ``ValueError`` for a name that is not in the registry."""
        if name not in self.entries:
            raise ValueError(f"There is no model {str(name)[:40]!r} any more. Reload the page.")
        return self.entries[name].card

    def title(self, name: str) -> str:
        """Return the title to show for a model; its name where a model shown next to it has the same title."""
        card = self.card(name)
        beside = [
            other
            for key, entry in self.entries.items()
            if key != name and (other := entry.card).title == card.title and _shown_together(other, card)
        ]
        return card.title if card.title and not beside else name

    def graph(self, name: str) -> Graph:
        """Return a model, opened on its first use."""
        self.card(name)
        return self._open_once(self._open, name, lambda: open_graph(self.entries[name].path, self.provider))

    def release(self, idle: float) -> bool:
        """Return memory of models without a run for ``idle`` seconds; return whether there was any."""
        with self._lock:
            opened = list(self._open.values())
        return sum(graph.release(idle) for graph in opened) > 0

    def third_party(self, path: str | Path) -> Graph:
        """Open an untrusted model that was uploaded to the app; only the last few stay open."""
        path = Path(path)
        graph = self._open_once(
            self._third_party, path, lambda: open_graph(path, self.provider, untrusted.MAX_BYTES, untrusted=True)
        )
        with self._lock:
            self._third_party[path] = graph
            self._third_party.move_to_end(path)
            while len(self._third_party) > MOST_THIRD_PARTY:
                self._third_party.popitem(last=False)
        return graph

    def _open_once(self, opened: MutableMapping[Any, Graph], key: Hashable, make: Callable[[], Graph]) -> Graph:
        """Return ``opened[key]``, made on its first use; requests for other models do not wait for it."""
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
        """Return the device of a model that is open, else an empty string."""
        return self._open[name].place if name in self._open else ""
