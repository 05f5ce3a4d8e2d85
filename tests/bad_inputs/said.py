"""Run something with a bad input and return what its user is told, which must be a sentence and nothing raw."""

import re
from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest

RAW = re.compile(
    r"Traceback|\[Errno|\b(?!SyntaxError in line)\w+(?:Error|Exception)\b|object at 0x|NoneType|<class|site-packages"
)
"""What a user must never see: names of exceptions, numbers of errors, representations of objects."""


def checked(said: str, fragment: str) -> None:
    """Assert that a message is a sentence with its expected part."""
    assert fragment
    assert fragment in said
    assert not RAW.search(said), said


def refusal(call: Callable[[], Any]) -> str:
    """Return the message of the ``ValueError`` or Gradio error that a call raises; any other exception passes."""
    with pytest.raises((ValueError, gr.Error)) as raised:
        call()
    assert type(raised.value).__module__.partition(".")[0] in ("builtins", "gradio", "synth"), "a raw error"
    assert type(raised.value).__name__ not in ("UnicodeDecodeError", "JSONDecodeError"), "a raw error"
    return str(raised.value.message if isinstance(raised.value, gr.Error) else raised.value)
