"""Require the filmed person's consent before a character is made, and record it with the data."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

QUESTION = "Does the person in {what} agree to be made into a character that others can move and publish? [y/N] "
STATED = "The person filmed agreed to be made into a character that others can move and publish."


def ask(what: str, stated: bool, answer: Callable[[str], str] = input) -> dict[str, str]:
    """Return a record of the consent, ``stated`` on the command line or asked for on the terminal.

    Raises ``ValueError`` if consent was not given, or if there is no terminal to ask on.
    """
    if not stated:
        if not sys.stdin.isatty():
            raise ValueError(
                "The consent of the person in the video is needed. Ask whether they agree to be made into a character; "
                "if they do, pass --i-have-consent."
            )
        try:
            reply = answer(QUESTION.format(what=what)).strip().lower()
        except EOFError:
            reply = ""
        if reply not in ("y", "yes"):
            raise ValueError("Nothing was made: a character needs the consent of the person filmed.")
    how = "stated with --i-have-consent" if stated else "asked on the terminal"
    return {"statement": STATED, "given": how, "date": datetime.now(UTC).date().isoformat()}
