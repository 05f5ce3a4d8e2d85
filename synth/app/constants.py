"""Write the JavaScript module of the constants that Python and the pages share, so that each is defined once.

``synth/app/web/constants.d.ts`` declares their types for editors and ``tsc``.
"""

import inspect
import json
from typing import Any

import numpy as np

from synth.app.live import frame_request
from synth.pixels import matte
from synth.pixels.body import (
    face,
    facing,
    limb_motion,
    limb_vectors,
    limbs,
    live_retargeting,
    measure,
    retarget,
    sides,
    skeleton,
    standing,
    steady_pose,
)
from synth.pixels.body.body import NECK, ROOT, STATURE, TREE, TYPICAL
from synth.pixels.body.one_euro_filter import OneEuroFilter
from synth.pixels.body.pose import COCO, SEEN, mirror
from synth.runtime.dance import tracker, window

CAMERA = {"WIDTH": 640, "HEIGHT": 480, "FPS": 30, "LONGEST": 320, "QUALITY": 0.7}
"""Size and frame rate requested from a webcam; longest side in pixels and JPEG quality of the frames that are sent."""
STILL = {
    "LONGEST": 512,
    "SMALLEST": frame_request.SMALLEST,
    "MAX_LETTERS": round(0.95 * frame_request.MAX_LETTERS),
    "QUALITIES": (0.92, 0.8, 0.6, 0.4),
}
"""Limits of a still image that is sent: sides in pixels, and JPEG qualities to try until the file is small enough."""

STANCE = "SIZED HEADED UNSURE GROW SHRINK STAY SAME MOVED GONE SETTLE WALK LAND LEAP AIR FLOOR"


def constraints(width: int = 0) -> dict[str, Any]:
    """Return what Gradio's inputs ask of a webcam: ``CAMERA``, or images of another width in its proportions."""
    width = width or CAMERA["WIDTH"]
    return {"video": {"width": {"ideal": width}, "height": {"ideal": width * CAMERA["HEIGHT"] // CAMERA["WIDTH"]}}}


def module() -> str:
    """Return the module, one ``export const NAME = value;`` a line."""
    values = {**anatomy(), **numbers()}
    return "".join(f"export const {name} = {json.dumps(value)};\n" for name, value in values.items())


def anatomy() -> dict[str, Any]:
    """Return the tables that describe a body: joints, limbs, colours.

    Each of ``LIMBS`` has two joints (17: neck, 18: middle of the hips), a colour and whether it is thin, in drawing
    order; each of ``DOTS`` a joint and a colour. ``MIRRORED`` has for each joint the one of the other side.
    """
    place = {name: index for index, name in enumerate(COCO)} | {"neck": NECK, "mid_hip": ROOT}
    color = {end: f"rgb{rgb}" for _, end, rgb in skeleton.LIMBS}
    return {
        "SEEN": SEEN,
        "NECK": NECK,
        "ROOT": ROOT,
        "TREE": TREE,
        "STATURE": STATURE,
        "TYPICAL": TYPICAL.tolist(),
        "TYPICAL_FACE": face.TYPICAL_FACE,
        "MIRRORED": mirrored(),
        "LINES_PER_HEIGHT": skeleton.LINES_PER_HEIGHT,
        "LIMBS": [
            (place[a], place[b], f"rgb{rgb}", b in skeleton.FACE and a != "neck")
            for a, b, rgb in skeleton.LIMBS
            if a in place and b in place
        ],
        "DOTS": [(place[name], color[name]) for name in skeleton.FACE],
    }


def mirrored() -> list[int]:
    """Return for each joint the index of its counterpart on the other side of the body."""
    numbered = np.zeros((len(COCO), 3), np.float32)
    numbered[:, 1] = range(len(COCO))
    return [int(y) for y in mirror(numbered, 0)[:, 1]]


def numbers() -> dict[str, dict[str, Any]]:
    """Return the constants of each step under the names that they have in its Python module."""
    least, most = measure.HUMAN
    smooth = {name: given.default for name, given in inspect.signature(OneEuroFilter).parameters.items()}
    names = "FEWEST SURE DOUBTFUL SMALLEST EASE SPARE LARGER MUCH_LARGER EVERY AGAIN HIDDEN"
    return {
        "CAMERA": CAMERA,
        "STILL": STILL,
        "MEASURE": {
            "LEAST": least,
            "MOST": most,
            "LONGEST": measure.LONGEST,
            "BEYOND": measure.BEYOND,
            "DOUBT": face.DOUBT,
        },
        "RETARGET": _of(retarget, "MARGIN LEAN UPRIGHT") | {"BRIDGED": limb_vectors.BRIDGED},
        "CALIBRATION": _of(live_retargeting, "MEMORY EVERY SETTLE LEGS_AFTER LEGS_SURE LEGS_HELD BLEND")
        | {"NEAR": live_retargeting.NEAR.tolist()},
        "FACING": _of(
            facing,
            "ANGLES LIVE_TURN WIDTH FRONT_WRONG SIDE_WRONG BACK_WRONG OUTLIER FACE_SCORE FACE_WEIGHT FACE_RANGE "
            "FACE_SATURATED LIVE_INDEPENDENT BACKS SURE",
        ),
        "SIDES": _of(sides, "CLEAR NEARER SPREAD"),
        "STANDING": _of(standing, STANCE),
        "STEADY": _of(steady_pose, "SLACK AGREE REACH NECK_TURN OVER UPSIDE") | {"SPEED": steady_pose.SPEED.tolist()},
        "MOTION": _of(limb_motion, "FULL LONGEST TURNING UNSURE SLOW ACROSS"),
        "SMOOTH": {name.upper(): smooth[name] for name in ("cutoff", "beta", "hold", "fade", "speed_cutoff")},
        "ONE_BODY": {
            "REACH": limbs.REACH,
            "ACROSS": limbs.ACROSS,
            "HANGING": limbs.HANGING,
            "INNER": limbs.INNER.tolist(),
            "OUTER": limbs.OUTER.tolist(),
        },
        "TRACKER": _of(tracker, names),
        "WINDOW": _of(window, "STEP MARGIN TRUNK LEGS BEYOND"),
        "MATTE": _of(matte, "NOISE BODY CLOSED CLEAR SPECK STEADY LEAST"),
    }


def _of(source: Any, names: str) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names.split()}
