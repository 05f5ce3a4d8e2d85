"""Nobody is made into a character who did not agree to it: ask, and keep the answer with the data."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

QUESTION = "Does the person in {what} agree to be made into a character that others can move and publish? [y/N] "
STATED = "The person filmed agreed to be made into a character that others can move and publish."


def ask(what: str, stated: bool, answer: Callable[[str], str] = input) -> dict[str, str]:
    """Return the record of a consent: ``stated`` on the command line, or asked for on the terminal.

    Raises ``ValueError`` with a sentence if it was not given, or if nobody is there to be asked.
    """
    if not stated:
        if not sys.stdin.isatty():
            raise ValueError(
                "Ask the person in the video first whether they agree to be made into a character. If they do, say so "
                "with --i-have-consent."
            )
        try:
            said = answer(QUESTION.format(what=what)).strip().lower()
        except EOFError:
            said = ""
        if said not in ("y", "yes"):
            raise ValueError("Nothing was made: without the person's consent there is no character.")
    how = "stated with --i-have-consent" if stated else "asked on the terminal"
    return {"statement": STATED, "given": how, "date": datetime.now(UTC).date().isoformat()}
