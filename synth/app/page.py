"""Lay out a tab as a page of its own where Gradio has no suitable component: HTML, JavaScript, server functions."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from synth.app import modules


def page(name: str, functions: Sequence[Callable[..., Any]], elem_id: str = "", **props: Any) -> gr.HTML:
    """Lay out ``web/tabs/NAME.html`` and run ``start`` of ``web/tabs/NAME.js`` on it.

    ``start`` gets the ``functions`` by name as ``server``, and as ``props`` all keyword arguments that ``gr.HTML`` does
    not use itself.
    """
    return gr.HTML(
        html_template=(modules.WEB / "tabs" / f"{name}.html").read_text("utf-8"),
        js_on_load=modules.bundle(f"tabs/{name}.js"),
        apply_default_css=False,
        elem_id=elem_id or name,
        server_functions=list(functions),
        **props,
    )
