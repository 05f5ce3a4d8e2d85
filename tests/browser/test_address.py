"""Test in a real Chromium that the address opens a tab and a model, follows the visitor, and what a reload keeps."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser_steps import BLUE, pixel, stroke, tab, until

pytestmark = pytest.mark.browser

BLACK = (0, 0, 0)
DENIED = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });"
)


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A fresh visitor, who may leave a page while it is still asking: no error of that is looked for."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    page.locator(".draw-graphs button").first.wait_for()
    yield page
    context.close()


def at(page: Any, tab: str, model: str | None = None) -> None:
    """Wait until the address names a tab and a model; what else it has stays."""
    read = "[...new URLSearchParams(location.search)].map(String).sort().join(' ')"
    expected = " ".join(filter(None, ["__theme,light", model and f"model,{model}", f"tab,{tab}"]))
    page.wait_for_function(f"expected => {read} === expected", arg=expected)


def shown(page: Any) -> str:
    return page.locator("[role=tab][aria-selected=true]").inner_text()


def again(page: Any) -> None:
    """Load the page anew; its Draw tab is the one that is shown."""
    page.reload()
    page.locator(".draw-graphs button").first.wait_for()


def test_the_address_opens_a_tab_and_a_model_and_follows_the_visitor(page: Any, address: str) -> None:
    assert page.evaluate("location.search") == "", "nothing was chosen yet"
    page.goto(f"{address}/?tab=colorize&model=colorize-l2&__theme=light")
    page.locator("#colorize-result:not(.outdated)").get_by_text("256 × 256 pixels").wait_for()
    page.locator("#colorize-models input[value=colorize-l2]:checked").wait_for()
    tab(page, "Translate")
    at(page, "translate", "facades")
    tab(page, "Draw")
    page.get_by_role("radio", name="Emoji").click()
    at(page, "draw", "emoji")
    tab(page, "Models")
    at(page, "models")
    page.reload()
    at(page, "models")
    tab(page, "Colorize")
    page.locator("#colorize-models input[value=colorize-l2]:checked").wait_for()
    tab(page, "Draw")
    page.locator(".draw-graphs [data-graph=emoji][aria-checked=true]").wait_for()


@pytest.mark.parametrize("search", ["?tab=nonsense&model=emoji", "?tab=draw&model=%00"])
def test_names_that_are_unknown_are_ignored(page: Any, address: str, search: str) -> None:
    page.goto(f"{address}/{search}")
    page.locator(".draw-graphs [data-graph=facades][aria-checked=true]").wait_for()
    until(page, ".draw-result", 100, 100, (255, 170, 0))
    assert shown(page) == "Draw"


def test_a_reload_keeps_the_drawings(page: Any) -> None:
    page.get_by_role("radio", name="Emoji").click()
    until(page, ".draw-canvas", 100, 100, BLACK)
    stroke(page, (20, 30), (230, 30))
    page.get_by_role("radio", name="Facade labels").click()
    until(page, ".draw-canvas", 100, 100, BLUE)
    page.wait_for_function("location.search === '?tab=draw&model=facades'")
    again(page)
    until(page, ".draw-canvas", 100, 100, BLUE)
    assert page.evaluate("Object.keys(JSON.parse(localStorage['synth-drawings'])).length") == 1, (
        "an example is not kept"
    )
    page.get_by_role("radio", name="Sketch", exact=True).click()
    until(page, ".draw-canvas", 100, 30, BLACK)
    until(page, ".draw-result", 100, 30, (255, 255, 255))
    page.get_by_role("button", name="Clear").click()
    again(page)
    until(page, ".draw-result", 100, 30, BLACK)
    assert pixel(page, ".draw-canvas", 100, 100) == (255, 255, 255)


def test_a_page_works_where_storage_is_denied(page: Any, address: str) -> None:
    page.add_init_script(DENIED)
    page.goto(f"{address}/?tab=draw&model=emoji")
    page.locator(".draw-graphs button").first.wait_for()
    until(page, ".draw-canvas", 100, 100, BLACK)
    stroke(page, (20, 30), (230, 30))
    until(page, ".draw-result", 100, 30, (255, 255, 255))
    again(page)
    until(page, ".draw-canvas", 100, 100, BLACK)
    assert pixel(page, ".draw-canvas", 100, 30) == (255, 255, 255)
