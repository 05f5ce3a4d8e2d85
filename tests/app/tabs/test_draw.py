"""Test the Draw tab's two public functions with arbitrary input, without a browser."""

import base64

import numpy as np
import pytest
from PIL import Image

from synth.app import canvas
from synth.app.tabs import draw
from synth.runtime.registry import Registry
from tests.support import pictures

pytestmark = pytest.mark.usefixtures("cache")


def drawing(image: Image.Image) -> str:
    return canvas.PREFIX + base64.b64encode(pictures.saved(image)).decode()


def test_a_drawing_comes_back_as_the_graphs_picture(registry: Registry) -> None:
    render, *_ = draw.functions(registry)
    answer = render({"graph": "facades", "png": drawing(pictures.noise(256, 256))})
    result = pictures.opened(answer["png"])
    assert np.array_equal(result, 255 - np.asarray(pictures.noise(256, 256)))
    assert answer["place"] == "CPU"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"graph": ["facades"], "png": ""},
        {"graph": "../facades", "png": drawing(pictures.noise(256, 256))},
        {"graph": "facades-l1", "png": drawing(pictures.noise(256, 256))},
        {"graph": "facades", "png": None},
        {"graph": "facades", "png": "data:image/png;base64,###"},
        {"graph": "facades", "png": "data:image/png;base64,AAAA"},
        {"graph": "facades", "png": canvas.PREFIX + "A" * 10**6},
        {"graph": "facades", "png": drawing(pictures.noise(255, 256))},
        {"graph": "facades", "png": drawing(Image.new("1", (5000, 5000)))},
        {"graph": "facades", "index": -1},
        {"graph": "facades", "index": True},
        {"graph": "facades", "index": "../0"},
    ],
)
def test_whatever_a_browser_sends_ends_in_a_sentence(registry: Registry, data: object) -> None:
    for function in draw.functions(registry):
        answer = function(data)
        assert set(answer) == {"error"}
        assert answer["error"].endswith(".")


def test_an_example_opens_at_the_size_of_the_canvas(registry: Registry) -> None:
    _, example, _ = draw.functions(registry)
    assert pictures.opened(example({"graph": "facades", "index": 0})["png"]).shape == (256, 256, 3)


def test_a_warning_stands_beside_the_drawing(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.graph("invert"), "warning", "A <GPU> is not used.")
    render, *_ = draw.functions(registry)
    assert render({"graph": "invert", "png": drawing(pictures.noise(256, 256))})["warning"] == "A <GPU> is not used."
