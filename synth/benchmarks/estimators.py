"""Which way of finding poses is better in the app: ``python -m synth.benchmarks.estimators synth mediapipe``.

Each picture is the first frame of a film: it is searched, and who is found is looked at from near. Of a person who is
not found, every joint is missed. PCK is that of ``synth.evaluation.metrics.pck``, on the same sets.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from synth.benchmarks.command import told
from synth.data.sets import people
from synth.data.sets.data_root import data_root
from synth.evaluation.metrics.pck import pck
from synth.pixels import images
from synth.runtime.dance.pose import CHOICES, open_poses
from synth.runtime.dance.tracker import Tracker
from synth.runtime.registry import Registry

NOBODY = np.full((17, 3), -1e6, np.float32)
SETTLED = 5
"""A still picture is shown as often to time a tracker that has found somebody."""


def first_sight(make: Callable[[], Tracker], images: Sequence[np.ndarray]) -> tuple[np.ndarray, int, float]:
    """Return the joints ``[P, 17, 3]`` found in pictures uint8 ``[H, W, 3]``, how many people were found, and the
    median of milliseconds of a look at somebody who is being followed.
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
    """Yield a line for each way to find poses and each set. Raises ``ValueError`` with a sentence without any set."""
    truths: dict[str, Callable[[Path, people.Split], dict[str, np.ndarray]]] = {
        "exercise": people.teacher_labels,
        "lsp": people.human_labels,
    }
    there = {name: read(folder / name, "test") for name, read in truths.items() if (folder / name).is_dir()}
    if not there:
        raise ValueError(f"{folder} holds none of the sets {' and '.join(truths)}. Name the folder above them: --data.")
    for choice in choices:
        poses = open_poses(choice, Registry(weights, "auto", choice))
        for name, truth in there.items():
            shown = [images.read(folder / name / "test" / file) for file in truth]
            joints, count, ms = first_sight(poses.tracker, shown)
            share = 100 * pck(joints, np.stack(list(truth.values())))
            yield f"{poses.name}, {name}: PCK@0.2 {share:.1f}, {count} of {len(shown)} found, {ms:.1f} ms a frame"


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m synth.benchmarks.estimators", description="Who finds poses better."
    )
    parser.add_argument("poses", nargs="*", default=["synth"], metavar="HOW", help=f"any of {CHOICES}")
    parser.add_argument("--weights", type=Path, default=Path("weights"), metavar="DIR", help="folder with the graphs")
    parser.add_argument("--data", type=Path, default=data_root(), metavar="DIR")
    given = parser.parse_args()
    return told(report(given.poses, given.weights, given.data))


if __name__ == "__main__":
    raise SystemExit(main())
