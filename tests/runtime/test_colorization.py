"""Test colorization of photographs of any size: hints, kept pixels, input from browsers and programs."""

from typing import Any

import numpy as np
import pytest

from synth.app import controls
from synth.app.tabs import colorize, dial
from synth.card import Card, Input
from synth.pixels import border, color
from synth.runtime import colorization
from synth.runtime.registry import Registry
from synth.runtime.session import Graph
from tests.support.graphs import noise
from tests.support.paths import WEIGHTS

RED = (200, 30, 30)


@pytest.fixture
def graph(registry: Registry) -> Graph:
    return registry.graph("colorize")


def test_hints_and_temperature_reach_the_graph(graph: Graph) -> None:
    """The stand-in shows hints as they are, and elsewhere the picture times twice the temperature."""
    image = np.full((50, 80, 3), 60, np.uint8)
    plain = colorization.colorize(graph, image, [], {"temperature": 0.5})
    assert np.array_equal(plain.result, image)
    assert np.array_equal(colorization.colorize(graph, image, [], {"temperature": 1.0}).result, 2 * image)
    made = colorization.colorize(graph, image, [colorization.Hint(0.5, 0.1, *RED)], {"temperature": 0.5}).result
    here = (made == RED).all(-1)
    assert here.sum() == round(0.04 * 50) * round(0.04 * 80)
    assert here[5, 40]
    assert np.array_equal(made[~here], image[~here])


def test_transparency_is_kept(graph: Graph) -> None:
    image = np.dstack([np.repeat(noise(20, 30, 1), 3, 2), np.full((20, 30), 255, np.uint8)])
    image[:, 20:, 3], image[:, 25:, 3] = 128, 0
    made = colorization.colorize(graph, image, [colorization.Hint(0.5, 0.5, *RED)], {"temperature": 0.5}).result
    assert np.array_equal(made[..., 3], image[..., 3])
    assert np.array_equal(made[:, :10], image[:, :10])
    assert (made[..., :3] == RED).all(-1).sum() == 1
    assert np.abs(made[:, 21:, :3].astype(int) - image[:, 21:, :3]).max() <= 1, "gray stays gray, as bright as it was"


def test_a_graph_without_temperature_gets_none(registry: Registry) -> None:
    assert colorization.dial(registry.card("colorize-l2")) is None
    image = noise(20, 30, 3)
    assert np.array_equal(
        colorization.colorize(registry.graph("colorize-l2"), image, [], {"temperature": 0.3}).result, image
    )


def test_the_slider_follows_the_number_input_of_the_model() -> None:
    vivid = Card(name="a", inputs=(Input("vividness", kind="number", value=0.5, low=0.0, high=1.0),))
    assert dial.properties(vivid)["label"] == "Cautious ↔ vivid"
    assert dial.properties(Card(name="b")) == {"visible": False}
    assert dial.setting(vivid, 0.25) == {"vividness": 0.25}
    assert dial.setting(Card(name="b"), None) == {}
    with pytest.raises(ValueError, match="vividness must be a number from 0 to 1, not 3"):
        dial.setting(vivid, 3)


def test_a_graph_with_hints_runs_without_them(graph: Graph) -> None:
    image = noise(20, 30, 3)
    assert np.array_equal(graph.run(image), image)
    assert graph.run(np.stack([image] * 2)).shape == (2, 20, 30, 3)
    with pytest.raises(ValueError, match="takes 1 to 3 images, not 4"):
        graph.run(image, image, image, image)
    with pytest.raises(ValueError, match=r"from 0\.05 to 1, not 3"):
        graph.run(image, temperature=3)
    with pytest.raises(ValueError, match="no number “heat”"):
        graph.run(image, heat=1)


def test_large_photographs_keep_every_detail_of_their_luminance(graph: Graph) -> None:
    image = np.repeat(noise(1500, 1300, 1) // 2 + 64, 3, 2)
    made = colorization.colorize(graph, image, [colorization.Hint(0.5, 0.5, *RED)], {"temperature": 0.5}).result
    assert made.shape == image.shape
    inside = ((made > 0) & (made < 255)).all(-1)
    difference = color.to_lab(made)[..., 0] - color.to_lab(image)[..., 0]
    assert np.abs(difference[inside]).max() < 1
    assert color.chroma(made[740:760, 640:660]) > 20
    assert color.chroma(made[:100, :100]) < 1


def test_colours_are_put_onto_luminance_in_strips_as_in_one_piece() -> None:
    image, colored = noise(600, 70, 3), noise(13, 9, 3)
    made = color.with_chroma(image, colored)
    assert np.abs(color.with_chroma(image[:256], colored).astype(int)[:20] - made[:20]).max() > 1  # another place
    for top in (255, 511):  # across the edges of the strips the colours go on as smoothly as elsewhere
        flat = color.with_chroma(np.full_like(image, 128), colored).astype(int)
        steps = np.abs(np.diff(flat, axis=0)).max((1, 2))
        assert steps[top] <= steps[top - 1] + 2
    same = color.with_chroma(image, image)
    assert np.abs(same.astype(int) - image).max() <= 2


def scan(paper: int = 235) -> np.ndarray:
    """Return a photograph with an even border of 30 pixels, a little noise on all of it."""
    image = np.full((260, 360, 3), paper, np.uint8)
    image[30:-30, 30:-30] = np.repeat(noise(200, 300, 1) // 2, 3, 2)
    return np.clip(image.astype(int) + noise(260, 360, 3) % 7 - 3, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("paper", [235, 12])
def test_the_paper_around_a_scan_stays_as_it_is(graph: Graph, paper: int) -> None:
    image = scan(paper)
    rows, columns = border.inside_border(image)
    assert (rows.start, columns.start) == (pytest.approx(32, abs=2), pytest.approx(32, abs=2))
    assert (260 - rows.stop, 360 - columns.stop) == (pytest.approx(32, abs=2), pytest.approx(32, abs=2))
    made = colorization.colorize(
        graph, image, [colorization.Hint(0.01, 0.01, *RED), colorization.Hint(0.5, 0.5, *RED)], {"temperature": 1.0}
    ).result
    assert np.array_equal(made[:28], image[:28])
    assert np.array_equal(made[:, :28], image[:, :28])
    assert tuple(made[130, 180]) == RED
    assert not np.array_equal(made[60:90, 60:90], image[60:90, 60:90])


def test_a_sky_is_no_border() -> None:
    image = np.repeat(noise(200, 300, 1), 3, 2)
    whole = slice(0, 200), slice(0, 300)
    assert border.inside_border(image) == whole
    image[:40] = 200
    assert border.inside_border(image) == whole
    assert border.inside_border(np.full((200, 300, 3), 90, np.uint8)) == whole
    assert border.inside_border(image[:1, :1]) == (slice(0, 1), slice(0, 1))


def test_a_picture_with_colours_tells_them(graph: Graph) -> None:
    image = np.full((120, 120, 3), 128, np.uint8)
    assert colorization.existing_colors(image) == []
    image[:, 60:] = RED
    pins = colorization.existing_colors(image)
    assert len(pins) == colorization.GRID**2 / 2
    assert all(pin.x > 0.5 and (pin.red, pin.green, pin.blue) == RED for pin in pins)


@pytest.mark.parametrize(
    "given",
    ["x", [1], [[0.5, 0.5, 1, 2]], [[0.5, 2, 1, 2, 3]], [[0.5, 0.5, 1, 2, 300]], [[0.5, 0.5, 1, 2, None]],
     [[0.5, 0.5, 1, 2, float("nan")]], [[True, 0.5, 1, 2, 3]], [[0.5, 0.5, 1, 2, 3]] * 201],
)  # fmt: skip
def test_what_is_no_hint_is_a_sentence(given: Any) -> None:
    with pytest.raises(ValueError, match="int"):
        colorization.read_hints(given)


def test_what_a_browser_sends_is_checked() -> None:
    assert colorize.rgb("#0a0B0c") == (10, 11, 12)
    assert colorize.rgb("rgba(10.4, 11, 300, 1)") == (10, 11, 255)
    image = noise(10, 20, 3)
    assert colorize.place([0, 9], image) == (0.025, 0.95)
    assert colorize.place([50, -3], image) == (1, 0)
    for wrong in (None, [1], "ab", [1, "2"]):
        with pytest.raises(ValueError, match="not a position"):
            colorize.place(wrong, image)
    for wrong in (None, "red", 5, "#12345"):
        with pytest.raises(ValueError, match="Choose a colour"):
            colorize.rgb(wrong)
    for wrong in (0, 2, None, True, "1"):
        with pytest.raises(ValueError, match=r"temperature must be a number from 0\.05 to 1"):
            dial.checked_number("temperature", wrong, 0.05, 1)
    with pytest.raises(ValueError, match="no model"):
        controls.one_of(["colorize"], "../x")


def test_too_large_a_picture_is_refused_with_a_way_out() -> None:
    with pytest.raises(ValueError, match="python -m synth apply"):
        colorize.within_limit(np.zeros((6000, 5000, 3), np.uint8))


def test_one_pixel_gets_a_colour_too(graph: Graph) -> None:
    assert colorization.colorize(
        graph, np.full((1, 1, 3), 9, np.uint8), [colorization.Hint(0, 1, *RED)], {}
    ).result.shape == (1, 1, 3)


def test_side_by_side_shows_every_loss(registry: Registry) -> None:
    names = controls.recipe_first(registry, "colorize")
    assert names == ["colorize", "colorize-l2"]
    pages = list(colorize.panels(registry, names, noise(30, 30, 3), [], {"temperature": 0.5}))
    assert [page.count("<figcaption>") for page in pages] == [1, 2, 3]


def test_the_examples_are_black_and_white_and_know_the_truth() -> None:
    folder = WEIGHTS / "examples" / "colorize"
    if not folder.is_dir():
        pytest.skip("no examples are here")
    from synth.pixels import images

    for path in sorted((folder / "input").iterdir()):
        image = images.read(path)
        truth = images.read(folder / "target" / path.name)
        assert image.shape == truth.shape
        assert color.chroma(image) < 1 < color.chroma(truth)
        gap = np.abs(colorize.gray(truth).astype(int) - image)
        assert gap.mean() < 8, path.name  # both are JPEGs
