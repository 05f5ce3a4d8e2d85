"""Test ``python -m synth data``: sets laid out from the web, from a copy, or from what is on disk."""

import hashlib
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tyro
from PIL import Image

from synth.data.sets.pairs import Pairs
from synth.data.sources import facades as facade_copy
from synth.data.sources import fetch as command
from synth.data.sources import layout, sources
from synth.data.sources.download import Unreachable
from synth.data.sources.fetch import fetch, npm_pack
from synth.data.sources.sources import Archive, Package, Place
from synth.pixels import images, palette
from tests.support.archives import CONTENT, tarred, zipped
from tests.support.pictures import blocks, save
from tests.support.web import Site, serve


def test_facades_with_walls_and_windows_confused_are_mended_on_the_way(tmp_path: Path):
    index = np.zeros((96, 96), np.uint8)
    index[16:, 8:88] = 1
    index[30:50, 20:36] = index[30:50, 60:76] = 2
    confused = np.array([1, 2, 2, 3], np.uint8)[index]
    confused[(index == 2) & (np.random.default_rng(0).random((96, 96)) < 0.4)] = 3
    for split, name in (("train", "a"), ("train", "b"), ("test", "c")):
        save(tmp_path / "copy" / split / "labels" / f"{name}.png", palette.paint(confused, palette.FACADES))
        save(tmp_path / "copy" / split / "photo" / f"{name}.png", blocks(0, 96))
    original = (tmp_path / "copy" / "train" / "labels" / "a.png").read_bytes()
    assert fetch("facades", out=tmp_path / "data", from_=tmp_path / "copy") == 0
    mended = images.read(tmp_path / "data" / "facades" / "train" / "labels" / "a.png")
    assert (mended == palette.paint(index, palette.FACADES)).all(-1).mean() > 0.98
    assert (tmp_path / "copy" / "train" / "labels" / "a.png").read_bytes() == original


@pytest.fixture
def site():
    with serve(Site({})) as running:
        yield running


def encoded(image: np.ndarray, kind: str = "png") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind)
    return buffer.getvalue()


def cmp_files(part: str, numbers: range) -> dict[str, bytes]:
    files = {f"{part}/cmp_{part[0]}{n:04}.jpg": encoded(blocks(n), "jpeg") for n in numbers}
    files |= {f"{part}/cmp_{part[0]}{n:04}.png": encoded(blocks(n)) for n in numbers}
    return files | {"readme.txt": b"read me"}


@pytest.fixture
def facades(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The facades with their addresses on this machine: the first place is broken, the second works."""
    places = []
    for place, prefix in zip(sources.FACADES.places, ("cmp", "mirror"), strict=True):
        archives = [part for part in place.parts if isinstance(part, Archive)]
        parts = [replace(part, addresses=(f"{site.address}/{prefix}/{part.file}",)) for part in archives]
        places.append(replace(place, parts=tuple(parts)))
    monkeypatch.setitem(sources.SOURCES, "facades", replace(sources.FACADES, places=tuple(places)))
    return tmp_path / "data"


def test_the_official_archives_become_pairs(facades: Path, site: Site, tmp_path: Path):
    for part, count in (("base", 20), ("extended", 10)):
        file = zipped(tmp_path, cmp_files(part, range(count)))
        site.files[f"/cmp/CMP_facade_DB_{part}.zip"] = file.read_bytes()
    assert fetch("facades", out=facades) == 0
    found = {split: Pairs(name="facades").find(facades / "facades", split) for split in ("train", "test")}
    assert len(found["train"]) + len(found["test"]) == 30
    assert found["test"]
    about = json.loads((facades / "facades/source.json").read_text())
    assert set(about["files"]) == {"CMP_facade_DB_base.zip", "CMP_facade_DB_extended.zip"}
    assert about["pairs"] == {split: len(pairs) for split, pairs in found.items()}
    assert {f.name for f in facades.iterdir()} == {"facades", "downloads"}
    asked = len(site.asked)
    assert fetch("facades", out=facades) == 0
    assert len(site.asked) == asked


def test_the_copy_is_taken_when_the_official_address_fails(facades: Path, site: Site, tmp_path: Path):
    colors = palette.colors(palette.CITYSCAPES)[:4]
    labels = np.repeat(np.repeat(colors.reshape(2, 2, 3), 16, 0), 16, 1)
    photo = blocks(1, 32)
    both = encoded(np.concatenate([photo, labels], axis=1))
    files = {f"facades/{split}/{n}.png": both for split in ("train", "val") for n in (1, 2)}
    site.files["/mirror/facades.tar.gz"] = tarred(tmp_path, files).read_bytes()
    known = sources.SOURCES["facades"]
    second = replace(known.places[1], arrange=sources.layout.cityscapes_side_by_side)
    sources.SOURCES["facades"] = replace(known, places=(known.places[0], second))
    assert fetch("facades", out=facades) == 0
    pair = Pairs(name="facades").find(facades / "facades", "test")[0]
    assert np.array_equal(images.read(pair.x), labels)
    assert np.array_equal(images.read(pair.y), photo)


def test_when_no_address_answers_the_way_out_is_said(facades: Path):
    with pytest.raises(ValueError, match="--from") as caught:
        fetch("facades", out=facades)
    assert "CMP_facade_DB_base.zip" in str(caught.value)
    assert not (facades / "facades").exists()
    assert not list(facades.glob(".*"))


@pytest.mark.parametrize("given", ["archive", "folder of archives", "unpacked", "finished"])
def test_from_takes_what_is_there(given: str, tmp_path: Path):
    origin = tmp_path / "mine"
    if given in ("archive", "folder of archives"):
        zipped(origin, cmp_files("base", range(9)), "CMP_facade_DB_base.zip")
        zipped(origin, cmp_files("extended", range(9)), "CMP_facade_DB_extended.zip")
        origin = origin / "CMP_facade_DB_base.zip" if given == "archive" else origin
    else:
        for n in range(9):
            folders = ("labels", "photo") if given == "finished" else ("base", "base")
            save(origin / folders[0] / f"cmp_b{n}.png", blocks(n))
            save(origin / folders[1] / f"cmp_b{n}.jpg", blocks(n))
    assert fetch("facades", out=tmp_path / "data", from_=origin) == 0
    pairs = [p for split in ("train", "test") for p in Pairs(name="facades").find(tmp_path / "data/facades", split)]
    assert len(pairs) == (18 if given == "folder of archives" else 9)


def test_what_was_given_stays_untouched_whatever_is_done_to_the_set(tmp_path: Path):
    for side in ("labels", "photo"):
        save(tmp_path / "mine/train" / side / "1.png", blocks(1))
    fetch("facades", out=tmp_path / "data", from_=tmp_path / "mine")
    mine, ours = tmp_path / "mine/train/photo/1.png", tmp_path / "data/facades/train/photo/1.png"
    before = mine.read_bytes()
    ours.write_bytes(b"spoilt")
    assert mine.read_bytes() == before


def test_strange_folders_and_names_end_in_sentences(tmp_path: Path):
    save(tmp_path / "mine/one.png", blocks(1))
    with pytest.raises(ValueError, match="does not look like facades"):
        fetch("facades", out=tmp_path / "data", from_=tmp_path / "mine")
    with pytest.raises(ValueError, match="no file or folder"):
        fetch("facades", out=tmp_path / "data", from_=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="facades, cityscapes, emoji"):
        fetch("horses", out=tmp_path / "data")
    (tmp_path / "data/facades").mkdir(parents=True)
    with pytest.raises(ValueError, match="not made by this command"):
        fetch("facades", out=tmp_path / "data")
    assert not list((tmp_path / "data").glob(".*"))


def test_without_a_name_the_sets_are_listed(capsys: pytest.CaptureFixture[str]):
    assert fetch() == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in sources.SOURCES)


def test_npm_missing_failing_and_working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = Package("thing-1.0.0.tgz", "@maker/thing@1.0.0", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(Unreachable, match="not installed"):
        npm_pack(package, tmp_path / "out")
    _fake_npm(tmp_path / "bin", "print('npm error code E404', file=sys.stderr); sys.exit(1)")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Unreachable, match="E404"):
        npm_pack(package, tmp_path / "out")
    (tmp_path / "content").write_bytes(CONTENT)
    _fake_npm(
        tmp_path / "bin",
        f"shutil.copy({str(tmp_path / 'content')!r}, sys.argv[-1] + '/maker-thing-1.0.0.tgz');"
        "print(json.dumps([{'filename': 'maker-thing-1.0.0.tgz'}]))",
    )
    assert npm_pack(package, tmp_path / "out").read_bytes() == CONTENT


def _fake_npm(folder: Path, body: str) -> None:
    """Put a program called npm into a folder: the client itself is not ours to test."""
    folder.mkdir(exist_ok=True)
    (folder / "npm").write_text(f"#!{sys.executable}\nimport json, shutil, sys\n{body}\n")
    (folder / "npm").chmod(0o755)


def test_the_table_of_sources_is_sound():
    for source in sources.SOURCES.values():
        assert source.licence
        for place in source.places:
            assert isinstance(place, Place)
            for part in place.parts:
                assert len(part.sha256) in ((0, 64) if isinstance(part, Archive) else (64,))
                if isinstance(part, Archive):
                    assert all(address.startswith("https://") for address in part.addresses)


def test_the_command_line_has_the_promised_flags(tmp_path: Path):
    for side in ("labels", "photo"):
        save(tmp_path / "mine" / side / "1.png", blocks(1))
    arguments = ["facades", "--out", str(tmp_path / "data"), "--from", str(tmp_path / "mine")]
    assert tyro.cli(command.fetch, args=arguments) == 0
    assert (tmp_path / "data/facades/photo/1.png").exists()


@pytest.mark.parametrize("name", ["facades", "cityscapes"])
def test_label_maps_that_went_through_jpeg_get_their_colours_back(name: str, tmp_path: Path):
    known, drawn, arrange = {
        "facades": (palette.FACADES, facade_copy.SHIFTED, layout.facades_side_by_side),
        "cityscapes": (palette.CITYSCAPES, palette.CITYSCAPES, layout.cityscapes_side_by_side),
    }[name]
    index = np.kron(np.arange(12, dtype=np.uint8).reshape(3, 4), np.ones((32, 24), np.uint8))  # [96, 96]
    photo = blocks(1, 96)
    both = Image.fromarray(np.concatenate([photo, palette.paint(index, drawn)], axis=1))
    (tmp_path / f"tree/{name}/train").mkdir(parents=True)
    both.save(tmp_path / f"tree/{name}/train/1.jpg", quality=90)
    assert arrange(tmp_path / "tree", tmp_path / "out") == {"train": 1}
    found = images.read(tmp_path / "out/train/labels/1.png")
    assert (found == palette.paint(index, known)).all(-1).mean() > 0.97
    assert {tuple(c) for c in found.reshape(-1, 3).tolist()} <= {c[1:] for c in known}
