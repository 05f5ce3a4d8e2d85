"""Write metrics into the card of a graph, atomically; only the metadata of the ONNX file changes."""

from dataclasses import replace
from pathlib import Path

import onnx

from synth import files
from synth.card import KEY, Card


def stamp(path: Path, metrics: dict[str, float], protocol: str) -> Card:
    """Replace ``metrics`` and ``protocol`` in the card of the graph at ``path`` and return the new card.

    The new file is complete on disk before it replaces the old one. Raises ``ValueError`` if the file has no card and
    ``CannotWrite`` if it cannot be written; then the old file is unchanged.
    """
    model = onnx.load(path, load_external_data=False)
    entries = [entry for entry in model.metadata_props if entry.key == KEY]
    if len(entries) != 1:
        raise ValueError(f"{path.name} has no synth card to write metrics into. Export the graph again.")
    card = replace(Card.from_json(entries[0].value), metrics=dict(metrics), protocol=protocol)
    entries[0].value = card.to_json()
    files.write(path, model.SerializeToString())
    return card
