"""Test the whole path from a video to a data set, two training steps, a graph and a moving character."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from export.trained import export
from synth import recipe
from synth.__main__ import main
from synth.pixels.body import skeleton
from synth.pixels.body.body import Body
from synth.runtime.dance.painting import paint
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.films import dance, film, frames, room
from tests.support.shrink import shrink


@pytest.mark.slow
def test_from_a_film_to_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    weights, find = tmp_path / "weights", recipe.find
    weights.mkdir()
    onnx.save(dancers.finder(), weights / "pose.onnx")
    clip = film(tmp_path / "dance.mkv", frames(dance(60), room()))
    words = ["data", "video", str(clip), "--name", "me", "--out", str(tmp_path), "--weights", str(weights)]
    assert main([*words, "--pose", "synth", "--i-have-consent"]) == 0

    monkeypatch.setattr(recipe, "find", lambda name, preset="auto": shrink(find(name, "cpu")))
    words = ["train", "dance", "--data", str(tmp_path / "me"), "--as-name", "dance-me", "--device", "cpu"]
    assert main([*words, "--out", str(tmp_path / "run"), "--steps", "2"]) == 0
    assert export("dance", tmp_path / "run" / "last.pt", weights) == 0

    registry = Registry(weights, "cpu")
    assert registry.names("dance") == ["dance-me"]
    graph = registry.graph("dance-me")
    body, side = Body.from_json(graph.card.body), graph.card.size
    figure = skeleton.draw(body.scaled(side / body.size[0]).pose, side, side)
    assert paint(graph, figure, np.zeros_like(figure)).shape == (side, side, 3)
    more = ["--out", str(tmp_path / "more"), "--init", str(weights / "dance-me.onnx"), "--steps", "1"]
    assert main([*words, *more]) == 0, "training goes on from the graph"
