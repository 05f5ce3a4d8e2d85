"""Test applying a character to a part of a video, and to one of several people."""

from pathlib import Path

import pytest

from synth.__main__ import main
from synth.pixels.video_reader import probe
from tests.apply.test_apply_work import command
from tests.support.walks import film, pictures


def test_a_character_does_as_the_person_in_a_part_of_a_video(weights: Path, tmp_path: Path, capsys) -> None:
    source, out = film(tmp_path / "walk.mp4", pictures()), tmp_path / "out.mp4"
    for part, frames in ((["--start", "0.5", "--end", "1.2"], 7), (["--person", "0.5", "0.5", "1"], 16)):
        for _ in range(2):
            assert main(command(weights, "dance-dots", source, out, "--pose", "synth", *part)) == 0
        assert "1 skipped as already done" in capsys.readouterr().out
        assert probe(out).frames == frames


@pytest.mark.parametrize(
    ("name", "part", "sentence"),
    [
        ("dance-dots", ["--start", "2", "--end", "1"], "The start, 2 s, must be before the end, 1 s."),
        ("dance-dots", ["--person", "0.5"], "must be x and y"),
        ("dance-dots", ["--person", "0.5", "7"], "both must be from 0 to 1"),
        ("invert", ["--end", "1"], "are for characters"),
    ],
)
def test_a_part_that_cannot_be_is_told_before_anything_is_made(
    weights: Path, tmp_path: Path, capsys, name: str, part: list[str], sentence: str
) -> None:
    source = film(tmp_path / "walk.mp4", pictures(4))
    assert main(command(weights, name, source, tmp_path / "out.mp4", *part)) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out.mp4").exists()
