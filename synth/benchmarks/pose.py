"""Accuracy and speed of pose estimators as the app uses them: ``python -m synth bench pose synth mediapipe``.

Each image is treated as the first frame of a video: a detection in the whole image, then a second, closer look at the
person. All joints of a person who is not detected count as missed. PCK is that of
``synth.evaluation.metrics.pck``, on the same sets.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import tyro

from synth.benchmarks.command import print_lines
from synth.data.sets import people
from synth.data.sets.data_root import data_root
from synth.evaluation.metrics.pck import pck, reliability
from synth.pixels import images
from synth.runtime.dance.pose import open_poses
from synth.runtime.dance.tracker import Tracker
from synth.runtime.registry import Registry

NOBODY = np.full((17, 3), -1e6, np.float32)
SETTLED = 5
"""How often an image is repeated to time a tracker that has found somebody."""


def first_sight(make: Callable[[], Tracker], images: Sequence[np.ndarray]) -> tuple[np.ndarray, int, float]:
    """Return the joints ``[P, 17, 3]`` found in uint8 ``[H, W, 3]`` images, how many people were found, and the median
    milliseconds of a frame while somebody is tracked.
    """
    tracker, found, times = make(), [], []
    for image in images:
        tracker.reset()
        joints = tracker(image)
        found.append(NOBODY if joints is None else joints)
        if joints is not None and len(times) < 20 * SETTLED:
            for _ in range(SETTLED):
                start = perf_counter()
                tracker(image)
                times.append((perf_counter() - start) * 1e3)
    return np.stack(found), sum(joints is not NOBODY for joints in found), median(times) if times else 0.0


def report(choices: Sequence[str], weights: Path, folder: Path) -> Iterator[str]:
    """Yield a line for each pose estimator and each set. Raises ``ValueError`` if none of the sets exists."""
    truths: dict[str, Callable[[Path, people.Split], dict[str, np.ndarray]]] = {
        "exercise": people.teacher_labels,
        "lsp": people.human_labels,
    }
    present = {name: read(folder / name, "test") for name, read in truths.items() if (folder / name).is_dir()}
    if not present:
        raise ValueError(
            f"{folder} has none of the sets {' and '.join(truths)}. Give the folder above them: --data DIR."
        )
    for choice in choices:
        poses = open_poses(choice, Registry(weights, "auto", choice))
        for name, truth in present.items():
            shown = [images.read(folder / name / "test" / file) for file in truth]
            joints, count, ms = first_sight(poses.tracker, shown)
            known = np.stack(list(truth.values()))
            share = 100 * pck(joints, known)
            yield f"{poses.name}, {name}: PCK@0.2 {share:.1f}, {count} of {len(shown)} found, {ms:.1f} ms a frame"
            rows = reliability(joints, known)
            yield "  mean score → right: " + ", ".join(f"{s:.2f} → {r:.2f} ({n})" for s, r, n in rows)


def pose(
    estimators: tyro.conf.Positional[tuple[str, ...]] = ("synth",),
    weights: Path = Path("weights"),
    data: Path | None = None,
) -> int:
    """Measure pose estimators on the test images of the sets exercise and lsp: PCK@0.2, people found, milliseconds.

    A second line per set tells how far scores can be trusted: for each tenth of the score its mean, the share of
    joints with such scores that are right, and their number.

    Args:
        estimators: any of synth, mediapipe and onnx:FILE.
        weights: the folder of graphs.
        data: the folder of data sets; by default $SYNTH_DATA, or data.
    """
    return print_lines(report(estimators, weights, data or data_root()))
