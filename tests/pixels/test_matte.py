"""Test matting: a mixture is separated again, and faults of an alpha mask are repaired."""

import numpy as np
import pytest

from synth.pixels import matte
from synth.pixels.matte import Matte, clean_mask, composite, fill_frame, solid_color

SIDE = 64


def disc(radius: float = 20, edge: float = 6, side: int = SIDE) -> np.ndarray:
    """Return a cover, uint8 ``[side, side]``: a disc in the middle that fades over ``edge`` pixels."""
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.5
    share = np.clip((radius - np.hypot(rows, columns)) / edge + 0.5, 0, 1)
    return np.rint(255 * share).astype(np.uint8)


def mixed(cover: np.ndarray, color: tuple[int, int, int], plate: np.ndarray) -> np.ndarray:
    share = cover[..., None] / 255
    return np.rint(share * color + (1 - share) * plate).astype(np.uint8)


def test_before_another_backdrop_there_is_nothing_of_the_old_one():
    rng = np.random.default_rng(0)
    plate, backdrop = rng.integers(60, 200, (2, SIDE, SIDE, 3)).astype(np.uint8)
    cover = disc()
    alone, gap = Matte()(mixed(cover, (200, 30, 90), plate), cover[..., None], plate)
    found, wanted = composite(alone, gap, backdrop), mixed(cover, (200, 30, 90), backdrop)
    edge = (cover > 30) & (cover < 225)
    assert edge.sum() > 300
    assert np.abs(found.astype(int) - wanted)[cover > 30].max() <= 20
    assert np.abs(found.astype(int) - wanted)[edge].mean() < 3, "no fringe"
    assert np.array_equal(found[cover == 0], backdrop[cover == 0]), "a colour to key is that colour, exactly"
    assert (alone[cover == 255] == (200, 30, 90)).all()


def test_before_its_own_plate_it_is_the_picture_again():
    plate = np.random.default_rng(1).integers(60, 200, (SIDE, SIDE, 3)).astype(np.uint8)
    cover = disc()
    picture = mixed(cover, (10, 220, 90), plate)
    found = composite(*Matte()(picture, cover[..., None], plate), plate)
    assert np.abs(found.astype(int) - picture)[cover > 30].max() <= 3


def test_what_noise_and_settling_leave_behind_is_not_seen():
    plate = np.full((SIDE, SIDE, 3), 90, np.uint8)
    ghost = plate + np.random.default_rng(2).integers(0, 30, plate.shape).astype(np.uint8)
    haze = np.full((SIDE, SIDE, 1), matte.NOISE // 2, np.uint8)
    alone, gap = Matte()(ghost, haze, plate)
    assert alone.max() == 0
    assert gap.min() == 255


@pytest.mark.parametrize(("hole", "seen_through"), [(0, True), (60, False)])
def test_a_hole_is_a_view_past_an_elbow_only_where_it_is_clear(hole: int, seen_through: bool):
    cover = disc(28)
    cover[26:40, 28:42] = hole
    assert (clean_mask(cover)[32, 34] < 30) == seen_through


def test_small_pits_are_closed_and_shadows_stay():
    cover = disc(20)
    cover[30:32, 30:32] = 0
    cover[58:62, 10:50] = 120
    found = clean_mask(cover)
    assert found[31, 31] == 255
    assert (found[58:62, 12:48] == 120).all()


def test_a_cover_does_not_tremble_and_yet_follows():
    plate = np.zeros((SIDE, SIDE, 3), np.uint8)
    cut, cover = Matte(), np.full((SIDE, SIDE, 1), 120, np.uint8)
    first = cut(plate, cover, plate)[1]
    trembling = cut(plate, cover + 6, plate)[1]
    assert np.abs(trembling.astype(int) - first).max() <= 2
    assert cut(plate, cover + 100, plate)[1].max() <= 255 - 218, "what moves is followed at once"


def test_a_backdrop_fills_its_place_without_being_stretched():
    picture = np.zeros((40, 100, 3), np.uint8)
    picture[:, 30:70] = 255
    assert (fill_frame(picture, 64, 64) == 255).all(), "the middle square of a wide one"
    assert fill_frame(np.zeros((2000, 30, 3), np.uint8), 64, 64).shape == (64, 64, 3)


@pytest.mark.parametrize("text", ["", "green", "#0f0", "#00ff0", "00ff00#", "#gggggg", "#+12345", "#00ff00ff"])
def test_what_is_no_colour_ends_in_a_sentence(text: str):
    with pytest.raises(ValueError, match="Write it as #rrggbb"):
        solid_color(text, 2, 2)


def test_a_colour_is_red_green_and_blue():
    assert solid_color("#0a80FF", 1, 1).tolist() == [[[10, 128, 255]]]
