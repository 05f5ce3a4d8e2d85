"""Whether the app accepts a graph, and if not why: the checks of the app itself, for a look at a file beforehand."""

from collections.abc import Callable, Iterable
from pathlib import Path

from synth.runtime import graph_file, providers, session, untrusted
from synth.runtime.dance import perform
from synth.runtime.run import check_one_to_one

FOLDER, DROPPED = "in the folder of models", "dropped into the Models tab"


def refusals(path: str | Path) -> dict[str, str]:
    """Return why the app refuses a file, for each way into it: ``FOLDER`` and ``DROPPED``; empty where it does not.

    The file is opened with the limits for untrusted graphs and not run.
    """
    try:
        card, data = graph_file.read(path)
    except ValueError as error:
        return dict.fromkeys((FOLDER, DROPPED), str(error))

    def bounded() -> object:
        return session.opened(data, providers.choose("cpu"), Path(path).name, bounded=True)

    def unopened() -> object:
        return graph_file.read(path, untrusted.MAX_BYTES, untrusted=True)

    folder = [bounded, *[lambda: perform.check(card)] * ("dance" in card.tabs)]
    return {FOLDER: _first(folder), DROPPED: _first([unopened, bounded, lambda: check_one_to_one(card)])}


def _first(checks: Iterable[Callable[[], object]]) -> str:
    """Return the message of the first check that fails, empty if none does."""
    for check in checks:
        try:
            check()
        except ValueError as error:
            return str(error)
    return ""
