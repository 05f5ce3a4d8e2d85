"""Options of the command lines: parsed by tyro, with one sentence for each mistake and limits for all numbers."""

import contextlib
import functools
import inspect
import io
import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from synth.suggest import did_you_mean

LIMITS: dict[str, tuple[float, float]] = {
    "batch": (1, 65_536), "batches": (1, 65_536), "calls": (1, 1e6), "count": (1, 1e6), "end": (0, 1e6),
    "floods": (0, 64), "fps": (1, 60), "keep": (0, 10_000), "labels": (0, 256),
    "limit": (0, 1e9), "minutes": (0.001, 525_600), "person": (0, 1e6), "save_every": (1, 1e9),
    "seconds": (0.1, 3_600), "seed": (0, 2**32 - 1), "sessions": (1, 1_000), "side": (0, 16_384),
    "size": (16, 4_096), "start": (0, 1e6), "steps": (1, 1e9), "workers": (0, 256),
}  # fmt: skip
"""Lowest and highest value of each option that is a number, by its name in Python."""
MOST_LETTERS = 60
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WIDE = {"COLUMNS": "100000"}  # or tyro breaks its lines


def parse(function: Callable[..., Any], arguments: Sequence[str], program: str) -> Callable[[], Any]:
    """Return the call of a typed function that ``arguments`` stand for.

    Raises ``ValueError`` with one sentence for arguments that do not fit its types or ``LIMITS``. ``--help`` prints the
    help and raises ``SystemExit``.
    """
    import tyro

    @functools.wraps(function)
    def bound(*given: Any, **named: Any) -> Any:
        return functools.partial(function, *given, **named)

    if {"-h", "--help"} & set(arguments):
        return tyro.cli(bound, args=list(arguments), prog=program)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), _environment(WIDE):
            call = tyro.cli(bound, args=list(arguments), prog=program)
    except SystemExit as ended:
        if ended.code in (0, None):
            sys.stderr.write(said.getvalue())
            raise
        raise ValueError(f"{sentence(said.getvalue())} All options: {program} --help") from None
    values = inspect.signature(function).bind(*call.args, **call.keywords).arguments
    for name, value in values.items():
        for one in value if isinstance(value, tuple) else (value,):
            check(name, one)
    return call


def check(name: str, value: Any) -> None:
    """Raise ``ValueError`` for a number outside ``LIMITS``, or that is not finite; other values pass."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    low, high = LIMITS.get(name, (-(2**63), 2**63 - 1))
    if low <= value <= high:
        return
    shown = shortened(f"{value:g}" if isinstance(value, float) else _digits(value))
    if isinstance(value, float) and math.isinf(value):
        wanted = "a finite number"
    elif value > high:
        wanted = f"at most {high:,.0f}"
    else:
        wanted = "positive" if 0 < low <= 1 else f"{low:,.0f} or more"
    raise ValueError(f"--{name.replace('_', '-')} must be {wanted}, not {shown}.")


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**MOST_LETTERS else f"a number of more than {MOST_LETTERS} digits"


def sentence(box: str) -> str:
    """Return the first paragraph of a box that tyro prints, as one sentence that ends in a full stop."""
    lines = [ANSI.sub("", line).strip("│|╭╮╰╯+ \t") for line in box.splitlines()]
    body = [line for line in lines[1:] if line]
    if body and _is_rule(body[0]):  # where the terminal cannot show a box, a rule follows the title
        del body[0]
    first = next((i for i, line in enumerate(body) if _is_rule(line)), len(body))
    text, rest = " ".join(body[:first]), body[first:]
    if found := re.match(r"Unrecognized (?:options|arguments)[^:]*: (.*)", text):
        word = found[1].split(", ")[0]
        if not word.startswith("-"):
            return f"There is an argument too many: {shortened(word)!r}."
        meant = [line.split()[0].rstrip(",") for line in rest if line.startswith("--")]
        near = did_you_mean(word, meant) or (f" Did you mean {meant[0]!r}?" if meant else "")
        return f"There is no option {shortened(word)!r} here.{near}"
    if re.match(r"Missing from .*?:", text):
        missing = [line for line in body[1:first] if re.fullmatch(r"(--)?[\w-]+( .*)?", line)]
        return f"Something is missing: {_missing(body[1:first]) or ', '.join(missing)}."
    if found := re.match(r"Missing value for argument '([^']*)'", text):
        return f"{found[1]} needs a value."
    if found := re.match(r"invalid choice '(.*)' for argument '([^']*)'. Expected one of \((.*)\)", text):
        choices = found[3].replace("'", "").rstrip(",")
        return f"{found[2]} cannot be {shortened(found[1])!r}; it can be {choices}."
    if found := re.match(r"Error parsing ([^:]+): (.*)", text):
        return _wrong_value(found[1], found[2], rest)
    return shortened(text, 300).rstrip(".") + "."


def _is_rule(line: str) -> bool:
    return set(line) <= set("─-")


def _wrong_value(option: str, why: str, rest: list[str]) -> str:
    """Return the sentence about a value that is not of an option's type."""
    if several := re.match(r"Could not find valid parse for arguments: \[(.*)\]", why):
        return f"{option} cannot be {shortened(several[1])}."
    given = re.search(r"\['(.*?)'\]|: '(.*)'$|: (.*)$", why)
    value = next(filter(None, given.groups()), "") if given else ""
    said = why + " ".join(rest)
    if "type 'int'" in said or "int()" in said or "digits" in said:
        kind = "a whole number"
    elif "float" in said:
        kind = "a number"
    else:
        return f"{option}: {shortened(why, 300).rstrip('.')}."
    return f"{option} takes {kind}, not {shortened(value)!r}." if value else f"{option} takes {kind}."


def _missing(lines: list[str]) -> str:
    """Return the arguments that are missing, with their help, as text."""
    found: list[str] = []
    for line in lines:
        if re.fullmatch(r"(--[\w-]+ )?[A-Z{][\w|{}=, \[\].-]*", line):
            found.append(line)
        elif found:
            found[-1] += f" ({line.replace(' (required)', '').rstrip('.')})"
    return ", ".join(found)


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text cut to so many letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
