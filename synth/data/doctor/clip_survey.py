"""Survey a character's data set: properties of every frame, compared with its neighbours and the background."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from synth.data.doctor.camera import reference_view
from synth.data.film.cuts import CutDetector
from synth.data.film.outline import box, outline
from synth.data.sets.character import BACKGROUND, Character, Clip
from synth.pixels import images

LOOKS = 240
"""Number of evenly spread frames whose background is compared."""
FOREIGN = 48
"""Difference from the background, in grey levels, beyond which a pixel is a foreign object; shadows differ less."""


@dataclass(frozen=True)
class Frame:
    """Properties of one frame of a clip.

    ``repeated``: the same image as the previous one. ``cut``: another shot than the previous one. ``sharp``: edge
    strength on the person, comparable only within a set; NaN if it cannot be measured.
    """

    clip: int
    index: int
    repeated: bool
    cut: bool
    sharp: float


@dataclass(frozen=True)
class BackgroundSample:
    """Properties of the background in one frame of a clip.

    ``tone`` float ``[3]``: brightness difference from the background plate, in grey levels. ``moved``: displacement of
    four points ``[4, 2]``, in 256ths of the side; NaN if the frame shows another place, None if it cannot be measured.
    ``other``: size of the largest object that is neither background nor the person, as a share of the image.
    """

    clip: int
    index: int
    tone: np.ndarray
    moved: np.ndarray | None
    other: float


@dataclass(frozen=True)
class Survey:
    """Results: the readable frames, a sample of backgrounds, and error messages by file."""

    frames: tuple[Frame, ...]
    backgrounds: tuple[BackgroundSample, ...]
    errors: dict[str, str]


def survey(character: Character, tick: Callable[[], object]) -> Survey:
    """Read every frame of every clip, calling ``tick`` after each."""
    errors: dict[str, str] = {}
    with ThreadPoolExecutor() as pool:
        parts = pool.map(lambda i: _clip(character, i, errors, tick), range(len(character.clips)))
        frames = tuple(frame for part in parts for frame in part)
        chosen = [frames[i] for i in np.linspace(0, len(frames) - 1, min(len(frames), LOOKS)).astype(int)]
        return Survey(frames, _backgrounds(character, chosen, pool), errors)


def _backgrounds(character: Character, chosen: list[Frame], pool: ThreadPoolExecutor) -> tuple[BackgroundSample, ...]:
    plate = _plate(character)
    if plate is None or not chosen:
        return ()

    def look(frame: Frame) -> tuple[np.ndarray, np.ndarray]:
        clip = character.clips[frame.clip]
        pixels = images.read(character.image_path(clip.split, frame.index))
        return pixels, outline(character.poses[clip.split][frame.index], pixels.shape[:2])

    camera = reference_view(*look(chosen[len(chosen) // 2]))

    def one(frame: Frame) -> BackgroundSample:
        pixels, person = look(frame)
        tone = _tone(pixels, plate, person)
        moved = camera.displacement(pixels, person) if camera.has_enough_corners else None
        return BackgroundSample(frame.clip, frame.index, tone, moved, _foreign_object(pixels, plate, person, tone))

    return tuple(pool.map(one, chosen))


def _plate(character: Character) -> np.ndarray | None:
    """Return the background plate uint8 ``[side, side, 3]``, or None if it is missing or unreadable."""
    try:
        plate = images.read(character.folder / BACKGROUND)
    except ValueError:
        return None
    return plate if plate.shape == (character.side, character.side, 3) else None


def _clip(character: Character, number: int, errors: dict[str, str], tick: Callable[[], object]) -> list[Frame]:
    clip, frames, cuts, last = character.clips[number], [], CutDetector(), None
    for index, pixels in _pictures(character, clip, errors):
        tick()
        if pixels is None:
            continue
        repeated = last is not None and bool((cv2.absdiff(last, pixels) <= 1).all())
        sharp = _sharpness(pixels, character.poses[clip.split][index])
        frames.append(Frame(number, index, repeated, cuts(pixels), sharp))
        last = pixels
    return frames


def _pictures(character: Character, clip: Clip, errors: dict[str, str]) -> Iterator[tuple[int, np.ndarray | None]]:
    for index in range(clip.first, clip.first + clip.count):
        path = character.image_path(clip.split, index)
        try:
            pixels = images.read(path)
            if pixels.shape[:2] != (character.side, character.side):
                raise ValueError(f"“{path.name}” has {pixels.shape[1]}x{pixels.shape[0]} pixels, unlike the others.")
            if index >= len(character.poses.get(clip.split, ())):
                raise ValueError(f"There is no pose for “{path.name}”.")
        except ValueError as error:
            errors[f"{clip.split}/{path.name}"] = str(error)
            yield index, None
        else:
            yield index, pixels


def _sharpness(pixels: np.ndarray, pose: np.ndarray) -> float:
    """Return the variance of the Laplacian over that of the brightness, in the person's box; NaN without a person."""
    edges = box(pose)
    if edges is None:
        return np.nan
    left, top, right, bottom = np.round(edges).astype(int).clip(0, pixels.shape[0])
    inside = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[top:bottom, left:right].astype(np.float32)
    if min(inside.shape) < 8 or inside.var() < 1:
        return np.nan
    inside = cv2.GaussianBlur(inside, (0, 0), 1.0)  # suppresses the camera's noise
    return float(cv2.Laplacian(inside, cv2.CV_32F).var() / inside.var())


def _tone(pixels: np.ndarray, plate: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Return the median brightness difference from the background plate, per colour ``[3]``, in grey levels."""
    step = max(1, len(pixels) // 64)
    free = ~person[::step, ::step]
    change = pixels[::step, ::step][free].astype(np.float32) - plate[::step, ::step][free]
    return np.median(change, axis=0) if len(change) else np.full(3, np.nan)


def _foreign_object(pixels: np.ndarray, plate: np.ndarray, person: np.ndarray, tone: np.ndarray) -> float:
    """Return the area of the largest object that is not in the plate and does not touch the person, as a share."""
    change = np.abs(pixels.astype(np.float32) - plate - np.nan_to_num(tone)).max(-1)
    strange = cv2.morphologyEx((change > FOREIGN).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strange)
    apart = np.setdiff1d(np.arange(1, count), labels[person])
    return float(stats[apart, cv2.CC_STAT_AREA].max(initial=0)) / strange.size
