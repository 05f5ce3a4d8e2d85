"""The card of a graph: what it is, what it was trained on and what was measured. It travels inside the ONNX file.

A card is a JSON object under the key ``synth.card`` of the ONNX ``metadata_props``, so that nothing beside the file is
needed to use it. Standard library only: the training side and the serving side both read it.
"""

import json
import typing
from dataclasses import asdict, dataclass, field, fields
from typing import Any

KEY = "synth.card"
VERSION = 1
LARGEST = 2**63
MEASURED = "measured"
"""The folder beside the graphs that keeps the cards of those that were measured and are not bundled."""

Color = tuple[str, int, int, int]
"""A named colour of a label map: name, red, green, blue in 0..255."""


@dataclass(frozen=True)
class Input:
    """One input of a graph, in the order of the graph's inputs.

    ``kind`` says what belongs there: ``photo``, ``labels`` (a colour-coded label map, see ``palette``), ``drawing``
    (dark lines on white), ``figure`` (a body as ``synth.pixels.body.skeleton`` draws it), ``previous`` (the graph's own
    last picture; black at first), ``hints`` (a picture that may be left out: black then), ``mask`` (white where
    something is marked, else black) or ``number``. Everything is uint8 RGB ``[N, H, W, 3]``, of one size, but a number:
    float32 ``[1]`` from ``low`` to ``high``, ``value`` where nobody chooses.
    """

    name: str = "image"
    kind: str = "photo"
    palette: tuple[Color, ...] = ()
    note: str = ""
    value: float = 0.0
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Card:
    """All that a person or a program must know about a graph.

    ``multiple`` is what height and width must be divisible by (a session pads and unpads), ``size`` the side in pixels
    the network was trained at, ``metrics`` figures by name, ``protocol`` how they were measured, ``preset`` is ``gpu``
    or ``cpu``: a graph trained with the CPU preset is worth retraining. ``gives`` is ``picture`` (uint8 like the
    input, ``scale`` times as high and wide) or ``keypoints`` (float32 ``[N, 17, 3]``: x, y in the input's pixels and
    score, see ``synth.pixels.body.pose``). A picture that is a label map has the colours of ``palette``. ``extras``
    names further outputs, ``partner`` the graph of the way back where there is one. ``body`` is the JSON
    of the character's ``synth.pixels.body.body.Body`` where the graph paints one, else empty. ``overrides`` are the
    values of the recipe that ``--set`` changed, each as ``NAME=VALUE``.
    """

    name: str = ""
    title: str = ""
    task: str = ""
    tabs: tuple[str, ...] = ("translate",)
    group: str = ""
    inputs: tuple[Input, ...] = (Input(),)
    gives: str = "picture"
    scale: int = 1
    palette: tuple[Color, ...] = ()
    extras: tuple[str, ...] = ()
    partner: str = ""
    body: str = ""
    multiple: int = 1
    size: int = 256
    licence: str = ""
    data: str = ""
    recipe: str = ""
    source: str = ""
    overrides: tuple[str, ...] = ()
    commit: str = ""
    preset: str = ""
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
        """The inputs that are pictures."""
        return tuple(entry for entry in self.inputs if entry.kind != "number")

    @property
    def required(self) -> tuple[Input, ...]:
        """The pictures that nobody may leave out."""
        return tuple(entry for entry in self.pictures if entry.kind != "hints")

    def to_json(self) -> str:
        """Return the card as JSON; ``from_json`` gives an equal card back."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "Card":
        """Read a card. Raises ``ValueError`` with a sentence for text that is no card or is from a newer synth."""
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
    """Return ``values`` as ``kind``, checked field by field; unknown keys are ignored, so that cards may grow."""
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
        if not isinstance(values, dict):
            raise ValueError(f"The {where} of this graph is malformed. Export the graph again.")
        hints = typing.get_type_hints(kind)
        known = {f.name: values[f.name] for f in fields(kind) if f.name in values}
        return kind(**{name: _build(hints[name], value, name) for name, value in known.items()})
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and isinstance(values, (list, tuple)):
        items = [args[0]] * len(values) if args[-1] is Ellipsis else list(args)
        if len(items) == len(values):
            return tuple(_build(item, value, where) for item, value in zip(items, values, strict=True))
    elif origin is dict and isinstance(values, dict):
        return {_build(str, key, where): _build(args[1], value, where) for key, value in values.items()}
    elif kind is str and isinstance(values, str):
        return values.encode("utf-8", "replace").decode()  # JSON can spell halves of letters, which no page can show
    elif kind is float and isinstance(values, float):
        return values
    elif kind in (int, float) and type(values) is int and abs(values) < LARGEST:
        return kind(values)
    raise ValueError(f"The field {where!r} of this graph's card is malformed. Export the graph again.")
