"""Many visitors at once: each sends pictures of its own, and knows what must come back.

Whatever a visitor gets that is not its own answer is a leak; whatever it gets no answer to is a failure.
"""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from synth.app.live.frame_request import Frame
from synth.pixels.images import read
from synth.runtime.dance.perform import Performance
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, run

ROUND = 24
"""Frames of one visit to the Dance tab; then the visitor leaves and comes again."""
RATE = 10.0  # frames a second that a visitor sends at most
APART = 1.5  # pixels, or mean grey levels, that an answer may differ from what the same graphs give here
SECONDS = 60.0


@dataclass
class Tally:
    """What happened to all visitors together."""

    served: int = 0
    failed: list[str] = field(default_factory=list)
    leaked: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def count(self, apart: float) -> None:
        with self.lock:
            self.served += 1
            self.leaked += apart > APART

    def fail(self, error: Exception) -> None:
        with self.lock:
            self.failed.append(f"{type(error).__name__}: {str(error)[:200]}")


@dataclass(frozen=True)
class Errand:
    """What one visitor asks for: frames of its own with the poses they must give, and a picture with its result."""

    character: str
    sent: Sequence[dict[str, Any]]
    wanted: Sequence[np.ndarray]
    graph: str
    picture: Path
    result: np.ndarray


def errand(
    registry: Registry, number: int, frames: Sequence[dict[str, Any]], picture: np.ndarray, folder: Path
) -> Errand:
    """Prepare visitor ``number``: it begins elsewhere in the ``frames``, and its ``picture`` is turned its own way.

    ``frames`` are messages as the page sends them. The poses are computed here, from the same messages.
    """
    character, graph = registry.names("dance")[number % len(registry.names("dance"))], registry.names("translate")[0]
    first = number * 7
    sent = [frames[(first + i) % len(frames)] | {"number": i, "time": i / RATE} for i in range(ROUND)]
    performance = Performance(registry.graph(character), poses(registry).tracker())
    moments = [performance.step(Frame.read(one).picture(), one["time"]) for one in sent]
    turned = np.roll(picture, number * picture.shape[1] // 8, 1)
    path = folder / f"visitor{number}.png"
    Image.fromarray(turned).save(path)
    result = run(registry.graph(graph), turned, OWN).result
    return Errand(character, sent, [moment.pose for moment in moments], graph, path, result)


def crowd(address: str, errands: Sequence[Errand], seconds: float, watch: Callable[[float], None]) -> Tally:
    """Let all visitors run their errands again and again for so long; ``watch`` hears the seconds gone by."""
    tally, end, start = Tally(), time.monotonic() + seconds, time.monotonic()
    visitors = [threading.Thread(target=_visit, args=(address, one, end, tally), daemon=True) for one in errands]
    for visitor in visitors:
        visitor.start()
    while any(visitor.is_alive() for visitor in visitors):
        watch(time.monotonic() - start)
        time.sleep(0.5)
    return tally


def _visit(address: str, errand: Errand, end: float, tally: Tally) -> None:
    from gradio_client import Client, handle_file

    client = Client(address, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": SECONDS})
    with Dancer(address) as dancer:
        while True:  # everyone comes round once, however short the time
            try:
                path = client.predict(handle_file(errand.picture), errand.graph, OWN, api_name="/translate")
                tally.count(float(np.abs(read(Path(path)).astype(int) - errand.result).mean()))
                for apart in dancer.dance(errand):
                    tally.count(apart)
            except Exception as error:  # of whatever kind: the visitor has no answer
                tally.fail(error)
            if time.monotonic() > end:
                return


class Dancer:
    """A visitor of the Dance tab without a browser."""

    def __init__(self, address: str):
        self.http = httpx.Client(base_url=address, timeout=SECONDS)
        parts = self.http.get("/config").json()["components"]
        self.part = next(one["id"] for one in parts if "dance_frame" in (one["props"].get("server_fns") or ()))
        self.session = uuid.uuid4().hex

    def __enter__(self) -> "Dancer":
        return self

    def __exit__(self, *_: Any) -> None:
        self.http.close()

    def call(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the page. Raises ``ValueError`` with the sentence that a visitor would read."""
        body = {"session_hash": self.session, "component_id": self.part, "fn_name": name, "data": data}
        answer = self.http.post("/gradio_api/component_server", json=body).raise_for_status().json()
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def dance(self, errand: Errand) -> Any:
        """Dance one round; yield how many pixels the joints of each answer are from where they must be."""
        name = {"character": errand.character}
        token = {"token": self.call("dance_begin", name)["token"]}
        for message, wanted in zip(errand.sent, errand.wanted, strict=True):
            start = time.monotonic()
            answer = self.call("dance_frame", message | name | token)
            yield float(np.abs(np.asarray(answer["pose"])[:, :2] - wanted[:, :2]).max())
            time.sleep(max(0.0, 1 / RATE - (time.monotonic() - start)))
        self.call("dance_end", token)
