"""Read a palette of label colours by name or from a text file."""

import re
from pathlib import Path

from synth.card import Color
from synth.pixels import palette as palettes

PALETTES = {"facades": palettes.FACADES, "cityscapes": palettes.CITYSCAPES}


def read_palette(name: str) -> tuple[Color, ...]:
    """Return a palette by name, or from a text file with lines ``NAME RED GREEN BLUE`` (commas allowed).

    Raises ``ValueError`` if there is no such palette or a line cannot be parsed.
    """
    if not name or name in PALETTES:
        return PALETTES.get(name, ())
    if not Path(name).is_file():
        raise ValueError(
            f"There is neither a palette nor a file called {name!r}. Use {', '.join(PALETTES)}, or a text file."
        )
    colors: list[Color] = []
    for number, line in enumerate(Path(name).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"(.*?)[\s,;]*(\d+)[\s,;]+(\d+)[\s,;]+(\d+)", line.strip())
        if not match or max(map(int, match.groups()[1:])) > 255:
            raise ValueError(
                f"Line {number} of {name} is not NAME RED GREEN BLUE with numbers from 0 to 255: {line!r}."
            )
        red, green, blue = (int(value) for value in match.groups()[1:])
        colors.append((match[1].strip(" ,;") or f"color {len(colors)}", red, green, blue))
    if not colors:
        raise ValueError(f"{name} holds no colours. Add lines of NAME RED GREEN BLUE.")
    return tuple(colors)
