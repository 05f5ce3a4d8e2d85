"""Draw the images of the README from the bundled graphs and their examples: overview, strip and dance."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synth import files
from synth.pixels import images
from synth.pixels.body import skeleton
from synth.runtime import cycle, inpainting, tiles
from synth.runtime.dance.demo import open_demo
from synth.runtime.dance.painting import paint
from synth.runtime.examples import find
from synth.runtime.registry import Registry
from synth.runtime.run import run
from synth.runtime.session import open_graph

LIVE = 256
"""Side in pixels of a character that runs live on a CPU. Larger ones show the same characters."""
STRIP = (
    ("colorize", "291000", "Colorize", "black and white", "in colour"),
    ("enlarge", "253027", "Enlarge", "small photograph", "4 times the size"),
    ("fill", "003096", "Fill", "marked part", "background"),
    ("see-street", "146", "See", "photograph of a street", "areas"),
)
"""Columns of the strip: graph, example (the first one if it is missing), title, and names of input and output."""
PANEL, GAP, CAPTION = (388, 291), 16, 68
HOLE = np.array((233, 70, 130))
"""Colour of the marked hole of Fill, as the brush shows it."""


def overview(registry: Registry, path: Path, columns: int = 4, side: int = 192) -> None:
    """Save held-out examples, inputs above outputs, two graphs per row.

    Shown are the graphs of the Draw tab, and those with a partner that translates back.
    """
    strips = []
    ways = [way for name in cycle.names(registry) for way in (name, cycle.partner(registry, name))]
    for name in dict.fromkeys([*registry.names("draw"), *ways]):
        graph = open_graph(registry.entries[name].path, "cpu")
        inputs = [example.read() for example in find(registry, name)[:columns]]
        strip = np.full((2 * side, columns * side, 3), 255, np.uint8)
        for number, x in enumerate(inputs):
            pictures = np.concatenate([_square(x, side), _square(graph.run(x), side)])
            strip[:, number * side : (number + 1) * side] = pictures
        strips += [strip] if inputs else []
    if not strips:
        return
    strips += [np.full_like(strips[0], 255)] if len(strips) % 2 else []
    rows = [np.concatenate(strips[i : i + 2], 1) for i in range(0, len(strips), 2)]
    with files.replacing(path) as part:
        Image.fromarray(np.concatenate(rows)).save(part, _format(path), quality=88)


def _format(path: Path) -> str:
    """Return Pillow's name of the format that the ending of ``path`` stands for; the part file ends otherwise."""
    return Image.registered_extensions()[path.suffix.lower()]


def strip(registry: Registry, path: Path) -> None:
    """Save a captioned strip: one example of each available graph of ``STRIP``, input above output."""
    pairs = [(pair, words) for name, stem, *words in STRIP if (pair := _pair(registry, name, stem))]
    if not pairs:
        return
    width, height = PANEL
    size = len(pairs) * (width + GAP) - GAP, 2 * height + GAP // 2 + CAPTION
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for column, ((x, y), (title, before, after)) in enumerate(pairs):
        left = column * (width + GAP)
        sheet.paste(_covering(x, Image.Resampling.NEAREST), (left, 0))
        sheet.paste(_covering(y, Image.Resampling.LANCZOS), (left, height + GAP // 2))
        below = size[1] - CAPTION
        draw.text((left + width / 2, below + 10), title, "#111111", ImageFont.load_default(24), anchor="ma")
        _change(draw, (left + width / 2, below + 48), before, after)
    with files.replacing(path) as part:
        sheet.save(part, _format(path), quality=86, optimize=True)


def dance(registry: Registry, path: Path, side: int = 192) -> None:
    """Save the stored performance as an animated image: the skeleton and every live character."""
    columns, fps = [], 20.0
    for name in registry.names("dance"):
        if registry.card(name).size > LIVE:
            continue
        graph = open_graph(registry.entries[name].path, "cpu")
        demo = open_demo(registry.folder, graph)
        skeletons = [skeleton.draw(pose, graph.card.size, graph.card.size) for pose in demo.poses]
        last, painted, fps = np.zeros_like(skeletons[0]), [], demo.fps
        for drawn in skeletons:
            last = paint(graph, drawn, last)
            painted.append(last)
        columns += [painted] if columns else [skeletons, painted]
    if not columns:
        return
    frames = [Image.fromarray(np.concatenate([_square(f, side) for f in row], 1)) for row in zip(*columns, strict=True)]
    options: dict[str, Any] = {"duration": round(1000 / fps), "loop": 0, "quality": 60}
    with files.replacing(path) as part:
        frames[0].save(part, "WEBP", save_all=True, append_images=frames[1:], **options)


def _pair(registry: Registry, name: str, stem: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return an example as shown and the graph's output for it; None if the graph or the example is missing."""
    found = find(registry, name) if name in registry.entries else []
    if not found:
        return None
    example = next((one for one in found if one.input.stem == stem), found[0])
    graph, x = open_graph(registry.entries[name].path, "cpu"), example.read()
    if any(entry.kind == "mask" for entry in graph.card.inputs):
        file = example.input.parent.parent / "mask.png"
        if not file.is_file():
            return None
        hole = images.read(file)[..., 0] > 127
        marked = np.where(hole[..., None], HOLE, x).astype(np.uint8)
        return marked, inpainting.inpaint(graph, x, hole)[0]
    if tiles.enlarges(graph.card):
        return x, graph.run(x)
    return x, run(graph, x).result


def _change(draw: ImageDraw.ImageDraw, middle: tuple[float, float], before: str, after: str) -> None:
    """Write ``before → after`` centred at ``middle``. The arrow is drawn, because Pillow's font has none."""
    font, ink, arrow = ImageFont.load_default(18), "#555555", 44
    widths = draw.textlength(before, font), draw.textlength(after, font)
    x, y = middle[0] - (sum(widths) + arrow) / 2, middle[1]
    draw.text((x, y), before, ink, font, anchor="lm")
    start, end = x + widths[0] + 10, x + widths[0] + arrow - 10
    draw.line((start, y, end, y), ink, 2)
    draw.line((end - 6, y - 5, end, y, end - 6, y + 5), ink, 2)
    draw.text((x + widths[0] + arrow, y), after, ink, font, anchor="lm")


def _covering(image: np.ndarray, how: Image.Resampling) -> Image.Image:
    """Return the centre of an image cropped to a panel, enlarged with the filter ``how`` or shrunk smoothly."""
    made, (width, height) = Image.fromarray(image), PANEL
    scale = max(width / made.width, height / made.height)
    size = max(width, round(made.width * scale)), max(height, round(made.height * scale))
    made = made.resize(size, how if scale > 1.5 else Image.Resampling.LANCZOS)
    left, top = (made.width - width) // 2, (made.height - height) // 2
    return made.crop((left, top, left + width, top + height))


def _square(image: np.ndarray, side: int) -> np.ndarray:
    return np.array(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS))
