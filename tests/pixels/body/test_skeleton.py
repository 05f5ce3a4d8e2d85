"""Test skeleton drawing: position, colours, thickness and speed."""

import time

import numpy as np
import pytest

from synth.pixels.body import skeleton
from synth.pixels.body.pose import (
    mirror,
    to_body_25,
    to_coco,
)
from tests.support.bodies import body


def test_a_drawn_joint_is_found_where_it_is():
    """Alone in the picture, an upper arm's pixels have their middle half way between its ends."""
    points = np.zeros((17, 3), np.float32)
    points[5], points[7] = (100.3, 50.6, 1), (140.9, 90.2, 1)
    picture = skeleton.draw(points, 256, 256)
    rows, columns = np.nonzero(picture.any(-1))
    weight = picture[rows, columns].sum(-1).astype(float)
    assert np.average(columns + 0.5, weights=weight) == pytest.approx(120.6, abs=0.1)
    assert np.average(rows + 0.5, weights=weight) == pytest.approx(70.4, abs=0.1)


def test_every_limb_has_its_own_colour_and_sides_differ():
    colors = [color for a, b, color in skeleton.LIMBS if "toe" not in b and "heel" not in b]
    assert len(set(colors)) == len(colors)
    pose = body()
    assert not np.array_equal(skeleton.draw(pose, 256, 256), skeleton.draw(mirror(mirror(pose, 256), 0), 256, 256))
    drawn = {tuple(color) for color in skeleton.draw(pose, 256, 256).reshape(-1, 3).tolist()}
    assert {c for a, b, c in skeleton.LIMBS if "toe" not in b and "heel" not in b and "hip" not in a} <= drawn


def test_missing_joints_are_left_out():
    pose = body()
    pose[9, 2] = 0.1
    pose[3] = np.nan
    pose[10, :2] = 1e9
    picture = skeleton.draw(pose, 256, 256)
    gone = {color for a, b, color in skeleton.LIMBS if b in ("left_wrist", "right_wrist", "left_ear")}
    assert not gone & {tuple(color) for color in picture.reshape(-1, 3).tolist()}
    assert not skeleton.draw(np.zeros((17, 3)), 64, 48).any()


def test_feet_and_hands_are_drawn_where_known():
    plain = to_body_25(body())
    feet = plain.copy()
    feet[19:] = [(150, 225, 1), (152, 226, 1), (138, 222, 1), (110, 225, 1), (108, 226, 1), (118, 222, 1)]
    hands = np.concatenate([plain, np.full((42, 3), 0.0)])
    hands[25:46] = np.stack([np.linspace(200, 240, 21), np.linspace(40, 80, 21), np.ones(21)], 1)
    empty = skeleton.draw(plain, 256, 256)
    assert np.array_equal(empty, skeleton.draw(to_coco(plain), 256, 256)), "one figure for both conventions"
    assert (skeleton.draw(feet, 256, 256) != empty).any(-1)[221:].sum() > 20
    assert (skeleton.draw(hands, 256, 256) != empty).any(-1)[40:80, 200:240].sum() > 50


@pytest.mark.parametrize(("height", "width", "thick"), [(64, 64, 1), (256, 256, 4), (512, 288, 8)])
def test_thickness_is_a_share_of_the_height(height: int, width: int, thick: int):
    points = np.zeros((17, 3), np.float32)
    points[5], points[7] = (width / 4, height / 2, 1), (width * 0.75, height / 2, 1)
    column = skeleton.draw(points, height, width)[:, width // 2].max(-1)
    assert column.astype(float).sum() / 255 == pytest.approx(thick, rel=0.6, abs=0.8)


def test_drawing_takes_less_than_two_milliseconds():
    """Measured 0.4 ms on a busy two-core machine."""
    pose, took = body(), []
    for _ in range(30):
        start = time.perf_counter()
        skeleton.draw(pose, 256, 256)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.002
