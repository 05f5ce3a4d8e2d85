"""Do something again and again beside the server."""

import contextlib
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def every(seconds: float, work: Callable[[], object], name: str) -> Iterator[None]:
    """Call ``work`` every ``seconds``, in a daemon thread of this ``name``, until the block ends."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            work()

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        yield
    finally:
        stop.set()
