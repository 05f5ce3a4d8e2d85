"""Test the temporal filter of a character's graph: it reduces flicker, but neither motion nor an uncovered plate."""

import pytest
import torch

from synth import recipe
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.painter import Painter, TemporalFilter, WithoutFeedback, near
from tests.support.shrink import shrink

TINY = Spec(Live, widths=(4, 4), blocks=1)
SIDE = 64


def test_small_changes_are_held_back_and_large_ones_taken_over():
    painter = Painter(SIDE, TINY).eval()
    first = WithoutFeedback(painter)
    figure, last = torch.rand(2, 3, SIDE, SIDE) * 2 - 1, torch.rand(2, 3, SIDE, SIDE) * 2 - 1
    level = 2 / 255
    with torch.no_grad():
        painted = first(figure)
        for apart, taken in ((2.0, 0.1 + 0.9 * (2 / 30) ** 2), (15.0, 0.1 + 0.9 / 4), (30.0, 1.0), (200.0, 1.0)):
            settled = TemporalFilter(first, 30.0)(torch.cat((figure, painted - apart * level), 1))
            assert torch.allclose(settled, painted - (1 - taken) * apart * level, atol=1e-4)
        both = torch.cat((figure, last), 1)
        assert torch.allclose(TemporalFilter(painter, 1e-6)(both), painter(both), atol=1e-5)


def test_where_the_character_has_gone_the_plate_is_there_at_once():
    painter = Painter(SIDE, TINY).eval()
    figure = -torch.ones(1, 3, SIDE, SIDE)
    figure[..., 30:34, 4:8] = 1
    with torch.no_grad():
        settled = TemporalFilter(WithoutFeedback(painter), 30.0)(torch.cat((figure, torch.full_like(figure, 0.02)), 1))
    gone = near(figure) == 0
    assert 0.2 < gone.float().mean() < 0.8
    assert torch.equal(settled[gone.expand_as(settled)], painter.plate[gone.expand_as(settled)])


def test_tremble_is_held_back_more_than_motion_of_the_same_size():
    painter = Painter(SIDE, TINY).eval()
    first, level, place = WithoutFeedback(painter), 2 / 255, torch.arange(SIDE)
    figure = torch.rand(1, 3, SIDE, SIDE) * 2 - 1
    tremble = torch.where((place[:, None] + place) % 2 == 0, 20.0, -20.0)  # [SIDE, SIDE]
    line = torch.where(place == 20, 130.0, 0.0).expand(SIDE, SIDE)
    with torch.no_grad():
        painted = first(figure)

        def taken(change: torch.Tensor) -> torch.Tensor:
            settled = TemporalFilter(first, 30.0)(torch.cat((figure, painted - change * level), 1))
            return 1 - ((painted - settled) / level / change)[0, 0, 8:-8, 8:-8]

        assert taken(torch.full((SIDE, SIDE), 20.0)).mean() == pytest.approx(0.1 + 0.9 * (20 / 30) ** 2, abs=1e-3)
        assert taken(tremble).mean() < 0.15
        assert taken(line)[:, 12].min() > 0.99, "a thin thing that moves is shown at once"


def test_a_character_that_settles_is_shown_its_last_picture():
    method = shrink(recipe.find("dance-ava", "cpu"))
    assert [entry.kind for entry in method.describe({}).inputs] == ["figure", "previous"]
    graph, black = method.graph(method.networks()["G"].eval()), torch.zeros(1, 32, 32, 3).byte()
    figure = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        begun = graph(figure, black)[0]
        assert torch.equal(graph(figure, begun)[0], begun), "a figure that stands still is painted without a tremble"
