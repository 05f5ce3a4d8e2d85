"""``python -m export RECIPE CHECKPOINT``, and what else is done with graphs: ``python -m export COMMAND``."""

import importlib
import sys

COMMANDS = {
    "web": ("export.web", "web", "write a page that runs graphs in a browser, without a server"),
    "again": ("export.again", "again", "export graphs anew from the weights inside them"),
    "check": ("export.operators", "check", "say what a graph is made of, and which runtimes take all of it"),
    "shelve": ("export.shelve", "shelve", "keep the card of a graph that is measured and not bundled"),
    "triton": ("export.triton", "triton", "write a model repository for the Triton Inference Server"),
}
FOREIGN = ("export.foreign", "load", "turn the checkpoint of another project into a graph")
DEFAULT = ("export.trained", "export", "turn a trained checkpoint into a graph")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; without one, export a checkpoint. Users' mistakes end in one sentence and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    named = bool(arguments) and arguments[0] in COMMANDS
    foreign = any(word.partition("=")[0] == "--from" for word in arguments)
    module, function, _ = COMMANDS[arguments[0]] if named else FOREIGN if foreign else DEFAULT
    if arguments in ([], ["-h"], ["--help"]):
        rows = {**COMMANDS, "--from": FOREIGN}
        print("\n".join(f"  python -m export {name:6} {text}" for name, (_, _, text) in rows.items()))
        arguments = ["--help"]
    try:
        import tyro

        command = getattr(importlib.import_module(module), function)
        prog = f"python -m export {arguments[0]}" if named else "python -m export"
        return int(tyro.cli(command, args=arguments[named:], prog=prog) or 0)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("synth", "export"):
            raise
        print(f"{error.name} is not installed. Install what training needs: pip install -e '.[train]'", file=sys.stderr)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
