"""``--set NAME=VALUE``: replace values of a recipe; each is parsed as the type of its field.

A dot reaches into a value: ``data.flip`` is a field of the recipe's data set, ``generator.widths`` an argument of the
network that ``generator=Spec(Live, ...)`` will build.
"""

import difflib
import inspect
import math
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from synth.methods.method import Method
from synth.networks.layers.spec import Spec

OPTIONS = ("batch", "steps", "preset")
"""Fields that ``train`` has an option for."""
GIVEN = ("inputs", "outputs", "classes", "joints", "scale", "side")
"""Arguments of networks that the method fills in: they follow from the data."""
SWITCH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def apply(method: Method, changes: Sequence[str]) -> Method:
    """Return the recipe with each ``NAME=VALUE`` applied.

    Raises ``ValueError`` that lists the known names for an unknown one, and that says which kind of value is expected
    for one that does not fit.
    """
    for change in changes:
        name, equals, text = (part.strip() for part in change.partition("="))
        if not equals:
            raise ValueError(f"--set takes NAME=VALUE, for instance --set lr=0.0001, not {change!r}.")
        if name in OPTIONS:
            raise ValueError(f"{name!r} has an option of its own: write --{name} {text} instead of --set {change}.")
        if name not in names(method):
            raise ValueError(_unknown(name, method))
        method = _replaced(method, name.split("."), text, name)
    return method


def canonical(method: Method, changes: Sequence[str]) -> tuple[str, ...]:
    """Return the changes that were applied to ``method`` in one fixed spelling and order, to compare them."""
    applied = {change.partition("=")[0].strip() for change in changes}
    return tuple(f"{name}={_text(_value(method, name.split('.')))}" for name in sorted(applied))


def names(owner: Any, before: str = "") -> list[str]:
    """Return the dotted names of all values that can be set in a recipe, a data set or a network's arguments."""
    found = []
    for name, (_, value) in _slots(owner).items():
        nested = is_dataclass(value) or isinstance(value, Spec)
        found += names(value, f"{before}{name}.") if nested else [f"{before}{name}"]
    return [name for name in found if name not in OPTIONS]


def _slots(owner: Any) -> dict[str, tuple[Any, Any]]:
    """Return type and value of each field of a dataclass, or of each argument of the network of a ``Spec``."""
    if not isinstance(owner, Spec):
        hints = _hints(type(owner))
        return {f.name: (hints.get(f.name), getattr(owner, f.name)) for f in fields(owner) if f.init and f.repr}
    hints = _hints(owner.build.__init__ if isinstance(owner.build, type) else owner.build)
    arguments = inspect.signature(owner.build).parameters.values()
    named = [a for a in arguments if a.kind in (a.POSITIONAL_OR_KEYWORD, a.KEYWORD_ONLY) and a.name not in GIVEN]
    return {a.name: (hints.get(a.name), owner.options.get(a.name, a.default)) for a in named}


def _hints(kind: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind)
    except (NameError, TypeError):  # names that only a type checker knows
        return {}


def _replaced(owner: Any, path: list[str], text: str, whole: str) -> Any:
    first, *rest = path
    hint, value = _slots(owner)[first]
    new = _replaced(value, rest, text, whole) if rest else _read(text, hint or _type_of(value), whole)
    if isinstance(owner, Spec):
        return Spec(owner.build, **{**owner.options, first: new})
    return replace(owner, **{first: new})


def _value(owner: Any, path: list[str]) -> Any:
    for name in path:
        owner = _slots(owner)[name][1]
    return owner


def _type_of(value: Any) -> Any:
    """Return the type of an argument that has no annotation, derived from its value."""
    return tuple[type(value[0]), ...] if isinstance(value, (tuple, list)) and value else type(value)


def _unknown(name: str, method: Method) -> str:
    known = names(method)
    by_last: dict[str, list[str]] = {}
    for one in known:
        by_last.setdefault(one.rpartition(".")[2], []).append(one)
    inside = [one for one in known if one.startswith(f"{name}.")]
    alike = difflib.get_close_matches(name.rpartition(".")[2], by_last, 2, 0.5)
    near = inside or sorted((one for last in alike for one in by_last[last]), key=lambda one: -_likeness(name, one))[:2]
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"This recipe ({type(method).__name__}) has no {name!r} to set.{meant} It has: {', '.join(known)}."


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _read(text: str, hint: Any, name: str) -> Any:
    try:
        return _parsed(text, hint)
    except (ValueError, KeyError):
        raise ValueError(f"--set {name}={text}: expected {_described(hint)}, not {text!r}.") from None
    except TypeError:
        raise ValueError(f"{name!r} cannot be set on the command line; change it in a recipe file.") from None


def _parsed(text: str, hint: Any) -> Any:
    """Return ``text`` as a value of type ``hint``. Raises ``ValueError``, ``KeyError``, or ``TypeError`` for a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {str(one): one for one in arguments}[text]
    if origin in (typing.Union, types.UnionType):
        if text.lower() == "none" and type(None) in arguments:
            return None
        return _first(text, [one for one in arguments if one is not type(None)])
    if origin in (tuple, list, Sequence):
        parts = [part.strip() for part in text.strip("()[]").split(",") if part.strip()]
        kinds = arguments if origin is tuple and arguments[-1] is not Ellipsis else arguments[:1] * len(parts)
        if any(typing.get_origin(kind) is tuple for kind in arguments):
            raise TypeError(hint)
        return tuple(_parsed(part, kind) for part, kind in zip(parts, kinds, strict=True))
    if hint is bool:
        return SWITCH[text.lower()]
    if hint is float and not math.isfinite(float(text)):
        raise ValueError(text)
    if hint in (int, float, str):
        return hint(text)
    raise TypeError(hint)


def _first(text: str, kinds: list[Any]) -> Any:
    for kind in kinds[:-1]:
        try:
            return _parsed(text, kind)
        except (ValueError, KeyError):
            continue
    return _parsed(text, kinds[-1])


def _described(hint: Any) -> str:
    """Describe in words the values of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join("none" if one is type(None) else _described(one) for one in arguments)
    if origin in (tuple, list, Sequence):
        count = len(arguments) if origin is tuple and arguments[-1] is not Ellipsis else 0
        return f"{count or 'some'} values separated by commas, each {_described(arguments[0])}"
    return {bool: "true or false", int: "a whole number", float: "a number", str: "text"}.get(hint, str(hint))


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
