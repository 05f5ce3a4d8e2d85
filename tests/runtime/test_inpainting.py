"""Test filling holes in images of any size: the graph's input, the pasted result, input from browsers and programs."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synth.app import canvas
from synth.app.tabs import fill
from synth.runtime import inpainting
from synth.runtime.registry import Registry
from synth.runtime.session import Graph
from tests.support.graphs import GREEN, noise


@pytest.fixture
def graph(registry: Registry) -> Graph:
    return registry.graph("fill")


@pytest.mark.parametrize("size", [(40, 50), (90, 70), (1, 7)])
def test_only_what_is_missing_changes(graph: Graph, size: tuple[int, int]) -> None:
    image, mask = noise(*size, 3), np.zeros(size, bool)
    mask[: size[0] // 3 + 1, 2:5] = True
    made, _ = inpainting.inpaint(graph, image, mask)
    assert np.array_equal(made[~mask], image[~mask])
    assert (made[mask] == GREEN).all()


def test_a_hole_larger_than_the_graph_can_see_is_filled_to_its_edges(graph: Graph) -> None:
    image, mask = np.full((900, 700, 3), 90, np.uint8), np.zeros((900, 700), bool)
    mask[100:800, 50:600] = True
    made, _ = inpainting.inpaint(graph, image, mask)
    assert (np.abs(made[mask].astype(int) - GREEN) <= 1).mean() > 0.95  # all but a soft edge
    assert np.array_equal(made[~mask], image[~mask])


def test_transparency_is_continued_into_the_hole_and_kept_elsewhere(graph: Graph) -> None:
    image, mask = noise(60, 80, 4), np.zeros((60, 80), bool)
    image[..., 3] = 255
    image[:, 60:, 3] = 0
    image[20:40, 10:30, 3], mask[20:40, 10:30], mask[20:40, 65:75] = 0, True, True
    made, _ = inpainting.inpaint(graph, image, mask)
    assert np.array_equal(made[~mask], image[~mask])
    assert (made[20:40, 10:30, :3] == GREEN).all()
    assert (made[20:40, 10:30, 3] == 255).all(), "what was erased is opaque as its surroundings"
    assert (made[20:40, 65:75, 3] == 0).all(), "what was transparent stays so"


def test_nothing_missing_is_nothing_done(graph: Graph) -> None:
    image = noise(20, 30, 3)
    made, spent = inpainting.inpaint(graph, image, np.zeros((20, 30), bool))
    assert np.array_equal(made, image)
    assert spent == 0


def test_everything_missing_and_other_sizes_are_sentences(graph: Graph) -> None:
    with pytest.raises(ValueError, match="Leave some of it"):
        inpainting.inpaint(graph, noise(20, 30, 3), np.ones((20, 30), bool))
    with pytest.raises(ValueError, match="Make them the same size"):
        inpainting.inpaint(graph, noise(20, 30, 3), np.ones((20, 31), bool))


def test_every_hole_is_looked_at_by_itself_with_what_is_around_it() -> None:
    mask = np.zeros((400, 600), bool)
    mask[50:70, 50:80], mask[300:310, 500:540], mask[300:310, 548:560] = True, True, True
    found = list(inpainting.windows(mask, 64))
    assert len(found) == 2  # the last two are close to each other
    whole = np.zeros_like(mask)
    for (rows, columns), hole in found:
        assert rows.stop - rows.start >= 64
        assert columns.stop - columns.start >= 2 * (np.ptp(np.nonzero(hole.any(0))[0]) + 1)
        whole[rows, columns] |= hole
    assert np.array_equal(whole, mask)


def test_a_spray_of_dots_is_one_hole() -> None:
    mask = np.zeros((300, 300), bool)
    mask[5::40, 5::40] = True
    assert len(list(inpainting.windows(mask, 64))) == 1


def address(image: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return canvas.PREFIX + base64.b64encode(buffer.getvalue()).decode()


def test_the_page_gets_a_picture_and_where_it_ran(registry: Registry) -> None:
    fill_holes, fill_example = fill.functions(registry)
    mask = np.zeros((30, 40, 3), np.uint8)
    mask[10:20, 10:20, 0] = 225
    answer = fill_holes({"graph": "fill", "png": address(noise(30, 40, 3)), "mask": address(mask)})
    assert answer["png"].startswith("data:image/png")
    assert (answer["place"], answer["warning"]) == ("CPU", "")
    assert fill_example({"graph": "fill", "index": 0})["png"].startswith("data:image/")


@pytest.mark.parametrize(
    "data",
    [None, 5, {}, {"graph": "street"}, {"graph": ["fill"]}, {"graph": "fill"}, {"graph": "fill", "png": 5},
     {"graph": "fill", "png": "data:image/png;base64,%%%", "mask": ""},
     {"graph": "fill", "png": address(noise(9, 9, 3)), "mask": address(noise(8, 9, 3))},
     {"graph": "fill", "png": address(noise(770, 770, 3)), "mask": address(noise(770, 770, 3))}],
)  # fmt: skip
def test_what_is_wrong_comes_back_as_a_sentence(registry: Registry, data: Any) -> None:
    fill_holes, fill_example = fill.functions(registry)
    assert set(fill_holes(data)) == {"error"}
    assert set(fill_example(data)) == {"error"}
