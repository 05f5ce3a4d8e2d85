"""Load test of the app: several users at once, each with images of their own and the expected answers.

An answer that is not the expected one belongs to another user (a mix-up); no answer is a failure.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
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
"""Frames of one visit to the Dance tab; then the user leaves and returns."""
RATE = 10.0  # frames/s that a user sends at most
APART = 1.5  # pixels, or mean grey levels, that an answer may differ from what the same graphs give here
SECONDS = 60.0


@dataclass
class Tally:
    """Counts over all users: answers served, failures, and answers of another user (``mixed``)."""

    served: int = 0
    failed: list[str] = field(default_factory=list)
    mixed: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def count(self, apart: float) -> None:
        """Count an answer that differs from the expected one by ``apart`` pixels or grey levels."""
        with self.lock:
            self.served += 1
            self.mixed += apart > APART

    def fail(self, error: Exception) -> None:
        """Count a request without an answer."""
        with self.lock:
            self.failed.append(f"{type(error).__name__}: {str(error)[:200]}")


@dataclass(frozen=True)
class Script:
    """What one user sends: frames with the expected poses, and an image with the expected result."""

    character: str
    sent: Sequence[dict[str, Any]]
    wanted: Sequence[np.ndarray]
    graph: str
    picture: Path
    result: np.ndarray


def script(
    registry: Registry, number: int, frames: Sequence[dict[str, Any]], picture: np.ndarray, folder: Path
) -> Script:
    """Prepare user ``number``, who starts at another one of the ``frames`` and sends the ``picture`` rolled sideways.

    ``frames`` are messages as the page sends them. The expected poses are computed here, from the same messages.
    """
    character, graph = registry.names("dance")[number % len(registry.names("dance"))], registry.names("translate")[0]
    first = number * 7
    sent = [frames[(first + i) % len(frames)] | {"number": i, "time": i / RATE} for i in range(ROUND)]
    performance = Performance(registry.graph(character), poses(registry).tracker())
    moments = [performance.step(Frame.read(one).picture(), one["time"]) for one in sent]
    turned = np.roll(picture, number * picture.shape[1] // 8, 1)
    path = folder / f"user{number}.png"
    Image.fromarray(turned).save(path)
    result = run(registry.graph(graph), turned, OWN).result
    return Script(character, sent, [moment.pose for moment in moments], graph, path, result)


def run_scripts(address: str, scripts: Sequence[Script], seconds: float, watch: Callable[[float], None]) -> Tally:
    """Run all scripts at once, again and again for ``seconds``; ``watch`` is called with the seconds gone by."""
    tally, end, start = Tally(), time.monotonic() + seconds, time.monotonic()
    users = [threading.Thread(target=_visit, args=(address, one, end, tally), daemon=True) for one in scripts]
    for user in users:
        user.start()
    while any(user.is_alive() for user in users):
        watch(time.monotonic() - start)
        time.sleep(0.5)
    return tally


def _visit(address: str, script: Script, end: float, tally: Tally) -> None:
    from gradio_client import Client, handle_file

    client = Client(address, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": SECONDS})
    with Dancer(address) as dancer:
        while True:  # at least once, however short the time
            try:
                path = client.predict(handle_file(script.picture), script.graph, OWN, api_name="/translate")
                tally.count(differs(path, script))
                for apart in dancer.dance(script):
                    tally.count(apart)
            except Exception as error:  # of any kind: the user has no answer
                tally.fail(error)
            if time.monotonic() > end:
                return


def differs(path: str, script: Script) -> float:
    """Return by how many grey levels, on average, an answer differs from the expected one."""
    image = read(Path(path))
    return float(np.abs(image.astype(int) - script.result).mean()) if image.shape == script.result.shape else np.inf


class Dancer:
    """A user of the Dance tab without a browser: the calls that the page makes."""

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
        """Call a function of the page. Raises ``ValueError`` with the sentence that a user would see."""
        body = {"session_hash": self.session, "component_id": self.part, "fn_name": name, "data": data}
        answer = self.http.post("/gradio_api/component_server", json=body).raise_for_status().json()
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def dance(self, script: Script) -> Iterator[float]:
        """Send all frames once; yield for each answer the pixels by which its worst joint is off."""
        name = {"character": script.character}
        token = {"token": self.call("dance_begin", name)["token"]}
        for message, wanted in zip(script.sent, script.wanted, strict=True):
            start = time.monotonic()
            answer = self.call("dance_frame", message | name | token)
            yield float(np.abs(np.asarray(answer["pose"])[:, :2] - wanted[:, :2]).max())
            time.sleep(max(0.0, 1 / RATE - (time.monotonic() - start)))
        self.call("dance_end", token)
