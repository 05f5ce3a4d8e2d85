"""Test a recipe in a user's file: found, named after the file, and refused with a reason if it holds none."""

from pathlib import Path

import pytest

from synth import recipe
from synth.training import recipe_file

OWN = """
from __future__ import annotations
from dataclasses import dataclass, replace
from synth.card import Card
from synth.data.sets.pairs import Pairs
from synth.methods.pix2pix import Pix2Pix
from beside_it import L1

@dataclass(frozen=True, kw_only=True)
class Mine(Pix2Pix):
    extra: float = 2.0

recipe = Mine(data=Pairs(name="mine"), card=Card(title="My own"), l1=L1)
variants = {"soft": replace(recipe, l1=1.0)}

def cpu(recipe):
    return replace(recipe, steps=10, preset="cpu")
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "beside_it.py").write_text("L1 = 7.0\n")
    (tmp_path / "my_recipe.py").write_text(OWN)
    return tmp_path / "my_recipe.py"


def test_a_file_is_a_recipe(own: Path):
    method = recipe_file.find(str(own), "gpu")
    assert (type(method).__name__, method.steps, method.card.title) == ("Mine", 80_000, "My own")
    assert "l1=7.0" in repr(method)
    assert "l1=1.0" in repr(recipe_file.find(f"{own}:soft", "gpu"))
    assert recipe_file.find(str(own), "cpu").steps == 10
    with pytest.raises(ValueError, match=r"no variant 'hard'. It has: soft"):
        recipe_file.find(f"{own}:hard", "gpu")


def test_names_without_py_are_those_of_synth():
    assert recipe_file.find("street", "cpu") == recipe.find("street", "cpu")
    assert (recipe_file.identity("street-l1"), recipe_file.run_name("street-l1")) == ("street-l1", "street-l1")


def test_a_run_is_named_after_the_file():
    assert recipe_file.identity("../a/my_recipe.py:soft") == "my_recipe.py:soft"
    assert recipe_file.run_name("../a/my_recipe.py:soft") == "my_recipe-soft"
    assert recipe_file.run_name("./my_recipe.py") == "my_recipe"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "There is no file"),
        ("x = 1\n1 / 0\n", "ZeroDivisionError in line 2: division by zero"),
        ("x = 1\ny = (\n", "SyntaxError in line 2: '(' was never closed"),
        ("import no_such_thing\n", "ModuleNotFoundError in line 1"),
        ("x = 1\n", "defines no `recipe`"),
        ("recipe = 'street'\n", "`recipe` in"),
        ("recipe = 'street'\n", "is 'street': it needs a line such as"),
        ("from synth.recipes.street import recipe\nvariants = [recipe]\n", "must be a dict from names to recipes"),
    ],
)
def test_what_is_no_recipe_is_said(text: str | None, words: str, tmp_path: Path):
    path = tmp_path / "odd.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        recipe_file.find(str(path), "gpu")
    assert words in str(caught.value)
    assert "odd.py" in str(caught.value)


def test_the_cpu_preset_is_named_by_the_recipe_even_if_the_file_forgets_it(tmp_path: Path):
    path = tmp_path / "own.py"
    path.write_text(
        "from dataclasses import replace\nfrom synth.recipes.street import recipe\n"
        "def cpu(recipe):\n    return replace(recipe, steps=10)\n"
    )
    made = recipe_file.find(str(path), "cpu")
    assert (made.steps, made.preset) == (10, "cpu")
    assert recipe_file.find(str(path), "gpu").preset == "gpu"
