"""Command line of the exporter: ``python -m export RECIPE CHECKPOINT``, or ``python -m export COMMAND``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from synth.command_line import Command, guarded, run, table
from synth.suggest import did_you_mean

PROGRAM = "python -m export"
COMMANDS = {
    "web": Command("export.web", "web", "write a static page that runs graphs in the browser"),
    "deploy": Command(
        "export.deploy", "deploy", "upload the app, or the page that needs no server, to Hugging Face Spaces"
    ),
    "inspect": Command("export.look", "inspect", "describe a checkpoint or a graph of this or of another project"),
    "models": Command("export.models", "models", "list published checkpoints; get NAME makes one a tab"),
    "again": Command("export.again", "again", "export graphs again from the weights inside them"),
    "check": Command("export.operators", "check", "list a graph's operators and which runtimes support all of them"),
    "shelve": Command("export.shelve", "shelve", "keep the card of a measured graph that is not bundled"),
    "triton": Command("export.triton", "triton", "write a model repository for the Triton Inference Server"),
    "latency": Command(
        "export.latency", "latency", "measure milliseconds per image: PyTorch, ONNX Runtime, the app's session"
    ),
}
FOREIGN = Command("export.foreign", "load", "turn a third-party checkpoint into a graph")
DEFAULT = Command("export.trained", "export", "turn a trained checkpoint into a graph")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, or export a checkpoint if none is named; return the exit code, 2 after a user's mistake."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and arguments[0] in COMMANDS:
        return run(COMMANDS[arguments[0]], arguments[1:], f"{PROGRAM} {arguments[0]}")
    if any(word.partition("=")[0] == "--from" for word in arguments):
        return run(FOREIGN, arguments, PROGRAM)
    if arguments in ([], ["-h"], ["--help"]):
        print(table({**COMMANDS, "--from FILE": FOREIGN, "RECIPE CHECKPOINT": DEFAULT}, PROGRAM), end="\n\n")
        arguments = ["--help"]
    elif not arguments[0].startswith("-") and not any(_is_checkpoint(word) for word in arguments[1:2]):
        if (code := guarded(lambda: _check_name(arguments[0]))) != 0:
            return code
    return run(DEFAULT, arguments, PROGRAM)


def _is_checkpoint(word: str) -> bool:
    return Path(word).is_file() and not word.endswith(".onnx")


def _check_name(name: str) -> int:
    """Return 0 if ``name`` is a command or a recipe; else raise ``ValueError`` with the nearest known name."""
    from synth import recipe

    known = [*COMMANDS, *recipe.names()]
    if name not in known and not name.endswith(".py"):
        raise ValueError(
            f"{name!r} is neither a command nor a recipe.{did_you_mean(name, known)} "
            f"All commands: {PROGRAM} --help; all recipes: python -m synth list"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
