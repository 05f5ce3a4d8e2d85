"""Shared parts of the API functions: validate choices, list them in signatures, fill in arguments, tell errors."""

import inspect
import logging
from collections.abc import Callable
from typing import Any, Literal

import gradio as gr
from gradio.components.api_component import Api
from gradio.exceptions import InvalidPathError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from synth.app.live.endpoints import INSIDE

log = logging.getLogger("synth")

ARGUMENTS = ("No value provided for required argument", "Parameter `", "Too many arguments")
"""How Gradio's sentences about wrong arguments begin."""
SEE_TYPES = "Their types are told by view_api() of gradio_client."
UNREADABLE = (
    "The arguments could not be read: a file must have been uploaded here before, or be at an address that begins with "
    f"http:// or https://. {SEE_TYPES}"
)


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

    Gradio rejects a list that is too short; here the parameters' defaults are used for those that are missing. If one
    of them has none, the answer names it.
    """
    validate = page.validate_inputs

    def filled(block_fn: Any, inputs: list[Any]) -> None:
        rest = block_fn.inputs[len(inputs) :]
        parameters = list(inspect.signature(block_fn.fn).parameters.values())[len(inputs) :] if rest else []
        missing = [one.name for one in parameters[: len(rest)] if one.default is one.empty]
        if missing:
            raise gr.Error(f"These arguments are missing: {', '.join(missing)}. {SEE_TYPES}", print_exception=False)
        if all(isinstance(block, Api) for block in rest):
            inputs.extend(block.value for block in rest)
        validate(block_fn, inputs)

    page.validate_inputs = filled  # type: ignore[method-assign]


async def wrong_arguments(request: Request, error: Exception) -> JSONResponse:
    """Answer a call whose arguments Gradio cannot sort by name (``/call/v2``), with its sentence; else see the log."""
    if str(error).startswith(ARGUMENTS):
        return JSONResponse({"detail": f"{str(error).partition(' Please click')[0].rstrip('.')}. {SEE_TYPES}"}, 400)
    log.error("%s failed:", request.url.path, exc_info=error)
    return JSONResponse({"detail": INSIDE}, 500)


def errors_told(page: gr.Blocks) -> None:
    """Name the error in the answer to every failed request; Gradio names only a ``gr.Error``, else ``null``."""
    process = page.process_api

    async def told(*args: Any, **given: Any) -> dict[str, Any]:
        try:
            return await process(*args, **given)
        except gr.Error:
            raise
        except (InvalidPathError, ValidationError) as error:
            raise gr.Error(UNREADABLE, print_exception=False) from error
        except Exception as error:
            log.exception("A request failed:")
            raise gr.Error(INSIDE, print_exception=False) from error

    page.process_api = told  # type: ignore[method-assign]
