"""Read images of people with joint labels from several data sets, and weigh how reliable each set's labels are.

Labels are of three kinds: a teacher network's, with scores; human annotations, some of them wrong; and exact ones of
rendered people. In an ``Example`` each joint is present (score 1), certainly outside the image (score 0), or unknown,
in which case it has no part in the loss. Eyes and nose that a head turned away hides have the score ``TURNED``, so the
scores of the face tell whether a person is seen from behind.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from synth.data.sets import character
from synth.pixels import images
from synth.pixels.body.pose import COCO, VISIBLE, pick

Split = Literal["train", "test"]
SURE, DOUBTFUL = 0.2, 0.1  # a teacher's score from which a joint is present, and below which it is outside the image
CERTAIN = 0.5  # from this teacher's score a disagreeing human label is not used; the joint is then unknown
CLOSE = 0.25  # teacher and human agree within this share of the torso's length
EVERY = 4  # only every fourth frame: neighbouring frames of a clip add little
BORROWED = "dm_"  # prefix of clips with motions of unchecked origin, which are left out
LIMBS = slice(5, 17)  # the joints that humans annotated; face joints are the teacher's
FACE = slice(0, 3)  # nose and eyes
TURNED = 0.35  # the score of nose and eyes behind the head: above SEEN, so that they are still placed
AWAY = 0.25  # shoulders that lie the wrong way round by this share of the torso belong to a back


@dataclass(frozen=True)
class Example:
    """Image uint8 ``[H, W, 3]`` with joints ``[17, 3]``, score 1 or 0, and whether each is ``known`` ``[17]``.

    ``mask`` is uint8 ``[H, W]``, how much of each pixel belongs to the person, where that is known.
    """

    image: np.ndarray
    joints: np.ndarray
    known: np.ndarray
    mask: np.ndarray | None = None


def read_sets(folder: Path, split: Split) -> dict[str, list[Example]]:
    """Return the examples of every set found in ``folder``: exercise, lsp, dancers, wardrobe, and photos as scenes
    without people.

    Raises ``ValueError`` if none of them shows people.
    """
    readers: dict[str, Callable[[Path, Split], list[Example]]] = {
        "exercise": exercise,
        "lsp": lsp,
        "dancers": dancers,
        "wardrobe": wardrobe,
        "photos": scenes,
    }
    found = {name: reader(folder / name, split) for name, reader in readers.items() if (folder / name).is_dir()}
    if not found.keys() - {"photos"}:
        raise ValueError(
            f"{folder} holds none of the sets exercise, lsp, dancers and wardrobe. "
            "Pass the folder above them with --data DIR."
        )
    return found


def exercise(folder: Path, split: Split) -> list[Example]:
    """Return photographs labelled by a teacher network."""
    labels = _labels(folder / "teacher.json")[split]
    images = _images([folder / split / name for name in labels])
    return [Example(image, *trust_teacher(joints)) for image, joints in zip(images, labels.values(), strict=True)]


def lsp(folder: Path, split: Split) -> list[Example]:
    """Return sports photographs labelled by humans and by a teacher network."""
    taught_by, marked = _labels(folder / "teacher.json")[split], human_labels(folder, split)
    images = _images([folder / split / name for name in marked])
    return [Example(i, *merge_labels(m, taught_by[name])) for i, (name, m) in zip(images, marked.items(), strict=True)]


def human_labels(folder: Path, split: Split) -> dict[str, np.ndarray]:
    """Return the human annotations of ``lsp`` by file name: ``[17, 3]``, score 1 where annotated."""
    content = json.loads((folder / "joints.json").read_text())
    return {name: pick(np.array(points, np.float32), content["order"], COCO) for name, points in content[split].items()}


def teacher_labels(folder: Path, split: Split) -> dict[str, np.ndarray]:
    """Return a teacher's joints by file name: float32 ``[17, 3]``."""
    return _labels(folder / "teacher.json")[split]


def dancers(folder: Path, split: Split) -> list[Example]:
    """Return every fourth frame of the rendered characters, with their foreground masks."""
    found = []
    for character_folder in sorted(path.parent for path in folder.glob(f"*/{character.KEYPOINTS}")):
        set_ = character.read(character_folder)
        own = [clip for clip in set_.clips if clip.split == split and not clip.name.startswith(BORROWED)]
        chosen = sorted(i for clip in own for i in range(clip.first, clip.first + clip.count) if i % EVERY == 0)
        plate = images.read(character_folder / character.BACKGROUND)
        pictures = _images([set_.image_path(split, i) for i in chosen])
        for i, image in zip(chosen, pictures, strict=True):
            joints = set_.poses[split][i].copy()
            known, hidden = (joints[:, 2] > 0).astype(np.float32), joints[FACE, 2] < VISIBLE
            joints[:, 2] = known
            if turned_away(joints):
                joints[FACE, 2][hidden] *= TURNED
            found.append(Example(image, joints, known, foreground_mask(image, plate)))
    return found


def wardrobe(folder: Path, split: Split) -> list[Example]:
    """Return rendered people in many clothes, seen from all sides, with their foreground masks."""
    pictures = wardrobe_pictures(folder, split)
    files = [folder / str(picture["file"]) for picture in pictures]
    found = []
    for image, mask, picture in zip(
        _images(files), _images([f.with_suffix(".png") for f in files]), pictures, strict=True
    ):
        joints = wardrobe_joints(picture)
        hidden = np.array([row[2] for row in picture["joints"][FACE]]) == 0
        if abs(picture["yaw"]) > 90:
            joints[FACE, 2][hidden] = TURNED
        cover = np.where(mask.any(-1), 255, 0).astype(np.uint8)
        found.append(Example(image, joints, np.ones(17, np.float32), cover))
    return found


def wardrobe_pictures(folder: Path, split: Split) -> list[dict[str, Any]]:
    """Return what the set says of each of its images: file, joints, yaw in degrees (0 faces the camera)."""
    people = json.loads((folder / "joints.json").read_text())["people"].values()
    return [picture for person in people if person["split"] == split for picture in person["pictures"]]


def wardrobe_joints(picture: dict[str, Any]) -> np.ndarray:
    """Return the exact joints of an image ``[17, 3]``, all with score 1, in the convention of ``synth.pixels``."""
    joints = np.array(picture["joints"], np.float32)
    joints[:, :2] += 0.5  # there a whole number is the centre of a pixel
    joints[:, 2] = 1
    return joints


def scenes(folder: Path, split: Split) -> list[Example]:
    """Return natural scenes without people; the set's other photographs may show some.

    Every tenth is for testing: the set's own test split has none.
    """
    files = sorted((folder / "train").glob("sc_*.jpg"))
    names = [path for i, path in enumerate(files) if (i % 10 == 9) == (split == "test")]
    return [Example(image, np.zeros((17, 3), np.float32), np.ones(17, np.float32)) for image in _images(names)]


def trust_teacher(joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return joints ``[17, 3]`` and which are known ``[17]``, from a teacher's scores."""
    score = joints[:, 2]
    present = (score >= SURE).astype(np.float32)
    known = np.where((score >= SURE) | (score < DOUBTFUL), 1, 0).astype(np.float32)
    known[FACE] *= not turned_away(joints)
    return np.concatenate([joints[:, :2], present[:, None]], 1), known


def merge_labels(marked: np.ndarray, joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return joints ``[17, 3]`` and which are known ``[17]`` from human and teacher labels, each ``[17, 3]``.

    Where both agree the teacher's position is used, so that a shoulder means the same in all sets. Where they disagree
    the human label is used, which is better for hard poses, unless the teacher is certain. Face joints count if the
    shoulders agree.
    """
    person, scores = marked[:, 2] > 0, joints[:, 2]
    apart = np.linalg.norm(marked[:, :2] - joints[:, :2], axis=1) / max(torso(marked), torso(joints), 1.0)
    same = person & (apart < CLOSE)
    alone = ~person & (scores >= CERTAIN)
    corrected = person & ~same & (scores < CERTAIN)
    head = np.zeros(17, bool)
    head[:5] = same[5:7].all() & (scores[:5] >= SURE)
    known = same | corrected | head | (alone & same[LIMBS].any())
    places = np.where(corrected[:, None], marked[:, :2], joints[:, :2])
    known[FACE] &= not turned_away(np.concatenate([places, known[:, None]], 1))
    return np.concatenate([places, known[:, None]], 1).astype(np.float32), known.astype(np.float32)


def torso(joints: np.ndarray) -> float:
    """Return the longer of the two shoulder-to-opposite-hip distances of ``[17, 3]``, in pixels; 0 if unknown."""
    known = joints[:, 2] > 0
    ways = [(a, b) for a, b in ((5, 12), (6, 11)) if known[a] and known[b]]
    return max((float(np.linalg.norm(joints[a, :2] - joints[b, :2])) for a, b in ways), default=0.0)


def turned_away(joints: np.ndarray) -> bool:
    """Return whether the shoulders and hips of ``[17, 3]`` say that an upright person is seen from behind.

    A teacher gives the nose of a back a score as well, so such scores say nothing about what is seen.
    """
    if (joints[[5, 6, 11, 12], 2] < SURE).any():
        return False
    shoulders, hips = joints[5:7, :2], joints[11:13, :2]
    down = hips.mean(0) - shoulders.mean(0)
    length = max(float(np.linalg.norm(down)), 1.0)
    across = shoulders[0] - shoulders[1]  # from the right shoulder to the left one
    # Facing the camera, the left shoulder is a quarter turn against the way down: (down_y, -down_x).
    return float(across[0] * down[1] - across[1] * down[0]) / length < -AWAY * length


def foreground_mask(image: np.ndarray, plate: np.ndarray) -> np.ndarray:
    """Return how much each pixel differs from the background plate, uint8 ``[H, W]``; both uint8 ``[H, W, 3]``."""
    gap = np.abs(image.astype(np.int16) - plate).max(-1)
    solid = cv2.morphologyEx((gap > 24).astype(np.uint8) * 255, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return cv2.GaussianBlur(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), (3, 3), 0)


def _labels(path: Path) -> dict[str, dict[str, np.ndarray]]:
    content: dict[str, Any] = json.loads(path.read_text())
    return {s: {n: np.array(points, np.float32) for n, points in content[s].items()} for s in ("train", "test")}


def _images(paths: list[Path]) -> list[np.ndarray]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(images.read, paths))
