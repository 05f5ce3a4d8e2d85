"""What ``python -m synth`` and ``python -m export`` share: a table of commands, typo hints, and exit codes."""

import importlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from synth import files, options
from synth.suggest import did_you_mean

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before a command imports ONNX Runtime, see runtime/session.py
BASE = {"av", "cv2", "gradio", "numpy", "onnx", "onnxruntime", "PIL", "rich", "tyro"}
"""Modules of requirements.txt; all others come with an extra."""


class Command(NamedTuple):
    """A command: the module and the typed function that tyro makes a parser of, and one line of help."""

    module: str
    function: str
    help: str


def table(commands: Mapping[str, Command], program: str) -> str:
    """Return one line for each command: its name and what it does."""
    width = max(map(len, commands))
    return "\n".join(f"  {program} {name:{width}}  {command.help}" for name, command in commands.items())


def unknown(word: str, known: Iterable[str], program: str) -> int:
    """Print that a command is unknown and which one is nearest; return exit code 2."""
    hint = did_you_mean(word, known)
    print(f"Unknown command {word!r}.{hint} All commands: {program} --help", file=sys.stderr)
    return 2


def run(command: Command, arguments: Sequence[str], program: str) -> int:
    """Parse ``arguments`` for a command and run it; return its exit code. See ``guarded`` for errors."""

    def call() -> int:
        function = getattr(importlib.import_module(command.module), command.function)
        return int(options.parse(function, arguments, program)() or 0)

    return guarded(call)


def guarded(call: Callable[[], int]) -> int:
    """Return the exit code of ``call``: 2, with the error's message and no traceback, for users' mistakes.

    Those are ``ValueError``, ``OSError``, ``FloatingPointError`` and a missing package; Ctrl-C returns 130.
    """
    try:
        return call()
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("synth", "export"):
            raise
        print(_missing((error.name or "").split(".")[0]), file=sys.stderr)
    except OSError as error:
        print(files.sentence(error), file=sys.stderr)
    except (ValueError, FloatingPointError) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to continue; finished results are kept.", file=sys.stderr)
        return 130
    return 2


def _missing(package: str) -> str:
    """Return what to do about a package that cannot be imported."""
    if package in BASE:
        return (
            f"{package} is not installed in {sys.executable}. "
            "Activate the virtual environment, or run: pip install -r requirements.txt"
        )
    return f"{package} is not installed. Install what training needs: pip install -e '.[train]'"
