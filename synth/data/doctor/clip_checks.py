"""Checks of a character's data set: each takes the survey and yields findings with advice."""

from collections.abc import Iterator
from itertools import groupby, pairwise

import numpy as np

from synth.counted import counted
from synth.data.doctor.clip_survey import BackgroundSample, Frame, Survey
from synth.data.doctor.finding import Finding
from synth.data.doctor.variety import count_different, missing_poses, pose_shapes
from synth.data.film.outline import box
from synth.data.sets.character import Character
from synth.pixels.body.pose import seen

SHORT, FAR_TOO_SHORT = 60, 20
"""Seconds of training data below which a note, or a problem, is reported."""
STEADY, SHAKY = 0.5, 1.5
"""Background motion, in 256ths of the image's side, above which a note, or a problem, is reported."""
TONE, FAR_TONE = 6, 16
"""Change of the background's brightness, in grey levels, above which a note, or a problem, is reported."""
APART, OFTEN, VERY_OFTEN = 0.008, 0.05, 0.25
"""Share of the image that another moving object covers, and shares of the frames for a note and for a problem."""
BLURRED = 0.85
"""Edge strength of the person in motion, relative to that at rest, below which motion blur is reported."""
FEW = 40
SMALL, LOW = 0.35, 0.5
SEEN_SHARE = 0.5


def check(character: Character, survey: Survey) -> list[Finding]:
    """Return all findings, problems first."""
    found = [
        *_damage(survey),
        *_source_videos(character),
        *_length(character),
        *_cuts(character, survey),
        *_camera_motion(survey.backgrounds),
        *_light_changes(survey.backgrounds),
        *_foreign_objects(survey.backgrounds),
        *_blur(character, survey.frames),
        *_repeats(survey.frames),
        *_visibility(character),
        *_variety(character),
    ]
    return sorted(found, key=lambda finding: finding.kind != "problem")


def _damage(survey: Survey) -> Iterator[Finding]:
    if survey.errors:
        first = next(iter(survey.errors.values()))
        yield Finding("problem", "cannot be read", tuple(survey.errors), f"Make the set again. {first}")


def _source_videos(character: Character) -> Iterator[Finding]:
    """Repeat what was said of the videos when the set was made: HDR, interlaced, damaged."""
    said = tuple(film["notice"] for film in character.about.get("films", ()) if film.get("notice"))
    if said:
        advice = "Better film in SDR and without interlacing, and copy damaged files again; then make the set again."
        yield Finding("note", "videos not used as they are", said, advice)


def _length(character: Character) -> Iterator[Finding]:
    seconds = sum(clip.count for clip in character.clips if clip.split == "train") / character.fps
    if seconds < SHORT:
        kind = "problem" if seconds < FAR_TOO_SHORT else "note"
        advice = "Film for a few minutes: only motion that is in the video can be learned."
        yield Finding(kind, "too short", (f"{seconds:.0f} seconds to train on",), advice)
    if not any(clip.split == "test" for clip in character.clips):
        yield Finding(
            "note",
            "no test split",
            (),
            "Nothing can be measured without one. Make the set again with: synth data video.",
        )


def _cuts(character: Character, survey: Survey) -> Iterator[Finding]:
    """Find cuts within a clip, cuts in the videos, and frames without a person."""
    within = [f"{character.clips[f.clip].split}/{f.index:05d}.jpg" for f in survey.frames if f.cut]
    if within:
        yield Finding("problem", "cuts within a clip", tuple(within), "Make the set again with: synth data video.")
    cuts = [f"“{film['name']}” at {t:.1f} s" for film in character.about.get("films", ()) for t in film["cuts"]]
    if cuts:
        advice = "Film in one take; trim the beginning and the end beforehand."
        yield Finding("note", counted(len(cuts), "cut"), tuple(cuts), advice)
    lost = [
        f"“{film['name']}”: {film['nobody'] / film['frames']:.0%} of its frames"
        for film in character.about.get("films", ())
        if film["nobody"] > OFTEN * film["frames"]
    ]
    if lost:
        advice = "These frames are left out. Check whether the person is hidden, badly lit or out of the image there."
        yield Finding("note", "no person visible", tuple(lost), advice)


def _camera_motion(backgrounds: tuple[BackgroundSample, ...]) -> Iterator[Finding]:
    measured = [(b.clip, b.moved) for b in backgrounds if b.moved is not None]
    if not measured:
        return
    moved = np.stack([m for _, m in measured])  # [T, 4, 2]
    lost = np.isnan(moved[:, 0, 0])
    if lost.mean() > OFTEN:
        examples = (f"another background in {lost.mean():.0%} of the frames",)
        yield Finding("problem", "the scene changes", examples, "Use only clips of one place.")
    clips = np.array([clip for clip, _ in measured])[~lost]
    moved = moved[~lost]
    usual = {int(c): np.median(moved[clips == c], axis=0) for c in np.unique(clips)}
    if not usual:
        return
    drift = np.array([np.linalg.norm(m - usual[int(c)], axis=-1).max() for m, c in zip(moved, clips, strict=True)])
    apart = max(float(np.linalg.norm(a - b, axis=-1).max()) for a in usual.values() for b in usual.values())
    most = float(np.percentile(drift, 95))
    if most > STEADY:
        kind = "problem" if most > SHAKY else "note"
        how = (f"the background moves by {most / 256:.1%} of the image",)
        yield Finding(kind, "moving camera", how, "Put the camera on a tripod or a table, and do not zoom.")
    if apart > max(SHAKY, 4 * most):
        how = (f"by {apart / 256:.1%} of the image between clips",)
        yield Finding("note", "camera moved between clips", how, "Leave the camera in place, or make a set of each.")


def _is_still(backgrounds: tuple[BackgroundSample, ...]) -> bool:
    """Return whether the camera is still enough to compare backgrounds pixel by pixel."""
    moved = np.array([b.moved for b in backgrounds if b.moved is not None])
    if not len(moved):
        return True
    off = np.linalg.norm(moved - np.nanmedian(moved, axis=0), axis=-1).max(-1) if moved.size else moved
    return bool(np.mean(~(off <= SHAKY)) <= OFTEN)


def _light_changes(backgrounds: tuple[BackgroundSample, ...]) -> Iterator[Finding]:
    tone = np.array([b.tone for b in backgrounds if np.isfinite(b.tone).all()])
    if len(tone) < 2 or np.mean([_other_place(b) for b in backgrounds]) > OFTEN:
        return
    low, high = np.percentile(tone, (3, 97), axis=0)  # [3] each
    change = float((high - low).max())
    if change > TONE:
        kind = "problem" if change > FAR_TONE else "note"
        how = (f"the background changes by {change:.0f} of 255 grey levels",)
        yield Finding(kind, "changing light", how, "Lock exposure and white balance; keep daylight out.")


def _other_place(background: BackgroundSample) -> bool:
    return background.moved is not None and bool(np.isnan(background.moved).any())


def _foreign_objects(backgrounds: tuple[BackgroundSample, ...]) -> Iterator[Finding]:
    if not backgrounds or not _is_still(backgrounds):
        return
    share = float(np.mean([b.other > APART for b in backgrounds]))
    if share > OFTEN:
        kind = "problem" if share > VERY_OFTEN else "note"
        advice = (
            "Perhaps a second person, an animal or a curtain. Only the person may move: a skeleton shows no others."
        )
        yield Finding(kind, "something else moves", (f"beside the person, in {share:.0%} of the frames",), advice)


def _blur(character: Character, frames: tuple[Frame, ...]) -> Iterator[Finding]:
    """Compare the person's edges in motion with those at rest."""
    sharp, speed = [], []
    for _, group in groupby(frames, key=lambda frame: frame.clip):
        clip = list(group)
        for before, frame in pairwise(clip):
            poses = character.poses[character.clips[frame.clip].split]
            both = seen(poses[frame.index]) & seen(poses[before.index])
            if both.any() and np.isfinite(frame.sharp):
                way = poses[frame.index, both, :2] - poses[before.index, both, :2]
                sharp.append(frame.sharp)
                speed.append(float(np.linalg.norm(way, axis=1).mean()))
    if len(sharp) < 40:
        return
    slow, fast = np.percentile(speed, (40, 85))
    ratio = np.median(np.array(sharp)[speed >= fast]) / np.median(np.array(sharp)[speed <= slow])
    if fast > 0.005 * character.side and ratio < BLURRED:
        how = (f"the person's edges are {1 - ratio:.0%} weaker in motion",)
        yield Finding("note", "motion blur", how, "Use more light, or a shorter exposure time.")


def _repeats(frames: tuple[Frame, ...]) -> Iterator[Finding]:
    share = float(np.mean([frame.repeated for frame in frames])) if frames else 0.0
    if share > OFTEN:
        how = (f"{share:.0%} of the frames are the same as the one before",)
        yield Finding("note", "repeated frames", how, "Make the set again with a lower --fps.")


def _visibility(character: Character) -> Iterator[Finding]:
    poses = np.concatenate([np.zeros((0, 17, 3), np.float32), *character.poses.values()])
    boxes = np.array([edges for pose in poses if (edges := box(pose)) is not None])
    if not len(boxes):
        yield Finding("problem", "no poses", (), "Nobody was found in any frame. Make the set again.")
        return
    known, side = seen(poses), character.side
    feet = known[:, 15:17].any(1).mean()
    if feet < SEEN_SHARE:
        how = (f"ankles are seen in {feet:.0%} of the frames",)
        yield Finding(
            "note",
            "feet not visible",
            how,
            "Film the person from head to feet; otherwise the character's legs stay at rest.",
        )
    arms = known[:, 7:11].mean()
    if arms < 0.7:
        how = (f"elbows and wrists are seen in {arms:.0%} of the frames",)
        yield Finding(
            "note", "arms often not found", how, "Use more light and clothes unlike the background; keep hands in view."
        )
    tall = float(np.percentile(boxes[:, 3] - boxes[:, 1], 90)) / side
    if tall < SMALL:
        how = (f"{tall:.0%} of the image's height",)
        yield Finding("note", "the person is small", how, "Come nearer, walk about less, or pass a smaller --crop.")
    for film in character.about.get("films", ()):
        if film["crop"][2] < LOW * 2 * side:
            how = (f"“{film['name']}”: {film['crop'][2]} pixels are enlarged to {side}",)
            yield Finding("note", "low resolution", how, "Come nearer, or film at a higher resolution.")
    cut_off = float(((boxes[:, :2] < 1).any(1) | (boxes[:, 2:] > side - 1).any(1)).mean())
    if cut_off > OFTEN and feet >= SEEN_SHARE:
        how = (f"in {cut_off:.0%} of the frames",)
        yield Finding("note", "cut off by the edge", how, "Stay within the image, or pass a larger --crop.")


def _variety(character: Character) -> Iterator[Finding]:
    found = pose_shapes(character.poses.get("train", np.zeros((0, 17, 3), np.float32)))
    count, never = count_different(found), missing_poses(found)
    if count < FEW or never:
        more = (f"hardly ever: {', '.join(never)}",) if never else ()
        advice = "Film these too, slowly: the character can only do what was filmed."
        what = "too few different poses" if count < FEW else "poses that are missing"
        yield Finding("note", what, (f"{count} different poses", *more), advice)
