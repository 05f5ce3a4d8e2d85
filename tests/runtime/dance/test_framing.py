"""Test that a character is framed from the waist up where a person shows no more."""

from pathlib import Path

import numpy as np
import pytest

from synth.pixels.body.body import Body
from synth.pixels.body.measure import measure
from synth.runtime.dance.framing import Framing
from synth.runtime.dance.perform import Role
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.bodies import body, moves

SIZE = 480, 640


@pytest.fixture
def target() -> Body:
    return measure(moves(hop=0), (256, 256))


def test_the_frame_closes_in_after_a_second_and_opens_again(target: Body):
    framing, shares = Framing(target), []
    for i in range(120):
        framing.update("upper" if i < 90 else "whole", i / 30)
        shares.append(framing.share)
    assert max(shares[:30]) == 0
    assert shares[89] == pytest.approx(1, abs=0.01)
    assert np.abs(np.diff(shares)).max() < 0.1, "without a jump"
    assert shares[-1] < 0.1


def test_a_moment_without_legs_changes_nothing(target: Body):
    framing, image = Framing(target), np.zeros((256, 256, 3), np.uint8)
    for i in range(60):
        framing.update("upper" if i % 20 < 10 else "whole", i / 30)
    assert framing.crop(image) is image


def test_the_upper_body_fills_the_frame(target: Body):
    framing, image = Framing(target), np.zeros((256, 256, 1), np.uint8)
    nose, hip, foot = (target.pose[joint, :2].astype(int) for joint in (0, 11, 15))
    for level, (x, y) in ((80, nose), (160, hip), (240, foot)):
        image[y - 2 : y + 3, x - 2 : x + 3] = level
    for i in range(150):
        framing.update("upper", i / 30)
    shown = framing.crop(image)
    assert shown.shape == image.shape
    heights = [np.flatnonzero((np.abs(shown[..., 0].astype(int) - level) < 12).any(1)) for level in (80, 160, 240)]
    assert heights[0].mean() == pytest.approx(0.32 * 256, abs=6)
    assert 0.75 * 256 < heights[1].mean() < 0.9 * 256
    assert not len(heights[2])


def test_somebody_before_a_laptop_is_shown_from_the_waist_up(tmp_path: Path):
    role = Role(Registry(dancers.fill(tmp_path), "cpu").graph("dance-dots"))
    near = body(1100, 1250, 320)
    near[9:, 2] = 0
    moments = [role(near, i / 30, SIZE) for i in range(90)]
    assert {moment.mode for moment in moments} == {"upper"}
    assert np.array_equal(moments[-1].pose[15:, 2], [1, 1]), "its joints are all there"
    lowest = [np.flatnonzero(moment.picture.any((1, 2)))[-1] for moment in (moments[20], moments[-1])]
    assert lowest[0] < 62
    assert lowest[1] == 63, "the body reaches the lower edge"
