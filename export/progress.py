"""Progress of an export: one line on stderr as each step begins, so that stdout holds the results alone."""

import sys


def step(text: str) -> None:
    """Print the step that begins now."""
    print(f"{text} …", file=sys.stderr, flush=True)
