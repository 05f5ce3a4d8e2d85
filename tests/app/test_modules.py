"""Test the pages' modules: bundling into one script, constants shared with Python, and called endpoints."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from export import web
from synth.app import constants, controls, modules
from synth.app.live import frame_request
from synth.pixels.body.pose import COCO
from synth.runtime.dance import tracker

TABS = ("dance", "draw", "fill", "see", "top", "translate")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that writes a module of a page of its own."""
    monkeypatch.setattr(modules, "WEB", tmp_path)
    modules.source.cache_clear()
    modules.bundle.cache_clear()

    def write(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    yield write
    modules.source.cache_clear()
    modules.bundle.cache_clear()


def run(script: str) -> str:
    """Return what a script leaves in ``element``, run as ``gr.HTML`` does."""
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no node")
    names = "'element', 'trigger', 'props', 'server', 'upload', 'watch'"
    code = f"const e = {{}}; new Function({names}, {json.dumps(script)})(e, 0, 2); console.log(JSON.stringify(e));"
    return json.loads(subprocess.run([node, "-e", code], capture_output=True, text=True, check=True).stdout)


def test_a_module_and_what_it_imports_become_one_script(written):
    written("low.js", "let count = 0;\nexport const ONE = 1;\nexport function next() { return (count += ONE); }\n")
    written("side/mid.js", 'import { ONE, next as more } from "../low.js";\nexport const twice = () => more() + ONE;\n')
    written(
        "top.js",
        'import {\n  next,\n} from "./low.js";\nimport { twice } from "./side/mid.js";\n\n'
        "const count = 40;  // another than that of low.js\n"
        "export function start({ element, props }) { element.sum = [next(), twice(), count, props]; }\n",
    )
    assert modules.needed("top.js") == ["low.js", "side/mid.js", "top.js"]
    assert run(modules.bundle("top.js")) == {"sum": [1, 3, 40, 2]}, "low.js runs once, for both"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('import { a } from "./b.js";\nexport function start() {}\n', "imports a, which b.js does not export"),
        ('import * as b from "./b.js";\nexport function start() {}\n', "cannot be bundled"),
        ("export default function start() {}\n", "cannot be bundled"),
        ('export const start = () => import("./b.js");\n', "cannot be bundled"),
        ('import { a } from "./none.js";\nexport function start() {}\n', "no module none.js"),
        ('import { a } from "../../secret.js";\nexport function start() {}\n', "no module ../../secret.js"),
        ('import { start } from "./a.js";\n', "import each other: a.js > a.js"),
    ],
)
def test_what_cannot_be_joined_is_refused(written, text: str, wrong: str):
    written("a.js", text)
    written("b.js", "export const other = 1;\n")
    with pytest.raises(ValueError, match=wrong):
        modules.bundle("a.js")


def test_every_module_is_used_by_a_page(tmp_path: Path):
    used = {name for tab in TABS for name in modules.needed(f"tabs/{tab}.js")}
    web.scripts(tmp_path)
    used |= {path.relative_to(tmp_path / "web").as_posix() for path in (tmp_path / "web").rglob("*.js")}
    there = {path.relative_to(modules.WEB).as_posix() for path in modules.WEB.rglob("*.js")}
    assert used == there | {modules.CONSTANTS}


def test_constants_are_those_of_python():
    text = constants.module()
    values = dict(re.findall(r"^export const (\w+) = (.*);$", text, re.MULTILINE))
    assert len(values) == text.count("\n")
    assert json.loads(values["TRACKER"])["MUCH_LARGER"] == tracker.MUCH_LARGER
    assert json.loads(values["SMOOTH"]) == {"CUTOFF": 1.5, "BETA": 20, "HOLD": 0.43, "FADE": 0.07, "SPEED_CUTOFF": 1}
    mirrored = json.loads(values["MIRRORED"])
    assert [COCO[i] for i in mirrored[:3]] == ["nose", "right_eye", "left_eye"]
    assert np.array_equal(np.array(mirrored)[mirrored], range(17))


def test_constants_are_declared_and_imported_by_their_names():
    declared = re.findall(r"^export const (\w+):", (modules.WEB / "constants.d.ts").read_text(), re.MULTILINE)
    assert {*declared} == {*constants.anatomy(), *constants.numbers()}
    fields = {name: set(value) for name, value in constants.numbers().items()}
    for path in modules.WEB.rglob("*.js"):
        for taken, name in re.findall(r"^const \{ ([\w, ]+) \} = ([A-Z_]+);$", path.read_text(), re.MULTILINE):
            assert {*taken.split(", ")} <= fields[name], path


def test_images_of_a_webcam_fit_what_the_server_takes():
    assert constants.CAMERA["LONGEST"] ** 2 <= frame_request.MAX_PIXELS
    assert constants.STILL["LONGEST"] ** 2 <= frame_request.MAX_PIXELS
    assert constants.STILL["MAX_LETTERS"] < frame_request.MAX_LETTERS


def test_gradios_webcam_inputs_have_the_size_of_our_pages(monkeypatch):
    monkeypatch.setitem(constants.CAMERA, "WIDTH", 1280)
    monkeypatch.setitem(constants.CAMERA, "HEIGHT", 720)
    image = controls.picture_input()
    assert image.webcam_options is not None
    assert image.webcam_options.constraints == {"video": {"width": {"ideal": 1280}, "height": {"ideal": 720}}}
