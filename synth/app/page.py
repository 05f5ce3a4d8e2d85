"""A tab's page of our own, where Gradio has no such component: its HTML, its scripts and the functions they call."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

WEB = Path(__file__).with_name("web")
ALWAYS = "call.js"


def page(
    name: str, scripts: Sequence[str], functions: Sequence[Callable[..., Any]], elem_id: str = "", **props: Any
) -> gr.HTML:
    """Lay out ``NAME.html`` with its scripts, in their order, which share one scope with ``call.js``.

    The scripts call ``functions`` as ``server`` by their names, and find ``props`` under that name, but for what
    ``gr.HTML`` knows itself.
    """
    return gr.HTML(
        html_template=(WEB / f"{name}.html").read_text("utf-8"),
        js_on_load="".join((WEB / script).read_text("utf-8") for script in (ALWAYS, *scripts)),
        apply_default_css=False,
        elem_id=elem_id or name,
        server_functions=list(functions),
        **props,
    )
