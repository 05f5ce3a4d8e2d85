"""``python -m synth evaluate NAME ...``: measure graphs on held-out pictures, all names in one run."""

from pathlib import Path

from rich.console import Console

from synth import recipe as recipes
from synth.card import Card
from synth.evaluation import report
from synth.evaluation.by_method import Evaluator, Split
from synth.evaluation.report import Result
from synth.evaluation.stamp import stamp
from synth.methods.method import Method
from synth.runtime.session import Graph, open_graph

SMALLEST = 32


def evaluate(
    names: tuple[str, ...],
    /,
    *,
    data: Path | None = None,
    weights: Path = Path("weights"),
    recipe: str = "",
    reference: Split = "test",
    limit: int = 0,
    side: int = 0,
    floor: bool = False,
    write: bool = False,
    out: Path | None = None,
    json: Path | None = None,
    provider: str = "auto",
) -> int:
    """Measure graphs on held-out pictures and print metrics and protocol.

    Pictures: FID, KID, ST-LPIPS, L1, PSNR and SSIM. Characters: the last four, flicker, and the share of joints found
    where they were asked for. Joints: the percentage of correct keypoints.

    Args:
        names: graphs to measure, as in weights/NAME.onnx; several are measured in one run on the same pictures.
        data: the folder of the data set; by default ``$SYNTH_DATA/SET`` or ``data/SET``.
        weights: where the graphs are.
        recipe: the recipe whose test pictures are taken; by default the one the graph was trained with.
        reference: the real pictures that FID and KID compare with, those of the test or of the training split.
        limit: measure the first so many pictures only.
        side: side in pixels to measure at; by default the size the graph was trained at.
        floor: also measure baselines: real training pictures, as many as are in the test split (the best FID and KID
            to hope for), and methods without learning, for instance photographs left black and white.
        write: store metrics and protocol in the card of each graph.
        out: folder for contact sheets of input, output and truth.
        json: file for the metrics.
        provider: where the graphs run: auto, cuda, coreml or cpu.
    """
    if not names:
        raise ValueError(f"Name the graphs to measure. {_there(weights)}")
    if limit < 0 or (side and side < SMALLEST):
        raise ValueError(f"--limit must be positive, and --side {SMALLEST} pixels or more for the feature networks.")
    if write and (limit or side or recipe or reference != "test"):
        raise ValueError("--write stores what plain `evaluate NAME` gives: leave the other choices out.")
    console, evaluator = Console(), Evaluator(data, weights, provider, reference, limit, side)
    graphs = {name: _open(weights, name, provider) for name in names}  # all of them, before anything takes time
    methods = {name: _recipe(recipe, name, graph.card) for name, graph in graphs.items()}
    results: dict[str, Result] = {}
    with console.status("Measuring ...") as status:
        for name, graph in graphs.items():
            status.update(f"Measuring {name} on {graph.place} ...")
            results[name] = evaluator.measure(methods[name], graph)
        floors = evaluator.floors() if floor else {}
    report.show(console, results, floors)
    if json:
        report.save(json, results)
    if out:
        console.print(f"{len(report.sheets(out, results))} contact sheets in {out}")
    if write:
        for name, result in results.items():
            stamp(weights / f"{name}.onnx", result.metrics, result.protocol)
        console.print(f"Written into the cards of {', '.join(results)}.")
    return 0


def _open(weights: Path, name: str, provider: str) -> Graph:
    path = weights / f"{name}.onnx"
    if not path.is_file():
        raise ValueError(f"There is no graph {name!r} in {weights}. {_there(weights)}")
    return open_graph(path, provider)


def _there(weights: Path) -> str:
    return f"In {weights} there are: {', '.join(sorted(p.stem for p in weights.glob('*.onnx'))) or 'no graphs'}."


def _recipe(wanted: str, name: str, card: Card) -> Method:
    """Return the recipe a graph was trained with, in the preset it was trained with."""
    known = wanted or (card.recipe if card.recipe in recipes.names() else name)
    return recipes.find(known, "cpu" if card.preset == "cpu" else "gpu")
