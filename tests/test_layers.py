"""Test the layers: which package may import which, and the sizes of files and folders."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.support.paths import ROOT

FLAT = ("synth/recipes", "synth/methods")
"""One file a task, one a paper: these may hold as many as there are."""
MOST = 20  # files in a folder
WEB = (".js", ".html", ".css")
LONGEST = 250  # lines of a Python file
TRAINING = ("torch", "torchmetrics", "skimage", "tyro", "rich", "tensorboard")
BEYOND_RUNTIME = ("networks", "losses", "data", "methods", "recipes", "recipe", "training", "importers", "evaluation")
FORBIDDEN = {
    "app.py": (*TRAINING, "export", *(f"synth.{name}" for name in BEYOND_RUNTIME)),
    "synth": ("export", "tests"),
    "synth/card.py": ("synth", "export", "numpy", "torch", "gradio"),
    "synth/files.py": ("synth", "export", "numpy", "torch", "gradio"),
    "synth/metric.py": ("synth", "export", "numpy", "torch", "gradio"),
    "synth/pixels": ("export", "torch", "gradio", "onnxruntime", "synth.runtime", "synth.app", "synth.apply"),
    "synth/runtime": (*TRAINING, "export", "gradio", "synth.app", *(f"synth.{name}" for name in BEYOND_RUNTIME)),
    "synth/app": (*TRAINING, "export", *(f"synth.{name}" for name in BEYOND_RUNTIME)),
    "synth/apply": (*TRAINING[:3], "export", "gradio", "synth.app", *(f"synth.{name}" for name in BEYOND_RUNTIME)),
    "synth/networks": ("synth.methods", "synth.recipes", "synth.training", "synth.data", "synth.losses", "gradio"),
    "synth/losses": ("synth.methods", "synth.recipes", "synth.training", "synth.data", "gradio"),
    "synth/methods": ("synth.recipes", "synth.training", "gradio", "synth.app"),
}
"""By folder or file: the packages that nothing in it may import."""


def tracked(*folders: str) -> list[Path]:
    """Return the Python files below the folders."""
    return sorted(path for name in folders for path in (ROOT / name).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Return every module that a file imports, wherever in it; for ``from a import b`` both ``a`` and ``a.b``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("room", FORBIDDEN)
def test_imports_go_one_way(room: str):
    files = [ROOT / room] if room.endswith(".py") else tracked(room)
    assert files
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in imports(path)
        if any(within(name, package) for package in FORBIDDEN[room])
    }
    assert wrong == set()


def test_pixels_know_only_the_card_and_files():
    names = {name for path in tracked("synth/pixels") for name in imports(path) if within(name, "synth")}
    assert {".".join(name.split(".")[:2]) for name in names} <= {"synth", "synth.pixels", "synth.card", "synth.files"}


def test_no_room_is_crowded_and_no_file_long():
    python = [*tracked("synth", "export", "tests"), ROOT / "app.py"]
    web = [path for name in ("synth/app", "export") for path in (ROOT / name).rglob("*") if path.suffix in WEB]
    full = Counter(str(path.parent.relative_to(ROOT)) for path in [*python, *web])
    assert {room: count for room, count in full.items() if count > MOST and room not in FLAT} == {}
    assert {str(p): n for p in python if (n := p.read_text("utf-8").count("\n")) > LONGEST} == {}


def test_init_files_are_empty():
    assert [
        path for path in tracked("synth", "export", "tests") if path.name == "__init__.py" and path.read_text()
    ] == []
