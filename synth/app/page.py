"""A tab's own page, where Gradio has no such component: its HTML, its module and the functions that they call."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from synth.app import modules


def page(name: str, functions: Sequence[Callable[..., Any]], elem_id: str = "", **props: Any) -> gr.HTML:
    """Lay out ``web/tabs/NAME.html`` and run ``start`` of ``web/tabs/NAME.js`` on it.

    ``start`` finds ``functions`` as ``server`` by their names, and ``props`` under that name, but for what ``gr.HTML``
    knows itself.
    """
    return gr.HTML(
        html_template=(modules.WEB / "tabs" / f"{name}.html").read_text("utf-8"),
        js_on_load=modules.bundle(f"tabs/{name}.js"),
        apply_default_css=False,
        elem_id=elem_id or name,
        server_functions=list(functions),
        **props,
    )
