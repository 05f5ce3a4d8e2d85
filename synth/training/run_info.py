"""What a checkpoint records about the run that wrote it: recipe, options, data, hardware and earlier runs.

In the file it is a dict of plain values and tensors, so that ``torch.load(weights_only=True)`` reads it.
"""

import ast
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from synth.methods.method import Method

REQUIRED = ("recipe", "preset", "size", "batch")
"""Without these a checkpoint of format 1 cannot be used."""
SAME = ("recipe", "preset", "overrides", "data", "size", "batch", "seed")
"""Values that must not change when a run resumes."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One of the runs that made a model: optimiser steps, images seen, minutes, side of the images in pixels."""

    steps: int
    images: int
    minutes: float
    size: int


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """The facts of one training run.

    ``recipe`` is the recipe's name (``my_recipe.py`` for a file of the user's), ``name`` what the graph will be called.
    ``method`` and ``fields`` are the class of the recipe and its values as Python text, ``overrides`` those of them
    that ``--set`` changed. ``data`` is the name of the data set's folder, ``facts`` the data set's own statistics
    (``Batches.facts``). ``before`` lists the runs whose weights this one began with (``--init``), ``blend`` is the
    share of the last run in blended weights, 0 to 1. ``data`` and ``seed`` are None where an old checkpoint has none.
    """

    recipe: str
    name: str
    preset: Literal["gpu", "cpu"]
    method: str
    fields: dict[str, str]
    overrides: tuple[str, ...] = ()
    size: int
    batch: int
    seed: int | None = None
    data: str | None = None
    examples: int = 0
    hardware: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    before: tuple[Stage, ...] = ()
    blend: float = 1.0

    @classmethod
    def of(cls, method: Method, **known: Any) -> Self:
        """Return the facts that a recipe itself gives, and those in ``known``."""
        values = {f.name: repr(getattr(method, f.name)) for f in fields(method) if f.repr}
        own = {"preset": method.preset, "size": method.data.crop, "batch": method.batch}
        return cls(method=type(method).__qualname__, fields=values, **own, **known)

    def source(self, **changes: str) -> str:
        """Return the recipe as Python text, as ``repr(recipe)`` wrote it; ``changes`` replace fields that it has."""
        values = self.fields | {name: text for name, text in changes.items() if name in self.fields}
        listed = ", ".join(f"{name}={text}" for name, text in values.items())
        return f"{self.method}({listed})" if values else self.method

    def stages(self, steps: int, seconds: float) -> tuple[Stage, ...]:
        """Return the runs that made a checkpoint, first to last; this one has taken ``steps`` in ``seconds``."""
        return (*self.before, Stage(steps=steps, images=steps * self.batch, minutes=seconds / 60, size=self.size))

    def changed(self, other: "RunInfo") -> str:
        """Return the first value that keeps ``other`` from resuming this run, in words; empty if there is none."""
        for key in SAME:
            old, new = getattr(self, key), getattr(other, key)
            if old is None or old == new:
                continue
            if key == "overrides":
                old, new = (" ".join(f"--set {one}" for one in changes) or "no --set" for changes in (old, new))
                return f"{old}, not {new}"
            return f"the {key} {old!r}, not {new!r}"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values and tensors; ``from_dict`` gives an equal value back."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**own, "before": [asdict(stage) for stage in self.before]}

    @classmethod
    def from_dict(cls, values: dict[str, Any], version: int) -> Self:
        """Read the info of a checkpoint of format ``version``. ``KeyError`` or ``TypeError`` if it is incomplete."""
        values = _from_1(values) if version < 2 else values
        known = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        return cls(**{**known, "before": tuple(Stage(**stage) for stage in values["before"])})


def _from_1(old: dict[str, Any]) -> dict[str, Any]:
    """Bring the dict of format 1 up to date: its ``repr`` becomes ``method`` and ``fields``, there was no ``--set``."""
    missing = [key for key in REQUIRED if key not in old]
    if missing:
        raise KeyError(missing[0])
    method, values = _parsed(old.get("repr", ""))
    own = {"name": old["recipe"], "before": [], "overrides": (), "method": method, "fields": values}
    return {**own, **{key: value for key, value in old.items() if key != "repr"}}


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    """Split ``Method(field=value, ...)`` into its name and its fields; any other text is returned whole."""
    try:
        call = ast.parse(text, mode="eval").body
    except SyntaxError:
        return text, {}
    if not isinstance(call, ast.Call) or call.args:
        return text, {}
    parts = {word.arg: ast.get_source_segment(text, word.value) for word in call.keywords}
    return ast.unparse(call.func), {name: part for name, part in parts.items() if name and part}
