"""The character in a browser: the page's JavaScript does what Python does, to the tolerances that stand here."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export import runtime, web
from synth.benchmarks.static import serving
from synth.pixels.body import skeleton
from synth.pixels.body.body import Body
from synth.pixels.body.follow import Follower
from synth.pixels.body.limbs import HANGING, of_one_body
from synth.pixels.body.measure import measure
from synth.pixels.body.smooth import Smoother
from synth.runtime.dance.tracker import WindowTracker
from synth.runtime.dance.window import Window
from tests.support import dancers
from tests.support.bodies import body, moves
from tests.support.live_page import swaying

pytestmark = pytest.mark.browser
filmed = swaying

PIXELS = 0.01  # how far a joint of the page may be from Python's
# Mean grey levels over the pixels of a skeleton: a canvas smooths edges otherwise than OpenCV. What ``dance-ava``
# makes of the two differs by 0.2 to 0.3 grey levels in the mean.
STROKES = 6.0


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An empty page beside the scripts."""
    out = tmp_path_factory.mktemp("page")
    weights = dancers.fill(tmp_path_factory.mktemp("weights"))
    web.write(out, weights=weights, cdn=True)
    (out / "blank.html").write_text("<!doctype html><link rel=icon href=data:,><title>blank</title>")
    with serving(out) as address:
        page = browser.new_page()
        page.goto(f"{address}blank.html")
        yield page


@pytest.fixture(scope="module")
def dance() -> np.ndarray:
    """A dance [T, 17, 3] in 480 x 640 pixels, from which joints, legs, and for a while the person, are missing."""
    poses = np.concatenate([moves(60), moves(60, hop=0)]) * (1.9, 1.9, 1)
    missing = np.random.default_rng(0).random(poses.shape[:2]) < 0.06
    missing[30:45, 13:] = True
    missing[70:78, 11:] = True
    missing[90:100] = True
    poses[74:77, :5, 1] = 2 * poses[74:77, 5:6, 1] - poses[74:77, :5, 1]  # a head below its shoulders
    poses[missing, 2] = 0.05
    return poses.astype(np.float32)


def target() -> Body:
    return measure(moves(legs=1.2, head=1.3), (256, 256))


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_character_follows_as_in_python(page: Any, dance: np.ndarray, mirrored: bool):
    follower, size = Follower(target(), mirrored), (480, 640)
    expected = [(follower(pose, i / 20, size), follower.mode) for i, pose in enumerate(dance)]
    found = page.evaluate(
        """async ([body, poses, mirrored]) => {
          const { makeRetargeter } = await import("./web/body/retargeter.js");
          const retargeter = makeRetargeter(body, mirrored);
          return poses.map((pose, i) => [retargeter.move(pose, i / 20, [480, 640]), retargeter.mode()]);
        }""",
        [json.loads(target().to_json()), dance.tolist(), mirrored],
    )
    assert [mode for _, mode in found] == [mode for _, mode in expected]
    assert {mode for _, mode in expected} == {"whole", "upper", "rest"}
    gaps = np.abs(np.array([pose for pose, _ in found]) - np.stack([pose for pose, _ in expected]))
    assert gaps.max() < PIXELS


def test_joints_are_steadied_as_in_python(page: Any, dance: np.ndarray):
    smoother, times = Smoother(480), np.cumsum(np.random.default_rng(1).uniform(0.02, 0.12, len(dance)))
    expected = np.stack([smoother(pose, time) for pose, time in zip(dance, times, strict=True)])
    found = page.evaluate(
        """async ([poses, times]) => {
          const { makeSmoother } = await import("./web/body/smooth.js"), { smooth } = makeSmoother(480);
          return poses.map((pose, i) => smooth(pose, times[i]));
        }""",
        [dance.tolist(), times.tolist()],
    )
    assert np.abs(np.array(found) - expected).max() < PIXELS


@pytest.mark.parametrize("window", [(0, 0, 320, 240), (-40.3, 30.7, 200.2, 133.4), (100.5, 90.2, 41.0, 61.5)])
def test_a_window_is_cut_as_in_python(page: Any, window: tuple[float, ...]):
    frame = np.kron(np.random.default_rng(2).integers(0, 256, (24, 32, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    one = Window(*window)
    expected, way_back = one.cut(frame, *one.size(128))
    found = page.evaluate(
        """async ([data, window]) => {
          const { cut } = await import("./web/body/window.js");
          const frame = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const { picture, from, scale } = cut({ data: frame, width: 320, height: 240 }, window, 128);
          return [picture.width, picture.height, [...picture.data], from, scale];
        }""",
        [base64.b64encode(frame.tobytes()).decode(), window],
    )
    assert (found[1], found[0]) == expected.shape[:2]
    assert np.abs(np.array(found[2]).reshape(expected.shape) - expected.astype(int)).max() <= 1
    assert np.abs(np.array(found[3:]) - way_back).max() < 1e-3


def test_a_person_is_tracked_through_the_same_windows(page: Any):
    """The finder is played: it gives what was recorded, so that only the windows are compared."""
    joints = [body(380, 460, 320 + 60 * np.sin(i / 5)) for i in range(20)] + [np.zeros((17, 3), np.float32)] * 3
    joints = [pose * (0.5, 0.5, 0.6) for pose in joints]
    joints[7][13] += (400, 0, 0)  # the knee of somebody else
    joints[9][7] += (0, -400, 0)
    sizes: list[list[int]] = []

    def estimate(picture: np.ndarray) -> np.ndarray:
        sizes.append([picture.shape[1], picture.shape[0]])
        return played[len(sizes) - 1]

    frame = np.zeros((240, 320, 3), np.uint8)
    played = [np.array(pose, np.float32) for pose in joints for _ in range(2)]
    tracker = WindowTracker(estimate, 128, 96)
    expected = [tracker(frame) for _ in range(20)]
    found = page.evaluate(
        """async (played) => {
          const { makeTracker } = await import("./web/body/tracker.js"), sizes = [], found = [];
          const estimate = async ({ width, height }) => played[sizes.push([width, height]) - 1];
          const frame = { data: new Uint8Array(240 * 320 * 3), width: 320, height: 240 };
          const { track } = makeTracker(estimate, 128, 96);
          for (let i = 0; i < 20; i++) found.push(await track(frame));
          return [sizes, found];
        }""",
        [pose.tolist() for pose in played],
    )
    assert found[0] == sizes
    assert any(pose is not None and (pose[:, 2] == 0).sum() == 2 for pose in expected), "a leg that was not theirs"
    assert [pose is None for pose in found[1]] == [pose is None for pose in expected]
    pairs = [(a, b) for a, b in zip(found[1], expected, strict=True) if b is not None]
    assert len(pairs) > 5
    assert max(np.abs(np.array(a) - b).max() for a, b in pairs) < PIXELS


def test_what_is_somebody_elses_is_told_as_in_python(page: Any):
    random, poses = np.random.default_rng(0), []
    for joint in [0, *HANGING] * 12:
        poses.append(body(180, 230, 100).astype(np.float32))
        poses[-1][:, 2] = random.uniform(0.1, 1, 17)
        poses[-1][[joint, *HANGING.get(joint, ())], 0] += 300
    code = "async (poses) => poses.map((await import('./web/body/limbs.js')).ofOneBody)"
    found, expected = np.array(page.evaluate(code, [pose.tolist() for pose in poses])), list(map(of_one_body, poses))
    assert np.abs(found - expected).max() < 1e-4
    assert sum((a != b).any() for a, b in zip(expected, poses, strict=True)) > 24


def test_of_two_people_the_larger_is_followed_as_in_python(page: Any):
    """The finder is played again: a larger person is there at the first search, and later, twice."""
    usual, large = (body(tall, 230, 160 + 40).astype(np.float32) for tall in (120, 170))
    played = [usual] * 80
    for number in (2, 3, 19, 20, 25, 26):
        played[number] = large
    looks = 0

    def estimate(picture: np.ndarray) -> np.ndarray:
        nonlocal looks
        looks += 1
        return played[looks - 1] * (picture.shape[1] / 320, picture.shape[0] / 240, 1)

    tracker, frame = WindowTracker(estimate, 128, 96), np.zeros((240, 320, 3), np.uint8)
    expected = [tracker(frame) for _ in range(36)]
    found = page.evaluate(
        """async (played) => {
          const { makeTracker } = await import("./web/body/tracker.js"), found = [];
          let looks = 0;
          const estimate = async ({ width, height }) =>
            played[looks++].map(([x, y, score]) => [(x * width) / 320, (y * height) / 240, score]);
          const frame = { data: new Uint8Array(240 * 320 * 3), width: 320, height: 240 };
          const { track } = makeTracker(estimate, 128, 96);
          for (let i = 0; i < 36; i++) found.push(await track(frame));
          return [looks, found];
        }""",
        [pose.tolist() for pose in played],
    )
    assert found[0] == looks
    assert looks > 36 + 3 + 2 * 2, "somebody else was looked for, and seen, at the beginning and twice later"
    assert np.abs(np.array(found[1]) - np.stack([one for one in expected if one is not None])).max() < PIXELS


def test_a_skeleton_looks_as_in_python(page: Any):
    pose = moves()[7]
    expected = skeleton.draw(pose, 256, 256)
    found = page.evaluate(
        """async (pose) => {
          const { drawSkeleton } = await import("./web/body/skeleton.js"), canvas = document.createElement("canvas");
          canvas.width = canvas.height = 256;
          drawSkeleton(canvas, pose, 256);
          return [...canvas.getContext("2d").getImageData(0, 0, 256, 256).data].filter((_, i) => i % 4 < 3);
        }""",
        pose.tolist(),
    )
    gaps = np.abs(np.array(found).reshape(expected.shape) - expected.astype(int)).mean(-1)
    drawn = expected.any(-1)
    assert gaps.sum() / drawn.sum() < STROKES


def test_the_stored_dance_plays_and_the_camera_takes_over(browser: Any, tmp_path: Path):
    try:
        runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))
    (tmp_path / "weights").mkdir()
    web.write(tmp_path / "page", weights=dancers.fill(tmp_path / "weights"))
    with serving(tmp_path / "page") as address:
        page, wrong = browser.new_page(), []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.set_default_timeout(60_000)
        page.goto(address)
        page.locator("#dance .speed").filter(has_text="WebAssembly").wait_for()
        page.get_by_role("button", name="Start camera").click()
        page.locator("#dance[data-live=true] .speed").filter(has_text="pictures/s").wait_for()
        page.wait_for_function("() => document.querySelector('#dance .over-note').textContent === ''")
        page.get_by_role("button", name="Stop camera").click()
        page.locator("#dance[data-live=false] .speed").filter(has_text="pictures/s").wait_for()
        assert page.locator("#dance video").evaluate("video => video.srcObject") is None
        page.close()
    assert wrong == []
