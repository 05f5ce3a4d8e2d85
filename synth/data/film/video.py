"""``python -m synth data video FILE --name me``: make a character's data set from videos of a consenting person."""

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from synth.counted import counted
from synth.data import training_command
from synth.data.film import consent
from synth.data.film.crop_pass import crop_poses, crop_squares, number_clips, write_images
from synth.data.film.detection_pass import Detections, detect_poses, saved_poses
from synth.data.film.segments import Segment, find_segments, hold_out, person_visible
from synth.data.sets import character
from synth.data.sets.data_root import data_root
from synth.files import writing
from synth.pixels.video_reader import Clip, probe

SHORTEST = 2.0
TAKEN = ("dancers", "downloads")
console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
say = console.print


def video(
    files: tyro.conf.Positional[tuple[Path, ...]],
    name: str,
    fps: float = 20.0,
    size: Literal[256, 512] = 256,
    crop: str = "",
    pose: str = "auto",
    out: Path | None = None,
    weights: Path = Path("weights"),
    i_have_consent: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
) -> int:
    """Make a character's data set from videos of one person; run the same command again to resume.

    Film one person, head to feet, with a fixed camera, for a few minutes, and with their consent.

    Args:
        files: the videos, all from the same camera in the same place.
        name: name of the set, for example me.
        fps: frames taken per second, at most the video's rate.
        size: side of the images in pixels.
        crop: x,y,side of the square to crop, in the video's pixels; by default the one that contains the person.
        pose: pose estimator: auto, synth, mediapipe or onnx:FILE.
        out: the folder of all sets; the set is written to OUT/NAME. By default $SYNTH_DATA or data.
        weights: the folder of the ONNX graphs.
        i_have_consent: the person filmed has agreed; without this the command asks.
    """
    out = out or data_root()
    target, work = out / _checked_name(name), out / f".{name}.unfinished"
    if not files or len({file.resolve() for file in files}) < len(files):
        raise ValueError("No video was given, or one was given twice. Pass each video file once.")
    clips = [probe(file) for file in files]
    if not 1 <= fps <= 60:
        raise ValueError(f"--fps must be from 1 to 60, not {fps:g}.")
    fps = min([fps, *(clip.fps for clip in clips)])
    job = {"files": [_identity(file) for file in files], "fps": fps, "size": size, "crop": crop, "pose": pose}
    if target.exists():
        return _existing(target, job)
    with writing(target, "The same command resumes.", below=out):
        agreed = _consent(work, files, i_have_consent)
        films = _detect(clips, fps, pose, weights, work)
        segments = _usable_segments(films, fps)
        folder = work / f"set-{_key(job)}"
        _write_set(list(files), films, segments, job, agreed, folder)
        os.replace(folder, target)
        shutil.rmtree(work, ignore_errors=True)
    counts = {split: sum(s.count for s in segments if s.split == split) for split in character.SPLITS}
    split = ", ".join(f"{n:,} {split} ({n / fps:.0f} s)" for split, n in counts.items())
    say(f"{target}: images of {size}x{size}: {split}, in {counted(len(segments), 'clip')}.")
    say(f"Check it: python -m synth doctor {target}")
    say(f"Then train: {training_command.character(target, weights)}")
    return 0


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"\w[\w-]*", name) or name in TAKEN:
        raise ValueError(f"{name!r} cannot be the name of a data set. Use letters, digits, _ and -, for example me.")
    return name


def _identity(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        return {"name": file.name, "bytes": file.stat().st_size, "head": hashlib.sha256(opened.read(2**20)).hexdigest()}


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _existing(target: Path, job: dict[str, Any]) -> int:
    about = character.read(target).about if character.is_character(target) else {}
    if about.get("job") != job:
        raise ValueError(f"{target} exists and is another set. Choose another --name, or move it away.")
    say(f"{target} is there already. To make it again, delete it first.")
    return 0


def _consent(work: Path, files: tuple[Path, ...], stated: bool) -> dict[str, str]:
    """Return the record of consent; a resumed run does not ask again."""
    path = work / f"consent-{_key([_identity(file) for file in files])}.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    agreed = consent.ask(", ".join(f"“{file.name}”" for file in files), stated)
    work.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(agreed), encoding="utf-8")
    os.replace(part, path)
    return agreed


def _detect(clips: list[Clip], fps: float, pose: str, weights: Path, work: Path) -> list[Detections]:
    """Run the detection pass: find the person in every video."""
    from synth.runtime.dance.pose import open_poses
    from synth.runtime.registry import Registry

    poses = open_poses(pose, Registry(weights))
    say(f"Pose estimator: {poses.name}, on {poses.place}.")
    films = []
    for clip in clips:
        folder = work / f"look-{_key(_identity(clip.path), fps, poses.name)}"
        if known := len(saved_poses(folder)):
            say(f"“{clip.path.name}”: going on after {counted(known, 'frame')}.")
        with _progress(f"Finding the person in “{clip.path.name}”", clip.seconds * fps) as step:
            film = detect_poses(clip, fps, poses.tracker(), folder, step)
        visible = person_visible(film.poses)
        about = f"{clip.width}x{clip.height}, {clip.fps:.4g} frames a second"
        found = f"a person in {visible.sum():,} of {len(visible):,} frames"
        say(f"“{film.name}” ({about}): {found}, {counted(film.cuts.sum(), 'cut')}.")
        if film.notice:
            say(film.notice)
        films.append(film)
    return films


def _usable_segments(films: list[Detections], fps: float) -> list[Segment]:
    seconds = sum(int(film.ticks[-1]) + 1 for film in films) / fps
    if seconds < SHORTEST:
        raise ValueError(f"There are only {seconds:.1f} seconds of video. Film for a few minutes.")
    if not any(person_visible(film.poses).any() for film in films):
        raise ValueError(
            "Nobody was found in the video. Film one person, head to feet and well lit, in front of a plain wall."
        )
    segments = [segment for i, film in enumerate(films) for segment in find_segments(i, film, fps)]
    kept = sum(segment.count for segment in segments)
    if kept / fps < SHORTEST:
        raise ValueError(
            f"A person is visible for only {kept / fps:.1f} seconds without a break. Film one person, head to feet and "
            "well lit, without cuts, for a few minutes."
        )
    return hold_out(segments, fps)


def _write_set(
    files: list[Path],
    films: list[Detections],
    segments: list[Segment],
    job: dict[str, Any],
    agreed: dict[str, str],
    folder: Path,
) -> None:
    """Run the crop pass: write the images, then poses and metadata."""
    size, fps = job["size"], job["fps"]
    places = crop_squares(films, segments, job["crop"])
    for film, place in zip(films, places, strict=True):
        say(f"“{film.name}”: {place.side} pixels from {place.left},{place.top} are resized to {size}.")
    with _progress("Cropping the images", sum(len(film.ticks) for film in films)) as step:
        write_images(files, films, segments, places, size, fps, folder, lambda: step(None))
    about: dict[str, Any] = {"set": "a character, from a video", "licence": "as the person filmed agreed"}
    about |= {"consent": agreed, "job": job}
    about["films"] = [
        {
            "name": film.name,
            "size": [film.width, film.height],
            "crop": [place.left, place.top, place.side],
            "frames": len(film.ticks),
            "missing": int(film.ticks[-1]) + 1 - len(film.ticks),
            "nobody": int((~person_visible(film.poses)).sum()),
            "cuts": [round(float(tick) / fps, 2) for tick in film.ticks[film.cuts]],
            "notice": film.notice,
        }
        for film, place in zip(films, places, strict=True)
    ]
    poses = crop_poses(films, segments, places, size, fps)
    character.write(folder, size, fps, number_clips(films, segments, fps), poses, about)


@contextlib.contextmanager
def _progress(text: str, total: float) -> Iterator[Any]:
    """Yield a function that sets a progress bar to a number, or advances it by one for ``None``."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=max(total, 1) if total else None)

        def step(tick: int | None) -> None:
            progress.advance(task) if tick is None else progress.update(task, completed=tick)

        yield step
