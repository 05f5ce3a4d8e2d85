"""Bring a user's label map into the colours that a graph takes, or say why that cannot be done.

A graph takes the nearest colour of its palette for every pixel, so that JPEG noise and soft edges do no harm. Class
numbers, swapped channels and photographs would silently be taken for other classes.
"""

import numpy as np

from synth.card import Color
from synth.pixels.numbering import CITYSCAPES_BY_ID, VOID, recognised, takes_numbers
from synth.pixels.palette import all_known, nearest, paint
from synth.pixels.resize import fit

FAR = 10
"""Grey levels from the nearest label colour above which a pixel does not count as a label, not even a blurred one."""
MOST_FAR, MOST_FLAT = 0.5, 0.05
"""Shares above which users are told of pixels far from all label colours, and of flat areas of them: JPEG and smooth
scaling make no flat areas of other colours."""
SWAPPED_FLAT, LEFT = 0.02, 0.1
"""Share of flat areas far from all label colours from which red and blue count as swapped, if swapping them leaves less
than this part of it."""
HIGHEST, MOST_HIGH = 63, 0.1
"""Grey level up to which pixels of class numbers lie, ``VOID`` aside, and the largest share of others (JPEG noise)."""
MOST_LEVELS, FLAT = 40, 0.3
"""Most grey levels of class numbers; more only if a larger share than this is flat, as in a JPEG of class numbers."""
ISOLATED = 0.02
"""Largest share of pixels of class numbers that differ from all four neighbours; JPEG and smooth scaling make more."""
SAMPLE = 256


def in_colors(image: np.ndarray, palette: tuple[Color, ...]) -> tuple[np.ndarray, str]:
    """Return a label map, uint8 RGB ``[H, W, 3]``, in the colours of ``palette``, and a notice for the user or "".

    Known class numbers are painted. Raises ``ValueError`` for other class numbers, and if red and blue are swapped.
    """
    if is_numbers(image, palette):
        return _from_numbers(image, palette)
    sample = fit(image, SAMPLE, labels=True)
    if all_known(sample, palette):  # as every drawing is: the distances below take half as long as a small network
        return image, ""
    far, flat = far_shares(sample, palette)
    if flat > SWAPPED_FLAT and far_shares(sample[..., ::-1], palette)[1] < LEFT * flat:
        raise ValueError(
            "Red and blue are swapped in this label map. Save it as RGB: before OpenCV's imwrite, call "
            "cv2.cvtColor(labels, cv2.COLOR_RGB2BGR)."
        )
    if far > MOST_FAR:
        return image, "Most of this picture is not in the model’s label colours. The Draw tab shows them by name."
    if flat > MOST_FLAT:
        return image, f"{flat:.0%} of this picture is not in the model’s label colours; the nearest ones were taken."
    return image, ""


def is_numbers(image: np.ndarray, palette: tuple[Color, ...] = ()) -> bool:
    """Return whether uint8 RGB ``[H, W, 3]`` looks like class numbers, the grey levels of which are classes.

    Black and white alone are no numbers, nor are colours that are all in ``palette``; drawings and dark photographs
    have more levels, and no flat areas of gray.
    """
    gray = image[..., 0]
    if not np.array_equal(gray, image[..., 1]) or not np.array_equal(gray, image[..., 2]):
        return False
    counts = np.bincount(gray.ravel(), minlength=VOID + 1)
    own = [red for _, red, green, blue in palette if red == green == blue]
    if palette and not counts[np.setdiff1d(np.arange(VOID + 1), own)].any():
        return False
    low, high = counts[1 : HIGHEST + 1].sum(), counts[HIGHEST + 1 : VOID].sum()
    if high >= low or high > MOST_HIGH * gray.size:
        return False
    return bool((counts > 0).sum() <= MOST_LEVELS or flat_areas(image).mean() > FLAT)


def flat_areas(image: np.ndarray) -> np.ndarray:
    """Return where a pixel of ``[H, W, 3]`` equals those to its right and below it: bool ``[H, W]``."""
    flat = np.zeros(image.shape[:2], bool)
    below, right = (image[1:] == image[:-1]).all(-1), (image[:, 1:] == image[:, :-1]).all(-1)
    flat[:-1, :-1] = below[:, :-1] & right[:-1]
    return flat


def isolated(index: np.ndarray) -> float:
    """Return the share of pixels of ``[H, W]`` that differ from all their neighbours above, below, left and right."""
    framed = np.pad(index, 1, "edge")
    around = framed[:-2, 1:-1], framed[2:, 1:-1], framed[1:-1, :-2], framed[1:-1, 2:]
    return float(np.all([index != other for other in around], axis=0).mean())


def far_shares(image: np.ndarray, palette: tuple[Color, ...]) -> tuple[float, float]:
    """Return the shares of uint8 RGB ``[H, W, 3]`` more than ``FAR`` levels off all colours: all, and flat areas."""
    far = np.abs(image.astype(np.int16) - paint(nearest(image, palette), palette)).max(axis=-1) > FAR
    return float(far.mean()), float((far & flat_areas(image)).mean())


def _from_numbers(image: np.ndarray, palette: tuple[Color, ...]) -> tuple[np.ndarray, str]:
    """Return a map of class numbers in the colours of ``palette`` and a notice. Raises ``ValueError`` if it cannot."""
    index, known = image[..., 0], recognised(image[..., 0], palette)
    if takes_numbers(palette) and index.max() < len(palette) and known in (None, CITYSCAPES_BY_ID):
        return image, ""
    if isolated(index) > ISOLATED:
        raise ValueError(
            "This label map holds class numbers that were mixed at the edges, as by JPEG or smooth scaling: numbers "
            "between two classes are other classes. Save it as PNG, and scale it to the nearest pixel."
        )
    if known:
        notice = f"This label map holds class numbers ({known.name}); they were translated to the model’s colours."
        return known.paint(index), notice
    levels = np.unique(index)
    raise ValueError(
        f"This label map holds class numbers (grey levels {levels[0]} to {levels[-1]}) instead of the model's label "
        "colours, and which classes they mean is not clear. Paint it in the colours first: "
        "python -m synth data paint IN OUT --numbers NAME."
    )
