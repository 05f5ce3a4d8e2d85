"""Command line of the project: ``python -m synth COMMAND``, also installed as ``synth COMMAND``."""

import importlib.util
import runpy
import sys
import warnings
from collections.abc import Sequence

from synth.command_line import Command, run, table, unknown

PROGRAM = "python -m synth"
COMMANDS = {
    "train": Command("synth.training.train", "train", "train a recipe; the same command again resumes"),
    "blend": Command(
        "synth.training.blend", "blend", "interpolate the weights of two checkpoints, between smooth and sharp results"
    ),
    "apply": Command(
        "synth.apply.command", "apply", "run a model over images, folders or videos; the same command again resumes"
    ),
    "evaluate": Command("synth.evaluation.evaluate", "evaluate", "measure bundled models on held-out images"),
    "bench": Command("", "", "measure speed: training, latency, the live loop, the browser page, a Space, load"),
    "data": Command("synth.data.sources.fetch", "fetch", "download a data set from its official address"),
    "data video": Command(
        "synth.data.film.video", "video", "make a character's data set from videos of a person who consents"
    ),
    "data paint": Command("synth.data.paint", "paint", "paint label maps of class numbers in label colours"),
    "doctor": Command(
        "synth.data.doctor.doctor", "doctor", "find faults in a data set: pairs, two folders, or a character"
    ),
    "results": Command(
        "synth.evaluation.results", "results", "write the result tables and the overview from the cards"
    ),
    "deploy": Command("", "", "upload the app, or the page that needs no server, to Hugging Face Spaces"),
    "inspect": Command("", "", "describe a checkpoint or a graph of this or of another project"),
    "models": Command("", "", "list published checkpoints; get NAME fetches one and makes it a tab"),
    "list": Command("synth.catalogue", "catalogue", "list the recipes"),
}
BENCHMARKS = {
    "training": Command("synth.benchmarks.training", "training", "images/s, the reference configuration and ours"),
    "latency": Command("", "", "milliseconds of one image: torch, ONNX Runtime, and the app's session"),
    "dance": Command(
        "synth.benchmarks.dance", "dance", "milliseconds of the Dance tab's live loop; --browser: all of it"
    ),
    "page": Command("synth.benchmarks.page", "page", "milliseconds and frames/s of the page that needs no server"),
    "space": Command("synth.benchmarks.space", "space", "start time, memory and load of what a Space gets"),
    "load": Command("synth.benchmarks.load", "load", "several users at once: failures, mixed-up answers, memory"),
    "pose": Command("synth.benchmarks.pose", "pose", "accuracy and milliseconds of pose estimators"),
    "people": Command("synth.benchmarks.people", "people", "which of two people in the image is tracked"),
}
FORWARDED = ("deploy", "inspect", "latency", "models")
"""Commands of ``python -m export``, which the package ``synth`` does not import."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; users' mistakes end in one sentence and exit code 2."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(f"usage: {PROGRAM} COMMAND [--help]\n\n{table(COMMANDS, PROGRAM)}")
        return 0
    if arguments[0] == "bench":
        return _bench(arguments[1:])
    words = 2 if " ".join(arguments[:2]) in COMMANDS else 1
    return _one(COMMANDS, " ".join(arguments[:words]), arguments[words:], PROGRAM)


def _bench(arguments: list[str]) -> int:
    program = f"{PROGRAM} bench"
    if not arguments or arguments[0] in ("-h", "--help"):
        print(f"usage: {program} NAME [--help]\n\n{table(BENCHMARKS, program)}")
        return 0
    return _one(BENCHMARKS, arguments[0], arguments[1:], program)


def _one(commands: dict[str, Command], name: str, arguments: list[str], program: str) -> int:
    if name not in commands:
        return unknown(name, commands, program)
    if name in FORWARDED:
        return _forward([name, *arguments])
    return run(commands[name], arguments, f"{program} {name}")


def _forward(arguments: list[str]) -> int:
    """Run ``python -m export ARGUMENTS`` in this process and return its exit code."""
    if not importlib.util.find_spec("export"):
        print(f"{arguments[0]} needs the package 'export', which is not installed: pip install -e .", file=sys.stderr)
        return 2
    own, sys.argv = sys.argv, ["python -m export", *arguments]
    try:
        with warnings.catch_warnings():
            # runpy warns where the module was imported before, as another command line in the same process does.
            warnings.filterwarnings("ignore", message=".*export.__main__", category=RuntimeWarning)
            runpy.run_module("export", run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.argv = own
    return 0


if __name__ == "__main__":
    sys.exit(main())
