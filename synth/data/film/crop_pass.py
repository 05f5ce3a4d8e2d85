"""The second pass over the films: the pictures of a set, cut out of the frames; those that are there already stay."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from synth.data.film.background import median_background, sample_rows
from synth.data.film.detection_pass import Detections, sample_frames
from synth.data.film.framing import Square, crop_image, find_square, read_square, to_crop_pixels
from synth.data.film.segments import Segment
from synth.data.sets.character import BACKGROUND, SPLITS, Clip
from synth.pixels.body.offline_smoothing import smooth_offline
from synth.pixels.video_reader import VideoFrames

JPEG = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


def crop_squares(films: list[Detections], segments: list[Segment], crop: str) -> list[Square]:
    """Return the square of each film: one for all if their frames have one size, else each its own.

    Raises ``ValueError`` with a sentence for a ``crop`` ("x,y,side") that does not fit.
    """
    sizes = {(film.height, film.width) for film in films}
    if crop:
        if len(sizes) > 1:
            raise ValueError("The videos have different sizes, so that one --crop cannot fit. Make a set of each.")
        return [read_square(crop, *next(iter(sizes)))] * len(films)
    poses = [[films[s.film].poses[s.first : s.stop] for s in segments if s.film == i] for i in range(len(films))]
    if len(sizes) == 1:
        return [find_square([part for parts in poses for part in parts], *next(iter(sizes)))] * len(films)
    return [find_square(p, f.height, f.width) if p else Square(0, 0, 16) for p, f in zip(poses, films, strict=True)]


def number_clips(films: list[Detections], segments: list[Segment], fps: float) -> list[Clip]:
    """Return the clips that the segments become, in order, numbered within their split."""
    clips, used = [], Counter[str]()
    for number, s in enumerate(segments):
        film = films[s.film]
        start = float(film.ticks[s.first]) / fps
        name = f"{Path(film.name).stem}_{number:03d}"
        clips.append(Clip(s.split, name, used[s.split], s.count, film.name, start))
        used[s.split] += s.count
    return clips


def crop_poses(
    films: list[Detections], segments: list[Segment], places: list[Square], size: int, fps: float
) -> dict[str, np.ndarray]:
    """Return the poses float32 ``[T, 17, 3]`` of each split, steadied, in the pixels of the pictures."""
    parts: dict[str, list[np.ndarray]] = {split: [np.zeros((0, 17, 3), np.float32)] for split in SPLITS}
    for s in segments:
        film = films[s.film]
        ticks = film.ticks[s.first : s.stop]
        parts[s.split].append(
            to_crop_pixels(smooth_offline(film.poses[s.first : s.stop], ticks / fps), places[s.film], size)
        )
    return {split: np.concatenate(found) for split, found in parts.items()}


def write_images(
    paths: list[Path],
    films: list[Detections],
    segments: list[Segment],
    places: list[Square],
    size: int,
    fps: float,
    folder: Path,
    step: Callable[[], object],
) -> None:
    """Write ``train/NNNNN.jpg``, ``test/NNNNN.jpg`` and the background into ``folder``; ``step`` after each frame."""
    clips = number_clips(films, segments, fps)
    for split in SPLITS:
        (folder / split).mkdir(parents=True, exist_ok=True)
    wanted = sample_rows(
        sum(len(film.ticks) for film in films)
    )  # also frames with nobody: they show the background best
    pictures, poses, before = [], [], 0
    for number, (path, film, place) in enumerate(zip(paths, films, places, strict=True)):
        files = dict(_files(number, segments, clips, folder))
        for row, (_, picture) in enumerate(_frames(path, fps, len(film.ticks))):
            cut = None
            if row in files and not files[row].is_file():
                cut = crop_image(picture, place, size)
                save_image(files[row], cut)
            if before + row in wanted:
                pictures.append(crop_image(picture, place, size) if cut is None else cut)
                poses.append(to_crop_pixels(film.poses[row], place, size))
            step()
        before += len(film.ticks)
    save_image(folder / BACKGROUND, median_background(pictures, poses))


def save_image(path: Path, picture: np.ndarray) -> None:
    """Write uint8 RGB ``[H, W, 3]`` as the suffix says; a file appears whole or not at all."""
    _, data = cv2.imencode(path.suffix, picture[..., ::-1], JPEG if path.suffix == ".jpg" else [])
    part = path.with_suffix(".part")
    part.write_bytes(data.tobytes())
    os.replace(part, path)


def _files(film: int, segments: list[Segment], clips: list[Clip], folder: Path) -> Iterable[tuple[int, Path]]:
    for segment, clip in zip(segments, clips, strict=True):
        if segment.film == film:
            for i in range(segment.count):
                yield segment.first + i, folder / clip.split / f"{clip.first + i:05d}.jpg"


def _frames(path: Path, fps: float, count: int) -> Iterable[tuple[int, np.ndarray]]:
    """Yield the frames that the first pass saw; a file that has changed since is no longer what was looked at."""
    number = 0
    for tick, picture in sample_frames(VideoFrames(path), fps):
        yield tick, picture
        number += 1
    if number != count:
        raise ValueError(f"“{path.name}” has changed while it was read. Start the command again.")
