"""Test training of characters: head window, cover of the plate, and the parts of the paper."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import nn

from synth import recipe
from synth.losses import perceptual
from synth.methods.dance import Dance
from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.painter import (
    ABOVE,
    BELOW,
    BESIDE,
    Layers,
    Painter,
    TemporalFilter,
    WithoutFeedback,
    head_window,
    near,
    take,
)
from synth.pixels.body import skeleton
from tests.support.bodies import body
from tests.support.shrink import made_up, shrink

TINY = Spec(Live, widths=(4, 4), blocks=1)
SIDE = 64


def figure(x: float = 128, side: int = 256) -> tuple[torch.Tensor, np.ndarray]:
    pose = body(180.0, 230.0, x)
    return from_pixels(torch.from_numpy(skeleton.draw(pose, side, side))[None]), pose


@pytest.mark.parametrize("x", [90, 128, 170.5])
def test_the_head_is_found_in_the_figure(x: float):
    drawn, pose = figure(x)
    rows, columns, found = head_window(drawn, 64)
    assert found.item() == 1
    top, left = rows[0, 0].argmax().item(), columns[0, 0].argmax().item()
    assert abs(top + 32 - pose[:5, 1].mean()) < 8
    assert abs(left + 32 - pose[0, 0]) < 4
    picture = torch.rand(1, 5, 256, 256)
    assert torch.equal(take(picture, rows, columns), picture[:, :, top : top + 64, left : left + 64])


def test_a_figure_without_a_face_has_no_head():
    drawn, pose = figure()
    pose[:5, 2] = 0
    faceless = skeleton.draw(pose, 256, 256)
    assert faceless.any()
    assert head_window(from_pixels(torch.from_numpy(faceless)[None]), 64)[2].item() == 0
    assert head_window(drawn, 64)[2].item() == 1


def test_the_correction_of_the_head_touches_nothing_else():
    torch.manual_seed(0)
    painter = Painter(256, TINY, Spec(Live, widths=(4, 4), blocks=1), head=64).eval()
    plain = Painter(256, TINY).eval()
    plain.body.load_state_dict(painter.body.state_dict())
    drawn, _ = figure()
    x = torch.cat((drawn, -torch.ones_like(drawn)), 1)
    with torch.no_grad():
        change = (painter(x) - plain(x)).abs().sum(1)[0]
    rows, columns, _ = head_window(drawn, 64)
    top, left = rows[0, 0].argmax().item(), columns[0, 0].argmax().item()
    inside = change[top : top + 64, left : left + 64].sum()
    assert inside > 0
    assert change.sum() == pytest.approx(inside.item(), rel=1e-5)


def test_what_is_not_covered_is_the_plate_to_the_last_grey_level():
    painter = Painter(SIDE, TINY).eval()
    plate = torch.randint(0, 256, (1, SIDE, SIDE, 3), dtype=torch.uint8)
    method = shrink(recipe.find("dance", "cpu"))
    method.prepare(painter, {"plate": plate[0]})
    last = painter.body.get_submodule("head")
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    with torch.no_grad():
        last.weight.zero_()
        last.bias.fill_(-20.0)
        assert torch.equal(to_pixels(painter(torch.zeros(1, 6, SIDE, SIDE))), plate)


def test_a_character_is_painted_around_its_figure_alone():
    drawn = -torch.ones(1, 3, 256, 256)
    drawn[..., 120:130, 100:110] = 1
    around = near(drawn)[0, 0]
    rows, columns = (torch.nonzero(around.amax(axis))[:, 0] for axis in (1, 0))
    cell = 8
    for edge, wanted in (
        (120 - rows.min(), ABOVE),
        (rows.max() - 129, BELOW),
        (100 - columns.min(), BESIDE),
        (columns.max() - 109, BESIDE),
    ):
        assert wanted * 256 <= edge <= wanted * 256 + 3 * cell
    assert around[100:150, 60:150].min() == 1
    assert near(-torch.ones(2, 3, 64, 64)).max() == 0


def test_far_from_the_figure_there_is_the_plate_but_in_windows_of_training():
    torch.manual_seed(0)
    painter = Painter(SIDE, TINY).eval()
    drawn = -torch.ones(1, 6, SIDE, SIDE)
    drawn[:, :3, 30:34, 4:8] = 1
    with torch.no_grad():
        whole, window = painter(drawn), painter(drawn, painter.plate)
    assert torch.equal(whole[..., 48:], painter.plate[..., 48:])
    assert (window[..., 48:] - painter.plate[..., 48:]).abs().max() > 0
    assert torch.equal(whole[..., 24:40, :16], window[..., 24:40, :16])


def test_without_feedback_the_graph_takes_the_figure_alone():
    method = replace(shrink(recipe.find("dance-ava", "gpu")), settle=0.0, feedback=True)
    alone = replace(method, feedback=False)
    assert isinstance(method, Dance)
    assert [entry.kind for entry in method.describe({}).inputs] == ["figure", "previous"]
    assert [entry.kind for entry in alone.describe({}).inputs] == ["figure"]
    painter = method.networks()["G"].eval()
    figure, black = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8), torch.zeros(2, 32, 32, 3).byte()
    with torch.no_grad():
        assert torch.equal(alone.graph(painter)(figure)[0], method.graph(painter)(figure, black)[0])


def test_the_layers_of_a_picture_are_what_it_is_made_of():
    painter = Painter(SIDE, TINY).eval()
    plate = torch.randint(0, 256, (1, SIDE, SIDE, 3), dtype=torch.uint8)
    painter.plate.copy_(from_pixels(plate))
    figure, last = torch.randint(0, 256, (2, 3, SIDE, SIDE, 3), dtype=torch.uint8)
    both = torch.cat((from_pixels(figure), from_pixels(last)), 1)
    with torch.no_grad():
        for body in (painter, WithoutFeedback(painter), TemporalFilter(painter, 30.0)):
            picture, cover, own = Layers(body)(figure, last)
            assert torch.equal(picture, to_pixels(body(both))), "the picture is the one without layers"
            assert torch.equal(own, plate)
            assert (cover.shape, cover.dtype) == ((3, SIDE, SIDE, 1), torch.uint8)
        painted = painter.body(both)
        over = (painted[:, 3:] + 1) / 2 * (painted[:, :3] - painter.plate)
        assert (to_pixels(painter.plate + over).int() - Layers(painter)(figure, last)[0].int()).abs().max() <= 1


def test_the_card_names_the_layers_where_there_are_some():
    method = recipe.find("dance-ava", "cpu")
    assert method.describe({}).extras == ("cover", "plate")
    assert replace(method, plate=False).describe({}).extras == ()


def test_every_part_of_the_paper_can_be_left_out():
    method = shrink(recipe.find("dance-ava", "cpu"))
    assert isinstance(method, Dance)
    expected = {
        "D": {"real", "fake"},
        "D_face": {"real", "fake"},
        "G": {"l1", "l1_face", "gradients", "steady", "gan", "features", "gan_face", "features_face"},
    }
    for changes, gone in (
        ({}, []),
        ({"head": 0}, ["D_face", "l1_face", "gan_face", "features_face"]),
        ({"temporal": False}, ["steady"]),
        ({"gradients": 0.0}, ["gradients"]),
        ({"feature_matching": 0.0}, ["features", "features_face"]),
        ({"gan": "none", "head": 0}, ["D", "D_face", "l1_face", "gan", "features", "gan_face", "features_face"]),
    ):
        changed = replace(method, **changes)
        nets = changed.networks()
        found = {name: {*terms} for name, terms in changed.losses(nets, made_up(changed), 0)}
        wanted = {name: terms - {*gone} for name, terms in expected.items() if name not in gone}
        assert found == wanted
    alone = replace(method, temporal=False).networks()["D"]
    assert next(alone.parameters()).shape[1] == 6, "without time, D sees one skeleton and one image"


def test_the_papers_table_adds_one_thing_a_row():
    ladder = ["plate_l1", "l1"], ["frames", "temporal"], ["temporal", "face"], ["face", "steady"], ["steady", ""]
    added = ["plate", "temporal", "head", "steady", "settle"]
    for preset in ("gpu", "cpu"):
        for (low, high), value in zip(ladder, added, strict=True):
            names = [f"dance-ava-{name}".removesuffix("-") for name in (low, high)]
            assert {*names} <= {*recipe.names()}
            a, b = (recipe.find(name, preset) for name in names)
            own = {field.name for field in fields(a) if field.name != "card"}
            apart = {name for name in own if getattr(a, name) != getattr(b, name)}
            assert apart - {"data"} == {value}, (names, preset)
            assert ("data" in apart) == (high == ""), "the clips alone, and what ships also tumbled"
            assert a.card.tabs == (), "measured, not shown in a tab"


def test_steadiness_counts_where_the_truth_stands_still_alone():
    method = replace(shrink(recipe.find("dance-ava", "cpu")), gan="none", head=0)
    assert isinstance(method, Dance)
    nets, batch = method.networks(), made_up(method, 8)

    def term(y_before: torch.Tensor) -> float:
        torch.manual_seed(0)
        return dict(method.losses(nets, {**batch, "y_before": y_before}, 0))["G"]["steady"].item()

    assert term(batch["y"] + 0.1) == 0
    still = term(batch["y"] + 0.02)
    assert still > 0
    half = batch["y"].clone()
    half[..., :16] += 0.1
    assert 0 < term(half) < still


def test_the_perceptual_loss_of_a_picture_and_itself_is_nothing():
    torch.manual_seed(0)
    loss = perceptual.load(torch.device("cpu"))
    a, b = torch.rand(2, 1, 3, 32, 32) * 2 - 1
    assert loss(a, a).item() == 0
    assert loss(a, b) > loss(a, 0.98 * a) > 0
