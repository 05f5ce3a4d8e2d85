"""Test what the Dance tab says of a finished video."""

from types import SimpleNamespace
from typing import Any

from synth.app.tabs import dance_report
from synth.runtime.dance.films import Report


def test_the_report_says_how_much_of_the_motion_was_seen():
    assert dance_report.motion(Report(100, 0.953, 25, 4)) == "The person was seen in 95% of the frames."


def test_the_report_says_what_was_made_up_where_it_is_known():
    """Only shares that round to something, and only those that the performer counted."""
    counted: Any = SimpleNamespace(seen=1.0, held=0.034, guessed=0.001)
    told = "The person was seen in 100% of the frames; in 3% the last plausible pose was kept."
    assert dance_report.motion(counted) == told
    counted.swapped = 0.1
    assert "; in 10% left and right were exchanged." in dance_report.motion(counted)
