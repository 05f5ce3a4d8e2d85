"""Run a model over an image, a folder or a video: ``python -m synth apply NAME IN OUT``."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from synth import files
from synth.apply import cluster, pool
from synth.apply.plan import Job, plan
from synth.apply.work import Result, Task, named
from synth.card import Card
from synth.counted import counted
from synth.pixels import file_kinds
from synth.runtime import graph_file, provenance, providers
from synth.runtime.dance import backgrounds, film_options, perform
from synth.runtime.dance.film_options import FilmOptions
from synth.runtime.dance.pose import valid
from synth.suggest import did_you_mean

BUNDLED = Path(__file__).parents[2] / "weights"
MOST_MESSAGES = 50


def apply(
    name: str,
    source: Path,
    out: Path,
    /,
    workers: int = 0,
    provider: str = "auto",
    side: int = 0,
    beside: bool = False,
    background: str = "",
    start: float = 0.0,
    end: float | None = None,
    person: tuple[float, ...] | None = None,
    pose: str = "auto",
    ray: str = "",
    weights: Path = BUNDLED,
    keep_location: bool = False,
) -> int:
    """Run a model over an image, a folder with its sub-folders, or a video; the same command again resumes.

    Images become PNG, videos MP4 with their sound and frame rate. A character takes videos of a person and moves as
    that person does.

    Args:
        name: a model of the weights folder, for instance street, or the path of a .onnx file.
        source: an image, a video, or a folder of them.
        out: the file or the folder for the results.
        workers: processes, each with a session of its own (0: one per two cores, or two on a GPU).
        provider: where the model runs: auto, cuda, coreml or cpu.
        side: shrink images to this longer side in pixels first (0: keep the size).
        beside: show the input video beside the character.
        background: the character's background: a colour as #rrggbb or an image file; empty for its own.
        start: where the part of a video that a character uses begins, in seconds.
        end: where that part ends, in seconds; the end of the video by default.
        person: whom the character follows: x and y, shares of the image from 0 to 1, at the start, or at a time in
            seconds given as third; the largest person by default.
        pose: how people are found: auto, synth, mediapipe or onnx:FILE.
        ray: the address of a Ray cluster that sees the same files; local starts one on this machine.
        weights: the folder of models.
        keep_location: keep where an image was taken (GPS); its date, author and camera are always kept.
    """
    if workers < 0 or side < 0:
        raise ValueError(f"--workers is {workers} and --side is {side}; both must be 0 or more.")
    graph, card = find(name, weights)
    dancing = perform.dances(card)
    if (dancing and side) or (beside and not dancing):
        raise ValueError("--side is for images, --beside for characters, which are always painted at their own size.")
    if dancing:
        options = FilmOptions(background=backgrounds.read(background))
        film_options.check([card], film_options.with_part(options, start, end, person))
    elif background:
        raise ValueError("--background is for characters: other models do not separate people from the background.")
    elif start or end is not None or person is not None:
        raise ValueError("--start, --end and --person are for characters: other models translate the whole video.")
    planned = plan(source, out, dancing)
    jobs = planned.jobs
    files.folder(out if source.is_dir() else jobs[0].target.parent)
    files.remove_unfinished(job.target for job in jobs)
    count = pool.workers(workers, provider, len(jobs)) if not ray else max(1, min(workers or 2, len(jobs)))
    threads = 1 if ray else max(1, providers.cores() // count) if count > 1 else 0
    chosen = settings(side, beside, pose if dancing else "auto", background, keep_location)
    chosen += part_settings(start, end, person)
    maker, behind = provenance.model_id(card, graph, *chosen), backgrounds.absolute(background)
    where = weights.absolute()
    part = start, end, person
    task = Task(
        graph.absolute(), maker, provider, side, beside, where, valid(pose), threads, behind, keep_location, *part
    )
    console, progress = Console(), _progress()
    with progress:
        bar = Bar(progress, jobs)
        results = cluster.run(task, jobs, count, ray) if ray else pool.run(task, jobs, count, bar.tell)
        with closing(results):
            done = list(bar.over(results))
    return report(console, done, out, planned.left_out)


def settings(side: int, beside: bool, pose: str, background: str = "", location: bool = False) -> list[str]:
    """Return the settings in a result's provenance mark; a result made with other settings is made again."""
    how, _, file = pose.partition(":")
    found = [f"side {side}"] * bool(side) + ["beside"] * beside + ["location"] * location
    found += [f"background {backgrounds.label(background)}"] if background else []
    return found + [f"pose {how} {Path(file).name}".strip()] * (how != "auto")


def part_settings(start: float, end: float | None, person: tuple[float, ...] | None) -> list[str]:
    """Return the settings of a character's part of a video and of the person, as ``settings`` does."""
    found = [f"start {start:g}"] * bool(start) + ([] if end is None else [f"end {end:g}"])
    return found + ([] if person is None else ["person " + " ".join(f"{value:g}" for value in person)])


def find(name: str, weights: Path) -> tuple[Path, Card]:
    """Return a graph's file and card. Raises ``ValueError`` if it is missing or does not map one image to another."""
    path = Path(name) if name.endswith(".onnx") else weights / f"{name}.onnx"
    if not path.is_file():
        names = sorted(path.stem for path in weights.glob("*.onnx"))
        known = ", ".join(names) or "none"
        raise ValueError(f"There is no model {path}.{did_you_mean(name, names)} In {weights} there are: {known}.")
    card, _ = graph_file.read(path)
    if perform.dances(card):
        perform.check(card)
    elif len(card.required) != 1 or card.gives != "picture":
        raise ValueError(f"{card.title or card.name} does not map one image to another ({card.task}).")
    return path, card


def _progress() -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=Console(stderr=True), transient=True)


class Bar:
    """Progress bar over all jobs; a film counts by the share that is finished."""

    def __init__(self, progress: Progress, jobs: list[Job]):
        self._progress, self._shares, self._done = progress, dict[Job, float](), 0
        self._task = progress.add_task("", total=len(jobs))

    def tell(self, job: Job, share: float) -> None:
        """Show that a share (0..1) of a film is finished."""
        self._shares[job] = share
        self._show(job)

    def over(self, results: Iterator[Result]) -> Iterator[Result]:
        """Yield the results and count them."""
        for result in results:
            self._done += 1
            self._shares.pop(result.job, None)
            self._show(result.job)
            yield result

    def _show(self, job: Job) -> None:
        completed = self._done + sum(self._shares.values())
        self._progress.update(self._task, completed=round(completed, 2), description=job.source.name)


def notices(results: list[Result]) -> list[str]:
    """Return the notices about files; the same one about several is told once."""
    about: dict[str, list[Result]] = {}
    for result in results:
        if result.notice:
            about.setdefault(result.notice, []).append(result)
    more = {notice: f" ({len(same) - 1:,} more like it)" * (len(same) > 1) for notice, same in about.items()}
    return [named(same[0].job, notice) + more[notice] for notice, same in about.items()]


def report(console: Console, results: list[Result], out: Path, left_out: dict[str, list[Path]]) -> int:
    """Print notices, failures, files that were left out, and counts; return the exit code: 1 if a file was not done."""
    failed = [result.failed for result in results if result.failed]
    skipped = sum(result.skipped for result in results)
    messages = notices(results) + failed
    for message in messages[:MOST_MESSAGES] + file_kinds.sentences(left_out):
        console.print(message, markup=False, highlight=False, soft_wrap=True)
    if len(messages) > MOST_MESSAGES:
        console.print(f"… and {counted(len(messages) - MOST_MESSAGES, 'more message')} like these.")
    parts = [f"{len(results) - skipped - len(failed)} done"]
    parts += [f"{skipped} skipped as already done"] * bool(skipped) + [f"{len(failed)} failed"] * bool(failed)
    unused = sum(map(len, left_out.values()))
    parts += [f"{unused} not used"] * bool(unused)
    console.print(f"{', '.join(parts)}: {out}", markup=False, highlight=False, soft_wrap=True)
    return 1 if failed or left_out else 0
