"""Test README files and the contributor guide: links, paths, commands and tables agree with the code."""

import contextlib
import io
import re
import shlex
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

import app
import export.__main__ as exporter
import synth.__main__ as synth
from synth.methods.pix2pix import Pix2Pix
from synth.training.trainer import Trainer
from tests.support.paths import ROOT
from tests.support.shrink import made_up, shrink

README = ROOT / "README.md"
LARGEST = 10 * 1024  # bytes of the README
FOLDERS = (".github", "synth", "export", "tests", "weights")
GUIDES = [README, *(p for name in FOLDERS for p in sorted((ROOT / name).rglob("*.md")))]
PROGRAMS = {"synth": synth, "export": exporter}
PLACEHOLDERS = re.compile(r"NAME|DIR|FILE|\*")
guides = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(text: str, language: str = "") -> list[str]:
    """Return the contents of the fenced code blocks in a language, by default of those in none."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
    return [code for kind, code in found if kind == language]


def prose(text: str) -> str:
    """Return a guide without its fenced code blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(guide: Path) -> set[str]:
    return {slug(line.lstrip("# ")) for line in prose(guide.read_text("utf-8")).splitlines() if line.startswith("#")}


def commands(guide: Path) -> list[list[str]]:
    """Return the words of each ``python`` command in a guide, in blocks and in prose."""
    text = guide.read_text("utf-8")
    lines = [line for block in blocks(text) for line in block.splitlines()]
    lines += [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose(text)) if code.startswith("python ")]
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [shlex.split(part, comments=True) for part in parts if part.startswith("python ")]


@cache
def options(*arguments: str) -> set[str]:
    """Return the options in the help of a command of ours: ``options("synth", "train")``."""
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
        PROGRAMS[arguments[0]].main([*arguments[1:], "--help"])
    return set(re.findall(r"--[\w-]+", printed.getvalue()))


def named(program: str, words: list[str]) -> list[str]:
    """Return the part of ``words`` that names a command; fails if there is none of that name."""
    known = PROGRAMS[program].COMMANDS
    if words[:1] == ["bench"] and len(words) > 1:
        assert words[1] in synth.BENCHMARKS, words
        return words[:2]
    if program == "export" and words[0] not in known:  # RECIPE CHECKPOINT, or --from FILE
        return ["--from", "FILE"] if "--from" in words else []
    count = 2 if " ".join(words[:2]) in known else 1
    assert " ".join(words[:count]) in known, words
    return words[:count]


def test_the_readme_is_short():
    assert len(README.read_bytes()) <= LARGEST


@guides
def test_links_lead_somewhere(guide: Path):
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(guide.read_text("utf-8"))):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (guide.parent / path).resolve() if path else guide
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@guides
def test_paths_that_are_named_exist(guide: Path):
    words = re.findall(r"`([\w.\-/*]+)`", prose(guide.read_text("utf-8")))
    paths = [word for word in words if word.startswith(tuple(f"{name}/" for name in (*FOLDERS, ".ci")))]
    assert [path for path in paths if not PLACEHOLDERS.search(path) and not (ROOT / path).exists()] == []


@guides
def test_commands_and_their_options_exist(guide: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")
    for words in commands(guide):
        if words[1] == "-m" and words[2] in PROGRAMS:
            program, rest = words[2], words[3:]
            command = named(program, rest) if rest else []
            known = options(program, *command)
            assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known, words
        assert not re.match(r"(synth|export)\.", words[2] if words[1] == "-m" else ""), words


@guides
def test_options_of_the_app_exist(guide: Path, monkeypatch: pytest.MonkeyPatch):
    for words in commands(guide):
        if words[1] == "app.py":
            given = [{"DIR": "weights"}.get(word, word) for word in words[1:]]
            monkeypatch.setattr(sys, "argv", given)
            app.arguments()


def test_the_readme_lists_every_tab():
    rows = re.findall(r"^\| (\w+) \|.*\|$", README.read_text("utf-8").split("| Tab |")[1].split("\n\n")[0], re.M)
    assert [row.lower() for row in rows] == list(app.TABS)


def test_the_guide_to_the_app_lists_every_tab():
    text = (ROOT / "synth/app/README.md").read_text("utf-8").split("## The tabs")[1].split("\n## ")[0]
    assert [row.lower() for row in re.findall(r"^\| (\w+) \| `", text, re.M)] == list(app.TABS)


def test_the_recipe_of_the_guide_trains():
    (code,) = blocks((ROOT / "synth/recipes/README.md").read_text("utf-8"), "python")
    known: dict[str, Any] = {}
    exec(compile(code, "my_recipe.py", "exec"), known)
    recipe, variants = known["recipe"], known["variants"]
    assert isinstance(recipe, Pix2Pix)
    assert (variants["cgan"].l1, variants["encdec"].generator.options["skip"]) == (0.0, False)
    trainer = Trainer(shrink(recipe), torch.device("cpu"))
    trainer.update(made_up(trainer.method), 0.0)
