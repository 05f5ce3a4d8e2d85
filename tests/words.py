"""Discouraged words of the prose, each with the word to use. ``python -m tests.words`` lists all places."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import ROOT

PLACES = ("app.py", "synth", "export", "README.md", "CHANGELOG.md", ".github", "weights/README.md")
KINDS = (".py", ".js", ".html", ".md", ".yml")


class Word(NamedTuple):
    """A discouraged word: a regular expression, ignoring case, and what to write instead."""

    pattern: str
    instead: str


GONE = (
    Word(r"\bshel(f|ves)\b", "registry"),
    Word(r"\berrands?\b", "script, request"),
    Word(r"\bvisitors?'s? turns?\b", "worker pool"),
    Word(r"\bby whom\b", "name who does it"),
    Word(r"\bhears? so at once\b", "rejects at once"),
    Word(r"\bwhoever\b", "anyone who, the caller"),
    Word(r"\bcrowds?\b", "load test"),
    Word(r"\bstrangers?\b", "third-party, untrusted"),
    Word(r"\btumbl(e|es|ed|ing)\b", "cut-out augmentation"),
    Word(r"\bsomebody else'?s?\b", "third-party"),
    Word(r"\bguests?\b", "third-party, untrusted"),
    Word(r"\bends in (a|one|its) sentence\b", "raises ValueError"),
    Word(r"\b(what|who|whatever) there is\b|\bwhat is there\b", "name it"),
    Word(r"\bthe newest frames?\b", "latest frame"),
    Word(r"\bspeaks? pixels\b", "takes and gives uint8 images"),
)
"""Words that no file has any more. Move a word here from ``REMAINING`` when its last place is rewritten."""
REMAINING = (
    Word(r"\bstick figures?\b|\bsticks\b", "skeleton"),
    Word(r"\bwith a sentence\b", "name the error"),
    Word(r"\b(that|which|what) is no\b", "that is not a"),
)
"""Words that some files still have."""
REWRITTEN = (
    *("synth/benchmarks", "synth/apply", "synth/__main__.py", "synth/command_line.py", "synth/suggest.py"),
    *("synth/catalogue.py", "synth/recipe.py", "synth/card.py", "synth/metric.py", "synth/data", "synth/evaluation"),
    *("synth/importers", "synth/losses", "synth/methods", "synth/networks", "synth/pixels", "synth/recipes"),
    *("export", "CHANGELOG.md", "app.py", "synth/runtime", "synth/training"),
    *("synth/app/api", "synth/app/live", "synth/app/tabs", "synth/app/canvas.py", "synth/app/constants.py"),
    *("synth/app/controls.py", "synth/app/limits.py", "synth/app/modules.py", "synth/app/page.py"),
    *("synth/app/theme.py", "synth/app/README.md"),  # titles.py quotes what shipped cards say
)
"""Files and folders in which no word of ``REMAINING`` may come back."""


def files(places: Sequence[str]) -> Iterator[Path]:
    """Yield the text files at and below the places, relative to the checkout; missing places are skipped."""
    for place in places:
        path = ROOT / place
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (one for one in found if one.suffix in KINDS)


def hits(words: Sequence[Word], places: Sequence[str] = PLACES) -> list[str]:
    """Return each place as ``FILE:LINE: word, say WORD``."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {match[0]!r}, say: {word.instead}"
        for path in files(places)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for word in words
        if (match := re.search(word.pattern, line, re.IGNORECASE))
    ]


if __name__ == "__main__":
    print("\n".join(hits((*GONE, *REMAINING))))
