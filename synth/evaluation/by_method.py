"""Measure graphs with the metrics of the method that trained them; all graphs of a run share the decoded test sets."""

from functools import cached_property, singledispatchmethod
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
import torch

from synth.data.sets.frames import Clips, Frames
from synth.evaluation import measure
from synth.evaluation.measure import Truth, Views
from synth.evaluation.metrics import colors, holes, motion, pck, segmentation, superres, unpaired
from synth.evaluation.metrics.fcn_score import Judge
from synth.evaluation.report import Result
from synth.methods.belief import BeliefMaps
from synth.methods.colorize import Colorize
from synth.methods.cut import CUT
from synth.methods.cyclegan import CycleGAN
from synth.methods.dance import Dance
from synth.methods.enlarge import Enlarge
from synth.methods.fill import Fill
from synth.methods.method import Method
from synth.methods.pix2pix import Pix2Pix
from synth.methods.segment import Segment
from synth.metric import rounded
from synth.runtime.dance.painting import paint
from synth.runtime.dance.pose import Poses, open_poses
from synth.runtime.registry import Registry
from synth.runtime.session import Graph, open_graph
from synth.training.train import data_folder

Split = Literal["test", "train"]
JUDGE = "see-street"


class Evaluator:
    """Measures graphs by their method; a test set that several graphs share is read once."""

    def __init__(self, data: Path | None, weights: Path, provider: str, reference: Split, limit: int, side: int):
        self.data, self.limit, self.side = data, limit, side
        self.weights, self.provider = weights, provider
        self.photos: colors.Test | None = None
        self.gaps: holes.Test | None = None
        self.scales: set[int] = set()
        self.truths, self.stages = Truths(data, reference, limit), Stages(data, weights, provider, limit)

    @singledispatchmethod
    def measure(self, method: Method, graph: Graph) -> Result:
        """Return the metrics of a graph trained with ``method``. Raises ``ValueError`` for a method without metrics."""
        raise ValueError(f"The method {type(method).__name__} has no metrics. Add them to {__name__}.")

    @measure.register
    def _(self, method: Pix2Pix, graph: Graph) -> Result:
        result = _measure(graph, method, self.truths, self.side)
        return self.judge.score(result) if self.judge and self.judge.knows(graph.card) else result

    @measure.register
    def _(self, method: Segment, graph: Graph) -> Result:
        side, folder = self.side or graph.card.size, data_folder(method, self.data)
        pairs = method.data.find(folder, "test")
        views = Views(*method.data.stack(pairs[: self.limit or None], side))
        metrics, outputs = segmentation.measure_segmentation(graph, views.x, views.y, method.colors)
        runtime = f"ONNX Runtime {onnxruntime.__version__} on {graph.place}"
        how = segmentation.protocol(graph, len(views.x), side, method.data.name, runtime)
        return Result(graph.card, side, metrics, how, outputs, views)

    @cached_property
    def judge(self) -> Judge | None:
        """The FCN that segments synthesized streets for the FCN-score; ``None`` if its graph is missing."""
        path = self.weights / f"{JUDGE}.onnx"
        return Judge(open_graph(path, self.provider)) if path.is_file() else None

    @measure.register
    def _(self, method: Dance, graph: Graph) -> Result:
        return self.stages.measure(graph, method)

    @measure.register
    def _(self, method: BeliefMaps, graph: Graph) -> Result:
        metrics, how, parts = pck.measure_pose(graph, data_folder(method, self.data))
        return Result(graph.card, graph.card.size, metrics, how, parts=parts)

    @measure.register
    def _(self, method: Enlarge, graph: Graph) -> Result:
        self.scales.add(graph.card.scale)
        return Result(graph.card, graph.card.size, *superres.measure_enlarged(graph, self.data))

    @measure.register
    def _(self, method: Colorize, graph: Graph) -> Result:
        self.photos = self.photos or colors.Test(method.data, data_folder(method, self.data))
        metrics, how, made = colors.measure(self.photos, graph)
        return Result(graph.card, graph.card.size, metrics, how, made, self.photos.views())

    @measure.register(CycleGAN)
    @measure.register(CUT)
    def _(self, method: CycleGAN | CUT, graph: Graph) -> Result:
        own = method.of(graph.card)
        side = self.side or graph.card.size
        x, y = (own.data.stack(files[: self.limit or None], side) for files in self._unpaired(own))
        made = np.stack([graph.run(image) for image in x])
        metrics = rounded(unpaired.distances_to_target(x, y, made, self.truths.device))
        runtime = f"ONNX Runtime {onnxruntime.__version__} on {graph.place}"
        how = unpaired.protocol(own.data, len(x), len(y), side, runtime)
        return Result(graph.card, side, metrics, how, made, Views(x, y[np.arange(len(x)) % len(y)]))

    def _unpaired(self, method: CycleGAN | CUT) -> tuple[list[Path], list[Path]]:
        return method.data.find(data_folder(method, self.data), "test")

    @measure.register
    def _(self, method: Fill, graph: Graph) -> Result:
        self.gaps = self.gaps or holes.Test(method.data, data_folder(method, self.data))
        metrics, made = self.gaps.metrics(graph.run)
        return Result(graph.card, graph.card.size, metrics, self.gaps.protocol(graph), made, self.gaps.views())

    def floors(self) -> dict[str, dict[str, float]]:
        """Return the metrics of the baselines for every test set in use: methods without learning, and real images."""
        old = {"black and white": self.photos.floor()} if self.photos else {}
        old |= {"Telea 2004, by OpenCV": self.gaps.floor()} if self.gaps else {}
        return self.truths.floors() | old | {f"bicubic ×{n}": superres.floor(self.data, n) for n in self.scales}


class Truths:
    """Test pairs and the features of real images, computed once for all graphs that share them."""

    def __init__(self, folder: Path | None, reference: Split = "test", limit: int = 0):
        self.folder, self.reference, self.limit = folder, reference, limit
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self._kept: dict[tuple[str, int], tuple[Pix2Pix, Truth]] = {}

    def get(self, method: Pix2Pix, side: int) -> Truth:
        """Return the test pairs of a recipe at ``side`` x ``side``. Raises ``ValueError`` for fewer than two."""
        key = (repr(method.data), side)
        if key not in self._kept:
            x, y = self._decoded(method, "test", side)
            real = y if self.reference == "test" else self._decoded(method, "train", side)[1]
            truth = Truth(x, y, measure.features(real, self.device), f"the {self.reference} split")
            self._kept[key] = method, truth
        return self._kept[key][1]

    def floors(self) -> dict[str, dict[str, float]]:
        """Return FID and KID of real training images, as many as there are test images, for every set in use."""
        found = {}
        for (_, side), (method, truth) in self._kept.items():
            real = self._decoded(method, "train", side)[1]
            chosen = np.random.default_rng(0).permutation(len(real))[: len(truth.y)]
            values = measure.distances(measure.features(real[chosen], self.device), truth.features)
            found[f"real {method.data.name} {side}"] = values
        return found

    def _decoded(self, method: Pix2Pix, split: Split, side: int) -> tuple[np.ndarray, np.ndarray]:
        folder = data_folder(method, self.folder)
        pairs = method.data.find(folder, split)
        if self.limit and split == "test":
            pairs = pairs[: self.limit]
        if len(pairs) < 2:
            raise ValueError(f"FID and KID need 2 images or more to measure on, {folder} gives {len(pairs)}.")
        return method.data.stack(pairs, side)


class Stages:
    """Test clips of characters, decoded once, and the pose estimator that checks the poses in the outputs."""

    def __init__(self, folder: Path | None, weights: Path, provider: str, limit: int = 0):
        self.folder, self.weights, self.provider, self.limit = folder, weights, provider, limit
        self._kept: dict[str, tuple[Clips, Views, float]] = {}

    @cached_property
    def finder(self) -> Poses:
        """The pose estimator; opened on first use."""
        return open_poses("synth", Registry(self.weights, self.provider))

    def measure(self, graph: Graph, method: Dance) -> Result:
        """Run a character's graph on its test clips and return the metrics."""
        data = method.data.sized(graph.card.size)
        clips, views, ceiling = self._read(data, data_folder(method, self.folder))
        played = motion.play(lambda drawn, last: paint(graph, drawn, last), clips)
        metrics = motion.pictures(played) | {"flicker": motion.flicker(played)}
        metrics |= {"pose": self._fidelity(played.outputs, clips), "pose, true video": ceiling}
        runtime = f"ONNX Runtime {onnxruntime.__version__} on {graph.place}"
        how = motion.protocol(played, method.statistics, runtime, self.finder.name)
        return Result(graph.card, graph.card.size, rounded(metrics), how, played.outputs, views)

    def _fidelity(self, pictures: np.ndarray, clips: Clips) -> float:
        find = self.finder.tracker()
        return 100 * motion.fidelity(pictures, clips, find, find.reset)

    def _read(self, data: Frames, folder: Path) -> tuple[Clips, Views, float]:
        """Return the test clips, their skeletons and frames, and the pose fidelity of the true frames."""
        key = f"{folder} {data.side} {data.without}"
        if key not in self._kept:
            clips = data.read(folder, "test")
            clips = clips.until(self.limit) if self.limit else clips
            ceiling = self._fidelity(clips.pictures, clips)
            self._kept[key] = clips, Views(motion.skeletons(clips), clips.pictures), ceiling
        return self._kept[key]


def _measure(graph: Graph, method: Pix2Pix, truths: Truths, side: int) -> Result:
    """Run the graph on one test image at a time and measure the outputs."""
    side = side or graph.card.size
    truth = truths.get(method, side)
    outputs = np.stack([graph.run(x) for x in truth.x])
    pairs = f"test pairs of {method.data.name}, resized to {side}x{side} ({method.data.fit})"
    runtime = f"ONNX Runtime {onnxruntime.__version__} on {graph.place}"
    protocol = measure.protocol(pairs, truth, method.statistics, runtime)
    return Result(graph.card, side, measure.measure_pictures(outputs, truth, truths.device), protocol, outputs, truth)
