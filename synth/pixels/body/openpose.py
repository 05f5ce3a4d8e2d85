"""Read and write OpenPose JSON (Cao et al. 2019): one object per frame with a list of people."""

import json
from typing import Any

import numpy as np

from synth.pixels.body.pose import BODY_25, CONVENTIONS, to_body_25

BODY, LEFT, RIGHT = "pose_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d"


def read(text: str | bytes) -> np.ndarray:
    """Parse all people of an OpenPose JSON file: float32 ``[P, 25, 3]``, or ``[P, 67, 3]`` if hands are given.

    Accepts BODY_25 and the older 18-point model; a frame without people gives ``[0, 25, 3]``. Raises ``ValueError`` for
    anything else.
    """
    try:
        values = json.loads(text)
        people = [_person(person) for person in values["people"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"This is not a pose file that OpenPose wrote ({error}). Pass its --write_json output."
        ) from error
    count = max((len(person) for person in people), default=len(BODY_25))
    return np.stack([np.pad(p, ((0, count - len(p)), (0, 0))) for p in people]) if people else _nobody()


def write(people: np.ndarray) -> str:
    """Return ``[P, K, 3]`` of any known convention as OpenPose JSON (BODY_25, with hands if known)."""
    rows = []
    for person in people:
        hands = person[25:] if len(person) == 67 else np.zeros((0, 3))
        row: dict[str, Any] = {"person_id": [-1], BODY: _flat(to_body_25(person)), "face_keypoints_2d": []}
        rows.append(row | {LEFT: _flat(hands[:21]), RIGHT: _flat(hands[21:])})
    return json.dumps({"version": 1.3, "people": rows})


def _nobody() -> np.ndarray:
    return np.zeros((0, len(BODY_25), 3), np.float32)


def _person(person: dict[str, Any]) -> np.ndarray:
    body = _points(person[BODY])
    if len(body) not in (18, 25):
        raise ValueError(f"{len(body)} body points, expected 25 or 18")
    body = to_body_25(body)
    left, right = _points(person.get(LEFT) or []), _points(person.get(RIGHT) or [])
    if not len(left) and not len(right):
        return body
    hands = [hand if len(hand) == 21 else np.zeros((21, 3), np.float32) for hand in (left, right)]
    whole = np.concatenate([body, *hands])
    assert len(whole) in CONVENTIONS
    return whole


def _points(numbers: list[float]) -> np.ndarray:
    return np.array(numbers, np.float32).reshape(-1, 3)


def _flat(points: np.ndarray) -> list[float]:
    return [round(float(value), 3) for value in points.reshape(-1)]
