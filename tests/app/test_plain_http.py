"""Test calls over plain HTTP with anything as arguments: each is answered with a sentence, never with null."""

import json
from typing import Any

import httpx
import numpy as np
import pytest

from synth.app import controls
from synth.app.live.endpoints import INSIDE
from synth.app.tabs import colorize, dance_background
from synth.runtime import provenance
from tests.support import graphs

NEEDED = {
    "translate": ["picture", "graph"],
    "draw": ["picture", "graph"],
    "enlarge": ["picture", "graph"],
    "colorize": ["picture", "graph"],
    "fill": ["picture", "mask", "graph"],
    "compare": ["picture", "group"],
}
"""The required arguments of the end points that the tiny graphs have."""


def answer(address: str, point: str, body: str, version: str = "") -> str:
    """Return the last message for a call over plain HTTP, or the answer to the post itself if it was refused."""
    call, headers = f"{address}/gradio_api/call/", {"content-type": "application/json"}
    posted = httpx.post(f"{call}{version}{point}", content=body, headers=headers, timeout=60)
    if posted.status_code != 200:
        return posted.text
    stream = httpx.get(f"{call}{point}/{posted.json()['event_id']}", timeout=60).text
    return stream.rsplit("event: ", 1)[-1]


@pytest.mark.parametrize("point", NEEDED)
@pytest.mark.parametrize("version", ["", "v2/"])
def test_missing_arguments_are_named(address: str, point: str, version: str) -> None:
    names = NEEDED[point]
    for count in range(len(names)):
        given = json.dumps(dict.fromkeys(names[:count], "x") if version else {"data": ["x"] * count})
        told = answer(address, point, given, version)
        wanted = names[count : count + 1] if version else names[count:]
        assert all(name in told for name in wanted), told


NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", "9" * 30, "9" * 400, "-1", "true", '"1"', "null", "[1]", "{}"]
FILES = [
    "null", "true", "7", '"x"', "[]", "{}", '{"path": null}', '{"path": 7, "meta": {"_type": "gradio.FileData"}}',
    '{"path": {"a": 1}, "meta": {"_type": "gradio.FileData"}}', '{"path": "data:image/png;base64,AAAA"}',
    '{"path": "data:image/png;base64,AAAA", "meta": {"_type": "gradio.FileData"}}',
    '{"url": "data:image/png;base64,AAAA", "meta": {"_type": "gradio.FileData"}}',
    '{"path": "/etc/hostname", "size": 99999999999999999999, "meta": {"_type": "gradio.FileData"}}',
    "[" * 100 + "]" * 100,
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("point", "before", "sentence"),
    [
        ("colorize", ["PICTURE", "colorize"], "temperature must be a number from 0.05 to 1"),
        ("colorize", ["PICTURE", "colorize", 0.5, [[0.5, 0.5, 1, 2]]], "A hint is [x, y, red, green, blue]"),
    ],
)
def test_odd_numbers_end_in_a_sentence(address: str, point: str, before: list[Any], sentence: str, number: str) -> None:
    png = provenance.encode(graphs.noise(20, 30, 3))
    uploaded = httpx.post(f"{address}/gradio_api/upload", files={"files": ("a.png", png)}).json()[0]
    file = {"path": uploaded, "meta": {"_type": "gradio.FileData"}}
    data = json.dumps([file if value == "PICTURE" else value for value in before])
    data = f"{data[:-3]}, {number}]]]" if "hint" in sentence else f"{data[:-1]}, {number}]"
    told = answer(address, point, f'{{"data": {data}}}')
    assert sentence in json.loads(told.split("data: ", 1)[1])["error"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("point", ["translate", "fill"])
def test_whatever_is_sent_as_a_file_ends_in_a_sentence(address: str, point: str, file: str) -> None:
    told = answer(address, point, f'{{"data": [{file}, "x", "x"]}}')
    assert told.startswith("error")
    assert len(str(json.loads(told.split("data: ", 1)[1])["error"])) > 20
    assert INSIDE not in told


def test_an_error_of_ours_is_no_null(address: str) -> None:
    told = [answer(address, "models", body) for body in ('{"data": 7}', '{"data": null}', "{}", "[" * 9999)]
    assert all(len(text) > 20 for text in told), told


@pytest.mark.parametrize("at", [[float("nan"), 1], [float("inf"), 1], [10**400, 1], [True, 1], ["1", 1], [1], None, {}])
def test_a_click_is_two_numbers(at: Any) -> None:
    with pytest.raises(ValueError, match="not a position in the picture"):
        controls.position(at)
    with pytest.raises(ValueError, match="not a position in the picture"):
        colorize.place(at, np.zeros((9, 9, 3), np.uint8))


@pytest.mark.parametrize(
    "text", ["rgb(1.2.3, 4, 5)", f"rgb({'9' * 400}, 4, 5)", "rgb(., 4, 5)", "rgb(nan, 4, 5)", "#12345"]
)
def test_a_colour_is_three_numbers(text: str) -> None:
    assert dance_background.hexadecimal(text) == text, "the check of the film refuses it"
    with pytest.raises(ValueError, match="Choose a colour first"):
        colorize.rgb(text)
