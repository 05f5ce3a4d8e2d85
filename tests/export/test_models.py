"""Test ``python -m synth models``: published checkpoints from a stand-in server become models of tabs."""

import hashlib
import io
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from export import models as command
from synth.__main__ import main
from synth.data.sources.download import download
from synth.importers import published
from synth.importers.published import MODELS, Published
from synth.pixels.palette import FACADES
from synth.runtime.registry import Registry
from tests.support.archives import zipped
from tests.support.checkpoints import resnet_state
from tests.support.web import Site, serve

FACADE = "cyclegan-facades_label2photo"


def saved(state: dict) -> bytes:
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    return buffer.getvalue()


NET = saved(resnet_state(2, "instance", stale=True))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A server with the files of all published checkpoints' names; downloads go to ``tmp_path/cache/models``."""
    monkeypatch.setenv("SYNTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(command, "download", partial(download, pause=0))
    with serve(Site({})) as running:
        for model in MODELS:
            archive = replace(model.archive, addresses=(f"{running.address}/{model.archive.file}",))
            monkeypatch.setitem(published.BY_NAME, model.name, replace(model, archive=archive))
        yield running


def with_sum(name: str, digits: str, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Give a published checkpoint the first digits of a SHA-256, and return it."""
    model = published.BY_NAME[name]
    changed = replace(model, archive=replace(model.archive, sha256=digits))
    monkeypatch.setitem(published.BY_NAME, name, changed)
    return changed


def get(name: str, out: Path, *more: str) -> int:
    return main(["models", "get", name, "--out", str(out), *more])


def test_a_checkpoint_is_resumed_checked_and_shown_in_its_tabs(site: Site, tmp_path: Path, capsys, monkeypatch):
    with_sum(FACADE, hashlib.sha256(NET).hexdigest()[:8], monkeypatch)
    site.files[f"/{FACADE}.pth"] = NET
    site.breaks, site.breaks_at = 1, 20_000
    assert get(FACADE, tmp_path / "weights") == 0
    assert [wanted for _, wanted in site.asked] == ["", "bytes=20000-"]
    told = capsys.readouterr().out
    assert told.index("Licence: BSD (code), no terms published") < told.index("Downloading")
    assert "CMP Facade Database (research)" in told
    assert "shows it in Translate and Draw." in told
    registry = Registry(tmp_path / "weights", "cpu")
    assert registry.problems == []
    assert registry.names("draw") == registry.names("translate") == [FACADE]
    card = registry.card(FACADE)
    assert (card.inputs[0].kind, card.inputs[0].palette, card.multiple) == ("labels", FACADES, 4)
    assert card.data in card.licence
    assert {file.name for file in (tmp_path / "cache/models").iterdir()} == {f"{FACADE}.pth", f"{FACADE}.pth.sha256"}
    assert get(FACADE, tmp_path / "weights") == 0
    assert "is there already" in capsys.readouterr().out
    assert len(site.asked) == 2


def test_one_of_an_archive_is_taken_and_a_copy_on_disk_serves_as_well(site: Site, tmp_path: Path, capsys):
    candy = saved({"candy.weight": torch.zeros(1)})
    files = {"saved_models/candy.pth": candy, "saved_models/udnie.pth": NET, "__MACOSX/saved_models/._candy.pth": b"?"}
    archive = zipped(tmp_path / "mine", files, "saved_models.zip")
    (tmp_path / "mine/candy.pth").write_bytes(candy)
    for given in ("saved_models.zip", "candy.pth"):
        assert get("style-candy", tmp_path / "weights", "--from", str(tmp_path / "mine" / given)) == 2
        assert "an unknown kind of network (keys: candy.weight" in capsys.readouterr().err
    assert site.asked == []
    assert get("style-mosaic", tmp_path / "weights", "--from", str(archive)) == 2
    assert "does not hold mosaic.pth" in capsys.readouterr().err


def test_the_wrong_bytes_are_deleted_and_never_converted(site: Site, tmp_path: Path, capsys):
    site.files["/siggraph17-df00044c.pth"] = NET
    assert get("siggraph17", tmp_path / "weights") == 2
    told = capsys.readouterr().err
    assert f"its SHA-256 is {hashlib.sha256(NET).hexdigest()[:16]}… and should be df00044c…" in told
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.rglob("*.pth*")) == list(tmp_path.rglob("*.onnx")) == []
    mine = tmp_path / "mine.pth"
    mine.write_bytes(NET)
    assert get("siggraph17", tmp_path / "weights", "--from", str(mine)) == 2
    assert "is not the published siggraph17" in capsys.readouterr().err
    assert mine.exists()


def test_what_is_no_checkpoint_is_said_with_the_way_to_try_again(site: Site, tmp_path: Path, capsys):
    site.files["/pix2pix-sat2map.pth"] = b"<html>Please log in</html>"
    assert get("pix2pix-sat2map", tmp_path / "weights") == 2
    told = capsys.readouterr().err
    assert "cannot be read safely" in told
    assert f"delete {tmp_path / 'cache/models/pix2pix-sat2map.pth'}" in told


def test_without_a_network_or_room_one_sentence_says_what_to_do(site: Site, tmp_path: Path, capsys, monkeypatch):
    gone = published.BY_NAME["eccv16"]
    address = "http://127.0.0.1:9/eccv16.pth"  # nothing listens there
    monkeypatch.setitem(published.BY_NAME, "eccv16", replace(gone, archive=replace(gone.archive, addresses=(address,))))
    assert get("eccv16", tmp_path / "weights") == 2
    told = capsys.readouterr().err
    assert "cannot be read" in told
    assert "python -m synth models get eccv16 --from FILE" in told
    site.files["/pix2pix-sat2map.pth"] = NET
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("usage", (), {"free": 100})())
    assert get("pix2pix-sat2map", tmp_path / "weights") == 2
    assert "or choose another disk with $SYNTH_CACHE." in capsys.readouterr().err
    assert get("eccv-16", tmp_path / "weights") == 2
    assert "Did you mean 'eccv16'?" in capsys.readouterr().err


def test_the_list_gives_every_fact_and_asks_no_server(site: Site, capsys):
    assert main(["models"]) == 0
    told = capsys.readouterr().out
    for model in MODELS:
        for fact in (
            f"  {model.name}: ",
            model.family.licence,
            model.family.paper,
            model.data,
            *model.archive.addresses,
        ):
            assert fact in told
        assert all(address.startswith("https://") for address in model.archive.addresses)
        stem = model.archive.file.removesuffix(".pth")
        assert model.archive.sha256 == (stem.rpartition("-")[2] if model.entry is None else "")
    assert len({model.name for model in MODELS}) == len(MODELS) == 35
    assert site.asked == []


def test_what_takes_a_drawing_or_a_label_map_is_for_the_draw_tab():
    for model in MODELS:
        assert ("draw" in model.tabs) == model.does.startswith(("drawing", "label map")), model.name
        assert (model.tabs == ("colorize",)) == (model.name in ("eccv16", "siggraph17"))
        assert model.facts().get("tabs", model.tabs) == model.tabs
