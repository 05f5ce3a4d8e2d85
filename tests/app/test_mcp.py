"""Test the tabs' functions as tools of an MCP server, called by the official client."""

import asyncio
import base64
import io
import sys
from collections.abc import Callable, Coroutine, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import app
from synth.runtime.encode import data_address
from tests.support import graphs
from tests.support.serving import running

client = pytest.mark.skipif(not find_spec("mcp"), reason="the package mcp is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = graphs.registry(tmp_path_factory.mktemp("weights"))
    with running(folder, tmp_path_factory.mktemp("log") / "app.log", "--mcp", seconds=180) as url:
        yield url


def within(address: str, ask: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """Return what ``ask`` returns for a session with the server."""
    from mcp import ClientSession  # type: ignore[import-not-found]
    from mcp.client.streamable_http import streamable_http_client  # type: ignore[import-not-found]

    async def talk() -> Any:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await ask(session)

    return asyncio.run(talk())


@client
def test_the_tools_are_the_tabs_functions_and_say_what_they_do(address: str) -> None:
    tools = {tool.name: tool for tool in within(address, lambda session: session.list_tools()).tools}
    assert list(tools) == ["translate", "draw", "enlarge", "colorize", "fill", "compare", "models"]
    assert tools["translate"].description.startswith("Translate a picture into another one with a trained model")
    given = tools["translate"].inputSchema
    assert given["required"] == ["picture", "graph"]
    assert "warmth" not in tools["colorize"].inputSchema["required"]
    assert (
        tools["colorize"].inputSchema["properties"]["temperature"]["description"].startswith("The softmax temperature")
    )
    assert given["properties"]["graph"]["enum"] == ["facades", "emoji", "invert"]
    assert all(entry["description"] for tool in tools.values() for entry in tool.inputSchema["properties"].values())


@client
def test_a_picture_comes_back_as_a_picture(address: str) -> None:
    image = graphs.noise(20, 30, 3)
    given = {"picture": data_address(image), "graph": "invert"}
    answer = within(address, lambda session: session.call_tool("translate", given))
    assert not answer.isError
    assert answer.content[0].type == "image"
    made = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer.content[0].data))))
    assert np.array_equal(made, 255 - image)


@client
@pytest.mark.parametrize("picture", ["/etc/hostname", "file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_no_file_of_the_server_and_no_address_behind_it_is_read(address: str, picture: str) -> None:
    given = {"picture": picture, "graph": "invert"}
    assert within(address, lambda session: session.call_tool("translate", given)).isError


@client
def test_a_wrong_name_ends_in_a_sentence(address: str) -> None:
    answer = within(address, lambda session: session.call_tool("models", {"graph": "../x"}))
    assert answer.isError
    assert "Choose one of: facades" in answer.content[0].text


def test_without_the_package_the_flag_ends_in_a_sentence(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--mcp", "--weights", str(tmp_path)])
    monkeypatch.setattr("synth.app.api.api.find_spec", lambda name: None)
    assert app.main() == 2
    assert 'pip install -e ".[mcp]"' in capsys.readouterr().out
