"""Shared parts of the API functions: validate choices, list them in signatures, fill in optional arguments."""

from collections.abc import Callable
from typing import Any, Literal

import gradio as gr
from gradio.components.api_component import Api


def one_of(known: Any, value: Any) -> str:
    """Return a choice sent by a program; raises ``ValueError`` that lists the known ones if it is none of them."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"There is no {str(value)[:40]!r} here. Choose one of: {', '.join(known)}.")
    return value


def named(function: Callable[..., Any], **choices: list[str]) -> Callable[..., Any]:
    """Return a function whose signature lists the choices of some of its parameters, for clients and MCP."""
    for parameter, names in choices.items():
        function.__annotations__[parameter] = Literal[tuple(names)]
    return function


def optional_arguments(page: gr.Blocks) -> None:
    """Let plain HTTP requests leave out arguments at the end, as ``gradio_client`` always could.

    Gradio rejects a list that is too short; here the parameters' defaults are used for those that are missing.
    """
    validate = page.validate_inputs

    def filled(block_fn: Any, inputs: list[Any]) -> None:
        rest = block_fn.inputs[len(inputs) :]
        if all(isinstance(block, Api) for block in rest):
            inputs.extend(block.value for block in rest)
        validate(block_fn, inputs)

    page.validate_inputs = filled  # type: ignore[method-assign]
