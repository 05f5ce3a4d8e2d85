"""Describe a graph: its task, training and measured metrics. The card is stored inside the ONNX file.

A card is a JSON object under the key ``synth.card`` of the ONNX ``metadata_props``, so that no other file is needed to
use a graph. Standard library only: the code that trains and the code that runs graphs both read it.
"""

import difflib
import json
import re
import typing
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

KEY = "synth.card"
VERSION = 1
LARGEST = 2**63
MOST_LETTERS = 40
MEASURED = "measured"
"""Folder in ``weights/`` with the cards of graphs that were measured and are not bundled."""

Tab = Literal["dance", "draw", "translate", "colorize", "enlarge", "fill", "compare", "see"]
"""A tab of the app that shows a graph."""
Kind = Literal["photo", "labels", "drawing", "figure", "previous", "hints", "mask", "number"]
"""Kind of an input, see ``Input``."""
Output = Literal["picture", "keypoints"]
"""Kind of output of a graph, see ``Card``."""
Preset = Literal["", "gpu", "cpu"]
"""Preset of the recipe that a graph was trained with; empty for a graph that no recipe made."""

ALIASES = {"skeleton": "figure"}
"""Other names of the words above, which ``from_json`` accepts.

Files keep the word ``figure`` for the drawn skeleton, since bundled graphs, their ONNX inputs and programs that read
their cards use it: with a second word in files, every program would have to understand both.
"""

Color = tuple[str, int, int, int]
"""A named colour of a label map: name, red, green, blue in 0..255."""


@dataclass(frozen=True)
class Input:
    """One input of a graph, in the order of the graph's inputs.

    ``kind`` is one of ``photo``, ``labels`` (a label map in the colours of ``palette``), ``drawing`` (dark lines on
    white), ``figure`` (a skeleton as ``synth.pixels.body.skeleton`` draws it), ``previous`` (the graph's own last
    output; black at first), ``hints`` (optional: all black if omitted), ``mask`` (white where something is
    marked, else black) and ``number``. All inputs are uint8 RGB ``[N, H, W, 3]`` of one size, except for numbers:
    float32 ``[1]`` from ``low`` to ``high``, by default ``value``.
    """

    name: str = "image"
    kind: Kind = "photo"
    palette: tuple[Color, ...] = ()
    note: str = ""
    value: float = 0.0
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Card:
    """Everything that a user or a program needs to know about a graph.

    Height and width must be divisible by ``multiple`` (a session pads and crops); ``size`` is the side in pixels that
    the network was trained at. ``metrics`` are values by the keys of ``synth.metric``, ``protocol`` says how they were
    measured. A graph trained with the ``preset`` ``cpu`` can be improved by training on a GPU. ``gives`` is ``picture``
    (uint8 like the input, ``scale`` times as high and wide) or ``keypoints`` (float32 ``[N, 17, 3]``: x, y in the
    input's pixels and score, see ``synth.pixels.body.pose``). An output that is a label map has the colours of
    ``palette``. ``extras`` names further outputs, ``partner`` the graph that translates back. ``body`` is the JSON of
    the character's ``synth.pixels.body.body.Body``, empty for a graph that paints no character. ``examples`` names the
    folder in ``weights/examples`` with images to try the graph on; see ``synth.runtime.examples`` for an empty name.
    ``overrides`` are the values of the recipe that ``--set`` changed, each as ``NAME=VALUE``.
    """

    name: str = ""
    title: str = ""
    task: str = ""
    tabs: tuple[Tab, ...] = ("translate",)
    group: str = ""
    inputs: tuple[Input, ...] = (Input(),)
    gives: Output = "picture"
    scale: int = 1
    palette: tuple[Color, ...] = ()
    extras: tuple[str, ...] = ()
    partner: str = ""
    body: str = ""
    examples: str = ""
    multiple: int = 1
    size: int = 256
    licence: str = ""
    data: str = ""
    recipe: str = ""
    source: str = ""
    overrides: tuple[str, ...] = ()
    commit: str = ""
    preset: Preset = ""
    steps: int = 0
    images: int = 0
    minutes: float = 0.0
    hardware: str = ""
    parameters: int = 0
    gmac: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    protocol: str = ""
    notes: str = ""
    version: int = VERSION

    @property
    def pictures(self) -> tuple[Input, ...]:
        """Return the inputs that are images."""
        return tuple(entry for entry in self.inputs if entry.kind != "number")

    @property
    def required(self) -> tuple[Input, ...]:
        """Return the images that the graph needs: all but hints."""
        return tuple(entry for entry in self.pictures if entry.kind != "hints")

    @property
    def family(self) -> str:
        """Return the name of the recipe's file: ``street`` for ``street-l1``; empty for a graph that no recipe made."""
        return self.recipe.partition("-")[0]

    @property
    def plainness(self) -> tuple[int, int, str]:
        """Return a sort key for variants of one task: names with fewer parts first, then shorter names.

        For example ``x``, ``x-l1``, ``x-cgan``, ``x-encdec-l1``.
        """
        return self.recipe.count("-"), len(self.recipe or self.name), self.name

    def to_json(self) -> str:
        """Return the card as JSON; ``from_json`` gives an equal card back."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "Card":
        """Read a card. Raises ``ValueError`` if it is malformed, has an unknown word or a newer version."""
        try:
            values = json.loads(text)
        except RecursionError as error:
            raise ValueError("This graph's card is nested too deeply. Export the graph again.") from error
        except ValueError as error:
            raise ValueError(f"This graph's card is not valid JSON ({error}). Export the graph again.") from error
        if not isinstance(values, dict):
            raise ValueError("This graph's card is not a JSON object. Export the graph again.")
        version = values.get("version")
        if not isinstance(version, int) or version < 1:
            raise ValueError("This graph's card has no version. Export the graph again with this synth.")
        if version > VERSION:
            raise ValueError(
                f"This graph's card is version {version}, newer than this synth understands ({VERSION}). Update synth."
            )
        return _build(Card, values, "card")


def _build(kind: Any, values: Any, where: str) -> Any:
    """Return ``values`` as ``kind``, checked field by field; unknown keys are ignored: cards may gain fields."""
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
        if not isinstance(values, dict):
            raise ValueError(f"The {where} of this graph is malformed. Export the graph again.")
        hints = typing.get_type_hints(kind)
        known = {f.name: values[f.name] for f in fields(kind) if f.name in values}
        return kind(**{name: _build(hints[name], value, name) for name, value in known.items()})
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal and isinstance(values, str):
        return _word(values, args, where)
    if origin is tuple and isinstance(values, (list, tuple)):
        items = [args[0]] * len(values) if args[-1] is Ellipsis else list(args)
        if len(items) == len(values):
            return tuple(_build(item, value, where) for item, value in zip(items, values, strict=True))
    elif origin is dict and isinstance(values, dict):
        return {_build(str, key, where): _build(args[1], value, where) for key, value in values.items()}
    elif kind is str and isinstance(values, str):
        return values.encode("utf-8", "replace").decode()  # JSON allows lone surrogates, UTF-8 does not
    elif kind is float and isinstance(values, float):
        return values
    elif kind in (int, float) and type(values) is int and abs(values) < LARGEST:
        return kind(values)
    raise ValueError(f"The field {where!r} of this graph's card is malformed. Export the graph again.")


def _word(value: str, words: tuple[str, ...], where: str) -> str:
    """Return ``value`` if it is one of ``words`` or an alias; else raise ``ValueError`` with the nearest one."""
    value = ALIASES.get(value, value) if ALIASES.get(value) in words else value
    if value in words:
        return value
    near = difflib.get_close_matches(value[:MOST_LETTERS], [word for word in words if word], 1)
    shown = re.sub(r"[^\w -]", "?", value)[:MOST_LETTERS]  # untrusted text that pages show
    raise ValueError(
        f"The field {where!r} of this graph's card is {shown!r}, which is unknown."
        f"{f' Did you mean {near[0]!r}?' if near else ''} It can be: {', '.join(word or 'empty' for word in words)}."
    )
