"""The app without a browser: what visitors may send, what comes back, and that torch stays out."""

import asyncio
import base64
import io
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

import app
from synth.pixels.palette import paint
from synth.serve import batch, compare, controls, draw, encode, examples, limits, models, run, translate
from synth.serve.shelf import Shelf
from tests import graphs

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(graphs.shelf(tmp_path_factory.mktemp("weights")), "cpu")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))


def picture(width: int = 40, height: int = 30) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def upload(path: Path, content: bytes) -> np.ndarray | None:
    path.write_bytes(content)
    return controls.picture_input().preprocess(SimpleNamespace(path=str(path)))  # type: ignore[arg-type]


# Pictures that people bring


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a picture"),
        (b"MZ\x00 not a picture", "not a picture"),
        (saved(picture())[:200], "damaged"),
        (saved(Image.new("1", (12000, 9000))), "limit is 40"),
    ],
    ids=["empty", "no picture", "cut off", "12000x9000"],
)
def test_bad_pictures_end_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(gr.Error) as error:
        upload(tmp_path / "picture.png", content)
    assert re.search(sentence, str(error.value.message))


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (saved(picture(1, 1)), (1, 1, 3)),
        (saved(picture(), "GIF", save_all=True, append_images=[picture()] * 2), (30, 40, 3)),
        (saved(picture().convert("RGBA")), (30, 40, 3)),
        (saved(Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40))), (30, 40, 3)),
        (saved(picture(), "JPEG"), (30, 40, 3)),
    ],
    ids=["1x1", "animated", "transparent", "16 bit", "a JPEG called .png"],
)
def test_odd_pictures_are_read_and_run(tmp_path: Path, shelf: Shelf, content: bytes, shape: tuple[int, ...]) -> None:
    image = upload(tmp_path / "picture.png", content)
    assert image is not None
    assert image.shape == shape
    assert np.array_equal(run.run(shelf.graph("invert"), image).result, 255 - image)


def test_no_picture_is_no_error() -> None:
    assert controls.picture_input().preprocess(None) is None


# Translate


def test_own_size_is_kept_and_shrinking_is_asked_for(shelf: Shelf) -> None:
    image = np.asarray(picture(501, 300))
    assert run.run(shelf.graph("invert"), image).result.shape == (300, 501, 3)
    assert run.run(shelf.graph("invert"), image, run.TRAINED).result.shape == (153, 256, 3)


def test_too_many_megapixels_say_what_to_do(shelf: Shelf) -> None:
    image = np.zeros((3000, 4000, 3), np.uint8)
    with pytest.raises(ValueError, match=r"12\.0 megapixels.*Shrink to 256"):
        run.run(shelf.graph("invert"), image)
    assert run.run(shelf.graph("invert"), image, run.TRAINED).result.shape == (192, 256, 3)


def test_a_result_can_be_fetched_and_is_exact(shelf: Shelf) -> None:
    image = np.asarray(picture())
    graph = shelf.graph("invert")
    (before, after), fetch, status = translate.present(graph, run.run(graph, image))
    assert np.array_equal(before, 255 - after)
    assert np.array_equal(np.asarray(Image.open(fetch.value["path"])), after)
    assert "CPU · 40 × 30" in status


def test_a_photograph_for_a_graph_of_labels_is_told_so(shelf: Shelf) -> None:
    card = shelf.card("facades")
    labels = paint(np.arange(9, dtype=np.uint8).reshape(3, 3) % 3, card.inputs[0].palette)
    assert not translate.stray(labels ^ 7, card)
    assert translate.stray(np.asarray(picture(90, 80)), card)
    assert not translate.stray(np.asarray(picture(90, 80)), shelf.card("invert"))


def test_many_files_share_a_zip_whatever_their_names(tmp_path: Path, shelf: Shelf) -> None:
    paths = []
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / ("Cat.png" if folder == "c" else "cat.png"))
        picture().save(paths[-1])
    (tmp_path / "bad<b>.png").write_bytes(b"bad")
    steps = []
    archive, report = batch.translate_many(
        shelf.graph("invert"),
        [*map(str, paths), str(tmp_path / "bad<b>.png")],
        run.OWN,
        lambda at, **_: steps.append(at),
    )
    assert archive is not None
    with zipfile.ZipFile(archive) as file:
        assert sorted(file.namelist()) == ["Cat-3.png", "cat-2.png", "cat.png"]
        result = np.asarray(Image.open(io.BytesIO(file.read("cat.png"))))
    assert np.array_equal(result, 255 - np.asarray(picture()))
    assert steps == [(number, 4) for number in range(4)]
    assert "3 done" in report
    assert "bad&lt;b&gt;.png" in report


def test_many_files_end_in_a_sentence_for_none(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="between 1 and"):
        batch.translate_many(shelf.graph("invert"), [], run.OWN, None)


# Draw: its two functions are public, so anything may arrive


def drawing(image: Image.Image) -> str:
    return draw.PREFIX + base64.b64encode(saved(image)).decode()


def test_a_drawing_comes_back_as_the_graphs_picture(shelf: Shelf) -> None:
    render, _ = draw.functions(shelf)
    answer = render({"graph": "facades", "png": drawing(picture(256, 256))})
    result = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["png"].split(",")[1]))))
    assert np.array_equal(result, 255 - np.asarray(picture(256, 256)))
    assert answer["place"] == "CPU"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"graph": ["facades"], "png": ""},
        {"graph": "../facades", "png": drawing(picture(256, 256))},
        {"graph": "facades-l1", "png": drawing(picture(256, 256))},
        {"graph": "facades", "png": None},
        {"graph": "facades", "png": "data:image/png;base64,###"},
        {"graph": "facades", "png": "data:image/png;base64,AAAA"},
        {"graph": "facades", "png": draw.PREFIX + "A" * 10**6},
        {"graph": "facades", "png": drawing(picture(255, 256))},
        {"graph": "facades", "png": drawing(Image.new("1", (5000, 5000)))},
        {"graph": "facades", "index": -1},
        {"graph": "facades", "index": True},
        {"graph": "facades", "index": "../0"},
    ],
)
def test_whatever_a_browser_sends_ends_in_a_sentence(shelf: Shelf, data: object) -> None:
    for function in draw.functions(shelf):
        answer = function(data)
        assert set(answer) == {"error"}
        assert answer["error"].endswith(".")


def test_an_example_opens_at_the_size_of_the_canvas(shelf: Shelf) -> None:
    _, example = draw.functions(shelf)
    data = base64.b64decode(example({"graph": "facades", "index": 0})["png"].split(",")[1])
    assert Image.open(io.BytesIO(data)).size == (256, 256)


# Compare and Models


def test_a_comparison_fills_panel_by_panel(shelf: Shelf) -> None:
    image = np.asarray(picture(256, 256))
    pages = list(compare.panels(shelf, compare.ordered(shelf)["facades"], image, image, run.OWN))
    assert [page.count("<img") for page in pages] == [2, 3, 4]
    assert [page.count("class=wait") for page in pages] == [2, 1, 0]
    assert re.findall(r"<figcaption>([^<]+)", pages[-1]) == ["Input", "Ground truth", "l1", "cgan"]


def test_examples_of_a_set_are_shared_by_its_variants_and_carry_the_truth(shelf: Shelf) -> None:
    found = examples.find(shelf.folder, "facades-l1")
    assert found == examples.find(shelf.folder, "facades")
    assert [example.target and example.target.name for example in found] == ["0.png", "1.png", "2.png"]


def test_cards_of_strangers_cannot_write_html() -> None:
    evil = "<script>alert(1)</script>"
    card = replace(graphs.CARD, title=evil, task=evil, data=evil, licence=evil, protocol=evil, metrics={evil: 1.0})
    assert "<script" not in models.row(card, 1, evil)
    assert "<script" not in compare.figure(evil, np.zeros((4, 4, 3), np.uint8), [evil])
    assert "<b>" in translate.describe(card)
    assert "<script" not in translate.describe(card)


def test_every_graph_is_in_the_table(shelf: Shelf) -> None:
    assert models.table_of(shelf).count("parameters<small>") == len(shelf.entries)


# The page


@pytest.fixture
def page(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[gr.Blocks]:
    """The whole page. Gradio makes an event loop for its locks and leaves it open, so that it is closed here."""
    loops: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loops.append(make()) or loops[-1])
    yield app.build(shelf)
    asyncio.set_event_loop(None)
    for loop in loops:
        loop.close()


def test_tabs_without_graphs_are_hidden(tmp_path: Path, shelf: Shelf) -> None:
    assert app.tabs(shelf) == ["draw", "translate", "compare", "models"]
    graphs.save(tmp_path, replace(graphs.CARD, tabs=("translate",)))
    assert app.tabs(Shelf(tmp_path, "cpu")) == ["translate", "models"]


def test_the_page_names_no_path_of_the_server(shelf: Shelf, page: gr.Blocks) -> None:
    assert str(shelf.folder) not in json.dumps(page.get_config_file(), default=str)


def test_all_work_of_the_graphs_waits_in_one_bounded_queue(page: gr.Blocks) -> None:
    names = {fn.name: fn.concurrency_id for fn in page.fns.values()}
    assert {names[name] for name in ("translate", "example", "switch", "run_all", "own", "try_it")} == {"run"}


def test_a_gpu_that_is_not_used_is_seen_on_the_page(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = app.providers.Choice((("CPUExecutionProvider", {}),), "CPU", "NVIDIA <X> is present but not used: reason.")
    monkeypatch.setattr(app.providers, "choose", lambda wanted: choice)
    assert "NVIDIA &lt;X&gt; is present but not used: reason." in app._top(shelf)


def test_torch_is_never_imported(shelf: Shelf) -> None:
    code = (
        "import sys; sys.modules['torch'] = None; import app; from synth.serve.shelf import Shelf;"
        f"shelf = Shelf({str(shelf.folder)!r}, 'cpu'); app.build(shelf); import numpy;"
        "shelf.graph('invert').run(numpy.zeros((9, 9, 3), 'uint8'));"
        "assert sys.modules.pop('torch') is None;"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'torch']"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def test_a_missing_folder_ends_in_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "app.py", "--weights", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "Name the one with the graphs" in done.stdout


def test_a_warning_stands_beside_the_result(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = shelf.graph("invert")
    monkeypatch.setattr(graph, "warning", "A <GPU> is not used.")
    assert "A &lt;GPU&gt; is not used." in translate.present(graph, run.run(graph, np.asarray(picture())))[2]
    render, _ = draw.functions(shelf)
    assert render({"graph": "invert", "png": drawing(picture(256, 256))})["warning"] == "A <GPU> is not used."


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the time a process used is asked of Unix")
def test_the_first_page_takes_at_most_four_seconds_of_a_processor(shelf: Shelf) -> None:
    """Processor time from the start of the program to the first answer: what a quiet machine would take."""
    import resource

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "app.py", "--port", str(port), "--weights", str(shelf.folder), "--provider", "cpu"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _first_answer(f"http://127.0.0.1:{port}")
        finally:
            process.kill()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 4


def _first_answer(url: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the app did not answer")


@pytest.mark.parametrize("declared", [True, False])
def test_bodies_beyond_the_limit_do_not_reach_the_app(declared: bool) -> None:
    sent, read = [], []

    async def inner(scope, receive, send) -> None:
        while (await receive())["more_body"]:
            read.append(1)

    async def receive() -> dict:
        return {"type": "http.request", "body": b"x" * 2**20, "more_body": True}

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"content-length", b"99999999")] if declared else []
    scope = {"type": "http", "path": "/gradio_api/component_server", "headers": headers}
    asyncio.run(limits.BodyLimit(inner)(scope, receive, send))
    assert sent[0]["status"] == 413
    assert len(read) == (0 if declared else limits.MAX_BODY // 2**20)


def test_an_encoded_picture_is_exact() -> None:
    pixels = np.asarray(picture())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode.png(pixels)))), pixels)
