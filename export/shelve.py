"""``python -m export shelve NAME``: a graph that was measured and shall not be bundled leaves its card behind."""

import json
from pathlib import Path

import tyro

from synth.evaluation.results import MEASURED
from synth.runtime import graph_file


def shelve(
    names: tyro.conf.Positional[tuple[str, ...]], weights: Path = Path("weights"), out: Path | None = None
) -> int:
    """Keep the cards of graphs for the tables of ``python -m synth results``, and remove the graphs.

    Args:
        names: the graphs, as in weights/NAME.onnx.
        weights: where they are.
        out: the folder of graphs to whose tables they belong; by default the same.
    """
    cards = {name: graph_file.read(weights / f"{name}.onnx")[0] for name in names}
    if unmeasured := [name for name, card in cards.items() if not card.metrics]:
        raise ValueError(
            f"There are no figures to keep in {', '.join(unmeasured)}: python -m synth evaluate NAME --write"
        )
    folder = (out or weights) / MEASURED
    folder.mkdir(parents=True, exist_ok=True)
    for name, card in cards.items():
        text = json.dumps(json.loads(card.to_json()), ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(f"{text}\n", "utf-8")
        (weights / f"{name}.onnx").unlink()
        print(f"{folder / name}.json holds its card; {weights / name}.onnx is gone.")
    return 0
