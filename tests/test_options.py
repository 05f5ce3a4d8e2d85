"""Test the options of all commands: one sentence for each mistake, and limits for every number."""

import importlib
import inspect
import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from export import __main__ as exporting
from synth import __main__ as synth
from synth import options
from synth.command_line import Command
from synth.counted import counted
from tests.support.paths import ROOT

COMMANDS = {
    **synth.COMMANDS, **{f"bench {name}": command for name, command in synth.BENCHMARKS.items()},
    **{f"export {name}": command for name, command in exporting.COMMANDS.items()},
    "export --from": exporting.FOREIGN, "export": exporting.DEFAULT,
}  # fmt: skip
OWN = {name: command for name, command in COMMANDS.items() if command.module}


def function(command: Command) -> Callable[..., Any]:
    return getattr(importlib.import_module(command.module), command.function)


def kinds(hint: Any) -> set[Any]:
    """Return the plain types that a hint allows, also inside tuples."""
    if typing.get_origin(hint) is Literal:
        return {Literal}
    inner = typing.get_args(hint)
    return set().union(*map(kinds, inner)) if inner else {hint}


CHECKED_BY_ITSELF = {"share"}
"""Options whose command says more of their limits than that they were missed."""


@pytest.mark.parametrize("name", OWN)
def test_every_number_of_every_command_has_limits(name: str):
    call = function(OWN[name])
    hints = typing.get_type_hints(call)
    for parameter in inspect.signature(call).parameters.values():
        if kinds(hints[parameter.name]) & {int, float}:
            assert parameter.name in options.LIMITS.keys() | CHECKED_BY_ITSELF
            options.check(parameter.name, parameter.default)  # the default is inside


@pytest.mark.parametrize("name", options.LIMITS)
def test_numbers_outside_are_told_in_one_sentence(name: str):
    for value in (float("nan"), float("inf"), -float("inf"), -1, -1e300, 1e300, 10**400, -(10**400)):
        with pytest.raises(ValueError, match=rf"^--{name.replace('_', '-')} must be [^.]*, not \S.{{0,60}}\.$"):
            options.check(name, value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "pairs", "--minutes", "inf"], "--minutes must be a finite number, not inf."),
        (["train", "pairs", "--minutes", "nan"], "--minutes must be positive, not nan."),
        (["train", "pairs", "--minutes", "-2"], "--minutes must be positive, not -2."),
        (["train", "pairs", "--minutes", "1e12"], "--minutes must be at most 525,600, not 1e+12."),
        (["train", "pairs", "--steps", "abc"], "--steps takes a whole number, not 'abc'."),
        (["train", "pairs", "--minutes", "soon"], "--minutes takes a number, not 'soon'."),
        (["train", "pairs", "--steps", "9" * 5000], "--steps takes a whole number, not '999"),
        (["train", "pairs", "--steps", "1.5"], "--steps takes a whole number, not '1.5'."),
        (["train", "pairs", "--device", "tpu"], "--device cannot be 'tpu'; it can be auto, cpu, cuda."),
        (["train", "pairs", "--stpes", "5"], "There is no option '--stpes' here. Did you mean '--steps'?"),
        (["train", "pairs", "--set"], "--set needs a value."),
        (["train", "pairs", "more"], "There is an argument too many: 'more'."),
        (["train", "pairs", "--set", "l1=much"], "--set l1=much: expected a number, not 'much'."),
        (["train"], "Something is missing: RECIPE (a recipe (see"),
        (["apply", "street", "in"], "Something is missing: PATH (the file or the folder for the results)."),
        (["apply", "street", "in", "out", "--side", "x"], "--side takes a whole number, not 'x'."),
        (["data", "facades", "--frm", "x"], "There is no option '--frm' here. Did you mean '--from'?"),
        (["bench", "training", "--batches", "1", "x"], "--batches cannot be '1', 'x'."),
        (
            ["blend", "a", "b", "--out", "c", "--share", "7"],
            "--share must be from 0 (the first checkpoint alone) to 1 (the second alone), not 7",
        ),
        (["inspect", "x.pt", "--labels", "-3"], "--labels must be 0 or more, not -3."),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(arguments: list[str], sentence: str, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert synth.main(arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_help_is_still_printed(capsys):
    with pytest.raises(SystemExit) as ended:
        synth.main(["train", "--help"])
    assert ended.value.code == 0
    assert "--minutes" in capsys.readouterr().out


def test_an_unknown_box_is_told_as_it_is():
    box = "╭─ Odd ───╮\n│ Something \x1b[1mnew\x1b[0m, in     │\n│ two lines      │\n│ ───── │\n│ For help │\n╰──╯\n"
    assert options.sentence(box) == "Something new, in two lines."


PLAIN = """
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, NoTorch())
from synth.__main__ import main
raise SystemExit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["list"], 0, "Turn a label map of a street into a photograph"),
        (["inspect", "weights/street.onnx"], 0, "in the folder of models: accepted"),
        (["data"], 0, "facades"),
        (["doctor", "weights/examples/facades"], 0, "label maps of"),
        (["data", "paint", "nowhere", "out"], 2, "There is no file or folder nowhere"),
        (["train", "pairs"], 2, "torch is not installed. Install what training needs"),
        (["inspect", "net.pth"], 2, "torch is not installed. Install what training needs"),
    ],
)
def test_the_plain_install_does_what_needs_no_torch(arguments: list[str], code: int, words: str):
    done = subprocess.run([sys.executable, "-c", PLAIN, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert words in done.stdout + done.stderr


def test_numbers_have_their_noun_in_the_right_form():
    assert [counted(number, "step") for number in (0, 1, 2, 1250)] == ["0 steps", "1 step", "2 steps", "1,250 steps"]
    assert [counted(number, "class", "classes") for number in (1, 3)] == ["1 class", "3 classes"]
    assert counted(0.7, "second") == "1 second"


def test_a_start_that_cannot_be_is_told_before_the_set_is_read(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("junk.pt").write_bytes(b"junk")
    Path("junk.onnx").write_bytes(b"junk")
    Path("broken").mkdir()  # reading it would fail, with another sentence
    for name, words in {
        "none.pt": "There is no checkpoint none.pt", "junk.pt": "not a checkpoint that can be read safely",
        "none.onnx": "There is no graph none.onnx", "junk.onnx": "not a graph that was exported by synth",
        str(ROOT / "weights/pose.onnx"): "does not hold the network of this recipe",
    }.items():  # fmt: skip
        arguments = ["train", "pairs", "--data", "broken", "--steps", "1", "--device", "cpu", "--init", name]
        assert synth.main(arguments) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert "reading" not in said.out
