"""Write metrics into the card of a graph, atomically; only the metadata of the ONNX file changes."""

import contextlib
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import onnx

from synth.card import KEY, Card


def stamp(path: Path, metrics: dict[str, float], protocol: str) -> Card:
    """Replace ``metrics`` and ``protocol`` in the card of the graph at ``path`` and return the new card.

    The new file is complete on disk before it replaces the old one. Raises ``ValueError`` if the file has no card and
    ``OSError`` if it cannot be written; then the old file is unchanged.
    """
    model = onnx.load(path, load_external_data=False)
    entries = [entry for entry in model.metadata_props if entry.key == KEY]
    if len(entries) != 1:
        raise ValueError(f"{path.name} has no synth card to write metrics into. Export the graph again.")
    card = replace(Card.from_json(entries[0].value), metrics=dict(metrics), protocol=protocol)
    entries[0].value = card.to_json()
    _replace(path, model.SerializeToString())
    return card


def _replace(path: Path, content: bytes) -> None:
    """Write ``content`` to a temporary file beside ``path`` and move it to ``path`` in one step."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
