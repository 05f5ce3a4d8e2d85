"""Worker that does one job after another with its own session, on this machine or on a cluster."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth import files
from synth.apply.plan import Job
from synth.apply.resume import already_done
from synth.pixels import images, metadata, video_writer
from synth.pixels.resize import fit
from synth.pixels.video_reader import VideoFrames, probe
from synth.runtime import colorization, provenance, tiles
from synth.runtime.dance import backgrounds, films, perform
from synth.runtime.dance.film_options import ALONE, BESIDE, FilmOptions, with_part
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from synth.runtime.run import labelled
from synth.runtime.session import Graph, open_graph

Tell = Callable[[Job, float], None]


@dataclass(frozen=True)
class Task:
    """Settings that all jobs share; sent to other processes and machines.

    ``maker`` is the model's identity in the provenance mark of results; ``side`` is the longer side in pixels to shrink
    images to first (0: keep the size); ``beside`` shows the input video beside the character; ``weights`` is the folder
    of the pose model; ``threads`` is the number of a CPU session's threads (0: all); ``background`` is read by
    ``synth.runtime.dance.backgrounds``; ``location`` keeps where an image was taken; ``start``, ``end`` and ``person``
    are read by ``synth.runtime.dance.film_options.with_part``.
    """

    graph: Path
    maker: str
    provider: str = "auto"
    side: int = 0
    beside: bool = False
    weights: Path = Path("weights")
    pose: str = "auto"
    threads: int = 0
    background: str = ""
    location: bool = False
    start: float = 0.0
    end: float | None = None
    person: tuple[float, ...] | None = None

    def film_options(self) -> FilmOptions:
        """Return the options of a character's videos. Raises ``ValueError`` for invalid ones."""
        options = FilmOptions(BESIDE if self.beside else ALONE, background=backgrounds.read(self.background))
        return with_part(options, self.start, self.end, self.person)


@dataclass(frozen=True)
class Result:
    """Outcome of a job: ``failed`` and ``notice`` are messages, ``skipped`` means that it was done before."""

    job: Job
    failed: str = ""
    notice: str = ""
    skipped: bool = False


class Worker:
    """Does jobs, one at a time; calls ``stopped`` between frames, and ``tell`` with the share (0..1) of a film."""

    def __init__(self, task: Task, stopped: Callable[[], bool] = lambda: False, tell: Tell = lambda job, share: None):
        self.task, self._stopped, self._tell = task, stopped, tell
        self._graph: Graph | None = None
        self._registry: Registry | None = None

    @property
    def graph(self) -> Graph:
        """The graph, opened at the first job."""
        if self._graph is None:
            self._graph = open_graph(self.task.graph, self.task.provider, threads=self.task.threads)
        return self._graph

    def __call__(self, job: Job) -> Result:
        """Do a job unless it was done before. Errors of one file are in the result.

        Raises ``Cancelled``, and ``CannotWrite`` if the result cannot be written: the next one could not either.
        """
        try:
            if already_done(job, self.task.maker):
                return Result(job, skipped=True)
            with files.writing(job.target):
                job.target.parent.mkdir(parents=True, exist_ok=True)
            if not job.film:
                return Result(job, notice=self._picture(job))
            dancing = perform.dances(self.graph.card)
            return Result(job, notice=self._dance(job) if dancing else self._film(job))
        except (video_writer.Cancelled, files.CannotWrite, KeyboardInterrupt):
            raise
        except OSError as error:
            return Result(job, failed=files.sentence(error))
        except ValueError as error:
            return Result(job, failed=named(job, str(error)))
        except Exception as error:  # one bad file must not stop the others
            return Result(job, failed=f"“{job.source.name}” failed ({type(error).__name__}: {error}).")

    def _picture(self, job: Job) -> str:
        """Translate an image; return a notice about it."""
        card = self.graph.card
        read = images.read_with_alpha if tiles.enlarges(card) or colorization.colorizes(card) else images.read
        made, notice = self._run(read(job.source))
        kept = metadata.read(job.source, self.task.location)
        files.write(job.target, provenance.encode(made, self.task.maker, job.target.suffix, kept=kept))
        return notice

    def _run(self, image: np.ndarray) -> tuple[np.ndarray, str]:
        """Return what the model makes of uint8 RGB ``[H, W, 3]``, or 4 with opacity, and a notice."""
        card = self.graph.card
        image, notice = labelled(image, card)
        if self.task.side:
            image = fit(image, self.task.side, labels=card.inputs[0].kind == "labels")
        if tiles.enlarges(card):
            return tiles.enlarge(self.graph.run, image, card.scale), notice
        if image.shape[2] == 4:
            made = self.graph.run(images.on_white(image))
            return colorization.with_opacity(image, made), notice
        return self.graph.run(image), notice

    def _film(self, job: Job) -> str:
        """Translate a video frame by frame; return its notices."""
        clip, frames, notices = probe(job.source), VideoFrames(job.source), list[str]()

        def translated() -> Iterator[tuple[float, np.ndarray]]:
            for time, frame in frames:
                made, notice = self._run(frame)
                notices.append(notice)
                yield time, made
                self._tell(job, min(time / clip.seconds, 1.0) if clip.seconds else 0.0)

        sound, comment = job.source if clip.sound else None, provenance.comment(self.task.maker)
        film = video_writer.write_video(
            job.target, translated(), clip.fps, sound, comment, cancelled=self._stopped, end=lambda: frames.end
        )
        first = next(filter(None, notices), "")  # those of single frames differ by a share only
        return " ".join(filter(None, (frames.notice, film.notice, first)))

    def _dance(self, job: Job) -> str:
        """Make the character move as the person in a video does; return its notices."""
        self._registry = self._registry or Registry(self.task.weights, self.task.provider, self.task.pose)
        perform.check(self.graph.card)
        options = self.task.film_options()
        tracker, notices = poses(self._registry).tracker(), ()
        for step in films.dance(job.source, job.target, [self.graph], tracker, options, self.task.maker):
            if self._stopped():
                raise video_writer.Cancelled("Stopped: nothing was written.")
            self._tell(job, step.share)
            notices = step.report.notices if step.report else notices
        return " ".join(notices)


def named(job: Job, message: str) -> str:
    """Return a message about a job that names its file."""
    return message if job.source.name in message else f"“{job.source.name}”: {message}"
