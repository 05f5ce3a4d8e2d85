"""``python -m synth COMMAND``: train, blend, evaluate, bench, data, doctor, results, list."""

import importlib
import sys

COMMANDS = {
    "train": ("synth.training.train", "train", "train a recipe; the same command again resumes"),
    "blend": (
        "synth.training.blend",
        "blend",
        "take the weights between two checkpoints: calm and blurred, sharp and restless",
    ),
    "apply": ("synth.apply.command", "apply", "run a graph over a folder or a video; the same command again resumes"),
    "evaluate": ("synth.evaluation.evaluate", "evaluate", "measure bundled graphs on held-out pictures"),
    "bench": ("synth.benchmarks.bench", "bench", "training images/s and inference ms, reference and ours side by side"),
    "data": ("synth.data.sources.fetch", "fetch", "get a data set from its official address"),
    "data video": ("synth.data.film.video", "video", "make a character's data set from videos of a person who agrees"),
    "doctor": (
        "synth.data.doctor.doctor",
        "doctor",
        "find what is wrong with a data set: pairs, two folders, a character",
    ),
    "results": ("synth.evaluation.results", "results", "write the README's tables and picture from the cards"),
    "deploy": ("export.deploy", "deploy", "push the app, or its page without a server, to Hugging Face Spaces"),
    "inspect": ("export.look", "inspect", "say what a checkpoint or a graph is, of this or of another project"),
    "list": ("synth.catalogue", "catalogue", "list the recipes"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Users' mistakes end in one sentence and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    words = 2 if " ".join(arguments[:2]) in COMMANDS and len(arguments) > 1 else 1
    name = " ".join(arguments[:words])
    if name not in COMMANDS:
        print("usage: python -m synth COMMAND [--help]\n")
        print("\n".join(f"  {name:10} {text}" for name, (_, _, text) in COMMANDS.items()))
        return 0 if not arguments or arguments[0] in ("-h", "--help") else 2
    module, function, _ = COMMANDS[name]
    try:
        import tyro

        command = getattr(importlib.import_module(module), function)
        return int(tyro.cli(command, args=arguments[words:], prog=f"python -m synth {name}") or 0)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("synth", "export"):
            raise
        print(f"{error.name} is not installed. Install what training needs: pip install -e '.[train]'", file=sys.stderr)
    except (ValueError, OSError, FloatingPointError) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. The same command again goes on where it can.", file=sys.stderr)
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())
