"""Measure the percentage of correct keypoints (PCK, Yang & Ramanan 2013): joints found near their true position."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.data.sets import people
from synth.metric import rounded
from synth.pixels import images
from synth.pixels.body.pose import COCO, SEEN, mirror, seen

SHARE = 0.2
FRONT, BEHIND = 50, 128
"""Degrees that a person has turned away from the camera: seen from the front below, from behind above."""
Estimate = Callable[[np.ndarray], np.ndarray]
Parts = dict[str, dict[str, dict[str, float]]]
"""See ``report.Result``."""


def measure_pose(graph: Any, folder: Path) -> tuple[dict[str, float], str, Parts]:
    """Return metrics, protocol and PCK by joint of a graph that gives keypoints, on the test splits in ``folder``.

    ``graph`` has ``run`` (uint8 ``[H, W, 3]`` to ``[17, 3]``), ``place`` and a ``card``; images are shrunk to the
    size it was trained at. Sets that ``folder`` lacks are skipped. Raises ``ValueError`` if it has none of them.
    """
    metrics: dict[str, float] = {}
    parts: Parts = {}

    def look(image: np.ndarray) -> np.ndarray:
        small, scale = fitted(image, graph.card.size)
        return graph.run(small) / np.array((*scale, 1), np.float32)

    if (folder / "exercise").is_dir():
        truth = people.teacher_labels(folder / "exercise", "test")
        found = estimates(look, folder / "exercise", list(truth))
        known = np.stack(list(truth.values()))
        metrics["PCK exercise"], parts["PCK exercise"] = 100 * pck(found, known), {"": by_joint(found, known)}
        metrics["seen"] = 100 * float(seen(found)[seen(known)].mean())
    if (folder / "lsp").is_dir():
        marked, taught = people.human_labels(folder / "lsp", "test"), people.teacher_labels(folder / "lsp", "test")
        found = estimates(look, folder / "lsp", list(marked))
        known = np.stack(list(marked.values()))
        metrics["PCK LSP"], parts["PCK LSP"] = 100 * pck(found, known), {"": by_joint(found, known)}
        metrics["PCK LSP, teacher"] = 100 * pck(found, np.stack([taught[name] for name in marked]))
    if (folder / "dancers").is_dir():
        frames = people.dancers(folder / "dancers", "test")
        found = np.stack([look(frame.image) for frame in frames])
        metrics["PCK dancers"] = 100 * pck(found, np.stack([frame.joints for frame in frames]))
    if (folder / "wardrobe").is_dir():
        metrics |= _by_view(look, folder / "wardrobe")
    if (folder / "photos").is_dir():
        empty = [view.image for view in people.scenes(folder / "photos", "test")]
        metrics["false"] = 100 * float(seen(np.stack([look(image) for image in empty])).mean())
    if not metrics:
        raise ValueError(f"{folder} holds none of the sets exercise, lsp and photos. Give the folder above them.")
    return rounded(metrics), protocol(graph), parts


def _by_view(look: Estimate, folder: Path) -> dict[str, float]:
    """Return PCK in percent by the direction that people are seen from, and how many backs keep left and right."""
    pictures = people.wardrobe_pictures(folder, "test")
    found = np.stack([look(images.read(folder / picture["file"])) for picture in pictures])
    truth = np.stack([people.wardrobe_joints(picture) for picture in pictures])
    turned = np.abs([picture["yaw"] for picture in pictures])
    behind = turned > BEHIND
    views = {"front": turned < FRONT, "side": (turned >= FRONT) & ~behind, "behind": behind}
    metrics = {f"PCK {name}": 100 * pck(found[own], truth[own]) for name, own in views.items() if own.any()}
    return metrics | ({"sides": 100 * sides(found[behind], truth[behind])} if behind.any() else {})


def sides(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the share 0..1 of people ``[P, 17, 3]`` whose limbs lie nearer to the truth than to its other side."""
    other = mirror(truth, 0) * np.array((-1, 1, 1), np.float32)  # the same places, with the names of the other side
    apart = [np.linalg.norm(found[:, 5:, :2] - wanted[:, 5:, :2], axis=2).sum(1) for wanted in (truth, other)]
    return float((apart[0] < apart[1]).mean())


def reliability(found: np.ndarray, truth: np.ndarray) -> list[tuple[float, float, int]]:
    """Return mean score, share that is right and number of joints, by tenths of the score from ``SEEN`` on.

    A calibrated estimator is right as often as its score says (Guo et al. 2017, fig. 1). Right is near, as in ``pck``;
    ``found`` and ``truth`` are ``[P, 17, 3]``. Tenths without joints are left out.
    """
    right, known = _hits(found, truth, SHARE)
    scores, right = found[..., 2][known], right[known]
    rows = []
    for low in np.arange(SEEN, 1, 0.1):
        own = (scores >= low - 1e-6) & (scores < low + 0.1 - 1e-6 if low < 0.9 - 1e-6 else np.isfinite(scores))
        if own.any():
            rows.append((float(scores[own].mean()), float(right[own].mean()), int(own.sum())))
    return rows


def protocol(graph: Any) -> str:
    """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
    return (
        f"Crops around one person, resized to {graph.card.size} pixels on the longer side, each run once by ONNX "
        f"Runtime on {graph.place}; no flip, no averaging. PCK: percent of the joints of the truth, over all people, "
        f"whose found place, whatever its score, lies within {SHARE} of the torso, which is the truth's way from left "
        "shoulder to right hip; people without that are left out. PCK exercise: 147 photographs of exercises that "
        f"training has not seen, against a teacher's joints (MoveNet Thunder) of score {SEEN} or more. PCK LSP: 250 "
        "test people of Leeds Sports Poses Extended, against the 12 limb joints that people marked, and against the "
        "teacher's joints. PCK dancers: every fourth test frame of the rendered characters, whole, all joints exact. "
        "PCK front, side, behind: 300 images of rendered people that training has not seen, all joints exact, "
        f"by the direction they are seen from (turned by less than {FRONT} degrees, between, by more than {BEHIND}). "
        "sides: percent of the images from behind in which the limbs lie nearer to their true places than to those of "
        "the other side. "
        f"seen: percent of the truth's joints in exercise that get a score of {SEEN} or more. false: percent of the "
        "joints that get such a score in 90 natural scenes without people."
    )


def pck(found: np.ndarray, truth: np.ndarray, share: float = SHARE) -> float:
    """Return the share 0..1 of the visible joints of ``truth [P, 17, 3]`` that ``found [P, 17, 3]`` has nearby.

    Near is within ``share`` of the true distance from left shoulder to right hip; people without these do not count.
    """
    right, known = _hits(found, truth, share)
    return float(right[known].mean())


def by_joint(found: np.ndarray, truth: np.ndarray, share: float = SHARE) -> dict[str, float]:
    """Return PCK in percent by name of joint, left and right together, without joints that are never annotated."""
    right, known = _hits(found, truth, share)
    names = [name.removeprefix("left_").removeprefix("right_") for name in COCO]
    columns = {name: [i for i, other in enumerate(names) if other == name] for name in dict.fromkeys(names)}
    return {
        name: round(100 * float(right[:, own][known[:, own]].mean()), 1)
        for name, own in columns.items()
        if known[:, own].any()
    }


def _hits(found: np.ndarray, truth: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each joint was found near its true position, and whether it counts, both bool ``[P, 17]``."""
    known = seen(truth)
    known &= (known[:, 5] & known[:, 12])[:, None]
    torso = np.linalg.norm(truth[:, 5, :2] - truth[:, 12, :2], axis=1)  # [P]
    apart = np.linalg.norm(found[..., :2] - truth[..., :2], axis=2)
    return apart <= share * torso[:, None], known


def estimates(estimate: Estimate, home: Path, names: list[str]) -> np.ndarray:
    """Return the joints ``[P, 17, 3]`` found in the test images ``names`` of a set, in the pixels of each image."""
    return np.stack([estimate(images.read(home / "test" / name)) for name in names])


def fitted(image: np.ndarray, side: int) -> tuple[np.ndarray, tuple[float, float]]:
    """Return uint8 ``[H, W, 3]`` resized to a longer side of ``side`` pixels, and the scale factors of x and y."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    small = max(1, round(width * scale)), max(1, round(height * scale))
    shrunk = cv2.resize(image, small, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return shrunk, (small[0] / width, small[1] / height)
