"""``python -m synth doctor DIR`` for a character's data set: report problems before training."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from synth.counted import counted
from synth.data import training_command
from synth.data.doctor.clip_checks import check
from synth.data.doctor.clip_survey import survey
from synth.data.doctor.finding import report
from synth.data.sets import character


def examine(folder: Path, console: Console) -> int:
    """Print findings, advice and the next step; return 1 if there is a problem.

    Raises ``ValueError`` if the set's files cannot be read.
    """
    found = character.read(folder)
    total = sum(clip.count for clip in found.clips)
    counts = {split: sum(c.count for c in found.clips if c.split == split) for split in character.SPLITS}
    durations = ", ".join(
        f"{counted(n, f'{split} frame')} ({n / max(found.fps, 1e-6):.0f} s)" for split, n in counts.items()
    )
    console.print(
        f"{folder}: a character, {found.side}x{found.side}; {durations}, in {counted(len(found.clips), 'clip')}.",
        soft_wrap=True,
    )
    with Progress(transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Looking at the images", total=total)
        seen = survey(found, lambda: progress.advance(task))
    findings = check(found, seen)
    return report(console, findings, training_command.character(folder), "details")
