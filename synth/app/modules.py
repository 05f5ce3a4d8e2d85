"""The pages' ES modules: what imports what, and all that one tab needs as a single script.

``gr.HTML`` runs its script as the body of a function, which cannot import. ``bundle`` therefore joins a module and
all that it imports into one scope: no route to serve them from, no request that a proxy, a password or a Space could
stand in the way of, and no npm at run time. It understands one way of writing imports and exports, and refuses others::

    import { one, two as other } from "./file.js";
    export const NAME = ...;  export function name() {}  export class Name {}
"""

import posixpath
import re
from functools import cache
from pathlib import Path

from synth.app import constants

WEB = Path(__file__).with_name("web")
CONSTANTS = "constants.js"
"""The module that Python writes; the others are files below ``WEB``."""
IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]*)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function|const|class) (\w+)", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*|\bimport(?:\(|\.meta)", re.MULTILINE)
NAME = re.compile(r"(\w+)(?: as (\w+))?")


@cache
def source(name: str) -> str:
    """Return the text of a module by its path below ``WEB``. Raises ``ValueError`` for what is not there."""
    if name == CONSTANTS:
        return constants.module()
    if name.startswith(("/", "..")) or not name.endswith(".js") or not (WEB / name).is_file():
        raise ValueError(f"There is no module {name} in {WEB.name}/.")
    return (WEB / name).read_text("utf-8")


def imports(name: str, text: str) -> dict[str, list[tuple[str, str]]]:
    """Return for each module that ``text`` imports, by its path, the names: there and here."""
    found: dict[str, list[tuple[str, str]]] = {}
    for names, path in IMPORT.findall(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        found.setdefault(target, []).extend((there, here or there) for there, here in NAME.findall(names))
    return found


def needed(name: str) -> list[str]:
    """Return a module and all that it imports, each after those that it needs. ``ValueError`` for a circle."""
    order: list[str] = []

    def visit(one: str, above: tuple[str, ...]) -> None:
        if one in above:
            raise ValueError(f"These modules import each other: {' > '.join((*above, one))}.")
        for target in imports(one, source(one)):
            visit(target, (*above, one))
        if one not in order:
            order.append(one)

    visit(name, ())
    return order


@cache
def bundle(name: str) -> str:
    """Return a script that runs ``start`` of the module ``name`` with what ``gr.HTML`` gives to its scripts.

    Raises ``ValueError`` for a module that is missing, a name that is not exported, and for imports and exports that
    are written in another way than the one above.
    """
    order = needed(name)
    scopes = {one: f"module_{place}" for place, one in enumerate(order)}
    parts = [f"const {scopes[one]} = {_scope(one, scopes)};" for one in order]
    call = f"{scopes[name]}.start({{ element, props, server, watch }});"
    return "\n".join(['"use strict";', *parts, call, f"//# sourceURL=synth/{name}\n"])


def _scope(name: str, scopes: dict[str, str]) -> str:
    """Return a module as a function that is called once and gives what the module exports."""
    text = source(name)
    lines = []
    for target, names in imports(name, text).items():
        known = {export for _, export in EXPORT.findall(source(target))}
        if missing := [there for there, _ in names if there not in known]:
            raise ValueError(f"{name} imports {', '.join(missing)}, which {target} does not export.")
        lines.append(f"const {{ {', '.join(f'{there}: {here}' for there, here in names)} }} = {scopes[target]};")
    body = EXPORT.sub(r"\1 \2", IMPORT.sub("", text))
    if left := LEFT.search(body):
        raise ValueError(f"{name} cannot be joined to others: {left[0]!r}. See {Path(__file__).name} for the one way.")
    exported = ", ".join(export for _, export in EXPORT.findall(text))
    return "\n".join([f"(() => {{ // {name}", *lines, body + f"return {{ {exported} }};", "})()"])
