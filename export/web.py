"""``python -m export web OUT``: graphs as a page of plain files, which any server can hand out.

The page runs the very same ``.onnx`` files in the visitor's browser, with ONNX Runtime Web. ``README.md`` beside it
makes the folder a static Space as it is.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from export import runtime, static_space
from synth.app import modules, titles
from synth.card import Card
from synth.runtime import examples
from synth.runtime.dance import demo
from synth.runtime.dance.painting import cuts
from synth.runtime.registry import Registry

PAGE = Path(__file__).with_name("page")
LICENSE = PAGE.parent.parent / "LICENSE"
SHARED, THERE = "../../synth/app/web/", "web/"
"""The modules that the page shares with the app: from ``PAGE`` here, and from the page's folder when it is written."""
TABS = ("draw", "translate", "dance")
FINDER = "pose"
"""The graph that finds people in camera pictures, without which a character plays its stored dance only."""
LIST = "graphs.json"


def web(
    out: tyro.conf.Positional[Path],
    names: tyro.conf.Positional[tuple[str, ...]] = (),
    weights: Path = Path("weights"),
    cdn: bool = False,
) -> int:
    """Write a page that runs graphs in the visitor's browser, without a server of ours.

    Args:
        out: the folder to write; a page that is there already is replaced.
        names: the graphs to put on it; by default all that draw, translate or dance.
        weights: the folder of graphs.
        cdn: load ONNX Runtime from cdn.jsdelivr.net instead of a copy in the page.
    """
    names = write(out, names, weights, cdn)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {', '.join(names)}; {size / 1e6:.0f} MB. Try it: python -m http.server -d {out}")
    return 0


def write(
    out: Path, names: tuple[str, ...] = (), weights: Path = Path("weights"), cdn: bool = False
) -> tuple[str, ...]:
    """Write the page into ``out`` and return the names of its graphs, in the order of the page.

    Raises ``ValueError`` with a sentence for unknown names, for a folder that holds something else, and where npm
    cannot get ONNX Runtime.
    """
    registry = Registry(weights)
    names = choose(registry, names)
    if out.exists() and any(out.iterdir()) and not (out / LIST).exists():
        raise ValueError(f"{out} holds something that is no page of synth. Choose a new folder.")
    for stale in ("graphs", "examples", "runtime", "web"):
        shutil.rmtree(out / stale, ignore_errors=True)
    (out / "graphs").mkdir(parents=True)
    if not cdn:
        runtime.copy(out / "runtime")
    graphs = [_place(registry, name, out) for name in names]
    about = {"runtime": runtime.CDN if cdn else "runtime/", "packed": not cdn, "version": runtime.VERSION}
    (out / LIST).write_text(json.dumps({**about, "graphs": graphs}, ensure_ascii=False, indent=1), encoding="utf-8")
    scripts(out)
    shutil.copyfile(modules.WEB / "icon.svg", out / "icon.svg")
    if LICENSE.is_file():  # as the Apache licence wants it; an installed package has it elsewhere
        shutil.copyfile(LICENSE, out / LICENSE.name)
    (out / "README.md").write_text(static_space.readme([registry.card(name) for name in names]), encoding="utf-8")
    return names


def scripts(out: Path) -> None:
    """Write the files of ``PAGE``, and below ``THERE`` the modules of the app that they import."""
    shared: set[str] = set()
    for file in PAGE.iterdir():
        text = file.read_text("utf-8")
        if file.suffix == ".js":
            found = (name.removeprefix(SHARED) for name in modules.imports("", text) if name.startswith(SHARED))
            shared |= {name for one in found for name in modules.needed(one)}
            text = text.replace(f'"{SHARED}', f'"./{THERE}')
        (out / file.name).write_text(text, encoding="utf-8")
    for name in shared:
        (out / THERE / name).parent.mkdir(parents=True, exist_ok=True)
        (out / THERE / name).write_text(modules.source(name), encoding="utf-8")


def choose(registry: Registry, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names of graphs for a page. Raises ``ValueError`` with a sentence for those that fit none."""
    fit = [name for name, entry in registry.entries.items() if role(entry.card)]
    for name in names:
        if name not in fit:
            raise ValueError(f"{name} is not in {registry.folder} or fits no page. There are: {', '.join(fit)}.")
    usual = [name for name in fit if {*TABS} & {*registry.card(name).tabs}]
    chosen = [name for name in fit if name in (names or usual)]
    if FINDER in fit and FINDER not in chosen and any(role(registry.card(name)) == "character" for name in chosen):
        chosen.append(FINDER)
    if all(role(registry.card(name)) == "pose" for name in chosen):
        raise ValueError(f"There is no graph for a page in {registry.folder}. Name another folder by --weights.")
    return tuple(chosen)


def role(card: Card) -> str:
    """Return what a graph is on a page: ``picture``, ``character``, ``pose``, or nothing."""
    kinds = {entry.kind for entry in card.inputs}
    if card.gives == "keypoints":
        return "pose"
    if "figure" in kinds and kinds <= {"figure", "previous"} and card.body:
        return "character"
    plain = len(card.inputs) == 1 and card.scale == 1
    return "picture" if plain and kinds <= {"photo", "labels", "drawing"} else ""


def _place(registry: Registry, name: str, out: Path) -> dict[str, Any]:
    """Copy a graph and its examples to the page; return what the page must know of it."""
    card, path = registry.card(name), registry.entries[name].path
    shutil.copyfile(path, out / "graphs" / path.name)
    about: dict[str, Any] = {
        "name": name,
        "role": role(card),
        "title": titles.title(registry, name),
        "task": titles.task(card),
        "inputs": [entry.kind for entry in card.inputs],
        "size": card.size,
        "multiple": card.multiple,
        "bytes": path.stat().st_size,
        "licence": card.licence,
        "parameters": card.parameters,
        "images": card.images,
        "file": f"graphs/{path.name}",
    }
    if about["role"] == "character":
        return about | {"body": json.loads(card.body), "cuts": cuts(card), "demo": _dance(registry, name, out)}
    if about["role"] == "picture":
        about |= {"draws": "draw" in card.tabs, "kind": card.inputs[0].kind, "examples": _examples(registry, name, out)}
        about |= {"palette": [list(color) for color in card.inputs[0].palette]}
    return about


def _examples(registry: Registry, name: str, out: Path) -> list[str]:
    found = [example.input for example in examples.find(registry, name)]
    places = [picture.relative_to(registry.folder) for picture in found]
    for picture, place in zip(found, places, strict=True):
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, out / place)
    return [place.as_posix() for place in places]


def _dance(registry: Registry, name: str, out: Path) -> str:
    """Write the stored dance, already on the character's body, and return its address."""
    played = demo.open_demo(registry.folder, registry.graph(name))
    file = Path("examples", "dance", f"{name}.json")
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    poses = np.round(played.poses.astype(float), 1).tolist()
    (out / file).write_text(json.dumps({"fps": played.fps, "poses": poses}), encoding="utf-8")
    return file.as_posix()
