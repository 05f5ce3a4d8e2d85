"""Bundle the pages' ES modules: join a tab's module and everything it imports into one script.

``gr.HTML`` runs its script as the body of a function, which cannot import. ``bundle`` therefore joins a module and
everything it imports into one scope. This needs no route that serves modules, no request that a proxy, a password or a
Space could block, and no npm at run time. Imports and exports may only be written like this::

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
    """Return the text of a module by its path below ``WEB``. Raises ``ValueError`` for a missing one."""
    if name == CONSTANTS:
        return constants.module()
    if name.startswith(("/", "..")) or not name.endswith(".js") or not (WEB / name).is_file():
        raise ValueError(f"There is no module {name} in {WEB.name}/.")
    return (WEB / name).read_text("utf-8")


def imports(name: str, text: str) -> dict[str, list[tuple[str, str]]]:
    """Return (exported name, local name) pairs of what ``text`` imports, by the path of the module."""
    found: dict[str, list[tuple[str, str]]] = {}
    for names, path in IMPORT.findall(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        found.setdefault(target, []).extend((exported, local or exported) for exported, local in NAME.findall(names))
    return found


def needed(name: str) -> list[str]:
    """Return a module and everything it imports, dependencies first. Raises ``ValueError`` for an import cycle."""
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
    """Return a script that calls ``start`` of the module ``name`` with the variables that ``gr.HTML`` gives scripts.

    Raises ``ValueError`` for a module that is missing, a name that is not exported, and for imports and exports that
    are not written as shown above.
    """
    order = needed(name)
    scopes = {one: f"module_{place}" for place, one in enumerate(order)}
    parts = [f"const {scopes[one]} = {_scope(one, scopes)};" for one in order]
    call = f"{scopes[name]}.start({{ element, props, server, watch }});"
    return "\n".join(['"use strict";', *parts, call, f"//# sourceURL=synth/{name}\n"])


def _scope(name: str, scopes: dict[str, str]) -> str:
    """Return a module as an immediately invoked function that returns the module's exports."""
    text = source(name)
    lines = []
    for target, names in imports(name, text).items():
        known = {export for _, export in EXPORT.findall(source(target))}
        if missing := [exported for exported, _ in names if exported not in known]:
            raise ValueError(f"{name} imports {', '.join(missing)}, which {target} does not export.")
        bound = ", ".join(f"{exported}: {local}" for exported, local in names)
        lines.append(f"const {{ {bound} }} = {scopes[target]};")
    body = EXPORT.sub(r"\1 \2", IMPORT.sub("", text))
    if left := LEFT.search(body):
        raise ValueError(
            f"{name} cannot be bundled: {left[0]!r} is not a supported import or export. See {Path(__file__).name}."
        )
    exported = ", ".join(export for _, export in EXPORT.findall(text))
    return "\n".join([f"(() => {{ // {name}", *lines, body + f"return {{ {exported} }};", "})()"])
