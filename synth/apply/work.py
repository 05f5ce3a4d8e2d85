"""One job after another, through a session of its own: the same on this machine and on a cluster's."""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.apply.plan import Job
from synth.apply.there import there
from synth.pixels import images, video_writer
from synth.pixels.resize import fit
from synth.pixels.video_reader import VideoFrames, probe
from synth.runtime import provenance, tiles
from synth.runtime.dance import backgrounds, films, perform
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from synth.runtime.session import Graph, open_graph

Tell = Callable[[Job, float], None]


@dataclass(frozen=True)
class Task:
    """What every job has in common; travels to other processes and machines.

    ``by`` is how results name the graph; ``side`` is the longer side in pixels to shrink to first (0: as it is);
    ``beside`` shows a dancer's video beside the character; ``weights`` is where the graph that finds people is;
    ``threads`` are those of a session on the processor (0: all); ``background`` is read by
    ``synth.runtime.dance.backgrounds``.
    """

    graph: Path
    by: str
    provider: str = "auto"
    side: int = 0
    beside: bool = False
    weights: Path = Path("weights")
    pose: str = "auto"
    threads: int = 0
    background: str = ""


@dataclass(frozen=True)
class Result:
    """What became of a job: ``failed`` and ``notice`` are sentences, ``skipped`` says that it was done before."""

    job: Job
    failed: str = ""
    notice: str = ""
    skipped: bool = False


class Worker:
    """Does jobs, one at a time. ``stopped`` is asked between frames, ``tell`` hears how far (0..1) a film is."""

    def __init__(self, task: Task, stopped: Callable[[], bool] = lambda: False, tell: Tell = lambda job, share: None):
        self.task, self._stopped, self._tell = task, stopped, tell
        self._graph: Graph | None = None
        self._registry: Registry | None = None

    @property
    def graph(self) -> Graph:
        """The graph, opened when something is to be done."""
        if self._graph is None:
            self._graph = open_graph(self.task.graph, self.task.provider, threads=self.task.threads)
        return self._graph

    def __call__(self, job: Job) -> Result:
        """Do a job, unless it was done before. What is wrong with one file is said in the result; ``Cancelled``."""
        try:
            if there(job, self.task.by):
                return Result(job, skipped=True)
            job.target.parent.mkdir(parents=True, exist_ok=True)
            if not job.film:
                self._picture(job)
                return Result(job)
            dancing = perform.dances(self.graph.card)
            return Result(job, notice=self._dance(job) if dancing else self._film(job))
        except (video_writer.Cancelled, KeyboardInterrupt):
            raise
        except (ValueError, OSError) as error:
            return Result(job, failed=str(error))
        except Exception as error:  # whatever one file out of a million does, the others go on
            return Result(job, failed=f"“{job.source.name}” failed ({type(error).__name__}: {error}).")

    def _picture(self, job: Job) -> None:
        read = images.read_with_alpha if tiles.enlarges(self.graph.card) else images.read
        made = self._run(read(job.source))
        write(job.target, provenance.encode(made, self.task.by, job.target.suffix))

    def _run(self, image: np.ndarray) -> np.ndarray:
        card = self.graph.card
        if self.task.side:
            image = fit(image, self.task.side, labels=card.inputs[0].kind == "labels")
        if tiles.enlarges(card):
            return tiles.enlarge(self.graph.run, image, card.scale)
        return self.graph.run(image)

    def _film(self, job: Job) -> str:
        """Translate a clip frame by frame; return what is to be said of it."""
        clip, frames = probe(job.source), VideoFrames(job.source)

        def translated() -> Iterator[tuple[float, np.ndarray]]:
            for time, frame in frames:
                yield time, self._run(frame)
                self._tell(job, min(time / clip.seconds, 1.0) if clip.seconds else 0.0)

        sound, comment = job.source if clip.sound else None, provenance.comment(self.task.by)
        video_writer.write_video(job.target, translated(), clip.fps, sound, comment, cancelled=self._stopped)
        return frames.notice

    def _dance(self, job: Job) -> str:
        """Let the character do as the person in a clip does; return what is to be said of it."""
        self._registry = self._registry or Registry(self.task.weights, self.task.provider, self.task.pose)
        perform.check(self.graph.card)
        layout = films.BESIDE if self.task.beside else films.ALONE
        wish = films.FilmOptions(layout, background=backgrounds.read(self.task.background))
        tracker, notices = poses(self._registry).tracker(), ()
        for step in films.dance(job.source, job.target, [self.graph], tracker, wish, self.task.by):
            if self._stopped():
                raise video_writer.Cancelled("Stopped: nothing was written.")
            self._tell(job, step.share)
            notices = step.report.notices if step.report else notices
        return " ".join(notices)


def write(target: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is whole."""
    part = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
