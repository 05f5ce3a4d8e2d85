"""Test the temperature of /colorize: by keyword, by position, by its old name, and in plain HTTP requests."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from synth.app import controls
from synth.app.api import photos
from synth.pixels import color
from synth.runtime.registry import Registry
from tests.support import pictures
from tests.support.bundled_names import company
from tests.support.serving import running

# The client leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = company(tmp_path_factory.mktemp("company"))
    with running(folder, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("fetched")))


def pixels(path: str) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_the_temperature_is_taken_by_keyword_by_place_and_by_its_old_name(client: Client, tmp_path: Path) -> None:
    """The model of the tests gives the picture times twice the temperature, so that each call tells what it used."""
    photo = handle_file(pictures.save(tmp_path / "photo.png", np.full((16, 16, 3), 90, np.uint8)))
    calls = [
        (client.predict(photo, "colorize", 0.5, api_name="/colorize"), 0.5),
        (client.predict(photo, "colorize", temperature=0.25, api_name="/colorize"), 0.25),
        (client.predict(photo, "colorize", warmth=0.75, api_name="/colorize"), 0.75),
        (client.predict(photo, "colorize", temperature=0.25, warmth=1, api_name="/colorize"), 1),
        (client.predict(photo, "colorize", api_name="/colorize"), color.TEMPERATURE),
    ]
    for made, temperature in calls:
        assert abs(pixels(made).mean() - 90 * 2 * temperature) < 2, temperature


def test_a_plain_request_may_leave_out_arguments_at_the_end(address: str, tmp_path: Path) -> None:
    """Requests from before ``warmth`` was an argument of its own have four values; Gradio wants all five."""
    photo = pictures.save(tmp_path / "photo.png", np.full((16, 16, 3), 90, np.uint8))
    with photo.open("rb") as file:
        path = httpx.post(f"{address}/gradio_api/upload", files={"files": file}).json()[0]
    sent = {"path": path, "meta": {"_type": "gradio.FileData"}}
    call = f"{address}/gradio_api/call/colorize"
    for data in ([sent, "colorize", 0.5, []], [sent, "colorize", 0.5], [sent, "colorize"]):
        event = httpx.post(call, json={"data": data}).json()["event_id"]
        assert httpx.get(f"{call}/{event}", timeout=600).text.startswith("event: complete")


def test_the_old_name_of_the_temperature_warns(tmp_path: Path, cache: None, caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry(company(tmp_path), "cpu")
    sent = {"path": str(controls.fresh_file("photo.png")), "meta": {"_type": "gradio.FileData"}}
    pictures.save(Path(sent["path"]), np.full((16, 16, 3), 90, np.uint8))  # type: ignore[arg-type]
    photos.colorize(registry)(sent, "colorize", temperature=0.5)
    assert "warmth" not in caplog.text
    photos.colorize(registry)(sent, "colorize", warmth=0.5)
    assert "warmth is now called temperature" in caplog.text
