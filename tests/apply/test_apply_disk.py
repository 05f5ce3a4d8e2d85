"""Test what may go wrong around apply: a full disk, a killed process, files that are none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synth import files
from synth.__main__ import main
from tests.support import graphs
from tests.support.clips import clip
from tests.support.paths import ROOT

LIMIT = 4000  # bytes


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    graphs.save(tmp_path / "weights")
    return tmp_path / "weights"


def small_files_only() -> None:
    """Let no file of this process grow beyond ``LIMIT``: the system then answers EFBIG, as a full disk does ENOSPC."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def command(weights: Path, source: Path, out: Path, *more: str) -> list[str]:
    words = ["apply", "invert", str(source), str(out), "--weights", str(weights), "--provider", "cpu", *more]
    return [sys.executable, "-m", "synth", *words]


def apply(weights: Path, source: Path, out: Path, *more: str, before: Callable[[], None] | None = None):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    pipe: Any = {"capture_output": True, "text": True, "env": environment, "preexec_fn": before}
    return subprocess.run(command(weights, source, out, *more), cwd=ROOT, timeout=300, **pipe)


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files is limited as on Unix")
@pytest.mark.parametrize(("kind", "workers"), [("images", "1"), ("images", "2"), ("videos", "1")])
def test_a_full_disk_is_said_once_and_stops(weights: Path, tmp_path: Path, kind: str, workers: str) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in range(8):
        if kind == "videos":
            clip(source / f"{number}.mp4", [i / 25 for i in range(25)], size=(96, 128))
        else:
            Image.fromarray(graphs.noise(64 + number, 64, 3)).save(source / f"{number}.png")
    done = apply(weights, source, out, "--workers", workers, before=small_files_only)
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert str(out) in lines[0]
    assert lines[0].endswith(
        "cannot be written: the file would be larger than this disk or account allows. Choose another place."
    )
    assert list(out.iterdir()) == []
    assert apply(weights, source, out).returncode == 0
    assert len(list(out.iterdir())) == 8


def test_a_file_where_a_folder_should_be(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    for name in ("deep/er/a.png", "deep/er/b.png"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(graphs.noise(9, 9, 3)).save(source / name)
    out.mkdir()
    (out / "deep").write_text("not a folder")
    common = ["--weights", str(weights), "--provider", "cpu"]
    assert main(["apply", "invert", str(source), str(out), *common]) == 2
    assert capsys.readouterr().err.count(f"{out / 'deep'} is a file, and a folder is needed there. Move it") == 1
    assert main(["apply", "invert", str(source / "deep/er/a.png"), str(out / "deep" / "a.png"), *common]) == 2
    assert f"{out / 'deep'} is a file, and a folder is needed there. Move it" in capsys.readouterr().err


def test_the_same_command_removes_what_a_killed_one_left(weights: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (out / "other").mkdir(parents=True)
    image = graphs.noise(20, 20, 3)
    Image.fromarray(image).save(source / "a.png")
    clip(source / "long.mp4")
    for name in ("a.png", "long.mp4", "of_another_command.png"):
        files.unfinished(out / name).write_bytes(b"half")
    assert main(["apply", "invert", str(source), str(out), "--weights", str(weights), "--provider", "cpu"]) == 0
    names = sorted(path.name for path in out.iterdir())
    assert names[1:] == ["a.png", "long.mp4", "other"]
    assert names[0].startswith(".of_another_command.png.")
    assert np.array_equal(np.asarray(Image.open(out / "a.png")), 255 - image)


def until(true: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the processes of a process are read from /proc")
def test_workers_end_with_a_command_that_is_killed(weights: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.mp4", "b.mp4"):
        clip(source / name, [i / 25 for i in range(2000)], size=(96, 128))
    with subprocess.Popen(command(weights, source, out, "--workers=2"), cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        until(lambda: len([*out.glob(".*.part")]) == 2)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(workers) >= 2
        process.send_signal(signal.SIGKILL)
    until(lambda: not any(running(worker) for worker in workers))
    assert list(out.iterdir()) == [], "the unfinished videos are gone too"


def running(process: str) -> bool:
    """Return whether a process runs: one that has ended may still be listed where nobody collects it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are files on Unix")
def test_what_is_no_file_is_named_and_blocks_nothing(weights: Path, tmp_path: Path, capsys) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    Image.fromarray(graphs.noise(9, 9, 3)).save(source / "good.png")
    Image.fromarray(graphs.noise(9, 9, 3)).save(source / "taken.png")
    for path in (source / "pipe.png", source / "pipe.mp4", out / "taken.png"):
        os.mkfifo(path)
    (source / "loop.png").symlink_to("loop.png")
    (source / "lost.mov").symlink_to("nowhere")
    (source / "around").symlink_to(source)
    main(["apply", "invert", str(source), str(out), "--weights", str(weights), "--provider", "cpu"])
    said = capsys.readouterr().out
    for name in ("pipe.png", "pipe.mp4", "loop.png", "lost.mov", "around"):
        assert name in said
    assert "out/taken.png” is a named pipe. Move it" in said
    assert "1 done" in said
