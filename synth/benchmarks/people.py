"""Which of two people in the image is tracked: ``python -m synth bench people``.

Two rendered characters are cut out and composed in front of one background, one of them larger: apart, close, nearly
the same size, one passing behind the other or in front, and the larger one entering later. The larger one should be
tracked. For comparison, the same frames without the smaller one give an upper bound for the detector.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from synth.benchmarks.command import print_lines
from synth.data.sets import character
from synth.data.sets.data_root import data_root
from synth.data.sets.people import foreground_mask, torso
from synth.pixels import images
from synth.pixels.body.pose import SEEN
from synth.pixels.matte import fill_frame
from synth.runtime.dance.pose import poses
from synth.runtime.dance.tracker import Tracker
from synth.runtime.registry import Registry

SIZE = HEIGHT, WIDTH = 480, 640
FRAMES = 59
LARGE, SMALL = "dance_hiphop2", "cmu_02_08"
"""The clips of the two people: a fast dance, and walking."""
TALL = 1.75  # scale of the larger one, in pixels of the set
CLOSE, MOST = 0.3, 0.5
"""A person counts as tracked if a share of at least ``MOST`` of the visible joints is found within ``CLOSE`` torso
lengths."""


@dataclass(frozen=True)
class Scene:
    """A composition: start and end of both people's centres in shares of the width, and the size of the second person
    in that of the first. The first is in front unless ``front`` says that the second is.
    """

    large: tuple[float, float]
    small: tuple[float, float]
    size: float = 0.6
    front: bool = False


SCENES = {
    "apart": Scene((0.28, 0.28), (0.78, 0.78)),
    "close": Scene((0.38, 0.38), (0.66, 0.66)),
    "passing": Scene((0.5, 0.5), (0.98, 0.02)),
    "alike": Scene((0.27, 0.27), (0.75, 0.75), 0.85),
    "crossing": Scene((0.5, 0.5), (0.98, 0.02), 0.75, front=True),
    "later": Scene((-0.4, 0.4), (0.78, 0.78)),
}


@dataclass(frozen=True)
class Dancer:
    """A clip: images uint8 RGB ``[S, S, 3]``, masks of the dancer uint8 ``[S, S]``, and joints ``[F, 17, 3]``."""

    pictures: list[np.ndarray]
    covers: list[np.ndarray]
    joints: np.ndarray

    def put(self, frame: np.ndarray, number: int, size: float, place: float) -> np.ndarray:
        """Paint frame ``number`` of the dancer into ``frame``, feet near its lower edge; return the joints there."""
        joints = self.joints[number].copy()
        middle = float(self.joints[:, 11:13, 0].mean())
        shift = np.array([place * WIDTH - size * middle, HEIGHT * (0.9 + 0.1 * size / TALL) - size * self.ground])
        matrix = np.concatenate([np.eye(2) * size, (shift + 0.5 * size - 0.5)[:, None]], 1)
        warped = [cv2.warpAffine(one[number], matrix, (WIDTH, HEIGHT)) for one in (self.pictures, self.covers)]
        share = warped[1][..., None].astype(np.float32) / 255
        frame[:] = frame * (1 - share) + warped[0] * share
        joints[:, :2] = joints[:, :2] * size + shift
        return joints

    @property
    def ground(self) -> float:
        """Return the row of the floor in the set's images."""
        return float(np.percentile(self.joints[:, 15:17, 1], 95)) + 8


def dancer(home: Path, clip: str) -> Dancer:
    """Read a test clip of a rendered character, played back and forth if it is shorter than ``FRAMES``."""
    known = character.read(home)
    found = next((one for one in known.clips if (one.split, one.name) == ("test", clip)), None)
    if not found:
        raise ValueError(f"There is no test clip {clip} in {home}. Get the dancers' set unchanged.")
    numbers = [found.first + min(i, 2 * (found.count - 1) - i) for i in range(FRAMES)]
    pictures = [images.read(known.image_path("test", i)) for i in numbers]
    plate = images.read(home / character.BACKGROUND)
    return Dancer(pictures, [foreground_mask(one, plate) for one in pictures], known.poses["test"][numbers])


def compose(
    scene: Scene, wall: np.ndarray, large: Dancer, small: Dancer | None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the frames, uint8 RGB ``[480, 640, 3]``, with the joints ``[17, 3]`` of both; without ``small``, of one."""
    for number in range(FRAMES):
        frame, joints = wall.copy(), [np.zeros((17, 3), np.float32)] * 2
        first, second = (large, TALL, scene.large), (small, TALL * scene.size, scene.small)
        for place, (who, size, (start, end)) in sorted(enumerate((first, second)), reverse=not scene.front):
            if who:
                joints[place] = who.put(frame, number, size, start + (end - start) * number / (FRAMES - 1))
        yield frame, joints[0], joints[1]


def tracked_person(found: np.ndarray | None, *people: np.ndarray) -> int | None:
    """Return the index of the person, joints ``[17, 3]`` each, that was found; ``None``: nobody, or a mixture."""
    if found is None:
        return None
    shares = [_hits(found, joints) for joints in people]
    return int(np.argmax(shares)) if max(shares) >= MOST else None


def _hits(found: np.ndarray, joints: np.ndarray) -> float:
    visible = (joints[:, 2] > 0.75) & (joints[:, :2] > 0).all(1) & (joints[:, :2] < (WIDTH, HEIGHT)).all(1)
    near = np.linalg.norm(found[:, :2] - joints[:, :2], axis=1) <= CLOSE * max(torso(joints), 1)
    return float((near & (found[:, 2] >= SEEN))[visible].mean()) if visible.any() else 0.0


def watch(tracker: Tracker, frames: Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Counter[int | None]:
    """Return in how many frames the first (0), the second (1) and neither (``None``) was tracked."""
    tracker.reset()
    return Counter(tracked_person(tracker(frame), first, second) for frame, first, second in frames)


def report(make: Callable[[], Tracker], folder: Path) -> Iterator[str]:
    """Yield a line for each scene, and one for all. Raises ``ValueError`` where the set is missing."""
    homes = [folder / "dancers" / name for name in ("ava", "rogue")]
    if not all(character.is_character(home) for home in homes):
        raise ValueError(f"The dancers are not in {folder}. Give the folder above them with --data or $SYNTH_DATA.")
    casts = [(dancer(a, LARGE), dancer(b, SMALL)) for a, b in (homes, homes[::-1])]
    wall = fill_frame(images.read(homes[0] / character.BACKGROUND), HEIGHT, WIDTH)
    total, ceiling = Counter[int | None](), Counter[int | None]()
    for name, scene in SCENES.items():
        frames = chain(*(compose(scene, wall, large, small) for large, small in casts))
        found = watch(make(), frames)
        alone = watch(make(), chain(*(compose(scene, wall, large, None) for large, _ in casts)))
        yield f"{name}: {_line(found)}; alone it is in {alone[0]}"
        total, ceiling = total + found, ceiling + alone
    yield f"all: {_line(total)}; alone it is in {ceiling[0]}"


def _line(found: Counter[int | None]) -> str:
    return f"the larger in {found[0]} of {found.total()} frames, the smaller in {found[1]}, neither in {found[None]}"


def people(*, weights: Path = Path("weights"), pose: str = "auto", data: Path | None = None) -> int:
    """Measure which of two people is tracked, in six composed scenes of the rendered dancers.

    Args:
        weights: the folder of graphs.
        pose: how people are found, as for app.py: auto, synth, mediapipe or onnx:FILE.
        data: the folder of data sets; by default $SYNTH_DATA, or data.
    """
    registry = Registry(weights, "auto", pose)
    return print_lines(report(lambda: poses(registry).tracker(), data or data_root()))
