"""What a visitor does in a real Chromium: small steps that several tests share."""

from typing import Any

BLUE = (0, 85, 255)


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def pixel(page: Any, canvas: str, x: int, y: int) -> tuple[int, ...]:
    read = "(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
    return tuple(page.locator(canvas).evaluate(read, [x, y]))


def until(page: Any, canvas: str, x: int, y: int, color: tuple[int, ...]) -> None:
    """Wait until a pixel of a canvas has a colour."""
    read = (
        "([s, x, y, c]) => [...document.querySelector(s).getContext('2d').getImageData(x, y, 1, 1).data]"
        ".slice(0, 3).join() === c.join()"
    )
    page.wait_for_function(read, arg=[canvas, x, y, list(color)])


def stroke(page: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw a line; places are in pixels of the 256x256 canvas."""
    box = page.locator(".draw-canvas").bounding_box()
    scale = box["width"] / 256
    page.mouse.move(box["x"] + start[0] * scale, box["y"] + start[1] * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * scale, box["y"] + end[1] * scale, steps=8)
    page.mouse.up()
