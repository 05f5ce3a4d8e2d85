"""Resuming: a complete result of the same model and settings, newer than its source, is not made again."""

from pathlib import Path

from synth.apply.plan import Job
from synth.files import not_regular
from synth.pixels.clip.file import open_file
from synth.runtime import provenance


def already_done(job: Job, maker: str) -> bool:
    """Return whether the job has been done already by the model ``maker`` (see ``synth.runtime.provenance.model_id``).

    Raises ``ValueError`` if the target is a file that was not made by apply: it is never overwritten.
    """
    if not job.target.exists():
        return False
    if why := not_regular(job.target):
        raise ValueError(f"“{job.target}” {why}. Move it, or choose another place for the results.")
    found = provenance.made_by(_mark(job))
    if not found:
        raise ValueError(
            f"“{job.target}” exists and was not made by synth apply. Move it, or choose another place for the results."
        )
    newer = job.target.stat().st_mtime >= job.source.stat().st_mtime
    return found == maker and newer and (_whole_film(job.target) if job.film else _whole_picture(job.target))


def _mark(job: Job) -> str:
    """Return the provenance mark of the file at a job's target; empty if it cannot be read."""
    try:
        if not job.film:
            return provenance.read_xmp(job.target)
        with open_file(job.target) as container:
            return container.metadata.get("comment", "")
    except (OSError, SyntaxError, ValueError):
        return ""


def _whole_picture(path: Path) -> bool:
    """Return whether an image file is complete, without decoding it where the format has checksums."""
    from PIL import Image

    try:
        with Image.open(path, formats=tuple(set(provenance.KINDS.values()))) as image:
            if image.format == "PNG":
                image.verify()
            else:
                image.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _whole_film(path: Path) -> bool:
    """Return whether a video file holds as many frames as its header says; nothing is decoded."""
    from av.error import FFmpegError

    try:
        with open_file(path) as container:
            stream = container.streams.video[0]
            return sum(packet.size > 0 for packet in container.demux(stream)) == stream.frames > 0
    except (FFmpegError, OSError, ValueError, IndexError):
        return False
