"""Fixtures for the pages' JavaScript: inputs and Python's results, as JSON beside the modules.

``python -m tests.web.fixtures build/web`` writes both; then ``npm test``, or ``node --test``, compares.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from synth.app import modules
from synth.pixels.body import skeleton
from synth.pixels.body.body import Body, with_middles
from synth.pixels.body.limbs import HANGING, keep_one_body
from synth.pixels.body.live_retargeting import LiveRetargeter
from synth.pixels.body.measure import measure, measure_person
from synth.pixels.body.one_euro_filter import OneEuroFilter
from synth.pixels.body.pose import COCO, MIDDLES
from synth.pixels.body.retarget import retarget
from synth.pixels.body.standing import Standing
from synth.pixels.body.steady_pose import SteadyPose
from synth.pixels.matte import Matte
from synth.pixels.resize import pad_to_multiple
from synth.runtime.dance.tracker import WindowTracker
from synth.runtime.dance.window import Window
from tests.pixels.test_matte import disc, mixed
from tests.support.bodies import body, moves, stances_of

SIZE = 480, 640
FRAME = np.kron(np.random.default_rng(2).integers(0, 256, (24, 32, 3)), np.ones((10, 10, 1))).astype(np.uint8)


def write(out: Path) -> None:
    """Write all modules below ``out/web`` and the fixtures below ``out/fixtures``."""
    names = [path.relative_to(modules.WEB).as_posix() for path in modules.WEB.rglob("*.js")]
    for name in (*names, modules.CONSTANTS):
        (out / "web" / name).parent.mkdir(parents=True, exist_ok=True)
        (out / "web" / name).write_text(modules.source(name), encoding="utf-8")
    (out / "package.json").write_text('{"type": "module"}')
    (out / "fixtures").mkdir(exist_ok=True)
    for make in FIXTURES:
        text = json.dumps(make(), default=lambda array: array.tolist())
        (out / "fixtures" / f"{make.__name__}.json").write_text(text, encoding="utf-8")


def target() -> Body:
    return measure(moves(legs=1.2, head=1.3), (256, 256))


def dance() -> np.ndarray:
    """Return poses [T, 17, 3] in ``SIZE``, from which joints, legs, and for a while the person, are missing."""
    poses = np.concatenate([moves(60), moves(60, hop=0)]) * (1.9, 1.9, 1)
    missing = np.random.default_rng(0).random(poses.shape[:2]) < 0.06
    missing[:6, 13:] = True  # the legs come into view
    missing[30:45, 13:] = True
    missing[70:78, 11:] = True
    missing[90:100] = True
    poses[74:77, :5, 1] = 2 * poses[74:77, 5:6, 1] - poses[74:77, :5, 1]  # a head below its shoulders
    poses[missing, 2] = 0.05
    return poses.astype(np.float32)


def measured() -> Any:
    poses = dance()
    cases = [poses, poses[:3], poses[30:45], poses[70:78]]
    stances = list(map(stances_of, cases))
    bodies: list[Any] = [json.loads(measure_person(*both, SIZE).to_json()) for both in zip(cases, stances, strict=True)]
    told = [[[tall, None if np.isnan(line) else line] for tall, line in stance] for stance in stances]
    return {"size": SIZE, "cases": cases, "stances": told, "bodies": bodies}


def standing() -> Any:
    """Return the stance of a live person frame by frame, ``null`` before there is one."""
    follow, found = Standing(), []
    for pose in dance():
        stance = follow(with_middles(pose.astype(np.float64)), 0.05)
        found.append(stance and [stance.tall, None if np.isnan(stance.line) else stance.line, stance.loose])
    return {"poses": dance(), "expected": found}


def steadied() -> Any:
    """Return poses with leaps, exchanged sides, a head on its side and a body upside down, and what is plausible."""
    poses, random = dance(), np.random.default_rng(3)
    poses[random.random(poses.shape[:2]) < 0.05, :2] += 60
    poses[20:26] = poses[20:26][:, [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]]
    poses[50:60, :, 0] = 640 - poses[50:60, :, 0]  # seen from behind
    poses[62:66, :, 1] = 400 - poses[62:66, :, 1]
    steady, times = SteadyPose(), np.arange(len(poses)) / 20
    found = [steady(None if 90 <= i < 100 else pose, times[i]) for i, pose in enumerate(poses)]
    assert min(steady.counts.swapped, steady.counts.held) > 0
    return {"poses": poses, "nobody": [90, 100], "times": times, "expected": found}


def retargeted() -> Any:
    poses, source = dance(), measure_person(dance(), stances_of(dance()), SIZE)
    whole = [[retarget(pose, source, target(), legs) for legs in (True, False)] for pose in poses]
    return {"poses": poses, "source": json.loads(source.to_json()), "target": _body(), "expected": whole}


def retargeter() -> Any:
    """Return a live person's poses, and the character's with and without a mirror."""
    runs = []
    for mirrored in (True, False):
        follower = LiveRetargeter(target(), mirrored)
        steps = [(follower(pose, i / 20, SIZE), follower.mode) for i, pose in enumerate(dance())]
        runs.append({"mirrored": mirrored, "poses": [a for a, _ in steps], "modes": [mode for _, mode in steps]})
    return {"size": SIZE, "poses": dance(), "target": _body(), "runs": runs}


def smoothed() -> Any:
    poses, smoother = dance(), OneEuroFilter(480)
    times = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.12, len(poses)))
    expected = [smoother(pose, time) for pose, time in zip(poses, times, strict=True)]
    return {"size": 480, "poses": poses, "times": times, "expected": expected}


def one_body() -> Any:
    """Return poses with joints of somebody else, and what is left without them."""
    random, poses = np.random.default_rng(0), []
    for joint in [0, *HANGING] * 12:
        poses.append(body(180, 230, 100).astype(np.float32))
        poses[-1][:, 2] = random.uniform(0.1, 1, 17)
        poses[-1][[joint, *HANGING.get(joint, ())], 0] += 300
    return {"poses": poses, "expected": list(map(keep_one_body, poses))}


def windows() -> Any:
    """Return windows of a frame, each with its image and the way back."""
    cases = [(0, 0, 320, 240), (-40.3, 30.7, 200.2, 133.4), (100.5, 90.2, 41.0, 61.5)]
    results = []
    for case in cases:
        image, (origin, scale) = Window(*case).cut(FRAME, *Window(*case).size(128))
        results.append({"window": case, "image": image, "from": origin, "scale": scale})
    return {"side": 128, "frame": FRAME, "results": results}


def tracked() -> Any:
    """Return what a played detector says, in shares of the image, and which pose the tracker makes of it by the frame.

    In the second run a larger person is there at the first search, and later, twice.
    """
    joints = [body(380, 460, 320 + 60 * np.sin(i / 5)) for i in range(20)] + [np.zeros((17, 3), np.float32)] * 3
    joints = [pose * (0.5, 0.5, 0.6) for pose in joints]
    joints[7][13] += (400, 0, 0)  # the knee of somebody else
    joints[9][7] += (0, -400, 0)
    usual, large = (body(tall, 230, 160 + 40) for tall in (120, 170))
    second = [large if number in (2, 3, 19, 20, 25, 26) else usual for number in range(80)]
    runs = [_tracked([pose for pose in joints for _ in range(2)], 20, False), _tracked(second, 36, True)]
    return {"height": 240, "width": 320, "side": 128, "narrow": 96, "runs": runs}


def _tracked(played: list[np.ndarray], count: int, shares: bool) -> Any:
    sizes: list[tuple[int, int]] = []

    def estimate(image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        sizes.append((width, height))
        scale = (width / 320, height / 240, 1) if shares else (1, 1, 1)
        return (played[len(sizes) - 1] * scale).astype(np.float32)

    tracker, frame = WindowTracker(estimate, 128, 96), np.zeros((240, 320, 3), np.uint8)
    expected = [tracker(frame) for _ in range(count)]
    return {"played": played, "shares": shares, "sizes": sizes, "expected": expected}


def matted() -> Any:
    """Return images of somebody who moves, their covers, and the character cut out of them."""
    cases = []
    for side in (64, 128):
        plate = np.random.default_rng(5).integers(0, 256, (side, side, 3)).astype(np.uint8)
        covers, matte, steps = [faulty(number, side) for number in range(4)], Matte(), []
        for cover in covers:
            image = mixed(cover, (200, 90, 30), plate)
            alone, gap = matte(image, cover[..., None], plate)
            steps.append({"image": image, "cover": cover, "alone": alone, "gap": gap})
        cases.append({"side": side, "plate": plate, "steps": steps})
    return cases


def faulty(number: int, side: int) -> np.ndarray:
    """Return a cover of somebody who moves, with noise, pits, a view past an elbow and a hole that is none."""
    cover = np.roll(disc(0.42 * side, 9, side), 3 * number, axis=1).astype(int)
    middle, hole = side // 2, side // 9
    cover[middle - hole : middle, middle - hole : middle] = 0
    cover[middle + 4 : middle + 4 + hole, middle - hole : middle] = 60
    cover[middle - 2 * hole : middle - 2 * hole + 2, middle : middle + 2] = 0
    cover[:9, :30] = 255
    cover += np.random.default_rng(number).integers(-12, 13, cover.shape)
    return cover.clip(0, 255).astype(np.uint8)


def padded() -> Any:
    """Return images padded to a multiple, one of them a pixel wide."""
    random, cases = np.random.default_rng(1), []
    for (height, width), multiple in (((3, 1), 16), ((45, 33), 32), ((8, 8), 8)):
        image = random.integers(0, 256, (height, width, 3), np.uint8)
        cases.append({"image": image, "multiple": multiple, "expected": pad_to_multiple(image, multiple)[0]})
    return cases


def limbs() -> Any:
    """Return a pose and its limbs: from, to, colour and width, in the order of drawing on 256 pixels."""
    pose = moves()[7]
    pose[9, 2] = 0.1  # a wrist that is not seen
    points = dict(zip(COCO, pose, strict=True))
    points |= {name: (points[a] + points[b]) / 2 for name, (a, b) in MIDDLES.items()}
    drawn = []
    for a, b, color in skeleton.LIMBS:
        if a in points and b in points and min(points[a][2], points[b][2]) >= 0.2:
            thin = b in skeleton.FACE and a != "neck"
            drawn.append([points[a][:2], points[b][:2], f"rgb{color}", 2 if thin else 4])
    return {"pose": pose, "limbs": drawn}


def _body() -> Any:
    return json.loads(target().to_json())


FIXTURES: tuple[Callable[[], Any], ...] = (
    *(
        measured,
        retargeted,
        retargeter,
        smoothed,
        standing,
        steadied,
        one_body,
        windows,
        tracked,
        matted,
        padded,
        limbs,
    ),
)


def main() -> Iterator[str]:
    for name in sys.argv[1:]:
        write(Path(name))
        yield f"{name}: the pages' modules, and {len(FIXTURES)} fixtures for `npm test`"


if __name__ == "__main__":
    print("\n".join(main()))
