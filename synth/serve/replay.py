"""CUDA graphs: where a shape repeats, ONNX Runtime records the kernels once and replays them (half the time per run).

A recording belongs to one shape, to fixed addresses (hence the I/O binding) and to the thread that made it, so each
thread gets its own for the shapes that it repeats; everything else takes the plain session.
"""

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

log = logging.getLogger("synth")

AFTER = 3
"""Runs of one shape in one thread before a recording is worth its memory."""
KEEP = 2
"""Recordings kept: each holds the weights once more on the device."""

Key = tuple[int, tuple[int, ...]]


class Replay:
    """One recorded shape: uint8 ``[N, H, W, 3]`` in, the same shape out."""

    def __init__(self, session: Any, shape: tuple[int, ...]):
        import onnxruntime

        self._session = session
        self._x = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, np.uint8, "cuda", 0)
        self._y = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, np.uint8, "cuda", 0)
        self._binding = session.io_binding()
        self._binding.bind_ortvalue_input(session.get_inputs()[0].name, self._x)
        self._binding.bind_ortvalue_output(session.get_outputs()[0].name, self._y)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        self._x.update_inplace(batch)
        self._session.run_with_iobinding(self._binding)
        return self._y.numpy()


class Replays:
    """The recordings of one graph. ``make(options)`` opens a CUDA session with those provider options."""

    def __init__(self, make: Callable[[dict[str, str]], Any]):
        self._make = make
        self._seen: Counter[Key] = Counter()
        self._made: OrderedDict[Key, Replay] = OrderedDict()
        self._lock = threading.Lock()
        self._broken = False

    def get(self, shape: tuple[int, ...]) -> Replay | None:
        """Return this thread's recording for ``shape``; ``None`` while the shape is new or where recording fails."""
        key = threading.get_ident(), shape
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
            self._seen[key] += 1
            if self._broken or self._seen[key] < AFTER:
                return None
            self._seen.clear()
            return self._record(key)

    def _record(self, key: Key) -> Replay | None:
        """Open a recording session and run it once; on failure say so and use the plain session from then on."""
        try:
            session = self._make({"prefer_nhwc": "1", "enable_cuda_graph": "1"})
            replay = Replay(session, key[1])
            replay(np.zeros(key[1], np.uint8))
        except Exception as error:  # whatever is wrong, the plain session still works
            log.warning("CUDA graphs are off for this graph: %s", str(error).strip()[:300])
            self._broken = True
            return None
        self._made[key] = replay
        while len(self._made) > KEEP:
            self._made.popitem(last=False)
        return replay
