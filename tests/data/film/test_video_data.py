"""Test ``data video``: real videos, a real pose graph, real interruptions."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

from synth.__main__ import main
from synth.data.film import consent
from synth.data.film.detection_pass import saved_poses
from synth.data.sets import character
from synth.pixels import images
from tests.support import dancers
from tests.support.films import dance, film, frames, room
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    onnx.save(dancers.finder(), folder / "pose.onnx")
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "dance.mkv", frames(dance(80), room()))


def command(clip: Path, out: Path, weights: Path, *more: str, name: str = "me") -> list[str]:
    given = ["data", "video", str(clip), "--name", name, "--out", str(out), "--weights", str(weights)]
    return [*given, "--pose", "synth", "--i-have-consent", *more]


def refusal(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """Run a command that must end in one sentence, and return it."""
    capsys.readouterr()
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return " ".join(said.split())


def test_a_film_becomes_a_set(clip: Path, tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]):
    assert main(command(clip, tmp_path, weights)) == 0
    assert "python -m synth doctor" in capsys.readouterr().out
    made = character.read(tmp_path / "me")
    counts = {c.split: c.count for c in made.clips}
    assert (made.side, made.fps, counts) == (256, 20.0, {"train": 64, "test": 8})  # and 8 left out between
    assert [c.start for c in made.clips] == [0.0, 3.6]
    left, top, side = made.about["films"][0]["crop"]
    for split, rows in (("train", range(64)), ("test", range(72, 80))):
        truth = dance(80)[list(rows)]
        expected = (truth[..., :2] - (left, top)) * 256 / side
        error = np.linalg.norm(made.poses[split][..., :2] - expected, axis=-1)
        assert np.median(error) < 1
        assert np.percentile(error, 90) < 2  # where dots lie over each other, their middles are elsewhere
        assert len(list((tmp_path / "me" / split).glob("*.jpg"))) == len(rows)
    assert images.read(made.image_path("test", 7)).shape == (256, 256, 3)
    assert "i-have-consent" in json.loads((tmp_path / "me/clips.json").read_text())["consent"]["given"]
    assert [path.name for path in tmp_path.iterdir()] == ["me"]  # nothing else is left


def test_the_background_is_the_room_without_the_person(clip: Path, tmp_path: Path, weights: Path):
    main(command(clip, tmp_path, weights, "--crop", "40,0,240"))
    plate = images.read(tmp_path / "me" / "background.png").astype(int)
    import cv2

    truth = cv2.resize(room()[:, 40:280], (256, 256), interpolation=cv2.INTER_CUBIC).astype(int)
    assert np.percentile(np.abs(plate - truth).max(-1), 97) < 12
    assert plate.max() < 120  # not a single dot


def test_cuts_empty_rooms_and_leaps_part_the_clips(tmp_path: Path, weights: Path):
    poses = dance(120)
    poses[30:40, :, 2] = 0  # nobody
    poses[85:, :, 0] += 90  # another moment
    back = [room(0)] * 70 + [np.clip(room(9).astype(int) * 2, 0, 110).astype(np.uint8)] * 50
    pictures = [dancers.paint(b.copy(), p, 3) for b, p in zip(back, poses, strict=True)]
    assert main(command(film(tmp_path / "cut.mkv", pictures), tmp_path, weights)) == 0
    made = character.read(tmp_path / "me")
    starts = [round(c.start * 20) for c in made.clips]
    assert starts == [0, 40, 70, 85, 109]  # the last is held out, and ten frames before it are left out
    assert made.clips[0].count == 30
    assert made.about["films"][0]["nobody"] == 10


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, weights: Path, clip: Path):
    arguments = [sys.executable, "-m", "synth", *command(clip, tmp_path, weights)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline, journal = time.monotonic() + 120, []
    while time.monotonic() < deadline and not (journal and len(saved_poses(journal[0])) >= 10):
        journal = [path.parent for path in tmp_path.glob(".me.unfinished/look-*/poses")]
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    known = saved_poses(journal[0])
    assert 10 <= len(known) < 80
    assert not (tmp_path / "me").exists()
    marked = known.copy()
    marked[:, :, 2] = 0.77  # so that it can be told whether they were sought again
    (journal[0] / "poses").write_bytes(marked.tobytes() + b"half a record")
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"going on after {len(known)} frames" in done.stdout
    made = character.read(tmp_path / "me")
    assert [c.count for c in made.clips] == [64, 8]
    inner = made.poses["train"][: min(len(known), 60), :, 2]
    assert np.allclose(inner, 0.77)
    assert made.poses["test"][..., 2].min() > 0.9


def test_pictures_that_are_there_are_not_made_again(tmp_path: Path, weights: Path, clip: Path, monkeypatch):
    from synth.data.film import video

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(video.character, "write", stop)  # the person presses Ctrl+C in the last moment
    assert main(command(clip, tmp_path, weights)) == 130
    monkeypatch.undo()
    (first,) = tmp_path.glob(".me.unfinished/set-*/train/00000.jpg")
    before = first.stat().st_mtime_ns
    assert main(command(clip, tmp_path, weights)) == 0
    assert (tmp_path / "me/train/00000.jpg").stat().st_mtime_ns == before


def test_another_set_is_never_written_over(tmp_path: Path, weights: Path, clip: Path, capsys):
    assert main(command(clip, tmp_path, weights)) == 0
    assert main(command(clip, tmp_path, weights)) == 0
    assert "is there already" in capsys.readouterr().out
    before = (tmp_path / "me/clips.json").read_bytes()
    assert "is another set" in refusal(capsys, command(clip, tmp_path, weights, "--fps", "10"))
    assert (tmp_path / "me/clips.json").read_bytes() == before
    (tmp_path / "diary").mkdir()
    assert "is another set" in refusal(capsys, command(clip, tmp_path, weights, name="diary"))


def test_without_consent_nothing_is_made(tmp_path: Path, weights: Path, clip: Path, capsys, monkeypatch):
    given = [word for word in command(clip, tmp_path / "out", weights) if word != "--i-have-consent"]
    with open(os.devnull) as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        assert "--i-have-consent" in refusal(capsys, given)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("said", "agreed"), [("y", True), ("Yes ", True), ("", False), ("n", False), ("maybe", False)])
def test_on_a_terminal_it_asks(said: str, agreed: bool, monkeypatch):
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    if agreed:
        assert consent.ask("“a.mp4”", False, lambda question: said)["given"] == "asked on the terminal"
    else:
        with pytest.raises(ValueError, match="consent"):
            consent.ask("“a.mp4”", False, lambda question: said)


@pytest.mark.parametrize("name", ["", "../me", "a b", ".me", "downloads"])
def test_names_that_are_none(name: str, tmp_path: Path, weights: Path, clip: Path, capsys):
    assert "cannot be the name" in refusal(capsys, command(clip, tmp_path, weights, name=name))


def test_what_cannot_be_used_ends_in_a_sentence(tmp_path: Path, weights: Path, clip: Path, capsys):
    text = tmp_path / "text.mp4"
    text.write_text("not a film")
    assert "not a video" in refusal(capsys, command(text, tmp_path, weights))
    assert "cannot be opened" in refusal(capsys, command(tmp_path / "none.mp4", tmp_path, weights))
    empty = film(tmp_path / "empty.mkv", [room()] * 60)
    assert "Nobody was found" in refusal(capsys, command(empty, tmp_path, weights))
    brief = film(tmp_path / "brief.mkv", frames(dance(20), room()))
    assert "only 1.0 seconds" in refusal(capsys, command(brief, tmp_path, weights))
    assert "x,y,side" in refusal(capsys, command(clip, tmp_path, weights, "--crop", "all"))
    assert "does not lie" in refusal(capsys, command(clip, tmp_path, weights, "--crop", "900,0,200"))
    assert not (tmp_path / "me").exists()


def test_of_a_torn_film_what_can_be_read_is_used(tmp_path: Path, weights: Path, clip: Path, capsys):
    torn = tmp_path / "torn.mkv"
    torn.write_bytes(clip.read_bytes()[: clip.stat().st_size * 3 // 4])
    assert main(command(torn, tmp_path, weights)) == 0
    assert "damaged or incomplete" in " ".join(capsys.readouterr().out.split())
    assert 40 < sum(c.count for c in character.read(tmp_path / "me").clips) < 70


def test_no_room_on_the_disk_is_said_and_nothing_is_lost(tmp_path: Path, weights: Path, clip: Path):
    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    arguments = [sys.executable, "-m", "synth", *command(clip, tmp_path, weights)]
    full = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, preexec_fn=small)
    assert full.returncode == 2
    assert "larger than this disk or account allows" in full.stderr
    assert "The same command resumes." in full.stderr
    assert "Traceback" not in full.stderr
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "going on after 14 frames" in done.stdout  # of 204 bytes each
