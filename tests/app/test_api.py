"""Test the API endpoints: results, refusals, and the examples in the guides."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from synth.app import controls
from synth.app.api import api, uploads
from synth.app.tabs import dance_file
from synth.pixels.video_reader import probe
from synth.runtime import provenance
from synth.runtime.registry import Registry
from tests.support import dancers, graphs, pictures
from tests.support.bundled_names import GROUP, company
from tests.support.paths import ROOT
from tests.support.serving import running
from tests.support.walks import film
from tests.support.walks import pictures as walk

# The client leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
# The end points of the bundled graphs.
ENDS = {"translate", "draw", "compare", "see", "dance", "models", "enlarge", "colorize", "fill", "cycle"}
PHOTOGRAPHS, DANCES = ("/enlarge", "/colorize", "/fill"), ("/dance", "/dance_preview")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = company(tmp_path_factory.mktemp("company"))
    with running(folder, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("fetched")))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return pictures.save(tmp_path / "picture.png", np.asarray(pictures.noise()))


def pixels(path: str) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_one_end_point_a_tab_and_all_of_them_typed_and_told(client: Client) -> None:
    points: Any = client.view_api(return_format="dict", print_info=False)
    assert not points["unnamed_endpoints"]
    named = points["named_endpoints"]
    assert list(named) == ["/translate", "/draw", *PHOTOGRAPHS, "/compare", "/cycle", "/see", *DANCES, "/models"]
    types = {
        name: {p["parameter_name"]: p["python_type"]["type"] for p in point["parameters"]}
        for name, point in named.items()
    }
    assert types["/translate"] == {
        "picture": "filepath",
        "graph": "Literal['street', 'emoji', 'horse2ink', 'ink2horse']",
        "size": "Literal['own size', 'trained size']",
    }
    assert types["/cycle"] == {**types["/translate"], "graph": "Literal['horse2ink', 'ink2horse']"}
    assert types["/dance"]["characters"].startswith("list[")
    assert all(point["description"] and point["returns"] for point in named.values())


def test_a_picture_is_translated_and_says_what_it_is(client: Client, picture: Path) -> None:
    made = client.predict(picture=handle_file(picture), graph="street", api_name="/translate")
    assert np.array_equal(pixels(made), 255 - pixels(str(picture)))
    assert provenance.SOURCE in provenance.read_xmp(Path(made))


def test_a_drawing_is_brought_to_the_canvas(client: Client, picture: Path) -> None:
    assert pixels(client.predict(handle_file(picture), "emoji", api_name="/draw")).shape == (64, 64, 3)


def test_all_graphs_of_a_group(client: Client, picture: Path) -> None:
    made = client.predict(handle_file(picture), GROUP, "own size", api_name="/compare")
    assert [entry["graph"] for entry in made] == ["facades-l1", "facades-cgan"]
    assert made[0]["metrics"] == {"L1": 1.0}
    assert all(np.array_equal(pixels(entry["picture"]), 255 - pixels(str(picture))) for entry in made)


@pytest.mark.parametrize("size", ["own size", "trained size"])
def test_there_and_back_is_as_far_as_the_way_back_loses(client: Client, tmp_path: Path, size: str) -> None:
    """The way back of the tests takes grey levels off; of what is dark there are fewer to take."""
    image = np.full((90, 151, 3), (200, 100, 10), np.uint8)
    photo = handle_file(pictures.save(tmp_path / "photo.png", image))
    made = client.predict(photo, "horse2ink", size, api_name="/cycle")
    shape = (90, 151, 3) if size == "own size" else (38, 64, 3)
    assert np.array_equal(pixels(made["translation"]), np.full(shape, (55, 155, 245), np.uint8))
    assert np.array_equal(pixels(made["reconstruction"]), np.full(shape, (160, 60, 0), np.uint8))
    assert made["way_back"] == "ink2horse"
    assert made["difference"] == pytest.approx((40 + 40 + 10) / 3, abs=1e-3)
    assert provenance.SOURCE in provenance.read_xmp(Path(made["reconstruction"]))


def test_what_a_graph_sees(client: Client, tmp_path: Path) -> None:
    dark = pictures.save(tmp_path / "dark.png", np.zeros((30, 50, 3), np.uint8))
    seen = client.predict(handle_file(dark), "see-street", api_name="/see")
    assert seen["shares"] == {"white": 1.0}
    assert pixels(seen["picture"]).shape == (30, 50, 3)
    frame, joints = dancers.person(height=960, width=1280, tall=760)
    seen = client.predict(handle_file(pictures.save(tmp_path / "person.png", frame)), "pose", api_name="/see")
    assert np.abs(np.array(list(seen["joints"].values()))[5:, :2] - joints[5:, :2]).max() < 10
    assert pixels(seen["picture"]).shape == frame.shape
    seen = client.predict(handle_file(dark), "pose", api_name="/see")
    assert seen["joints"] == {}
    assert not pixels(seen["picture"]).any()


def test_photographs_are_enlarged_coloured_and_filled(client: Client, tmp_path: Path) -> None:
    gray = np.full((40, 60, 3), 90, np.uint8)
    mask = np.zeros_like(gray)
    mask[10:20, 20:30] = 255
    photo, hole = (handle_file(pictures.save(tmp_path / f"{n}.png", x)) for n, x in (("photo", gray), ("hole", mask)))
    large = pixels(client.predict(photo, "enlarge", api_name="/enlarge"))
    assert np.array_equal(large, gray.repeat(4, 0).repeat(4, 1))
    colored = pixels(client.predict(photo, "colorize", 0.5, [[0.5, 0.5, 200, 0, 0]], api_name="/colorize"))
    assert tuple(colored[20, 30]) == (200, 0, 0)
    assert (colored[:15] == 90).all()
    whole = pixels(client.predict(photo, hole, "fill", api_name="/fill"))
    assert (whole[10:20, 20:30] == graphs.GREEN).all()
    assert (whole[mask[..., 0] == 0] == 90).all()


def test_a_video_of_characters(client: Client, tmp_path: Path) -> None:
    clip = film(tmp_path / "in.mp4", walk(), sound=True)
    made = client.predict(handle_file(clip), ["dance-ava"], layout="side by side", api_name="/dance")
    with av.open(made) as container:
        assert container.streams.video[0].frames == 16
        assert container.streams.audio
        assert "synthesized" in container.metadata["comment"]
    part = client.predict(handle_file(clip), ["dance-ava"], start=0.5, end=1, person=[0.5, 0.5], api_name="/dance")
    assert probe(part).frames == 5
    look = client.predict(handle_file(clip), ["dance-ava"], 0.8, person=[0.5, 0.5], api_name="/dance_preview")
    assert pixels(look).shape == (384, 512 + 384, 3)


def test_the_cards_are_told(client: Client) -> None:
    cards = client.predict(api_name="/models")
    assert {card["name"] for card in cards} == {
        "street", "emoji", "facades-l1", "facades-cgan", "see-street", "pose", "dance-ava",
        "enlarge", "colorize", "fill", "horse2ink", "ink2horse",
    }  # fmt: skip
    assert client.predict("street", api_name="/models")[0]["inputs"][0]["palette"][0] == ["wall", 0, 0, 170]


@pytest.mark.parametrize(
    ("point", "given", "sentence"),
    [
        ("translate", ["PICTURE", "../street", "own size"], "There is no '../street' here. Choose one of: street"),
        ("translate", ["PICTURE", ["street"], "own size"], "There is no"),
        ("translate", ["PICTURE", "facades-l1", "own size"], "There is no"),
        ("translate", ["PICTURE", "street", "huge"], "own size, trained size"),
        ("translate", [None, "street", "own size"], "handle_file"),
        ("translate", ["/etc/hostname", "street", "own size"], "handle_file"),
        ("translate", [{"path": "/etc/hostname"}, "street", "own size"], "handle_file"),
        ("draw", ["TEXT", "emoji"], "not a picture"),
        ("compare", ["PICTURE", "facades", "own size"], "There is no"),
        ("compare", ["PICTURE", 7, "own size"], "There is no"),
        ("cycle", ["PICTURE", "street", "own size"], "Choose one of: horse2ink, ink2horse"),
        ("cycle", ["PICTURE", "ink2horse", "huge"], "own size, trained size"),
        ("cycle", ["TEXT", "ink2horse", "own size"], "not a picture"),
        ("cycle", [{"path": "/etc/hostname"}, "ink2horse", "own size"], "handle_file"),
        ("dance", ["TEXT", ["dance-ava"], "alone", False, 0.5], "not a video"),
        ("dance", ["PICTURE", ["pose"], "alone", False, 0.5], "There is no 'pose'"),
        ("dance", ["TEXT", ["dance-ava"], "alone", False, 0.5, 7], "must be a colour such as #00ff00, not 7"),
        ("dance_preview", ["TEXT", ["dance-ava"], 0, False, [1]], "must be x and y"),
        ("colorize", ["PICTURE", "colorize", 10**400], "a number from 0.05 to 1"),
        ("models", ["/etc/hostname"], "There is no"),
        ("models", [{"a": 1}], "There is no"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)
def test_whatever_else_arrives_ends_in_a_sentence(
    client: Client, picture: Path, tmp_path: Path, point: str, given: list[Any], sentence: str
) -> None:
    (tmp_path / "letter.txt").write_text("This is a letter.")
    files = {"PICTURE": handle_file(picture), "TEXT": handle_file(tmp_path / "letter.txt")}
    arguments = [files.get(value, value) if isinstance(value, str) else value for value in given]
    with pytest.raises(AppError) as error:
        client.predict(*arguments, api_name=f"/{point}")
    assert sentence in str(error.value)


@pytest.mark.parametrize("path", ["/etc/hostname", "weights/street.onnx", ["x"], None, "http://127.0.0.1:9/x.png"])
@pytest.mark.parametrize("meta", [{"meta": {"_type": "gradio.FileData"}}, {}, {"is_stream": True}])
def test_whoever_speaks_http_reads_no_file_of_the_server(address: str, path: Any, meta: dict[str, Any]) -> None:
    """The client uploads what it is given; who leaves it out can name any path."""
    call = f"{address}/gradio_api/call/translate"
    event = httpx.post(call, json={"data": [{"path": path, **meta}, "street", "own size"]}).json()["event_id"]
    assert httpx.get(f"{call}/{event}", timeout=600).text.startswith("event: error")


def test_who_leaves_frees_the_turn_and_leaves_no_file(
    troupe: Registry, tmp_path: Path, cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dance_file, "EVERY", 0)
    clip = film(controls.fresh_file("in.mp4"), walk())
    sent = {"path": str(clip), "meta": {"_type": "gradio.FileData"}}
    work = api._dance(troupe)(sent, ["dance-dots"])
    for _ in range(20):
        assert next(work) is None
    work.close()
    assert dance_file._slot.acquire(timeout=0)
    dance_file._slot.release()
    assert list((tmp_path / "cache").rglob("*.*")) == [clip]


@pytest.mark.parametrize("path", ["/etc/hostname", "../../etc/hostname", "", ".", "a\0b", "/"])
def test_no_file_of_the_server_is_read(path: str, cache: None) -> None:
    with pytest.raises(ValueError, match="as a file"):
        uploads.received({"path": path, "meta": {"_type": "gradio.FileData"}}, "picture")


def test_the_guide_examples_run_as_they_stand(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = (ROOT / "synth/app/README.md").read_text().split("## Call it from a program")[1].split("\n## ")[0]
    code = "\n".join(re.findall(r"```python\n(.*?)```", section, re.S))
    assert set(re.findall(r'api_name="/(\w+)"', code)) == {*ENDS, "dance_preview"}
    monkeypatch.chdir(tmp_path)
    os.symlink(ROOT / "weights", "weights")
    film(tmp_path / "me.mp4", walk())
    known: dict[str, Any] = {}
    exec(code.replace("http://127.0.0.1:7860", address), known)
    assert json.dumps(known["cards"])
    assert known["trip"]["way_back"] == "ink2horse"
    for name in ("photo", "picture", "video", "large", "colored"):
        assert Path(known[name]).stat().st_size > 100
    assert Path(known["variants"][0]["picture"]).suffix == ".png"


def test_the_readme_example_runs_as_it_stands(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    monkeypatch.chdir(ROOT)
    exec(code.replace("http://127.0.0.1:7860", address), {})
    assert Path(capsys.readouterr().out.strip().splitlines()[-1]).suffix == ".png"
