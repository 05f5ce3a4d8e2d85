"""Test every tab of the bundled models with axe, and on a phone: what is in sight, what a finger scrolls."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser_steps import tab
from tests.support.paths import ROOT, WEIGHTS
from tests.support.serving import running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
READY = {
    "Dance": ".dance[data-demo=on]",
    "Draw": ".draw-canvas",
    "Translate": ".viewer .outer",
    "Colorize": "#colorize-grid figure:last-child img",
    "Enlarge": "#enlarge-grid figure:nth-child(4) img",
    "Fill": ".fill-mask",
    "Compare": "#grid figure:nth-child(3) img",
    "See": ".see-legend li",
    "Models": ".cards summary",
}
"""What shows that a tab is filled."""
GRADIO = {
    ("label-content-name-mismatch", "upload-container"): "the name of an empty upload box is not what it shows",
    ("aria-prohibited-attr", "Empty value"): "an empty result is a plain element with a name",
}
"""Faults that are Gradio's, by axe's rule and a part of the element: no option of the component mends them."""
LOOKS = ((390, "light"), (390, "dark"), (1320, "light"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(WEIGHTS, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth") as url:
        yield url


@pytest.fixture(scope="module")
def phone(browser: Any, address: str) -> Iterator[Any]:
    yield from opened(browser, address, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)


@pytest.fixture(scope="module")
def visitor(browser: Any, address: str) -> Iterator[Any]:
    yield from opened(browser, address)


def opened(browser: Any, address: str, **context: Any) -> Iterator[Any]:
    visitor = browser.new_context(**context)
    page = visitor.new_page()
    page.set_default_timeout(300_000)
    page.goto(address)
    page.get_by_role("tab").first.wait_for()
    page.add_style_tag(content="* { transition: none !important; }")  # or contrast is measured half way
    yield page
    visitor.close()


def filled(page: Any, name: str) -> None:
    tab(page, name)
    page.locator(READY[name]).locator("visible=true").first.wait_for()


def colored(page: Any, scheme: str) -> None:
    """Have the page follow a system that is light or dark."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("dark => (document.querySelector('.dark') !== null) === dark", arg=scheme == "dark")


def test_every_tab_is_looked_at(visitor: Any) -> None:
    assert visitor.get_by_role("tab").all_inner_texts() == list(READY)


@pytest.mark.parametrize("name", READY)
def test_axe_finds_nothing_that_is_ours(visitor: Any, name: str) -> None:
    """No serious or critical finding, and headings in order; also in what is closed at first."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci")
    filled(visitor, name)
    visitor.evaluate(AXE.read_text("utf-8"))
    visitor.locator("button.label-wrap:not(.open), .cards > details:first-child > summary").locator(
        "visible=true"
    ).evaluate_all("all => all.forEach((one) => one.click())")
    found = []
    for width, scheme in LOOKS:
        visitor.set_viewport_size({"width": width, "height": 844})
        colored(visitor, scheme)
        found += [(width, scheme, *finding) for finding in findings(visitor)]
    assert found == []


def findings(page: Any) -> list[tuple[str, str]]:
    """Return (rule, element) of what axe finds serious or critical, and of headings out of order."""
    result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        (rule["id"], node["html"][:200])
        for rule in result["violations"]
        if rule["impact"] in ("serious", "critical") or rule["id"] == "heading-order"
        for node in rule["nodes"]
        if not any(rule["id"] == id and part in node["html"] for id, part in GRADIO)
    ]


@pytest.mark.parametrize("name", ["Dance", "See"])
def test_the_camera_is_within_the_first_screen_of_a_phone(phone: Any, name: str) -> None:
    filled(phone, name)
    phone.evaluate("scrollTo(0, 0)")
    box = phone.get_by_role("button", name="Start camera").locator("visible=true").first.bounding_box()
    assert box["y"] + box["height"] <= 640, "also with a browser's bars around the page"


def test_the_models_are_at_most_three_screens_of_a_phone_and_open(phone: Any) -> None:
    filled(phone, "Models")
    assert phone.evaluate("document.documentElement.scrollHeight") <= 3 * 844
    entry = phone.locator(".cards > details").first
    assert not entry.get_by_text("parameters").is_visible()
    entry.locator("summary").first.tap()
    entry.get_by_text("parameters").wait_for()
    entry.locator("summary").first.tap()


@pytest.mark.parametrize("name", ["Translate", "Colorize", "Enlarge"])
def test_a_finger_on_a_result_scrolls_the_page_and_its_handle_moves_the_line(phone: Any, name: str) -> None:
    filled(phone, name)
    image = phone.get_by_test_id("imageslider-image").locator("visible=true").first
    x, y = middle(phone, image)
    before = phone.evaluate("scrollY")
    swipe(phone, (x - 60, y), (x - 60, y - 90))
    swipe(phone, (x - 60, y), (x - 60, y + 50))
    phone.wait_for_function("before => Math.abs(scrollY - before) > 20", arg=before)
    line = phone.locator(".viewer .outer").locator("visible=true").first
    x, y = middle(phone, line)
    swipe(phone, (x, y), (x - 80, y))
    assert middle(phone, line)[0] < x - 40
    assert "mouse wheel" not in phone.locator("body").inner_text()


def middle(page: Any, element: Any) -> tuple[float, float]:
    """Return the middle of an element on the screen, scrolled to the screen's middle."""
    element.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def swipe(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    touch = page.context.new_cdp_session(page)
    for step in range(9):
        x, y = (a + (b - a) * step / 8 for a, b in zip(start, end, strict=True))
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_before_and_after_are_told_on_any_picture(visitor: Any, scheme: str) -> None:
    """The label has a ground of its own, and enough contrast to it."""
    filled(visitor, "Colorize")
    colored(visitor, scheme)
    label = visitor.get_by_text("Before | after").locator("visible=true").first
    ink, ground = (
        label.evaluate("(e, what) => getComputedStyle(e.closest('label'))[what]", what)
        for what in ("color", "backgroundColor")
    )
    assert contrast(ink, ground) >= 7


def contrast(*colors: str) -> float:
    """Return WCAG's contrast ratio of two CSS colours; a see-through one has none."""
    lightness = []
    for color in colors:
        assert color.startswith("rgb("), f"{color} lets the picture through"
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in (int(part) / 255 for part in re.findall(r"\d+", color))
        ]
        lightness.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    dark, bright = sorted(lightness)
    return (bright + 0.05) / (dark + 0.05)


def test_the_colour_of_a_hint_has_a_name_in_sight(phone: Any) -> None:
    filled(phone, "Colorize")
    assert phone.locator(".pins").count() == 1
    swatch = phone.get_by_role("button", name="Hint colour")
    name = phone.get_by_text("Hint colour", exact=True).locator("visible=true").bounding_box()
    box = swatch.bounding_box()
    assert 0 <= box["x"] - (name["x"] + name["width"]) <= 20
    assert abs(name["y"] + name["height"] / 2 - box["y"] - box["height"] / 2) <= 4
