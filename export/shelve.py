"""``python -m export shelve NAME``: remove a measured graph that is not bundled, and keep its card."""

import json
from pathlib import Path

import tyro

from synth import files
from synth.evaluation.results import MEASURED
from synth.runtime import graph_file
from synth.suggest import did_you_mean


def shelve(
    names: tyro.conf.Positional[tuple[str, ...]], weights: Path = Path("weights"), out: Path | None = None
) -> int:
    """Remove graphs and keep their cards, which the tables of ``python -m synth results`` show.

    Args:
        names: the graphs, as in weights/NAME.onnx.
        weights: the folder of graphs.
        out: the folder of graphs whose tables show the cards; by default the same folder.
    """
    graphs = sorted(path.stem for path in weights.glob("*.onnx"))
    for name in names:
        if name not in graphs:
            known = ", ".join(graphs) or "none"
            raise ValueError(
                f"There is no graph {name!r} in {weights}.{did_you_mean(name, graphs)} There are: {known}."
            )
    cards = {name: graph_file.read(weights / f"{name}.onnx")[0] for name in names}
    if unmeasured := [name for name, card in cards.items() if not card.metrics]:
        raise ValueError(
            f"There are no metrics in {', '.join(unmeasured)}. Measure first: python -m synth evaluate NAME --write"
        )
    folder = (out or weights) / MEASURED
    for name, card in cards.items():
        text = json.dumps(json.loads(card.to_json()), ensure_ascii=False, indent=1)
        files.write(folder / f"{name}.json", f"{text}\n")
        (weights / f"{name}.onnx").unlink()
        print(f"Wrote the card to {folder / name}.json and removed {weights / name}.onnx.")
    return 0
