"""Test the doctor on a character's set: nothing in a sound one, and each kind of damage by itself."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from synth.data.doctor.clip_checks import check
from synth.data.doctor.clip_survey import survey
from synth.data.doctor.doctor import doctor
from synth.data.doctor.finding import Finding
from synth.data.film.background import median_background
from synth.data.film.crop_pass import save_image
from synth.data.sets import character
from synth.data.sets.character import Character, Clip
from synth.pixels.body import skeleton

SIDE, COUNT = 128, 80
Frame = Callable[[int, np.ndarray], np.ndarray]


def room(seed: int = 0) -> np.ndarray:
    """Return a textured background: soft blots of many sizes, uint8 ``[SIDE, SIDE, 3]``."""
    rng, result = np.random.default_rng(seed), np.full((SIDE, SIDE, 3), 120, np.uint8)
    for _ in range(120):
        x, y, r = (int(v) for v in rng.integers((0, 0, 3), (SIDE, SIDE, 12)))
        cv2.rectangle(result, (x, y), (x + r, y + 2 * r), tuple(int(v) for v in rng.integers(60, 180, 3)), -1)
    return cv2.GaussianBlur(result, (0, 0), 0.8)


def dance(count: int = COUNT) -> np.ndarray:
    """Return poses of a body that waves, bends and steps, ``[count, 17, 3]``."""
    from tests.support.bodies import body

    poses = []
    for i in range(count):
        pose = body(80, 118, SIDE / 2 + 10 * np.sin(i / 7))
        for side, joints in ((1, (7, 9, 13, 15)), (-1, (8, 10, 14, 16))):
            angle = np.sin(i / (5 + side))
            pose[joints[1], :2] = pose[joints[0], :2] + 14 * np.array([side * np.cos(2 * angle), -np.sin(2 * angle)])
            pose[joints[3], 0] += side * 8 * (1 + angle)
        poses.append(pose)
    return np.stack(poses)


def make(folder: Path, change: Frame = lambda i, picture: picture, poses: np.ndarray | None = None) -> Character:
    """Write a set in which each frame, a person in a room, went through ``change``."""
    poses = dance() if poses is None else poses
    pictures, shades = [], np.random.default_rng(1)
    for i, pose in enumerate(poses):
        figure = skeleton.draw(pose, SIDE, SIDE)
        picture = np.where(figure.max(-1, keepdims=True) > 0, figure, room())
        noise = shades.normal(0, 2, picture.shape)
        pictures.append(np.clip(change(i, picture) + noise, 0, 255).astype(np.uint8))
    for split in character.SPLITS:
        (folder / split).mkdir(parents=True)
    clips = [Clip("train", "a", 0, 40), Clip("train", "b", 40, 30), Clip("test", "c", 0, 10)]
    for i, picture in enumerate(pictures):
        save_image(folder / ("train" if i < 70 else "test") / f"{i if i < 70 else i - 70:05d}.jpg", picture)
    save_image(folder / character.BACKGROUND, median_background(pictures, list(poses)))
    character.write(folder, SIDE, 20.0, clips, {"train": poses[:70], "test": poses[70:]}, {})
    return character.read(folder)


def findings(made: Character) -> dict[str, Finding]:
    """Return the findings except those on length: these sets are all short."""
    found = check(made, survey(made, lambda: None))
    return {f.what: f for f in found if f.what not in ("too short", "too few different poses")}


def shifted(picture: np.ndarray, x: float, y: float) -> np.ndarray:
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return cv2.warpAffine(picture, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)


def another(i: int, picture: np.ndarray) -> np.ndarray:
    """Draw another person who crosses the image."""
    result = picture.copy()
    cv2.circle(result, (8, 10 + i), 8, (255, 255, 255), -1)
    return result


def test_a_sound_set_is_sound(tmp_path: Path):
    assert findings(make(tmp_path / "me")) == {}


@pytest.mark.parametrize(
    ("change", "what", "kind"),
    [
        (lambda i, p: shifted(p, 1.5 * np.sin(0.7 * i), np.cos(i)), "moving camera", "problem"),
        (lambda i, p: shifted(p, 0.02 * i, 0), "moving camera", "note"),
        (lambda i, p: shifted(p, 3 * (i >= 40), 0), "camera moved between clips", "note"),
        (lambda i, p: np.clip(p * (1 - 0.001 * i), 0, 255), "changing light", "note"),
        (lambda i, p: np.clip(p * (1 - 0.005 * i), 0, 255), "changing light", "problem"),
        (another, "something else moves", "problem"),
    ],
    ids=["shaken", "drifting", "put elsewhere", "darker", "much darker", "two"],
)
def test_each_damage_is_found_and_nothing_else(change: Frame, what: str, kind: str, tmp_path: Path):
    found = findings(make(tmp_path / "me", change))
    assert list(found) == [what]
    assert found[what].kind == kind


def test_what_was_said_of_the_videos_is_said_again(tmp_path: Path):
    made, said = make(tmp_path / "me"), "“a.mov” is HDR video (HLG): its colours were tone-mapped to SDR."
    made.about["films"] = [
        {"name": name, "notice": notice, "cuts": [], "nobody": 0, "frames": COUNT, "crop": [0, 0, SIDE]}
        for name, notice in (("a.mov", said), ("b.mp4", ""))
    ]
    found = findings(made)
    assert list(found) == ["videos not used as they are"]
    assert found["videos not used as they are"].kind == "note"
    assert found["videos not used as they are"].examples == (said,)


def test_another_room_is_another_scene(tmp_path: Path):
    def move(i: int, picture: np.ndarray) -> np.ndarray:
        return np.where(picture == room(), room(5), picture) if i >= 60 else picture

    found = findings(make(tmp_path / "me", move))
    assert found["the scene changes"].kind == "problem"
    assert found["cuts within a clip"].examples == ("train/00060.jpg",)


def test_before_a_plain_wall_a_shadow_is_no_moving_camera(tmp_path: Path):
    wall = np.repeat(np.linspace(90, 170, SIDE)[:, None, None], SIDE, 1).repeat(3, 2)

    def change(i: int, picture: np.ndarray) -> np.ndarray:
        lit = wall.copy()
        lit[112:120, int(40 + 10 * np.sin(i / 7)) : int(90 + 10 * np.sin(i / 7))] -= 25
        return np.where(picture == room(), lit, picture)

    assert findings(make(tmp_path / "me", change)) == {}


def test_bodies_that_are_not_whole(tmp_path: Path):
    poses = dance()
    poses[:, 15:, 2] = 0
    poses[:, 7:11, 2] = 0
    assert {"feet not visible", "arms often not found"} <= set(findings(make(tmp_path / "me", poses=poses)))
    poses = dance()
    poses[..., :2] = 64 + (poses[..., :2] - 64) * 0.3
    assert list(findings(make(tmp_path / "small", poses=poses))) == ["the person is small"]


def test_poses_that_are_missing_are_named(tmp_path: Path):
    made = make(tmp_path / "me", poses=np.repeat(dance(1), COUNT, 0))
    found = {f.what: f for f in check(made, survey(made, lambda: None))}
    few = found["too few different poses"]
    assert few.examples[0] == "1 different poses"
    assert "turned to the side" in few.examples[1]


def test_what_cannot_be_read_and_how_it_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made = make(tmp_path / "me")
    made.image_path("train", 3).write_bytes(b"nothing")
    found = findings(made)["cannot be read"]
    assert (found.kind, found.examples) == ("problem", ("train/00003.jpg",))
    assert doctor(tmp_path / "me") == 1
    shown = capsys.readouterr().out
    assert "70 train frames (4 s), 10 test frames" in shown
    assert shown.splitlines()[-1] == "Fix first: cannot be read (train/00003.jpg). Then run doctor again."
    (tmp_path / "me" / "clips.json").write_text("{}")
    with pytest.raises(ValueError, match="damaged"):
        doctor(tmp_path / "me")
