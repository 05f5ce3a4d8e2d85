"""What the Dance tab says of a video: its progress; when it is finished, the motion that was seen, and the speed."""

import html

from synth.runtime.dance.films import Progress, Report
from synth.runtime.dance.pose import Poses
from synth.runtime.session import Graph

STAGES = {"draw": "skeleton", "picture": "character", "cut": "cutting out"}
"""Stages that people know by another word."""
SHARES = {
    "held": "the last plausible pose was kept",
    "swapped": "left and right were exchanged",
    "guessed": "a part of the body was guessed",
}
"""Shares of the frames that a report may have, 0..1, in words."""
LEAST = 0.005
"""The least share that is said."""


def summary(report: Report, found: Poses, graphs: list[Graph]) -> str:
    """Return a summary of the finished video as HTML: frames, speed, devices, motion, notices."""
    rate = report.frames / max(report.seconds, 1e-6)
    stages = ", ".join(f"{STAGES.get(stage, stage)} {spent:.0f} ms" for stage, spent in report.milliseconds.items())
    lines = [
        f"<b>{report.frames} frames in {report.seconds:.1f} seconds</b>, {rate:.1f} per second "
        f"(the clip has {report.fps:.3g}) · {html.escape(found.name)} on {html.escape(found.place)}, "
        f"characters on {html.escape(graphs[0].place)}",
        f"Per frame: {stages}.",
        motion(report),
        *(html.escape(notice) for notice in report.notices),
        *(html.escape(graph.warning) for graph in graphs if graph.warning),
    ]
    return "<br>".join(lines)


def motion(report: Report) -> str:
    """Return one sentence about how much of the person's motion was seen, and how much was made up."""
    shares = {text: getattr(report, name, 0.0) for name, text in SHARES.items()}
    made_up = "".join(f"; in {share:.0%} {text}" for text, share in shares.items() if share >= LEAST)
    return f"The person was seen in {report.seen:.0%} of the frames{made_up}."


def waiting(text: str) -> str:
    """Return a status line as HTML."""
    return f'<p class="note" role="status">{html.escape(text)} …</p>'


def progress_bar(step: Progress, seconds: float, preview: str) -> str:
    """Return progress, preview and time left as HTML."""
    left = seconds / step.share - seconds if step.share > 0.05 else 0.0
    text = f"{step.doing} · {step.share:.0%}" + (f" · about {left:.0f} seconds left" if left else "")
    picture = f'<img src="{preview}" alt="The latest frame">' if preview else ""
    bar = f'<progress max="1" value="{step.share:.3f}"></progress>'
    return f'<div class="film">{picture}{bar}<p class="note" role="status">{html.escape(text)}</p></div>'
