"""Test applying a graph to videos: in several processes, interrupted, and on a cluster."""

import functools
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from synth.__main__ import main
from synth.apply import cluster
from synth.apply.plan import Job
from synth.apply.resume import already_done
from synth.pixels.video_reader import VideoFrames, probe
from synth.runtime import provenance
from tests.support import dancers, graphs
from tests.support.clips import clip, packets
from tests.support.paths import ROOT
from tests.support.walks import film, pictures


def command(weights: Path, name: str, source: Path, out: Path, *more: str) -> list[str]:
    return ["apply", name, str(source), str(out), "--weights", str(weights), "--provider", "cpu", *more]


def test_a_video_keeps_its_sound_and_its_times(weights: Path, tmp_path: Path) -> None:
    times = (0.0, 0.033, 0.2, 0.21, 0.9, 1.0)
    source, out = clip(tmp_path / "in.mp4", times, sound="aac"), tmp_path / "out.mp4"
    assert main(command(weights, "invert", source, out)) == 0
    made, given = list(VideoFrames(out)), list(VideoFrames(source))
    assert [time for time, _ in made] == pytest.approx(times, abs=1e-3)
    assert all(np.abs(a.astype(int) - (255 - b)).mean() < 6 for (_, a), (_, b) in zip(made, given, strict=True))
    assert packets(out, "audio")[:20] == packets(source, "audio")[:20], "copied bit by bit"
    with av.open(str(out)) as container:
        assert "synthesized" in container.metadata["comment"]


def test_an_animated_image_becomes_a_video_of_the_same_times(weights: Path, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 16), color) for color in ("red", "lime", "blue")]
    (tmp_path / "in").mkdir()
    frames[0].save(tmp_path / "in" / "a.gif", save_all=True, append_images=frames[1:], duration=[300, 50, 200])
    frames[0].save(tmp_path / "in" / "still.gif")
    assert main(command(weights, "invert", tmp_path / "in", tmp_path / "out")) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.mp4", "still.png"]
    assert [time for time, _ in VideoFrames(tmp_path / "out" / "a.mp4")] == pytest.approx([0, 0.3, 0.35], abs=1e-3)


def test_a_video_lasts_as_long_as_its_sound(weights: Path, tmp_path: Path, capsys) -> None:
    source, out = clip(tmp_path / "in.mkv", (0.0, 0.1), sound="aac", heard=2.0), tmp_path / "out.mp4"
    assert main(command(weights, "invert", source, out)) == 0
    assert probe(out).seconds == pytest.approx(2.0, abs=0.04)
    assert packets(out, "audio")[-1][0] > 1.9
    assert "damaged" not in capsys.readouterr().out


def test_a_video_that_is_whole_is_not_made_again(weights: Path, tmp_path: Path, capsys) -> None:
    source, out = clip(tmp_path / "in.mp4"), tmp_path / "out.mp4"
    for _ in range(2):
        main(command(weights, "invert", source, out))
    assert "1 skipped as already done" in capsys.readouterr().out
    by = provenance.model_id(graphs.CARD, weights / "invert.onnx")
    assert already_done(Job(source, out, True), by)
    assert not already_done(Job(source, out, True), "other 0123456789ab")
    out.write_bytes(out.read_bytes()[:-200])
    assert not already_done(Job(source, out, True), by)


def test_a_torn_video_gives_what_there_is_and_says_so(weights: Path, tmp_path: Path, capsys) -> None:
    whole = clip(tmp_path / "whole.mkv", [i / 10 for i in range(60)])
    torn = tmp_path / "torn.mkv"
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert main(command(weights, "invert", torn, tmp_path / "out.mp4")) == 0
    assert "“torn.mkv” is damaged or incomplete" in capsys.readouterr().out


@pytest.mark.parametrize("beside", [False, True])
def test_a_character_does_as_the_person_in_a_video(weights: Path, tmp_path: Path, capsys, beside: bool) -> None:
    source = tmp_path / "in"
    source.mkdir()
    film(source / "walk.mp4", pictures(), sound=True)
    Image.fromarray(graphs.noise(8, 8, 3)).save(source / "no_video.png")
    more = ["--pose", "synth", *["--beside"] * beside]
    for _ in range(2):
        assert main(command(weights, "dance-dots", source, tmp_path / "out", *more)) == 1
    said = capsys.readouterr().out
    assert "1 skipped as already done" in said
    assert "“no_video.png” cannot be used: a character takes videos." in said
    made = probe(tmp_path / "out" / "walk.mp4")
    assert (made.frames, made.width, made.sound) == (16, 512 + 384 if beside else 64, True)


def test_a_character_needs_a_video(weights: Path, tmp_path: Path, capsys) -> None:
    Image.fromarray(graphs.noise(8, 8, 3)).save(tmp_path / "a.png")
    assert main(command(weights, "dance-dots", tmp_path / "a.png", tmp_path / "out")) == 2
    assert "“a.png” cannot be used: a character takes videos." in capsys.readouterr().err


def test_a_character_before_another_background_and_before_a_third(weights: Path, tmp_path: Path, capsys) -> None:
    """What is there is made again for another background, also for another picture of the same name."""
    dancers.fill(weights, "dance-layers")
    source, out, wall = film(tmp_path / "in.mp4", pictures(4)), tmp_path / "out.mp4", tmp_path / "wall.png"
    for background, color in (("#00ff00", (0, 255, 0)), (str(wall), (0, 0, 255)), (str(wall), (255, 0, 0))):
        Image.new("RGB", (30, 20), color).save(wall)
        more = ["--pose", "synth", "--background", background]
        for _ in range(2):
            assert main(command(weights, "dance-layers", source, out, *more)) == 0
        assert "1 skipped as already done" in capsys.readouterr().out
        last = [picture.astype(int) for _, picture in VideoFrames(out)][-1]
        assert np.abs(last[:4] - color).max() < 12, background
        assert (np.abs(last - color).max(-1) > 60).sum() > 100, "the character is there"


@pytest.mark.parametrize(
    ("name", "background", "sentence"),
    [
        ("dance-layers", "green", "There is no image green"),
        ("dance-layers", "#00ff0", "Write it as #rrggbb"),
        ("dance-dots", "#00ff00", "python -m export again dance-dots"),
        ("invert", "#00ff00", "is for characters"),
    ],
)
def test_a_background_that_cannot_be_is_told_before_anything_is_made(
    weights: Path, tmp_path: Path, capsys, name: str, background: str, sentence: str
) -> None:
    dancers.fill(weights, "dance-layers")
    source, out = film(tmp_path / "in.mp4", pictures(2)), tmp_path / "made" / "out.mp4"
    assert main(command(weights, name, source, out, "--background", background)) == 2
    assert sentence in capsys.readouterr().err
    assert not out.parent.exists()


def archive(folder: Path, count: int = 12) -> Path:
    folder.mkdir()
    for number in range(count):
        Image.fromarray(graphs.noise(24 + number, 40, 3)).save(folder / f"{number}.png")
    (folder / "bad.png").write_bytes(b"bad")
    return folder


def expect(source: Path, out: Path, count: int = 12) -> None:
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{number}.png" for number in range(count))
    for path in out.iterdir():
        assert np.array_equal(np.asarray(Image.open(path)), 255 - np.asarray(Image.open(source / path.name)))


def test_several_processes_do_the_same(weights: Path, tmp_path: Path) -> None:
    source = archive(tmp_path / "in")
    arguments = [sys.executable, "-m", "synth", *command(weights, "invert", source, tmp_path / "out", "--workers=2")]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1
    assert "“bad.png” is not a picture" in done.stdout
    assert "12 done, 1 failed" in done.stdout
    expect(source, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as Unix does")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_leaves_nothing_half_done_and_the_same_command_goes_on(weights: Path, tmp_path: Path, workers: str):
    """The terminal sends the signal to the whole group."""
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(graphs.noise(20, 20, 3)).save(source / name)
    clip(source / "long.mp4", [i / 25 for i in range(600)], size=(240, 320))
    arguments = [sys.executable, "-m", "synth", *command(weights, "invert", source, out, "--workers", workers)]
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs are deaf to it
    pipe: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, cwd=ROOT, start_new_session=True, preexec_fn=heard, **pipe) as process:
        while not list(out.glob(".long*.part")) and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=600)[1]
    assert process.returncode == 130
    assert "Run the same command again" in said
    assert "Traceback" not in said
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert "1 done, 2 skipped as already done" in done.stdout
    assert probe(out / "long.mp4").frames == 600


def test_without_ray_the_flag_ends_in_a_sentence(weights: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("synth.apply.cluster.find_spec", lambda name: None)
    assert main(command(weights, "invert", archive(tmp_path / "in"), tmp_path / "out", "--ray", "local")) == 2
    assert 'pip install -e ".[ray]"' in capsys.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "localhost:99999"])
def test_a_cluster_that_does_not_answer_ends_in_a_sentence(address: str) -> None:
    with pytest.raises(ValueError, match="does not answer"):
        cluster.reach(address)


@pytest.mark.slow
@pytest.mark.skipif(
    not find_spec("ray"), reason='ray is not installed: 400 MB that only clusters need, pip install -e ".[ray]"'
)
def test_a_local_cluster_of_two_workers_does_the_same_and_resumes(weights: Path, tmp_path: Path) -> None:
    source, out = archive(tmp_path / "in"), tmp_path / "out"
    arguments = command(weights, "invert", source, out, "--ray", "local", "--workers", "2")
    for said in ("12 done, 1 failed", "0 done, 12 skipped as already done, 1 failed"):
        done = subprocess.run(
            [sys.executable, "-m", "synth", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 1, done.stderr
        assert "“bad.png” is not a picture" in done.stdout
        assert said in done.stdout
        expect(source, out)
