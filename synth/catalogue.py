"""Table of the recipes, and which of them have a graph in ``weights/``: ``python -m synth list``."""

import ast
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

RECIPES = Path(__file__).with_name("recipes")


def catalogue(weights: Path = Path("weights")) -> int:
    """List the recipes with method, task, data set, and whether there is a graph.

    Args:
        weights: the folder of graphs.
    """
    try:
        from synth import recipe
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        return _without_torch(weights)
    table = Table(Column("recipe", no_wrap=True), "method", "task", "data", "graph")
    for name in recipe.names():
        method = recipe.find(name, "gpu")
        graph = "yes" if (weights / f"{name}.onnx").exists() else ""
        table.add_row(name, type(method).__name__, method.card.task, method.data.name, graph)
    Console().print(table)
    return 0


def _without_torch(weights: Path) -> int:
    """List what the files of the recipes say, since recipes are made of networks, which need PyTorch."""
    table = Table(Column("recipe", no_wrap=True), "what it does", "graph")
    for file in sorted(RECIPES.glob("[!_]*.py")):
        text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        table.add_row(file.stem, text.splitlines()[0] if text else "", "yes" * (weights / f"{file.stem}.onnx").exists())
    console = Console()
    console.print(table)
    console.print("Variants, methods and data are listed where PyTorch is installed: pip install -e '.\\[train]'")
    return 0
