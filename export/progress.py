"""Progress of an export: one line on stderr as each step begins, so that stdout holds nothing but results."""

import sys


def step(text: str) -> None:
    """Print ``text``, the step that begins now, to stderr."""
    print(f"{text} …", file=sys.stderr, flush=True)
