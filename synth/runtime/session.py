"""Open a graph in ONNX Runtime on the best provider, and run images of any size through it."""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synth.card import Card
from synth.pixels.resize import crop, pad_to_multiple
from synth.runtime import graph_file, providers
from synth.runtime import untrusted as limits
from synth.runtime.arena import SHRINK, Arena
from synth.runtime.cuda_graphs import Recorder, free_dimensions

# Set before its import, or ONNX Runtime (from 1.29 on) sends telemetry and stores a device id in the home folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

log = logging.getLogger("synth")

TINY = 64  # side in pixels below which a failed image was probably too small rather than too large


class Graph:
    """A graph of synth, ready to run; safe to use from several threads at once.

    ``provider`` is what ONNX Runtime really uses, ``device`` its name for people, ``warning`` a message if a GPU is
    present but this graph does not run on it (else empty).
    """

    def __init__(self, card: Card, session: Any, device: str, warning: str = "", recorder: Recorder | None = None):
        self.card = card
        self.provider: str = session.get_providers()[0]
        self.device = device
        self.warning = warning
        self._session = session
        self._recorder = recorder
        self._arena = Arena(session)
        self._inputs: list[str] = [value.name for value in session.get_inputs()]
        self._outputs: list[str] = [value.name for value in session.get_outputs()]

    @property
    def place(self) -> str:
        """Where this graph runs, in a few words: ``CPU`` or ``CUDA · NVIDIA H200``."""
        kind = self.provider.removesuffix("ExecutionProvider")
        return kind if kind == self.device else f"{kind} · {self.device}"

    def release(self, idle: float) -> bool:
        """Return unused memory to the system after ``idle`` seconds without a run; return whether that was done."""
        return self._arena.release(idle)

    def run(self, *images: np.ndarray, seconds: float = 0, **numbers: float) -> np.ndarray:
        """Run the graph on its inputs, each uint8 ``[H, W, 3]`` or ``[N, H, W, 3]``, and return its first output.

        The result has the same shape, ``card.scale`` times as high and wide. Sizes that are not a multiple of the
        card's are padded and cropped back. Hints at the end may be left out. ``numbers`` are the card's inputs of that
        kind, by name; those left out get their default. ``seconds`` above zero is a time limit. A graph that gives
        keypoints returns float32 ``[17, 3]`` or ``[N, 17, 3]``, in pixels of the input. Raises ``ValueError`` for other
        arrays and numbers, and if ONNX Runtime fails or the time limit is reached.
        """
        return self._run(images, numbers, seconds, self._outputs[:1])[0]

    def run_all(self, *images: np.ndarray, seconds: float = 0, **numbers: float) -> dict[str, np.ndarray]:
        """Run the graph as ``run`` does, and return all its outputs by name, the ``card.extras`` included.

        Extras are as the graph gives them, not cropped where the input was padded; for one image, without the batch.
        """
        found = self._run(images, numbers, seconds, self._outputs)
        single = images[0].ndim == 3
        extras = [extra[0] if single else extra for extra in found[1:]]
        return dict(zip(self._outputs, [found[0], *extras], strict=True))

    def _run(
        self, images: Sequence[np.ndarray], numbers: dict[str, float], seconds: float, outputs: list[str]
    ) -> list[np.ndarray]:
        self._check(images)
        single, missing = images[0].ndim == 3, len(self.card.pictures) - len(images)
        images = [*images, *[np.zeros_like(images[0])] * missing]
        batches = [image[None] if single else image for image in images]
        padded, size = zip(*(pad_to_multiple(batch, self.card.multiple) for batch in batches), strict=True)
        arranged = self._arranged([np.ascontiguousarray(batch) for batch in padded], numbers)
        result, *extras = self._call(arranged, seconds, outputs)
        count, height, width, scale = *padded[0].shape[:3], self.card.scale
        if self.card.gives == "keypoints":
            fits, what = result.shape == (count, 17, 3), "keypoints"
        else:
            fits = result.shape == (count, scale * height, scale * width, 3) and result.dtype == np.uint8
            what, (down, across) = "pixels", size[0]
            result = crop(result, (scale * down, scale * across)) if fits else result
        if not fits:
            raise ValueError(
                f"This model returned {list(result.shape)}, which does not fit its {what}. Export it again."
            )
        return [result[0] if single else result, *extras]

    def _check(self, images: Sequence[np.ndarray]) -> None:
        least, most = len(self.card.required), len(self.card.pictures)
        if not least <= len(images) <= most:
            wanted = f"{least} to {most}" if least < most else f"{most}"
            raise ValueError(f"This model takes {wanted} images, not {len(images)}.")
        for image in images:
            if image.dtype != np.uint8 or image.ndim not in (3, 4) or image.shape[-1] != 3 or not image.size:
                raise ValueError(f"A model takes uint8 pixels [H, W, 3], not {image.dtype} {list(image.shape)}.")
            if image.shape != images[0].shape:
                raise ValueError(f"All inputs need the same size, not {images[0].shape} and {image.shape}.")

    def _arranged(self, batches: list[np.ndarray], numbers: dict[str, float]) -> list[np.ndarray]:
        """Return images and numbers in the order of the graph's inputs."""
        known = {entry.name for entry in self.card.inputs if entry.kind == "number"}
        if unknown := sorted(numbers.keys() - known):
            raise ValueError(f"This model has no number “{unknown[0]}”. It has: {', '.join(sorted(known)) or 'none'}.")
        rest, arranged = iter(batches), []
        for entry in self.card.inputs:
            if entry.kind != "number":
                arranged.append(next(rest))
                continue
            value = float(numbers.get(entry.name, entry.value))
            if not entry.low <= value <= entry.high:
                raise ValueError(f"“{entry.name}” must be from {entry.low:g} to {entry.high:g}, not {value:g}.")
            arranged.append(np.array([value], np.float32))
        return arranged

    def _call(self, values: list[np.ndarray], seconds: float, outputs: list[str]) -> list[np.ndarray]:
        plain = len(outputs) == 1 and self.card.scale == 1 and len(self.card.pictures) == len(values)
        shape = next(value.shape for value in values if value.ndim == 4)
        recording = self._recorder.get(shape) if self._recorder and plain and not seconds else None
        options = None
        try:
            if recording:
                return [recording(*values)]
            with _limit(seconds) as options:
                results = self._session.run(outputs, dict(zip(self._inputs, values, strict=True)), options)
            self._arena.note(values)
            return results
        except Exception as error:  # ONNX Runtime's errors share no useful base class
            log.error("%s failed on %s: %s", self.card.name, list(shape), error)
            sides = f"{shape[2]}x{shape[1]}"
            if options is not None and options.terminate:
                late = f"This model was stopped at the time limit of {seconds:g} seconds, at {sides} pixels. "
                raise ValueError(late + limits.how_to_trust()) from error
            other = "larger" if min(shape[1:3]) < TINY else "smaller"
            raise ValueError(f"This model could not run at {sides} pixels. Try a {other} picture.") from error


@contextlib.contextmanager
def _limit(seconds: float) -> Iterator[Any]:
    """Yield run options that stop ONNX Runtime after ``seconds``; ``None`` for no limit."""
    if not seconds:
        yield None
        return
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry(*SHRINK)
    timer = threading.Timer(seconds, setattr, (options, "terminate", True))
    timer.daemon = True
    timer.start()
    try:
        yield options
    finally:
        timer.cancel()


def open_graph(
    path: str | Path,
    provider: str = "auto",
    max_bytes: int = graph_file.MAX_BYTES,
    untrusted: bool = False,
    threads: int = 0,
) -> Graph:
    """Open a graph on the best provider, or on the requested one, and log where it runs.

    An ``untrusted`` graph is held to the limits of ``synth.runtime.untrusted``. ``threads`` is how many compute on the
    processor (0: one per core). Raises ``ValueError`` for files that are not graphs of synth and for
    providers that are not available.
    """
    card, data = graph_file.read(path, max_bytes, untrusted)
    choice = providers.choose(provider)
    session, error = opened(data, choice, Path(path).name, untrusted, threads)
    warning = choice.warning
    used, asked = session.get_providers()[0], choice.providers[0][0]
    if used != asked:
        warning = f"{choice.device} is present but {card.name} does not use it: {error or 'ONNX Runtime fell back'}. "
        warning += 'Install its libraries with: pip install "onnxruntime-gpu[cuda,cudnn]".' * (asked == providers.CUDA)
        if provider != "auto":
            raise ValueError(warning)
    device = choice.device if used == asked else "CPU"
    recorder = None
    if used == providers.CUDA and not untrusted:
        inputs = session.get_inputs()
        recorder = Recorder(lambda given, shape: _open(data, ((used, given),), sizes=free_dimensions(inputs, shape))[0])
    graph = Graph(card, session, device, warning, recorder)
    log.info("%s: %s (%s)", card.name, used, device)
    if warning:
        log.warning("%s", warning)
    return graph


def opened(data: bytes, choice: Any, name: str, bounded: bool = False, threads: int = 0) -> tuple[Any, str]:
    """Open a session (``bounded``: untrusted) and return it with the error of skipped providers; or ``ValueError``."""
    if (found := _open(data, choice.providers, bounded, threads))[0] is None:
        raise ValueError(f"ONNX Runtime cannot open {name}: {found[1]}")
    return found


def _open(
    data: bytes,
    wanted: Sequence[tuple[str, dict[str, Any]]],
    untrusted: bool = False,
    threads: int = 0,
    sizes: Mapping[str, int] | None = None,
) -> tuple[Any, str]:
    """Open a session, falling back from the first provider to the next; return it, or ``None``, and the last error.

    ``sizes`` fixes free dimensions of the graph's inputs, by name.
    """
    import onnxruntime

    if wanted[0][0] == providers.CUDA:
        onnxruntime.preload_dlls()
    if untrusted:
        bound = {"gpu_mem_limit": str(limits.MEMORY)}
        wanted = [(name, given | bound if name == providers.CUDA else given) for name, given in wanted]
    error = ""
    for first in range(len(wanted)):
        options = limits.session_options(_options(threads)) if untrusted else _options(threads)
        for dimension, size in (sizes or {}).items():
            options.add_free_dimension_override_by_name(dimension, size)
        try:
            return onnxruntime.InferenceSession(data, options, providers=list(wanted[first:])), error
        except Exception as problem:  # ONNX Runtime's errors share no useful base class
            error = str(problem).strip().splitlines()[0][:300]
    return None, error


def _options(threads: int = 0) -> Any:
    """Return session options. On few cores no spinning: waiting threads would take the processor from working ones."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    if providers.cores() <= 4:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
