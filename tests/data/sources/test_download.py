"""Test downloads: resumed, verified, retried, and never joined from parts of different files."""

import hashlib
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from synth.data.sources.download import Unreachable, download, sha256
from synth.data.sources.sources import Archive
from tests.support.archives import CONTENT
from tests.support.web import Site, serve


@pytest.fixture
def site():
    with serve(Site({"/set.zip": CONTENT})) as running:
        yield running


def archive(site: Site, **change: Any) -> Archive:
    return replace(Archive("set.zip", (f"{site.address}/set.zip",)), **change)


def test_a_download_is_whole_and_its_checksum_recorded(site: Site, tmp_path: Path):
    file = download(archive(site), tmp_path)
    assert file.read_bytes() == CONTENT
    assert (tmp_path / "set.zip.sha256").read_text() == f"{sha256(file)}  set.zip\n"
    assert {f.name for f in tmp_path.iterdir()} == {"set.zip", "set.zip.sha256"}
    download(archive(site), tmp_path)
    assert len(site.asked) == 1


def test_a_broken_connection_goes_on_where_it_stopped(site: Site, tmp_path: Path):
    site.breaks, site.breaks_at = 3, 12_000
    file = download(archive(site, sha256=hashlib.sha256(CONTENT).hexdigest()), tmp_path, pause=0)
    assert file.read_bytes() == CONTENT
    assert [asked for _, asked in site.asked] == ["", "bytes=12000-", "bytes=24000-", "bytes=36000-"]


def test_a_stopped_run_is_taken_up_by_the_next(site: Site, tmp_path: Path):
    site.breaks, site.breaks_at, site.answers = 1, 20_000, 1
    with pytest.raises(Unreachable):
        download(archive(site), tmp_path, pause=0)
    assert (tmp_path / "set.zip.part").stat().st_size == 20_000
    site.answers = 1
    assert download(archive(site), tmp_path, pause=0).read_bytes() == CONTENT
    assert site.asked[-1] == ("/set.zip", "bytes=20000-")


@pytest.mark.parametrize("change", ["renewed", "no ranges", "no validator"])
def test_parts_of_different_files_are_never_joined(site: Site, tmp_path: Path, change: str):
    new = CONTENT[::-1] if change == "renewed" else CONTENT
    (tmp_path / "set.zip.part").write_bytes(CONTENT[:20_000] if change == "no ranges" else b"x" * 20_000)
    about = {"address": f"{site.address}/set.zip", "validator": "" if change == "no validator" else '"one"'}
    (tmp_path / "set.zip.part.json").write_text(json.dumps(about))
    if change == "renewed":
        site.files["/set.zip"], site.etag = new, '"two"'
    site.ranges = change != "no ranges"
    assert download(archive(site), tmp_path, pause=0).read_bytes() == new


def test_a_part_that_is_already_whole_is_kept(site: Site, tmp_path: Path):
    (tmp_path / "set.zip.part").write_bytes(CONTENT)
    about = {"address": f"{site.address}/set.zip", "validator": '"one"'}
    (tmp_path / "set.zip.part.json").write_text(json.dumps(about))
    assert download(archive(site), tmp_path, pause=0).read_bytes() == CONTENT
    assert len(site.asked) == 1


def test_wrong_bytes_are_removed_and_said(site: Site, tmp_path: Path):
    with pytest.raises(ValueError, match="SHA-256") as caught:
        download(archive(site, sha256="0" * 64), tmp_path, pause=0)
    assert "run the command again" in str(caught.value)
    assert not list(tmp_path.glob("set.zip"))
    assert not list(tmp_path.glob("set.zip.part"))


def test_a_file_that_was_changed_on_disk_is_noticed(site: Site, tmp_path: Path):
    file = download(archive(site), tmp_path)
    file.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(ValueError, match="damaged or has been changed"):
        download(archive(site), tmp_path)
    assert download(archive(site), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (503, 6)])
def test_errors_are_sentences_and_only_passing_ones_are_tried_again(
    site: Site, tmp_path: Path, status: int, requests: int
):
    site.status = status
    with pytest.raises(Unreachable, match=f"answers {status}"):
        download(archive(site), tmp_path, pause=0)
    assert len(site.asked) == requests


def test_a_redirect_to_an_address_without_encryption_is_not_read(site: Site, tmp_path: Path, monkeypatch):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "https":
            return httpx.Response(302, headers={"Location": "http://other.test/set.zip"})
        return httpx.Response(200, content=CONTENT)

    client = partial(httpx.Client, transport=httpx.MockTransport(answer))
    monkeypatch.setattr("synth.data.sources.download.httpx.Client", client)
    with pytest.raises(Unreachable, match="leads to an address without encryption"):
        download(archive(site, addresses=("https://sets.test/set.zip",)), tmp_path)
    assert not (tmp_path / "set.zip").exists()


def test_the_next_address_is_tried(site: Site, tmp_path: Path):
    two = archive(site, addresses=(f"{site.address}/gone", f"{site.address}/set.zip"))
    assert download(two, tmp_path, pause=0).read_bytes() == CONTENT


def test_no_space_is_said_before_the_first_byte(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("usage", (), {"free": 100})())
    with pytest.raises(ValueError, match="Free some space"):
        download(archive(site), tmp_path, pause=0)
