"""Test enlarging graphs outside of their tab: on archives, through the API, and on exported pages."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from export import web
from synth.__main__ import main
from synth.pixels.video_reader import VideoFrames
from synth.runtime import provenance
from synth.runtime.registry import Registry
from tests.support import graphs
from tests.support.clips import clip
from tests.support.serving import running

# The client leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
CARD = replace(graphs.CARD, name="enlarge", title="Quality", tabs=("enlarge",), multiple=1, scale=4)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    graphs.save(folder)
    graphs.save(folder, CARD)
    return folder


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture, part of which is transparent."""
    pixels = graphs.noise(30, 40, 4)
    pixels[..., 3] |= 1
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    return tmp_path / "cat.png"


def large(image: np.ndarray) -> np.ndarray:
    return image.repeat(4, 0).repeat(4, 1)


def apply(weights: Path, source: Path, out: Path) -> int:
    return main(["apply", "enlarge", str(source), str(out), "--weights", str(weights), "--provider", "cpu"])


def test_an_archive_is_enlarged_with_its_transparency(weights: Path, picture: Path, tmp_path: Path) -> None:
    assert apply(weights, picture, tmp_path / "out.png") == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png")), large(np.asarray(Image.open(picture))))
    assert provenance.SOURCE in provenance.read_xmp(tmp_path / "out.png")


def test_jpeg_has_no_transparency_and_shows_it_on_white(weights: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "nothing.png")
    assert apply(weights, tmp_path / "nothing.png", tmp_path / "out.jpg") == 0
    assert np.asarray(Image.open(tmp_path / "out.jpg")).min() == 255


def test_a_video_is_enlarged_frame_by_frame(weights: Path, tmp_path: Path) -> None:
    source = clip(tmp_path / "in.mp4", (0.0, 0.1, 0.2))
    assert apply(weights, source, tmp_path / "out.mp4") == 0
    made, given = ([frame for _, frame in VideoFrames(path)] for path in (tmp_path / "out.mp4", source))
    assert all(a.shape == large(b).shape for a, b in zip(made, given, strict=True))
    assert np.abs(made[0].astype(int) - large(given[0])).mean() < 6


def test_programs_enlarge_too(weights: Path, picture: Path, tmp_path: Path) -> None:
    with running(weights, tmp_path / "app.log", seconds=180) as address:
        client = Client(address, verbose=False, download_files=str(tmp_path / "fetched"))
        made = client.predict(handle_file(picture), "enlarge", api_name="/enlarge")
        assert np.array_equal(np.asarray(Image.open(made)), large(np.asarray(Image.open(picture))))
        with pytest.raises(AppError, match="Choose one of: enlarge"):
            client.predict(handle_file(picture), "invert", api_name="/enlarge")


def test_a_page_without_a_server_does_not_show_them(weights: Path) -> None:
    assert web.choose(Registry(weights, "cpu")) == ("invert",)
    with pytest.raises(ValueError, match=r"enlarge is not in .* or a page cannot show it"):
        web.choose(Registry(weights, "cpu"), ("enlarge",))
