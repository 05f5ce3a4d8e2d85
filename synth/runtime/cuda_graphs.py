"""CUDA graphs: where a shape repeats, ONNX Runtime records the kernels once and replays them (half the time per run).

A recording belongs to one shape, to fixed addresses (hence the I/O binding) and to the thread that made it, so each
thread gets its own for the shapes that it repeats; everything else takes the plain session.
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
"""Runs of one shape in one thread before a recording is worth its memory."""
KEEP = 4
"""Recordings kept over all graphs: each holds weights and activations once more on the device."""
MAX_PIXELS = 2**20
"""Largest shape that is recorded: above, the kernels take so long that launching them costs nothing beside."""
MOST_SEEN = 1000

Key = tuple[int, tuple[int, ...]]


class Replay:
    """One recorded shape of the inputs, uint8 ``[N, H, W, 3]`` each; the output may have any shape and type."""

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
        """Run once on black pictures, which makes the recording."""
        self(*[np.zeros(shape, np.uint8) for _ in self._inputs])


class Kept:
    """The recordings of all graphs, the latest used last; no more than ``KEEP``."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[Any, Key], Replay] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._made)

    def get(self, owner: Any, key: Key) -> Replay | None:
        with self._lock:
            if (owner, key) in self._made:
                self._made.move_to_end((owner, key))
            return self._made.get((owner, key))

    def add(self, owner: Any, key: Key, replay: Replay) -> None:
        with self._lock:
            self._made[owner, key] = replay
            while len(self._made) > KEEP:
                self._made.popitem(last=False)


KEPT = Kept()


def fixed(inputs: Sequence[Any], shape: tuple[int, ...]) -> dict[str, int]:
    """Return the free dimensions of a session's inputs by name, with what each of them is in ``shape``."""
    return {
        name: size for value in inputs for name, size in zip(value.shape, shape, strict=True) if isinstance(name, str)
    }


class Replays:
    """The recordings of one graph. ``make(options, shape)`` opens a CUDA session with those provider options for
    inputs of that one shape: where shapes are free, some are computed on the processor, and nothing is recorded."""

    def __init__(self, make: Callable[[dict[str, str], tuple[int, ...]], Any], kept: Kept = KEPT):
        self._make, self._kept = make, kept
        self._seen: Counter[Key] = Counter()
        self._broken: set[tuple[int, ...]] = set()
        self._lock = threading.Lock()

    def get(self, shape: tuple[int, ...]) -> Replay | None:
        """Return this thread's recording for ``shape``; ``None`` while it is new, too large, or cannot be recorded."""
        if math.prod(shape[:3]) > MAX_PIXELS:
            return None
        key = threading.get_ident(), shape
        made = self._kept.get(self, key)
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

    def _record(self, key: Key) -> Replay | None:
        """Open a recording session and run it once; on failure say so and leave this shape to the plain session."""
        shape = key[1]
        try:
            session = self._make({"prefer_nhwc": "1", "enable_cuda_graph": "1"}, shape)
            replay = Replay(session, shape)
            replay.warm(shape)
        except Exception as error:  # whatever is wrong, the plain session still works
            sides = f"{shape[2]}x{shape[1]}"
            log.warning("CUDA graphs are off for this graph at %s pixels: %s", sides, str(error).strip()[:300])
            self._broken.add(shape)
            return None
        self._kept.add(self, key, replay)
        return replay
