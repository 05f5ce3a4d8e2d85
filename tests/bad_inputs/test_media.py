"""Test bad videos, graphs, cards and hints: each ends in its sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from synth.card import KEY, VERSION
from synth.pixels.video_reader import VideoFrames, probe
from synth.runtime import colorization, graph_file
from tests.bad_inputs.said import checked, refusal
from tests.support import graphs
from tests.support.clips import clip
from tests.support.pictures import noise, saved


def sound_only(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])


def cut(path: Path, share: float, whole: str = "whole.mp4") -> None:
    content = clip(path.with_name(whole)).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def spoilt(path: Path) -> None:
    content = bytearray(clip(path.with_name("whole.mkv")).read_bytes())
    content[300:] = bytes(len(content) - 300)
    path.write_bytes(bytes(content))


NO_VIDEO = "is not a video that can be read here, or it is damaged"
VIDEOS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "empty.mp4": (lambda path: path.write_bytes(b""), NO_VIDEO),
    "letter.mp4": (lambda path: path.write_text("This is a letter."), NO_VIDEO),
    "page.webm": (lambda path: path.write_text("<html>404</html>"), NO_VIDEO),
    "image.mp4": (lambda path: path.write_bytes(saved(noise())), NO_VIDEO),
    "photo.mov": (lambda path: path.write_bytes(saved(noise(), "JPEG")), NO_VIDEO),
    "list.mp4": (lambda path: path.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"), NO_VIDEO),
    "concat.mp4": (lambda path: path.write_text("ffconcat version 1.0\nfile /etc/hostname\n"), NO_VIDEO),
    "header.mp4": (lambda path: cut(path, 0.01), NO_VIDEO),
    "zip.avi": (lambda path: path.write_bytes(b"PK\3\4" + bytes(900)), NO_VIDEO),
    "zeros.mkv": (lambda path: path.write_bytes(bytes(9000)), NO_VIDEO),
    "matroska.mkv": (lambda path: path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(9000)), NO_VIDEO),
    "song.mp4": (sound_only, "has no pictures, only sound"),
    "missing.mp4": (lambda path: None, "cannot be opened"),
    "folder.mp4": (lambda path: path.mkdir(), "is a folder"),
    "spoilt.mkv": (spoilt, "“spoilt.mkv”"),
}


@pytest.mark.parametrize("name", VIDEOS)
def test_a_bad_video(name: str, tmp_path: Path) -> None:
    make, fragment = VIDEOS[name]
    make(tmp_path / name)
    checked(refusal(lambda: (probe(tmp_path / name), list(VideoFrames(tmp_path / name)))), fragment)


def carded(**changes: Any) -> Callable[[], onnx.ModelProto]:
    """Return a maker of a graph whose card has other values."""
    return lambda: written(json.dumps(json.loads(graphs.CARD.to_json()) | changes))


def written(text: str) -> onnx.ModelProto:
    """Return a graph with any text as its card."""
    model = graphs.invert()
    helper.set_model_props(model, {KEY: text})
    return model


def changed(change: Callable[[onnx.ModelProto], Any]) -> Callable[[], onnx.ModelProto]:
    def make() -> onnx.ModelProto:
        model = graphs.invert()
        change(model)
        return model

    return make


def outside(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value="../../etc/passwd")


def deep(levels: int = 100_000) -> onnx.ModelProto:
    return written("[" * levels + "]" * levels)


ITEM = {"name": "image", "kind": "photo"}
MALFORMED, LIMITS = "malformed", "outside of the limits"
GRAPHS: dict[str, tuple[Callable[[], onnx.ModelProto | bytes], str]] = {
    "empty": (lambda: b"", "is not an ONNX graph"),
    "letter": (lambda: b"This is a letter.", "is not an ONNX graph"),
    "page": (lambda: b"<html>404</html>", "is not an ONNX graph"),
    "image": (lambda: saved(noise()), "is not an ONNX graph"),
    "half": (lambda: (data := graphs.invert().SerializeToString())[: len(data) // 2], "is not an ONNX graph"),
    "no nodes": (changed(lambda model: model.graph.ClearField("node")), "is not an ONNX graph"),
    "no card": (changed(lambda model: model.ClearField("metadata_props")), "has no synth card"),
    "weights elsewhere": (changed(outside), "keeps its weights in another file"),
    "foreign operator": (
        changed(lambda model: setattr(model.graph.node[0], "domain", "somewhere.else")), "not standard ONNX",
    ),
    "no input": (changed(lambda model: model.graph.ClearField("input")), "exactly one input"),
    "no output": (changed(lambda model: model.graph.ClearField("output")), "exactly one output"),
    "two outputs": (changed(lambda model: model.graph.output.append(model.graph.output[0])), "other outputs"),
    "card: empty": (lambda: written(""), "is not valid JSON"),
    "card: letter": (lambda: written("Dear Ann,"), "is not valid JSON"),
    "card: list": (lambda: written("[1, 2]"), "is not a JSON object"),
    "card: nested": (deep, "Export the graph again"),
    "card: long": (carded(notes="x" * 2**19), "longer than 256 KB"),
    "card: no version": (lambda: written("{}"), "has no version"),
    "card: newer": (lambda: graphs.invert(replace(graphs.CARD, version=VERSION + 1)), "newer than this synth"),
    "card: version in words": (carded(version="one"), "has no version"),
    "card: name as a number": (carded(name=7), MALFORMED),
    "card: no list of tabs": (carded(tabs=7), MALFORMED),
    "card: unknown tab": (carded(tabs=["paint"]), "which is unknown"),
    "card: unknown kind": (carded(inputs=[ITEM | {"kind": "phot"}]), "Did you mean 'photo'?"),
    "card: inputs of another kind": (carded(inputs=["image"]), MALFORMED),
    "card: no inputs": (carded(inputs=[]), LIMITS),
    "card: many inputs": (carded(inputs=[ITEM] * 9), LIMITS),
    "card: huge multiple": (carded(multiple=10**9), LIMITS),
    "card: no multiple": (carded(multiple=0), LIMITS),
    "card: negative size": (carded(size=-1), LIMITS),
    "card: huge scale": (carded(scale=1000), LIMITS),
    "card: colour of 300": (carded(palette=[["sky", 300, 0, 0]]), LIMITS),
    "card: half a colour": (carded(palette=[["sky", 3]]), MALFORMED),
    "card: many colours": (carded(palette=[["sky", 0, 0, 0]] * 300), LIMITS),
    "card: fraction": (carded(multiple=1.5), MALFORMED),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_a_bad_graph(name: str, tmp_path: Path) -> None:
    make, fragment = GRAPHS[name]
    made, path = make(), tmp_path / "graph.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    checked(refusal(lambda: graph_file.read(path, untrusted=True)), fragment)


A_HINT, A_LIST = "A hint is [x, y, red, green, blue]", "Hints must be a list"
HINTS: dict[str, tuple[Any, str]] = {
    "object": ({"x": 1}, A_LIST),
    "text": ("[[0, 0, 1, 1, 1]]", A_LIST),
    "number": (7, A_LIST),
    "true": (True, A_LIST),
    "too many": ([[0.5, 0.5, 1, 1, 1]] * 10_000, A_LIST),
    "no list in it": ([0.5, 0.5, 1, 1, 1], A_HINT),
    "four numbers": ([[0.5, 0.5, 1, 1]], A_HINT),
    "six numbers": ([[0.5, 0.5, 1, 1, 1, 1]], A_HINT),
    "nothing in it": ([[]], A_HINT),
    "null": ([[None] * 5], A_HINT),
    "words": ([["left", "top", "red", "green", "blue"]], A_HINT),
    "true and false": ([[True, False, 1, 1, 1]], A_HINT),
    "not a number": ([[float("nan"), 0, 1, 1, 1]], A_HINT),
    "infinite": ([[0, 0, float("inf"), 1, 1]], A_HINT),
    "beside the picture": ([[1.5, 0, 1, 1, 1]], A_HINT),
    "before the picture": ([[-0.1, 0, 1, 1, 1]], A_HINT),
    "colour of 256": ([[0, 0, 256, 1, 1]], A_HINT),
    "above 64 bits": ([[0, 0, 2**70, 1, 1]], A_HINT),
    "above all floats": ([[0, 0, 10**400, 1, 1]], A_HINT),
    "nested": ([[[0, 0, 1, 1, 1]]], A_HINT),
}


@pytest.mark.parametrize("name", HINTS)
def test_bad_hints(name: str) -> None:
    given, fragment = HINTS[name]
    checked(refusal(lambda: colorization.read_hints(given)), fragment)
