"""Test bad requests to a running app, by the client and by plain HTTP: each ends in its sentence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.bad_inputs.said import checked
from tests.support import pictures
from tests.support.bundled_names import GROUP, company
from tests.support.serving import running

# The client leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = company(tmp_path_factory.mktemp("company"))
    with running(folder, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth") as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("fetched")))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("files")
    pictures.save(folder / "PICTURE.png", np.asarray(pictures.noise()))
    pictures.save(folder / "BLACK.png", np.zeros((30, 40, 3), np.uint8))
    pictures.save(folder / "TALL.png", np.full((40, 30, 3), 255, np.uint8))
    (folder / "HALF.png").write_bytes((folder / "PICTURE.png").read_bytes()[:300])
    (folder / "TEXT.txt").write_text("This is a letter.")
    (folder / "EMPTY.png").write_bytes(b"")
    return {path.stem: handle_file(path) for path in folder.iterdir()}


OWN = "own size"
NO_FILE, NO_PICTURE, NO_HINT = "as a file: handle_file", "is not a picture", "A hint is [x, y, red, green, blue]"
CALLS: list[tuple[str, list[Any], str]] = [
    ("translate", ["TEXT", "street", OWN], NO_PICTURE),
    ("translate", ["EMPTY", "street", OWN], NO_PICTURE),
    ("translate", ["HALF", "street", OWN], "is damaged or incomplete"),
    ("translate", ["PICTURE", "../street", OWN], "There is no '../street' here. Choose one of: street"),
    ("translate", ["PICTURE", "", OWN], "There is no ''"),
    ("translate", ["PICTURE", None, OWN], "There is no"),
    ("translate", ["PICTURE", ["street"], OWN], "There is no"),
    ("translate", ["PICTURE", "x" * 5000, OWN], "There is no"),
    ("translate", ["PICTURE", "street", "huge"], "own size, trained size"),
    ("translate", ["PICTURE", "street", 256], "own size, trained size"),
    ("translate", [7, "street", OWN], NO_FILE),
    ("translate", [{"url": "PICTURE"}, "street", OWN], NO_FILE),
    ("translate", [["a", "b"], "street", OWN], NO_FILE),
    ("draw", ["TEXT", "emoji"], NO_PICTURE),
    ("draw", ["PICTURE", "street-dogs"], "There is no"),
    ("enlarge", ["TEXT", "enlarge"], NO_PICTURE),
    ("enlarge", ["PICTURE", "street"], "Choose one of: enlarge"),
    ("colorize", ["HALF", "colorize"], "is damaged or incomplete"),
    ("colorize", ["PICTURE", "colorize", 7], "The temperature must be a number from 0.05 to 1, not 7"),
    ("colorize", ["PICTURE", "colorize", "hot"], "The temperature must be a number"),
    ("colorize", ["PICTURE", "colorize", -1], "The temperature must be a number"),
    ("colorize", ["PICTURE", "colorize", True], "The temperature must be a number"),
    ("colorize", ["PICTURE", "colorize", 0.5, [[2, 0, 1, 1, 1]]], NO_HINT),
    ("colorize", ["PICTURE", "colorize", 0.5, [[0, 0, "red"]]], NO_HINT),
    ("colorize", ["PICTURE", "colorize", 0.5, [[0, 0, 2**70, 1, 1]]], NO_HINT),
    ("colorize", ["PICTURE", "colorize", 0.5, {"x": 1}], "Hints must be a list"),
    ("fill", ["PICTURE", "BLACK", "fill"], "marks no pixel"),
    ("fill", ["PICTURE", "TALL", "fill"], "the same proportions"),
    ("fill", ["PICTURE", "TEXT", "fill"], NO_PICTURE),
    ("fill", ["PICTURE", None, "fill"], "Send the mask as a file"),
    ("compare", ["PICTURE", "facades", OWN], "There is no"),
    ("compare", ["PICTURE", GROUP, "huge"], "own size"),
    ("cycle", ["PICTURE", "street", OWN], "Choose one of: horse2ink, ink2horse"),
    ("see", ["PICTURE", "street", OWN], "There is no"),
    ("see", ["TEXT", "pose", OWN], NO_PICTURE),
    ("dance", ["TEXT", ["dance-ava"]], "is not a video"),
    ("dance", ["PICTURE", ["dance-ava"]], "is not a video"),
    ("dance", ["PICTURE", [], "alone"], "Choose one to 4"),
    ("dance", ["PICTURE", ["dance-ava"], "above"], "The layout must be"),
    ("dance", ["PICTURE", ["dance-ava"], "alone", False, 7], "smoothness a number from 0 to 1"),
    ("dance", ["PICTURE", ["dance-ava"], "alone", False, "much"], "smoothness a number from 0 to 1"),
    ("dance", ["PICTURE", ["dance-ava"], "alone", False, 0.5, "green"], "#rrggbb"),
    ("models", ["street-dogs"], "There is no"),
    ("models", [["street"]], "There is no"),
]


@pytest.mark.parametrize(("point", "given", "fragment"), CALLS, ids=[f"{n}-{c[0]}" for n, c in enumerate(CALLS)])
def test_a_bad_call(client: Client, files: dict[str, Any], point: str, given: list[Any], fragment: str) -> None:
    arguments = [files.get(value, value) if isinstance(value, str) else value for value in given]
    with pytest.raises(AppError) as error:
        client.predict(*arguments, api_name=f"/{point}")
    checked(str(error.value), fragment)


FILE = {"meta": {"_type": "gradio.FileData"}}
POSTS: list[tuple[str, list[Any], str]] = [
    ("translate", [{"path": "/etc/hostname"}, "street", OWN], NO_FILE),
    ("translate", [{"path": ["x"], "meta": {}}, "street", OWN], NO_FILE),
    ("translate", ["data:image/png;base64,AAAA", "street", OWN], NO_FILE),
    ("translate", [None, "street", OWN], NO_FILE),
    ("draw", [{"path": "weights/street.onnx"}, "emoji"], NO_FILE),
    ("dance", [None, ["dance-ava"]], "Send the video as a file"),
    ("translate", [{"url": "http://127.0.0.1:9/x.png", "path": "http://127.0.0.1:9/x.png", **FILE}, "street", OWN],
     "could not be downloaded"),
    ("translate", [{"url": "ftp://127.0.0.1/x.png"}, "street", OWN], NO_FILE),
    ("translate", [{"url": "ftp://127.0.0.1/x.png", **FILE}, "street", OWN], NO_FILE),
    ("translate", [{"url": "ftp://127.0.0.1/x.png", "path": "ftp://127.0.0.1/x.png", **FILE}, "street", OWN],
     "begins with http:// or https://"),
]  # fmt: skip


@pytest.mark.parametrize(("point", "given", "fragment"), POSTS, ids=[f"{n}-{c[0]}" for n, c in enumerate(POSTS)])
def test_a_bad_post(address: str, point: str, given: list[Any], fragment: str) -> None:
    call = f"{address}/gradio_api/call/{point}"
    event = httpx.post(call, json={"data": given}).json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=600).text
    assert answer.startswith("event: error")
    said = json.loads(answer.partition("data: ")[2])
    checked(str(said.get("error") if isinstance(said, dict) else said), fragment)


BODIES = {
    "no JSON": b"This is a letter.",
    "half of JSON": b'{"data": [',
    "a list": b"[1, 2, 3]",
    "no data": b"{}",
    "data in words": b'{"data": "street"}',
    "null": b"null",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body(address: str, name: str) -> None:
    call = f"{address}/gradio_api/call/translate"
    answer = httpx.post(call, content=BODIES[name], headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


def test_the_app_still_works_after_all_that(client: Client, files: dict[str, Any]) -> None:
    assert Path(client.predict(files["PICTURE"], "street", OWN, api_name="/translate")).suffix == ".png"
