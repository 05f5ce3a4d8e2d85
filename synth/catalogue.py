"""Table of the recipes, and which of them have a graph in ``weights/``: ``python -m synth list``."""

from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from synth import recipe


def catalogue(weights: Path = Path("weights")) -> int:
    """List the recipes with method, task, data set, and whether there is a graph.

    Args:
        weights: the folder of graphs.
    """
    table = Table(Column("recipe", no_wrap=True), "method", "task", "data", "graph")
    for name in recipe.names():
        method = recipe.find(name, "gpu")
        graph = "yes" if (weights / f"{name}.onnx").exists() else ""
        table.add_row(name, type(method).__name__, method.card.task, method.data.name, graph)
    Console().print(table)
    return 0
