"""Open a graph, choose where it runs and say so, run pictures of any size through it."""

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synth.card import Card
from synth.pixels.resize import crop, pad_to_multiple
from synth.serve import graph_file, guest, providers
from synth.serve.replay import Replays

log = logging.getLogger("synth")


class Graph:
    """A graph of synth, ready to run; safe to use from several threads at once.

    ``provider`` is what ONNX Runtime really uses, ``device`` its name for people, ``warning`` a sentence where a GPU is
    present and this graph does not run on it (empty otherwise).
    """

    def __init__(self, card: Card, session: Any, device: str, warning: str = "", replays: Replays | None = None):
        self.card = card
        self.provider: str = session.get_providers()[0]
        self.device = device
        self.warning = warning
        self._session = session
        self._replays = replays
        self._input: str = session.get_inputs()[0].name
        self._output: list[str] = [session.get_outputs()[0].name]

    @property
    def place(self) -> str:
        """Where this graph runs, in a few words: ``CPU`` or ``CUDA · NVIDIA H200``."""
        kind = self.provider.removesuffix("ExecutionProvider")
        return kind if kind == self.device else f"{kind} · {self.device}"

    def run(self, image: np.ndarray, seconds: float = 0) -> np.ndarray:
        """Return the graph's picture of ``image``, uint8 ``[H, W, 3]`` or ``[N, H, W, 3]``, with the same shape.

        Sizes that are no multiple of the card's are padded and cropped back. ``seconds`` above zero is a time limit.
        Raises ``ValueError`` for other arrays, and with a sentence when ONNX Runtime fails or the time is over.
        """
        if image.dtype != np.uint8 or image.ndim not in (3, 4) or image.shape[-1] != 3 or not image.size:
            raise ValueError(f"A graph takes uint8 pixels [H, W, 3], not {image.dtype} {list(image.shape)}.")
        padded, size = pad_to_multiple(image if image.ndim == 4 else image[None], self.card.multiple)
        result = self._call(np.ascontiguousarray(padded), seconds)
        if result.shape != padded.shape or result.dtype != np.uint8:
            raise ValueError(f"This graph returned {list(result.shape)} for {list(padded.shape)}. Export it again.")
        result = crop(result, size)
        return result if image.ndim == 4 else result[0]

    def _call(self, batch: np.ndarray, seconds: float) -> np.ndarray:
        replay = self._replays.get(batch.shape) if self._replays and not seconds else None
        try:
            if replay:
                return replay(batch)
            with _limit(seconds) as options:
                return self._session.run(self._output, {self._input: batch}, options)[0]
        except Exception as error:  # ONNX Runtime's errors share no useful base class
            log.error("%s failed on %s: %s", self.card.name, list(batch.shape), error)
            sides = f"{batch.shape[2]}x{batch.shape[1]}"
            raise ValueError(f"This graph could not run at {sides} pixels. Try a smaller picture.") from error


@contextlib.contextmanager
def _limit(seconds: float) -> Iterator[Any]:
    """Give run options that stop ONNX Runtime after ``seconds``; ``None`` for no limit."""
    if not seconds:
        yield None
        return
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    timer = threading.Timer(seconds, setattr, (options, "terminate", True))
    timer.daemon = True
    timer.start()
    try:
        yield options
    finally:
        timer.cancel()


def open_graph(
    path: str | Path, provider: str = "auto", max_bytes: int = graph_file.MAX_BYTES, stranger: bool = False
) -> Graph:
    """Open a graph on the best provider, or on the one asked for, and log where it runs.

    A stranger's graph is held to what ``synth.serve.guest`` allows.
    Raises ``ValueError`` with a sentence for files that are no graphs of synth and for providers that cannot be had.
    """
    card, data = graph_file.read(path, max_bytes, stranger)
    choice = providers.choose(provider)
    session, error = _open(data, choice.providers, stranger)
    warning = choice.warning
    if session is None:
        raise ValueError(f"ONNX Runtime cannot open {Path(path).name}: {error}")
    used, asked = session.get_providers()[0], choice.providers[0][0]
    if used != asked:
        warning = f"{choice.device} is present but {card.name} does not use it: {error or 'ONNX Runtime fell back'}. "
        warning += 'Install its libraries with: pip install "onnxruntime-gpu[cuda,cudnn]".' * (asked == providers.CUDA)
        if provider != "auto":
            raise ValueError(warning)
    device = choice.device if used == asked else "CPU"
    replays = None
    if used == providers.CUDA and not stranger:
        replays = Replays(lambda options: _open(data, ((used, options),))[0])
    graph = Graph(card, session, device, warning, replays)
    log.info("%s: %s (%s)", card.name, used, device)
    if warning:
        log.warning("%s", warning)
    return graph


def _open(data: bytes, wanted: Sequence[tuple[str, dict[str, Any]]], stranger: bool = False) -> tuple[Any, str]:
    """Return a session, or ``None``, and what went wrong; falls back from the first provider to the second."""
    import onnxruntime

    if wanted[0][0] == providers.CUDA:
        onnxruntime.preload_dlls()
    if stranger:
        bound = {"gpu_mem_limit": str(guest.MEMORY)}
        wanted = [(name, given | bound if name == providers.CUDA else given) for name, given in wanted]
    error = ""
    for first in range(len(wanted)):
        options = guest.options(_options()) if stranger else _options()
        try:
            return onnxruntime.InferenceSession(data, options, providers=list(wanted[first:])), error
        except Exception as problem:  # ONNX Runtime's errors share no useful base class
            error = str(problem).strip().splitlines()[0][:300]
    return None, error


def _options() -> Any:
    """Session options. On few cores, threads that spin while they wait take the processor from those that work."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if providers.cores() <= 4:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
