"""Batch section of a tab: run many files with progress, give a zip of the results and a report on failures."""

import html
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from synth.app import controls
from synth.app.controls import sentences
from synth.app.sources import result_name
from synth.pixels import animation, images, metadata
from synth.runtime import provenance
from synth.runtime.run import run
from synth.runtime.session import Graph

MOST_FILES = 200
MOST_SECONDS = 600
Many = Callable[..., tuple[str | None, str]]
"""Takes the paths, Gradio's progress and the tab's choices; returns the path of a zip and a report as HTML."""


def build(many: Many, choices: Sequence[gr.Radio | gr.Slider], button: str = "run-all") -> None:
    """Lay out the batch section of a tab; ``choices`` are inputs of the tab that are passed to ``many``, too."""
    with gr.Accordion("Many files at once", open=False):
        with gr.Row():
            files = gr.File(label=f"Up to {MOST_FILES} pictures", file_count="multiple", height=180)
            archive = gr.File(label="Results", interactive=False, height=180)
        start = gr.Button("Run all", variant="primary", size="md", elem_id=button)
        report = gr.HTML(elem_classes="note")

    def run_all(progress: Any = gr.Progress(), *given: Any) -> tuple[str | None, str]:  # noqa: B008
        with sentences():
            return many(given[0] or [], progress, *given[1:])

    start.click(
        run_all, [files, *choices], [archive, report],
        concurrency_id="batch", concurrency_limit=2, api_visibility="private", show_progress_on=[archive],
    )  # fmt: skip


def translate_many(graph: Graph, paths: list[str], size: str, progress: Any) -> tuple[str | None, str]:
    """Translate every file at its own size or at the training size; see ``zipped``."""
    notices: list[str] = []

    def made(path: Path) -> bytes:
        outcome = run(graph, images.read(path, max_pixels=controls.MAX_READ), size)
        if outcome.notice:
            notices.append(f"“{path.name}”: {outcome.notice}")
        return provenance.encode(outcome.result, kept=metadata.read(path))

    archive, report = zipped(graph.card.name, paths, made, progress)
    return archive, report + listed(notices)


def zipped(name: str, paths: list[str], made: Callable[[Path], bytes], progress: Any) -> tuple[str | None, str]:
    """Return the path of a zip with the result of every file (``None`` if all failed) and a report as HTML.

    ``made`` returns the bytes of a PNG. One bad file does not stop the others; files of the same name are numbered.
    Raises ``ValueError`` for no files or too many.
    """
    if not 1 <= len(paths) <= MOST_FILES:
        raise ValueError(f"Choose between 1 and {MOST_FILES} pictures first, not {len(paths)}.")
    archive = controls.fresh_file(archive_name(paths, name))
    failed, notes = list[str](), list[str]()
    taken: set[str] = set()
    deadline = time.monotonic() + MOST_SECONDS
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for number, path in enumerate(map(Path, paths)):
            progress((number, len(paths)), desc=path.name, unit="pictures")
            try:
                if time.monotonic() > deadline:
                    raise ValueError(
                        f"“{path.name}” was not run: the limit of {MOST_SECONDS // 60} minutes was reached."
                    )
                data = made(path)
                target.writestr(unique(path.stem, taken) + ".png", data)
                if notice := animation.only_first(path):
                    notes.append(f"“{path.name}”: {notice}")
            except ValueError as error:
                failed.append(str(error) if path.name in str(error) else f"“{path.name}”: {error}")
    done = len(paths) - len(failed)
    return str(archive) if done else None, report_on(done, failed) + listed(notes)


def archive_name(paths: list[str], model: str) -> str:
    """Return the name of a zip after its first source: ``beach-and-2-more-colorize.zip``."""
    more = [f"and-{len(paths) - 1}-more"] if len(paths) > 1 else []
    return result_name(Path(paths[0]), *more, model, ending=".zip")


def unique(stem: str, taken: set[str]) -> str:
    """Return ``stem``, or ``stem-2``, ``stem-3`` ... if it is taken (ignoring case), and mark it as taken."""
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.lower())
    return name


def report_on(done: int, failed: list[str]) -> str:
    """Return the report as HTML: how many files are done, and a message for each that failed."""
    head = f"<b>{done} done.</b>" + (f" {len(failed)} failed:" if failed else "")
    return f"<p>{head}</p>" + listed(failed)


def listed(messages: Sequence[str]) -> str:
    """Return messages as a list in HTML, empty for none."""
    lines = "".join(f"<li>{html.escape(message)}</li>" for message in messages)
    return f"<ul>{lines}</ul>" if lines else ""
