"""Recipes in files of the user: ``python -m synth train ./my_recipe.py``, or ``./my_recipe.py:VARIANT``.

The file defines ``recipe`` and may define ``variants`` and ``cpu``, as the files in ``synth/recipes`` do. Only a file
that the command line names is run, never one that a checkpoint or a graph names.
"""

import importlib.util
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType

from synth import recipe
from synth.methods.method import Method

WORD = re.compile(r"(?P<file>.+\.py)(?::(?P<variant>[\w-]+))?")
"""Syntax of a recipe in a file on the command line."""


def find(word: str, preset: recipe.Preset = "auto") -> Method:
    """Return the recipe that the command line names: one of ``python -m synth list``, or a file.

    Raises ``ValueError`` for an unknown name, and for a file that is missing, fails when run or holds no recipe.
    """
    match = WORD.fullmatch(word)
    if not match:
        return recipe.find(word, preset)
    path, variant = Path(match["file"]), match["variant"] or ""
    return recipe.choose(_module(path), str(path), variant, preset)


def identity(word: str) -> str:
    """Return what checkpoints and cards call a recipe: its name, or the file's (and the variant's) without folders."""
    return Path(word).name if is_file(word) else word


def run_name(word: str) -> str:
    """Return the default name of a run of the recipe: ``my_recipe``, ``my_recipe-VARIANT``."""
    match = WORD.fullmatch(word)
    return "-".join(filter(None, (Path(match["file"]).stem, match["variant"]))) if match else word


def is_file(word: str) -> bool:
    """Return whether a recipe's name, on the command line or in a checkpoint, is that of a file."""
    return WORD.fullmatch(word) is not None


def _module(path: Path) -> ModuleType:
    """Run the file and check what it defines."""
    if not path.is_file():
        raise ValueError(f"There is no file {path}. The recipes of synth are named without .py: python -m synth list.")
    name = f"recipe_of_{path.stem}"
    described = importlib.util.spec_from_file_location(name, path.resolve())
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    sys.modules[name] = module  # dataclasses look their module up
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # it may import a network from a file beside it
    try:
        described.loader.exec_module(module)
    except Exception as error:  # the user's code may raise anything
        message = error.msg if isinstance(error, SyntaxError) else error
        raise ValueError(f"{path} cannot be run: {type(error).__name__}{_line(error, path)}: {message}") from error
    variants = getattr(module, "variants", {})
    if not isinstance(recipe := getattr(module, "recipe", None), Method):
        found = f"`recipe` in {path} is {recipe!r:.40}" if hasattr(module, "recipe") else f"{path} defines no `recipe`"
        raise ValueError(f"{found}: it needs a line such as `recipe = Pix2Pix(data=..., card=...)`.")
    if not isinstance(variants, dict) or not all(isinstance(one, Method) for one in variants.values()):
        raise ValueError(f"The `variants` of {path} must be a dict from names to recipes.")
    return module


def _line(error: Exception, path: Path) -> str:
    """Return the line of the file in which an error was raised, in words; empty if it was elsewhere."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path.resolve())]
    line = error.lineno if isinstance(error, SyntaxError) else frames[-1].lineno if frames else None
    return f" in line {line}" if line else ""
