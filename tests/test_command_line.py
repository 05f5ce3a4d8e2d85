"""Test the command lines: unknown words name the nearest known one, and each listed command exists."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from export import __main__ as exporting
from synth import __main__ as synth
from synth import recipe
from synth.command_line import Command, guarded
from synth.suggest import did_you_mean
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], "Unknown command 'trian'. Did you mean 'train'?"),
        (["xyzzy"], "Unknown command 'xyzzy'. All commands: python -m synth --help"),
        (["bench", "lod"], "Did you mean 'load'?"),
    ],
)
def test_an_unknown_command_names_the_nearest(arguments: list[str], words: str, capsys):
    assert synth.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_export_knows_typos_of_its_commands_and_of_recipes(capsys):
    assert exporting.main(["wbe", "out"]) == 2
    assert "'wbe' is neither a command nor a recipe. Did you mean 'web'?" in capsys.readouterr().err
    assert exporting.main(["stret", "runs/nothing.pt"]) == 2
    assert "Did you mean 'street'?" in capsys.readouterr().err
    assert exporting.main(["chek", str(ROOT / "weights/street.onnx")]) == 2
    assert "Did you mean 'check'?" in capsys.readouterr().err


def test_an_unknown_recipe_or_variant_names_the_nearest():
    with pytest.raises(ValueError, match=r"There is no recipe 'stret'\. Did you mean 'street'"):
        recipe.find("stret")
    with pytest.raises(ValueError, match=r"no variant 'l1_cgn'\. Did you mean 'l1_cgan'"):
        recipe.find("street-l1_cgn")


def test_an_unknown_data_set_names_the_nearest(capsys):
    assert synth.main(["data", "facadez"]) == 2
    assert "There is no data set called 'facadez'. Did you mean 'facades'? The sets are:" in capsys.readouterr().err


def test_bench_alone_lists_all_benchmarks(capsys):
    assert synth.main(["bench"]) == 0
    listed = re.findall(r"synth bench (\w+) {2}", capsys.readouterr().out)
    assert listed == ["training", "latency", "dance", "page", "space", "load", "pose", "people"]


@pytest.mark.parametrize("name", [*synth.COMMANDS, *(f"bench {name}" for name in synth.BENCHMARKS)])
def test_every_command_has_a_function_and_an_owner(name: str):
    commands = synth.BENCHMARKS if name.startswith("bench ") else synth.COMMANDS
    last = name.removeprefix("bench ")
    if name == "bench":
        return
    if last in synth.FORWARDED:
        assert last in exporting.COMMANDS
    else:
        assert callable(getattr(importlib.import_module(commands[last].module), commands[last].function))


def test_what_belongs_to_export_is_forwarded_with_its_exit_code(tmp_path: Path, capsys):
    argv = list(sys.argv)
    assert synth.main(["inspect", str(tmp_path / "nothing.onnx")]) == 2
    assert "There is no file" in capsys.readouterr().err
    assert synth.main(["inspect", str(ROOT / "weights" / "pose.onnx")]) == 0
    assert "opset" in capsys.readouterr().out
    assert sys.argv == argv


def test_no_line_of_the_readme_names_an_inner_benchmark():
    for path in [ROOT / "README.md", *(ROOT / "synth").rglob("*.md"), *(ROOT / "export").rglob("*.md")]:
        assert re.findall(r"python -m synth\.\w+", path.read_text("utf-8")) == [], path


@pytest.mark.parametrize(("error", "code"), [(ValueError("x"), 2), (OSError("x"), 2), (KeyboardInterrupt(), 130)])
def test_users_mistakes_end_without_a_traceback(error: BaseException, code: int, capsys):
    def call() -> int:
        raise error

    assert guarded(call) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_mistake_of_the_program_keeps_its_traceback():
    with pytest.raises(TypeError):
        guarded(lambda: int(Command("a", "b", "c")))  # type: ignore[call-overload]


def test_nothing_is_suggested_where_nothing_is_near():
    assert did_you_mean("trian", ["train", "blend"]) == " Did you mean 'train'?"
    assert did_you_mean("xyzzy", ["train", "blend"]) == ""


@pytest.mark.parametrize(
    ("package", "advice"), [("gradio", "pip install -r requirements.txt"), ("torch.nn", "pip install -e '.[train]'")]
)
def test_a_missing_package_names_what_to_install(package: str, advice: str, capsys):
    def call() -> int:
        raise ModuleNotFoundError(name=package)

    assert guarded(call) == 2
    said = capsys.readouterr().err
    assert package.split(".")[0] in said
    assert advice in said
