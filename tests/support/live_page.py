"""The requests of the Dance tab's page without a browser: calls by name, with counted frames."""

import asyncio
import base64
from typing import Any

import numpy as np
from PIL import Image

from synth.app.live import frame_request
from synth.app.tabs import dance
from synth.runtime.registry import Registry
from tests.support import dancers, pictures
from tests.support.bodies import body


class Page:
    """What the page does: calls by name, a token, frames that count up."""

    def __init__(self, registry: Registry, **given: Any):
        self.stage = dance.DanceEndpoints(registry, **given)
        self.functions = {function.__name__: function for function in self.stage.functions()}
        self.token, self.number = "", 0

    def call(self, name: str, data: Any) -> dict[str, Any]:
        return asyncio.run(self.functions[name](data))

    def begin(self, character: str = "dance-dots") -> dict[str, Any]:
        answer = self.call("dance_begin", {"character": character})
        self.token = answer.get("token", "")
        return answer

    def data(self, picture: np.ndarray | None = None, **given: Any) -> dict[str, Any]:
        self.number += 1
        frame = dancers.person()[0] if picture is None else picture
        usual = {
            "token": self.token, "character": "dance-dots", "jpeg": jpeg(frame), "number": self.number,
            "time": self.number / 30, "mirror": True, "smooth": 0.5, "again": 0,
        }  # fmt: skip
        return usual | given

    def frame(self, picture: np.ndarray | None = None, **given: Any) -> dict[str, Any]:
        return self.call("dance_frame", self.data(picture, **given))


def jpeg(image: np.ndarray | Image.Image) -> str:
    opened = image if isinstance(image, Image.Image) else Image.fromarray(image)
    return frame_request.PREFIX + base64.b64encode(pictures.saved(opened, "JPEG", quality=95, subsampling=0)).decode()


def swaying(count: int = 40, height: int = 480, width: int = 640) -> list[np.ndarray]:
    """Return frames of a person of dots who sways and waves."""
    frames = []
    for step in range(count):
        turn = np.sin(2 * np.pi * step / count)
        joints = body(0.83 * height, 0.96 * height, width / 2 + 40 * turn)
        joints[[7, 9]] = joints[5] + [[50, -30 * turn, 0], [100, -110 * turn, 0]]
        frames.append(dancers.paint(np.zeros((height, width, 3), np.uint8), joints, 9))
    return frames
