"""``python -m synth evaluate NAME ...``: measure graphs on held-out images, several in one run."""

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
    """Measure graphs on held-out images and print metrics and protocol.

    Images: FID, KID, ST-LPIPS, L1, PSNR and SSIM. Characters: the last four, flicker, and the share of joints in
    the requested place. Joints: the percentage of correct keypoints (PCK).

    Args:
        names: graphs to measure, as in weights/NAME.onnx; several are measured on the same images in one run.
        data: the folder of the data set; by default ``$SYNTH_DATA/SET`` or ``data/SET``.
        weights: the folder of graphs.
        recipe: the recipe whose test images are used; by default the one that the graph was trained with.
        reference: split of the real images that FID and KID compare with: test or train.
        limit: measure only this many images, the first ones.
        side: image size in pixels to measure at; by default the size that the graph was trained at.
        floor: also measure baselines: as many real training images as the test split has (the best FID and KID to
            expect), and methods without learning, such as photographs left black and white.
        write: store metrics and protocol in the card of each graph.
        out: folder for contact sheets of input, output and truth.
        json: file for the metrics.
        provider: execution provider of ONNX Runtime: auto, cuda, coreml or cpu.
    """
    if not names:
        raise ValueError(f"Name the graphs to measure. {_there(weights)}")
    if limit < 0 or (side and side < SMALLEST):
        raise ValueError(f"--limit must be positive, and --side {SMALLEST} pixels or more for the feature networks.")
    if write and (limit or side or recipe or reference != "test"):
        raise ValueError("--write stores what plain `evaluate NAME` gives: leave the other choices out.")
    console, evaluator = Console(), Evaluator(data, weights, provider, reference, limit, side)
    graphs = {name: _open(weights, name, provider) for name in names}  # open all of them before anything takes time
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
    """Return the recipe ``wanted``, or the one that a graph was trained with, in the graph's preset."""
    known = wanted or (card.recipe if card.recipe in recipes.names() else name)
    return recipes.find(known, "cpu" if card.preset == "cpu" else "gpu")
