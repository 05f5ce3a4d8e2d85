"""Results that follow their inputs: dimmed, and not to be downloaded, until the result of the latest inputs is there.

A change of an input marks the result as outdated at once, outside of the queue. One computation of a result runs at a
time in a browser session; what changes meanwhile leads to one more after it. So results arrive in order, and a
download is never that of earlier inputs. All of it runs on the server: scripts of events would keep the whole page from
loading where a content policy forbids to compile code.
"""

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

COMPUTING, FAILED = "Computing …", "There is no result for this input."
OUTDATED = "outdated"
"""CSS class of a container whose result is outdated."""
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Progress:
    """What a session knows of one result: how often its inputs changed, and what its computation began with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes = self._ready = self._begun = 0
        self._running = False
        self.stopped = threading.Event()
        """Is set when the result of the running computation is no longer wanted."""

    def __deepcopy__(self, _: Any) -> "Progress":
        return Progress()  # Gradio copies the initial value for every session

    def outdate(self) -> None:
        """Note that an input has changed or will."""
        with self._lock:
            self._changes += 1
            self.stopped.set()

    def renew(self, only_first: bool = False) -> bool:
        """Note that the inputs have changed and are complete; return whether a computation is to begin now."""
        with self._lock:
            if only_first and self._changes:
                return False
            self._changes += 1
            self._ready = self._changes
            self.stopped.set()
            return not self._running and self._begin()

    def settle(self) -> tuple[bool, bool]:
        """Note that the computation has ended; return whether its inputs are the latest, and whether one begins now."""
        with self._lock:
            fresh, self._running = self._begun == self._changes, False
            return fresh, self._ready > self._begun and self._begin()

    def _begin(self) -> bool:
        self._running, self._begun, self.stopped = True, self._ready, threading.Event()
        return True


class Follower:
    """A result and the events that renew it.

    ``zone`` is the container that is dimmed; ``fetch`` and ``status`` are the download button, which is off meanwhile,
    and the status line.
    """

    def __init__(self, zone: gr.Column, fetch: gr.DownloadButton | None = None, status: gr.HTML | None = None):
        self.progress = gr.State(Progress())
        """State that a computation can take as an input, to see whether it is ``stopped``."""
        self._turn = gr.State(0)
        self._shown = [part for part in (zone, fetch, status) if part is not None]
        self._fetch, self._status = fetch, status

    def compute(self, function: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any], **given: Any) -> Any:
        """Set the function that computes the result, and return the event, after which others can run."""
        place = [number for number, part in enumerate(outputs) if part is self._fetch]
        zone = self._shown[0]

        def computed(progress: Progress, turn: int, *values: Any) -> Iterator[list[Any]]:
            rest: list[Any] = [gr.skip()] * len(outputs)
            file: Any = None
            for made in _steps(function, values, len(outputs)):
                file = _copied(made[place[0]]) if place else None
                yield [gr.skip(), gr.skip(), *made]
            fresh, again = progress.settle()
            for number in place:
                rest[number] = _with_switch(file, fresh)
            yield [turn + 1 if again else gr.skip(), gr.Column(elem_classes=[] if fresh else [OUTDATED]), *rest]

        computed.__name__ = function.__name__
        job = self._turn.change(
            computed, [self.progress, self._turn, *inputs], [self._turn, zone, *outputs],
            **(PRIVATE | {"trigger_mode": "multiple"} | given),
        )  # fmt: skip
        job.failure(
            self._fall, [self.progress, self._turn], [self._turn, *self._shown], concurrency_limit=None, **PRIVATE
        )
        return job

    def outdate(self, *triggers: Any) -> None:
        """Mark the result as outdated at events whose functions will change an input; ``renew_after`` must follow.

        Gradio runs the functions of an event one after the other, so this must be wired before those functions.
        """
        gr.on(list(triggers), self._outdate, self.progress, self._shown, queue=False, **PRIVATE)

    def renew(self, *triggers: Any) -> None:
        """Compute the result again at events that have changed an input."""
        self.outdate(*triggers)
        gr.on(list(triggers), self._renew, *self._turned(), concurrency_limit=None, **PRIVATE)

    def renew_after(self, *jobs: Any) -> None:
        """Compute the result again when an event's function has changed an input, or has failed to."""
        for end in (end for job in jobs for end in (job.success, job.failure)):
            end(self._renew, *self._turned(), concurrency_limit=None, **PRIVATE)

    def begin_after(self, job: Any) -> None:
        """Compute the result after an event's function if there never was one."""
        job.success(self._begin, *self._turned(), concurrency_limit=None, **PRIVATE)

    def _turned(self) -> tuple[list[Any], list[Any]]:
        return [self.progress, self._turn], [self._turn, *self._shown]

    def _outdate(self, progress: Progress) -> Any:
        progress.outdate()
        values = self._values(COMPUTING)
        return values if len(values) > 1 else values[0]

    def _renew(self, progress: Progress, turn: int) -> list[Any]:
        return [turn + 1 if progress.renew() else gr.skip(), *self._values(COMPUTING)]

    def _begin(self, progress: Progress, turn: int) -> list[Any]:
        if not progress.renew(only_first=True):
            return [gr.skip()] * (1 + len(self._shown))
        return [turn + 1, *self._values(COMPUTING)]

    def _fall(self, progress: Progress, turn: int) -> list[Any]:
        fresh, again = progress.settle()
        return [turn + 1 if again else gr.skip(), *self._values(FAILED if fresh else COMPUTING)]

    def _values(self, text: str) -> list[Any]:
        """Return the values of container, button and status line of an outdated result."""
        values: list[Any] = [gr.Column(elem_classes=[OUTDATED])]
        if self._fetch is not None:
            values.append(gr.DownloadButton(interactive=False))
        return [*values, text] if self._status is not None else values


def _copied(value: Any) -> Any:
    return {**value} if isinstance(value, dict) else value  # Gradio takes the value out of an update that it has sent


def _with_switch(file: Any, fresh: bool) -> dict[str, Any]:
    """Return the last value of a download button once more, with whether it is on.

    Both go in one update: a busy page was seen to apply the latter of two and not the former, so that the button was on
    and fetched the earlier file.
    """
    update = file if isinstance(file, dict) else gr.update(value=file)
    return {**update, "interactive": fresh and bool(update.get("value"))}


def _steps(function: Callable[..., Any], values: Sequence[Any], count: int) -> Iterator[list[Any]]:
    """Yield what a function, or each step of a generator function, returns for ``count`` outputs, as a list."""
    made = function(*values)
    for step in made if inspect.isgenerator(made) else [made]:
        yield [step] if count == 1 else list(step)
