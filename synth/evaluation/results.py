"""``python -m synth results``: write the result tables and the images of the READMEs from the cards in ``weights/``.

The cards of graphs that were measured but are not bundled are in ``weights/measured``.
"""

from pathlib import Path

from synth import files
from synth.card import MEASURED, Card
from synth.evaluation.overview import dance, overview, strip
from synth.evaluation.tables import headlines, tables
from synth.runtime.registry import Registry

GUIDE = "README.md"
"""Name of the file in the folder of graphs that holds all tables."""
BEGIN, END = "<!-- results: python -m synth results -->", "<!-- end of results -->"
BEGIN_HEADLINES, END_HEADLINES = "<!-- headline results -->", "<!-- end of headline results -->"


def results(weights: Path = Path("weights"), readme: Path = Path("README.md"), check: bool = False) -> int:
    """Write all result tables into weights/README.md, a short one into README.md, and the images of both.

    Args:
        weights: the folder of graphs; the part between the two result marks of its README.md is replaced.
        readme: the file for the short table, which replaces the part between the two headline marks.
        check: write nothing; exit with code 1 if the tables do not match the cards.
    """
    guide, registry = weights / GUIDE, Registry(weights, "cpu")
    cards = [entry.card for entry in registry.entries.values()]
    made = {guide: _replaced(guide, BEGIN, END, tables(cards, kept(weights)))}
    if readme.is_file() and BEGIN_HEADLINES in readme.read_text("utf-8"):
        made[readme] = _replaced(readme, BEGIN_HEADLINES, END_HEADLINES, headlines(cards))
    else:
        print(f"{readme} lacks the mark {BEGIN_HEADLINES}: it is not changed.")
    if check:
        stale = [path for path, text in made.items() if path.read_text("utf-8") != text]
        print("".join(f"{path} is out of date: run python -m synth results.\n" for path in stale), end="")
        return int(bool(stale))
    overview(registry, weights / "overview.jpg")
    strip(registry, weights / "strip.jpg")
    dance(registry, weights / "dance.webp")
    for path, text in made.items():
        files.write(path, text)
    return 0


def kept(weights: Path) -> list[Card]:
    """Return the cards of the graphs that were measured but are not bundled."""
    return [Card.from_json(file.read_text("utf-8")) for file in sorted((weights / MEASURED).glob("*.json"))]


def _replaced(path: Path, begin: str, end: str, written: str) -> str:
    """Return the text of a file with ``written`` between two marks. Raises ``ValueError`` if a mark is missing."""
    if not path.is_file():
        raise ValueError(f"There is no file {path}. Run this in the folder of synth, or name it: --weights DIR.")
    text = path.read_text("utf-8")
    if begin not in text or end not in text.split(begin, 1)[1]:
        raise ValueError(f"{path} lacks the marks {begin} and {end}. Add both where the tables should go.")
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n{written}{end}{rest.split(end, 1)[1]}"
