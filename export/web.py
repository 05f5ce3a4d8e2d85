"""``python -m export web OUT``: write a page of static files that runs graphs in the browser.

The page runs the same ``.onnx`` files in the user's browser, with ONNX Runtime Web; any file server can serve it. Its
``README.md`` makes the folder a static Space without further changes.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from export import runtime, static_space
from synth import files
from synth.app import modules, titles
from synth.card import Card
from synth.runtime import examples
from synth.runtime.dance import demo
from synth.runtime.dance.painting import cuts
from synth.runtime.registry import Registry

PAGE = Path(__file__).with_name("page")
LICENSE = PAGE.parent.parent / "LICENSE"
SHARED, WRITTEN = "../../synth/app/web/", "web/"
"""Path of the modules shared with the app: relative to ``PAGE`` in the sources, and in the written page."""
TABS = ("draw", "translate", "dance")
POSE_GRAPH = "pose"
"""The graph that finds the pose in webcam images; without it a character plays its stored dance only."""
LIST = "graphs.json"


def web(
    out: tyro.conf.Positional[Path],
    names: tyro.conf.Positional[tuple[str, ...]] = (),
    weights: Path = Path("weights"),
    cdn: bool = False,
) -> int:
    """Write a page that runs graphs in the user's browser; it needs a file server only.

    Args:
        out: the folder to write; an earlier page in it is replaced.
        names: the graphs to include; by default all of the tabs Draw, Translate and Dance.
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
    """Write the page to ``out`` and return the names of its graphs, in their order on the page.

    An earlier page stays as it is until the new one is complete. Raises ``ValueError`` for unknown names, for a folder
    that holds other files, and if npm cannot download ONNX Runtime; ``CannotWrite`` if the page cannot be written.
    """
    registry = Registry(weights)
    names = choose(registry, names)
    if out.is_dir() and not all(map(files.is_unfinished, out.iterdir())) and not (out / LIST).exists():
        raise ValueError(f"{out} is not empty and does not hold a page of synth. Choose a new folder.")
    with files.filling(out) as page:
        _fill(page, registry, names, cdn)
        for stale in ("runtime", "examples"):
            if not (page / stale).exists():
                shutil.rmtree(out / stale, ignore_errors=True)
    return names


def _fill(out: Path, registry: Registry, names: tuple[str, ...], cdn: bool) -> None:
    """Write all files of the page to the new folder ``out``."""
    (out / "graphs").mkdir()
    if not cdn:
        runtime.copy(out / "runtime")
    graphs = [_place(registry, name, out) for name in names]
    about = {"runtime": runtime.CDN if cdn else "runtime/", "packed": not cdn, "version": runtime.VERSION}
    (out / LIST).write_text(json.dumps({**about, "graphs": graphs}, ensure_ascii=False, indent=1), encoding="utf-8")
    scripts(out)
    shutil.copyfile(modules.WEB / "icon.svg", out / "icon.svg")
    if LICENSE.is_file():  # the Apache licence requires a copy; an installed package has it elsewhere
        shutil.copyfile(LICENSE, out / LICENSE.name)
    (out / "README.md").write_text(static_space.readme([registry.card(name) for name in names]), encoding="utf-8")


def scripts(out: Path) -> None:
    """Write the files of ``PAGE`` to ``out``, and the modules of the app that they import to ``WRITTEN``."""
    shared: set[str] = set()
    for file in PAGE.iterdir():
        text = file.read_text("utf-8")
        if file.suffix == ".js":
            found = (name.removeprefix(SHARED) for name in modules.imports("", text) if name.startswith(SHARED))
            shared |= {name for one in found for name in modules.needed(one)}
            text = text.replace(f'"{SHARED}', f'"./{WRITTEN}')
        (out / file.name).write_text(text, encoding="utf-8")
    for name in shared:
        (out / WRITTEN / name).parent.mkdir(parents=True, exist_ok=True)
        (out / WRITTEN / name).write_text(modules.source(name), encoding="utf-8")


def choose(registry: Registry, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names of the graphs for a page, ``names`` or the default.

    A page with a character also gets ``POSE_GRAPH``. Raises ``ValueError`` for a name that is unknown or that a page
    cannot show, and if no graph is left.
    """
    usable = [name for name, entry in registry.entries.items() if role(entry.card)]
    known = ", ".join(usable)
    for name in names:
        if name not in usable:
            raise ValueError(f"{name} is not in {registry.folder}, or a page cannot show it. There are: {known}.")
    default = [name for name in usable if {*TABS} & {*registry.card(name).tabs}]
    chosen = [name for name in usable if name in (names or default)]
    dances = any(role(registry.card(name)) == "character" for name in chosen)
    if dances and POSE_GRAPH in usable and POSE_GRAPH not in chosen:
        chosen.append(POSE_GRAPH)
    if all(role(registry.card(name)) == "pose" for name in chosen):
        raise ValueError(f"There is no graph for a page in {registry.folder}. Name another folder: --weights DIR")
    return tuple(chosen)


def role(card: Card) -> str:
    """Return the role of a graph on a page: ``picture``, ``character``, ``pose``, or empty if a page cannot show it."""
    kinds = {entry.kind for entry in card.inputs}
    if card.gives == "keypoints":
        return "pose"
    if "figure" in kinds and kinds <= {"figure", "previous"} and card.body:
        return "character"
    plain = len(card.inputs) == 1 and card.scale == 1
    return "picture" if plain and kinds <= {"photo", "labels", "drawing"} else ""


def _place(registry: Registry, name: str, out: Path) -> dict[str, Any]:
    """Copy a graph and its examples to the page; return its entry in ``LIST``."""
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
    """Copy the example inputs of a graph to the page and return their paths in it."""
    images = [example.input for example in examples.find(registry, name)]
    paths = [image.relative_to(registry.folder) for image in images]
    for image, path in zip(images, paths, strict=True):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image, out / path)
    return [path.as_posix() for path in paths]


def _dance(registry: Registry, name: str, out: Path) -> str:
    """Write the stored dance, retargeted to the character, and return its path in the page."""
    played = demo.open_demo(registry.folder, registry.graph(name))
    file = Path("examples", "dance", f"{name}.json")
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    poses = np.round(played.poses.astype(float), 1).tolist()
    (out / file).write_text(json.dumps({"fps": played.fps, "poses": poses}), encoding="utf-8")
    return file.as_posix()
