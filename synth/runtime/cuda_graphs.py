"""CUDA graphs: for shapes that repeat, ONNX Runtime records the kernels once and replays them (half the time per run).

A recording belongs to one shape, to fixed addresses (hence the I/O binding) and to the thread that made it, so each
thread records its own for the shapes that it repeats; everything else runs in the plain session.
"""

import logging
import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

log = logging.getLogger("synth")

AFTER = 3
"""Runs of one shape in one thread before it is recorded: a recording costs memory."""
KEEP = 4
"""Maximum number of recordings over all graphs: each holds a second copy of weights and activations on the device."""
MAX_PIXELS = 2**20
"""Most pixels of a shape that is recorded: above, launching kernels costs little compared with running them."""
MOST_SEEN = 1000

Key = tuple[int, tuple[int, ...]]


class Recording:
    """One recorded run for inputs of a fixed shape, uint8 ``[N, H, W, 3]`` each; the output may be of any type."""

    def __init__(self, session: Any, shape: tuple[int, ...]):
        import onnxruntime

        self._session = session
        self._binding = session.io_binding()
        self._inputs = []
        for value in session.get_inputs():
            held = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, np.uint8, "cuda", 0)
            self._binding.bind_ortvalue_input(value.name, held)
            self._inputs.append(held)
        output = session.get_outputs()[0]
        pixels = output.type == "tensor(uint8)"
        sizes = shape if pixels else (shape[0], *output.shape[1:])
        self._y = onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            sizes, np.uint8 if pixels else np.float32, "cuda", 0
        )
        self._binding.bind_ortvalue_output(output.name, self._y)

    def __call__(self, *batches: np.ndarray) -> np.ndarray:
        for held, batch in zip(self._inputs, batches, strict=True):
            held.update_inplace(batch)
        self._session.run_with_iobinding(self._binding)
        return self._y.numpy()

    def warm(self, shape: tuple[int, ...]) -> None:
        """Run once on black images, which records the CUDA graph."""
        self(*[np.zeros(shape, np.uint8) for _ in self._inputs])


class RecordingCache:
    """LRU cache of the recordings of all graphs, ``KEEP`` at most; safe to use from several threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[Any, Key], Recording] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._made)

    def get(self, owner: Any, key: Key) -> Recording | None:
        """Return a recording and mark it as used, or ``None``."""
        with self._lock:
            if (owner, key) in self._made:
                self._made.move_to_end((owner, key))
            return self._made.get((owner, key))

    def add(self, owner: Any, key: Key, recording: Recording) -> None:
        """Add a recording; drop the least recently used ones above ``KEEP``."""
        with self._lock:
            self._made[owner, key] = recording
            while len(self._made) > KEEP:
                self._made.popitem(last=False)


CACHE = RecordingCache()


def free_dimensions(inputs: Sequence[Any], shape: tuple[int, ...]) -> dict[str, int]:
    """Return the free dimensions of a session's inputs by name, with their sizes in ``shape``."""
    return {
        name: size for value in inputs for name, size in zip(value.shape, shape, strict=True) if isinstance(name, str)
    }


class Recorder:
    """Records and replays the CUDA graphs of one ONNX graph.

    ``make(options, shape)`` opens a CUDA session with these provider options for inputs of that one shape: with free
    shapes, ONNX Runtime would place some operators on the CPU, and nothing could be recorded.
    """

    def __init__(self, make: Callable[[dict[str, str], tuple[int, ...]], Any], cache: RecordingCache = CACHE):
        self._make, self._cache = make, cache
        self._seen: Counter[Key] = Counter()
        self._broken: set[tuple[int, ...]] = set()
        self._lock = threading.Lock()

    def get(self, shape: tuple[int, ...]) -> Recording | None:
        """Return this thread's recording for ``shape``; ``None`` if it is new, too large, or cannot be recorded."""
        if math.prod(shape[:3]) > MAX_PIXELS:
            return None
        key = threading.get_ident(), shape
        made = self._cache.get(self, key)
        if made:
            return made
        with self._lock:
            if len(self._seen) > MOST_SEEN:
                self._seen.clear()
            self._seen[key] += 1
            if shape in self._broken or self._seen[key] < AFTER:
                return None
            self._seen.clear()
            return self._record(key)

    def _record(self, key: Key) -> Recording | None:
        """Open a session and record it; on failure, log it and leave this shape to the plain session."""
        shape = key[1]
        try:
            session = self._make({"prefer_nhwc": "1", "enable_cuda_graph": "1"}, shape)
            recording = Recording(session, shape)
            recording.warm(shape)
        except Exception as error:  # of any kind: the plain session still works
            sides = f"{shape[2]}x{shape[1]}"
            log.warning("CUDA graphs are off for this graph at %s pixels: %s", sides, str(error).strip()[:300])
            self._broken.add(shape)
            return None
        self._cache.add(self, key, recording)
        return recording
