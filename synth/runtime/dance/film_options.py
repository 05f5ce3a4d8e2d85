"""Options of a dance video: its look, the part of the clip that is used, and the person to follow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from synth.card import Card
from synth.pixels.video_reader import Clip
from synth.runtime.dance import backgrounds
from synth.runtime.dance.backgrounds import Background

ALONE, BESIDE = "alone", "side by side"
LAYOUTS = (ALONE, BESIDE)
MAX_SECONDS = 300
MOST_CHARACTERS = 4
FARTHEST = 1e9
SLACK = 0.5
"""Seconds by which the end of a part may be after that of the clip, since people round."""


@dataclass(frozen=True)
class Chosen:
    """Somebody to follow: their place as shares (0..1) of the image's width and height, at ``time`` s of the clip.

    Without a time it is their place where the part begins.
    """

    x: float
    y: float
    time: float | None = None


@dataclass(frozen=True)
class FilmOptions:
    """Options of a video: its layout, whether it is mirrored, the smoothness of the motion (0..1).

    ``background`` is that of the characters, see ``synth.runtime.dance.backgrounds``. ``start`` and ``end`` are the
    part of the clip that is used, in seconds (``None``: to its end). Without a ``person`` the largest is followed.
    """

    layout: str = ALONE
    mirrored: bool = False
    smoothness: float = 0.5
    background: Background = ""
    start: float = 0.0
    end: float | None = None
    person: Chosen | None = None

    @property
    def chosen_at(self) -> float:
        """When the person was chosen, in seconds of the clip; the start if nobody was."""
        return self.start if self.person is None or self.person.time is None else self.person.time


DEFAULTS = FilmOptions()


def with_part(options: FilmOptions, start: Any = None, end: Any = None, person: Any = None) -> FilmOptions:
    """Return options with a part and a person as a user gives them; ``None`` stands for the default of each.

    ``person`` is a sequence of x, y and, if it is not that of the start, the time. Raises ``ValueError`` for anything
    else; the values are checked by ``check``.
    """
    for name, time in {"start": start, "end": end}.items():
        if time is not None and not _is_number(time):
            raise ValueError(f"The {name} is {str(time)[:40]!r}; it must be a time in seconds, 0 or more.")
    if person is None:
        chosen = None
    elif isinstance(person, (list, tuple)) and len(person) in (2, 3) and all(map(_is_number, person)):
        chosen = Chosen(*map(float, person))
    else:
        raise ValueError(
            f"The person is {str(person)[:40]!r}; it must be x and y, shares of the image from 0 to 1, and optionally "
            "the time in seconds."
        )
    return replace(options, start=float(start or 0), end=None if end is None else float(end), person=chosen)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < FARTHEST


def check(cards: Sequence[Card], options: FilmOptions) -> None:
    """Raise ``ValueError`` for options that are invalid or that these characters do not support."""
    if not 1 <= len(cards) <= MOST_CHARACTERS or options.layout not in LAYOUTS:
        raise ValueError(f"Choose one to {MOST_CHARACTERS} characters, and the layout “{ALONE}” or “{BESIDE}”.")
    backgrounds.check(options.background, *cards)
    start, end, who = options.start, options.end, options.person
    for name, time in {"start": start, "end": end}.items():
        if time is not None and not 0 <= time < math.inf:
            raise ValueError(f"The {name} is {time:g}; it must be a time in seconds, 0 or more.")
    if end is not None and start >= end:
        raise ValueError(f"The start, {start:g} s, must be before the end, {end:g} s.")
    if end is not None and end - start > MAX_SECONDS:
        raise ValueError(f"The part from {start:g} to {end:g} s is too long: the limit is {MAX_SECONDS} seconds.")
    if who and not (0 <= who.x <= 1 and 0 <= who.y <= 1):
        raise ValueError(f"The person's place is {who.x:g}, {who.y:g}; both must be from 0 to 1, shares of the image.")
    if not start <= options.chosen_at < (math.inf if end is None else end):
        part = f"from {start:g} s on" if end is None else f"from {start:g} to {end:g} s"
        raise ValueError(f"The person was chosen at {options.chosen_at:g} s, outside of the part {part}. Choose again.")


def check_part(clip: Clip, options: FilmOptions) -> None:
    """Raise ``ValueError`` if the part is not within the clip, or is longer than ``MAX_SECONDS``.

    Of a clip that does not state its length, only what can be known before reading it is checked.
    """
    if not clip.seconds:
        return
    times = {"start": options.start, "place of the person": options.chosen_at, "end": (options.end or 0.0) - SLACK}
    for name, time in times.items():
        if time > 0 and time >= clip.seconds:
            given = options.end if name == "end" else time
            raise ValueError(
                f"“{clip.path.name}” lasts {clip.seconds:.1f} seconds, so the {name} cannot be at {given:g}."
            )
    if options.end is None and clip.seconds - options.start > MAX_SECONDS:
        raise ValueError(
            f"“{clip.path.name}” lasts {clip.seconds:.0f} seconds; the limit is {MAX_SECONDS}. "
            "Choose a part of it by its start and end."
        )
