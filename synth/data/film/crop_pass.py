"""Crop pass, the second pass over the videos: crop and save a set's images; existing files are kept."""

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
    """Return the crop square of each video: one for all if their frames have the same size, else one each.

    Raises ``ValueError`` for a ``crop`` ("x,y,side") that does not fit.
    """
    sizes = {(film.height, film.width) for film in films}
    if crop:
        if len(sizes) > 1:
            raise ValueError(
                "The videos have different sizes, so one --crop cannot fit all. Make a separate set of each."
            )
        return [read_square(crop, *next(iter(sizes)))] * len(films)
    poses = [[films[s.film].poses[s.first : s.stop] for s in segments if s.film == i] for i in range(len(films))]
    if len(sizes) == 1:
        return [find_square([part for parts in poses for part in parts], *next(iter(sizes)))] * len(films)
    return [find_square(p, f.height, f.width) if p else Square(0, 0, 16) for p, f in zip(poses, films, strict=True)]


def number_clips(films: list[Detections], segments: list[Segment], fps: float) -> list[Clip]:
    """Return the segments as clips, in order, with frames numbered within their split."""
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
    """Return the poses float32 ``[T, 17, 3]`` of each split, smoothed, in pixels of the cropped images."""
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
    """Write ``train/NNNNN.jpg``, ``test/NNNNN.jpg`` and the background into ``folder``; ``step`` is called after each
    frame.
    """
    clips = number_clips(films, segments, fps)
    for split in SPLITS:
        (folder / split).mkdir(parents=True, exist_ok=True)
    # Frames without a person count too: they show the background best.
    wanted = sample_rows(sum(len(film.ticks) for film in films))
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
    """Write uint8 RGB ``[H, W, 3]`` in the format of the suffix; the file appears only when complete."""
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
    """Yield the frames that the detection pass saw. Raises ``ValueError`` if the file has changed since."""
    number = 0
    for tick, picture in sample_frames(VideoFrames(path), fps):
        yield tick, picture
        number += 1
    if number != count:
        raise ValueError(f"“{path.name}” has changed since the detection pass. Run the command again.")
