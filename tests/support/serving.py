"""The app on a free port, and a Chromium that opens it: for fixtures, and for tests that start their own."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.benchmarks.browser import chromium
from synth.benchmarks.served import app


@contextmanager
def running(weights: Path, log: Path, *more: str, seconds: float = 180) -> Iterator[str]:
    """Run the app over a folder of graphs, on a free port, until the block ends; gives its address."""
    with app("--weights", str(weights), "--provider", "cpu", *more, log=log, seconds=seconds) as served:
        yield served.address


@contextmanager
def chromium_or_skip(frames: Sequence[np.ndarray] = ()) -> Iterator[Any]:
    """Run a Chromium, its camera showing the frames if there are any; without one the tests are skipped."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(chromium(frames))
        except ValueError as missing:
            pytest.skip(str(missing))
        yield opened
