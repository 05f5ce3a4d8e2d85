"""Test emoji pairs: which are left out, how drawings are traced, and that relatives stay in one split."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from synth.data.sources import emoji, layout
from synth.pixels import images

DISC = '<circle cx="36" cy="36" r="{r}" fill="{fill}" stroke="#000" stroke-width="2"/>'


def svg(body: str) -> str:
    return f'<svg viewBox="0 0 72 72" xmlns="http://www.w3.org/2000/svg">{body}</svg>'


def package(root: Path, drawings: dict[str, tuple[str, str]]) -> Path:
    """Write a made-up OpenMoji package: black and coloured SVG bodies by name."""
    for name, bodies in drawings.items():
        for folder, body in zip(("black/svg", "color/svg"), bodies, strict=True):
            (root / "package" / folder).mkdir(parents=True, exist_ok=True)
            (root / "package" / folder / f"{name}.svg").write_text(svg(body))
    return root


def disc(r: int, fill: str) -> tuple[str, str]:
    return DISC.format(r=r, fill="none"), DISC.format(r=r, fill=fill)


@pytest.mark.parametrize(
    "name", ["1F3F3-FE0F-200D-1F308", "1F1E6", "1F1E9-1F1EA", "1F44B-1F3FD", "E045", "hello", "E425"]
)
def test_what_the_lines_do_not_tell_is_left_out(name: str):
    assert not emoji.wanted(name)


@pytest.mark.parametrize("name", ["1F600", "2764", "1F469-200D-1F680", "1f468-200d-2695-fe0f"])
def test_the_rest_is_wanted(name: str):
    assert emoji.wanted(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1F468-200D-1F680", "1F469-200D-1F680"),
        ("1F468-200D-1F680", "1F9D1-200D-1F680"),
        ("1F3CA", "1F3CA-200D-2640-FE0F"),
        ("1F468-200D-1F469-200D-1F466", "1F46A"),
        ("1F6B6-200D-2642-FE0F-200D-27A1-FE0F", "1F6B6"),
        ("1f469-200d-2695", "1F468-200D-2695-FE0F"),
    ],
)
def test_variants_of_one_person_are_one_family(one: str, other: str):
    assert emoji.family(one) == emoji.family(other)


def test_different_things_are_different_families():
    names = ["1F600", "1F601", "1F468-200D-1F680", "1F468-200D-1F33E", "1F468", "1F466-200D-1F466"]
    assert len({emoji.family(name) for name in names}) == len(names)


def test_pairs_are_aligned_and_only_what_can_be_learned_stays(tmp_path: Path):
    tree = package(
        tmp_path,
        {
            "1F534": disc(20, "#f00"),
            "1F535": disc(20, "#00f"),  # the same drawing in another colour
            "1F536": disc(10, "#0f0"),
            "1F537": disc(12, "none"),  # no colour at all
            "1F538": ("", DISC.format(r=30, fill="#0f0")),  # no line at all
            "1F539": (disc(25, "")[0], '<circle cx="36" cy="36" r="28" fill="#ff0"/>'),  # colour over all lines
            "1F44B-1F3FD": disc(15, "#fa0"),
        },
    )
    (tree / "package/black/svg/1F540.svg").write_text(svg(disc(16, "none")[0]))  # no coloured partner
    counts = layout.openmoji(tree, tmp_path / "out")
    drawings = {file.stem: file for file in (tmp_path / "out").rglob("drawing/*.png")}
    assert set(drawings) == {"1F534", "1F536"}
    assert sum(counts.values()) == 2
    drawing = images.read(drawings["1F534"])
    color = images.read(drawings["1F534"].parents[1] / "color/1F534.png")
    assert drawing.shape == color.shape == (256, 256, 3)
    assert color[128, 128].tolist() == [255, 0, 0]
    assert color[2, 2].tolist() == [255, 255, 255]
    assert (color[drawing.max(-1) < 50].max(-1) < 60).all()


def test_the_release_archives_hold_the_same(tmp_path: Path):
    tree = package(tmp_path, {"1F534": disc(20, "#f00")})
    for part in ("black", "color"):
        (tree / "package" / part / "svg").rename(tree / f"openmoji-svg-{part}")
    assert layout.openmoji(tree, tmp_path / "out") == {"train": 1, "test": 0}


def ball(color: tuple[int, int, int], inner: tuple[int, int, int]) -> np.ndarray:
    """Return a disc with a smaller one in it, uint8 RGBA [256, 256, 4], transparent around."""
    image = np.zeros((256, 256, 4), np.uint8)
    cv2.circle(image, (128, 128), 90, (*color, 255), -1)
    cv2.circle(image, (128, 128), 40, (*inner, 255), -1)
    return image


def test_a_traced_drawing_is_thin_dark_lines_where_the_edges_are():
    drawing = emoji.trace(ball((250, 200, 0), (200, 0, 0)))
    ink = drawing < 128
    rows, columns = np.nonzero(ink)
    radius = np.hypot(rows - 128, columns - 128)
    assert (np.minimum(abs(radius - 90), abs(radius - 40)) < 4).all()
    assert 2 * np.pi * 130 * 2 < ink.sum() < 2 * np.pi * 130 * 5  # two circles, two to five pixels wide
    assert drawing[128, 128] == drawing[2, 2] == 255
    angles = np.degrees(np.arctan2(rows - 128, columns - 128)).astype(int)
    for ring in (radius > 65, radius < 65):
        assert len(set(angles[ring])) > 340  # closed


def test_a_plain_shape_is_only_its_outline():
    drawing = emoji.trace(ball((250, 200, 0), (250, 200, 0)))
    assert (drawing[70:186, 70:186] == 255).all()


@pytest.mark.parametrize("kind", ["package", "repository"])
def test_fluent_from_its_package_and_from_its_repository(kind: str, tmp_path: Path):
    faces = {"1f534": ball((250, 0, 0), (0, 0, 250)), "1f44b": ball((0, 200, 0), (0, 0, 0))[::-1, 10:-10]}
    for code, image in faces.items():
        if kind == "package":
            (tmp_path / "tree/package/assets").mkdir(parents=True, exist_ok=True)
            for name in (code, f"{code}-fe0f", f"{code}-1f3fd"):  # one twice, one in another skin
                Image.fromarray(image).save(tmp_path / f"tree/package/assets/{name}.webp", lossless=True)
        else:
            about = tmp_path / "tree/main/assets" / code
            inside = about / ("Default/3D" if code == "1f44b" else "3D")
            inside.mkdir(parents=True)
            Image.fromarray(image).save(inside / "picture.png")
            (about / "metadata.json").write_text(json.dumps({"unicode": code}))
    layout.fluent(tmp_path / "tree", tmp_path / "out")
    found = {file.stem: images.read(file) for file in (tmp_path / "out").rglob("photo/*.png")}
    assert set(found) == {"1F534", "1F44B"}
    assert found["1F534"][2, 2].tolist() == [255, 255, 255]
    assert found["1F534"].shape == (256, 256, 3)


def test_flat_and_modelled_emoji_lie_side_by_side_with_nothing_else(tmp_path: Path):
    package(tmp_path / "tree", {f"1F60{i}": disc(10 + 6 * i, "#f00") for i in range(3)})
    assert layout.styles(tmp_path / "tree", tmp_path / "out") == {}
    assert not (tmp_path / "out").exists()
    (tmp_path / "tree/assets").mkdir()
    Image.fromarray(ball((250, 0, 0), (0, 0, 250))).save(tmp_path / "tree/assets/1f534.webp", lossless=True)
    counts = layout.styles(tmp_path / "tree", tmp_path / "out")
    files = [file.relative_to(tmp_path / "out") for file in (tmp_path / "out").rglob("*.png")]
    assert sum(counts.values()) == len(files) == 4
    assert {file.parts[1] for file in files} == {"flat", "solid"}
    assert [file.name for file in files if file.parts[1] == "solid"] == ["1F534.png"]


def strokes(seed: int) -> np.ndarray:
    """Return a drawing of a few random lines, uint8 [256, 256, 3]."""
    image = np.full((256, 256, 3), 255, np.uint8)
    for start, end in np.random.default_rng(seed).integers(20, 236, (6, 2, 2)).tolist():
        cv2.line(image, start, end, (0, 0, 0), 6)
    return image


def test_relatives_stay_together_and_the_split_is_stable(tmp_path: Path):
    people = ["1F468", "1F469", "1F9D1"]
    names = [f"{who}-200D-{0x1F680 + k:04X}" for k in range(60) for who in people]
    items = [(name, strokes(i), strokes(i)) for i, name in enumerate(names)]
    counts = emoji.write(items, tmp_path / "a", "color")
    assert counts["train"] + counts["test"] == len(names)
    assert counts["test"] > 0
    split = {file.stem: file.parts[-3] for file in (tmp_path / "a").rglob("drawing/*.png")}
    for k in range(60):
        assert len({split[f"{who}-200D-{0x1F680 + k:04X}"] for who in people}) == 1
    emoji.write(items[:90], tmp_path / "b", "color")
    assert all(split[file.stem] == file.parts[-3] for file in (tmp_path / "b").rglob("drawing/*.png"))


def test_drawings_that_look_alike_are_on_one_side(tmp_path: Path):
    items = []
    for k in range(80):
        drawing = strokes(k)
        near = drawing.copy()
        cv2.circle(near, (128, 128), 12, (0, 0, 0), 5)
        items += [(f"{0x1F600 + k:04X}", drawing, drawing), (f"{0x2600 + k:04X}", near, near)]
    emoji.write(items, tmp_path, "color")
    split = {file.stem: file.parts[-3] for file in tmp_path.rglob("drawing/*.png")}
    both = [k for k in range(80) if f"{0x1F600 + k:04X}" in split and f"{0x2600 + k:04X}" in split]
    assert len(both) > 20
    straddling = [k for k in both if split[f"{0x1F600 + k:04X}"] != split[f"{0x2600 + k:04X}"]]
    thumbs = {k: emoji._thumb(items[2 * k][1]) @ emoji._thumb(items[2 * k + 1][1]) for k in straddling}
    assert all(likeness <= emoji.NEAR_DRAWING for likeness in thumbs.values())
