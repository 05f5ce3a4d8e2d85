"""Test unpacking of untrusted archives: nothing outside the folder, no full disk, damage reported."""

import tarfile
from pathlib import Path

import pytest

from synth.data.sources.unpack import unpack
from tests.support.archives import CONTENT, tarred, zipped


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_archives_unpack_whatever_their_name(pack, tmp_path: Path):
    file = pack(tmp_path, {"in/one.txt": b"one", "two.txt": b"two"}).rename(tmp_path / "file")
    unpack(file, tmp_path / "tree")
    assert (tmp_path / "tree/in/one.txt").read_bytes() == b"one"


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("path", ["../out.txt", "in/../../out.txt"])
def test_nothing_lands_outside(pack, path: str, tmp_path: Path):
    with pytest.raises(ValueError, match="outside its folder"):
        unpack(pack(tmp_path, {path: b"!"}), tmp_path / "tree")
    assert not list(tmp_path.rglob("out.txt"))


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(member)
    with pytest.raises(ValueError, match="outside its folder"):
        unpack(tmp_path / "a.tar", tmp_path / "tree")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_that_would_fill_the_disk_is_refused(pack, tmp_path: Path):
    with pytest.raises(ValueError, match="would unpack to more than"):
        unpack(pack(tmp_path, {"zeros": bytes(100_000)}), tmp_path / "tree", limit=50_000)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_damaged_archives_end_in_a_sentence(pack, tmp_path: Path):
    file = pack(tmp_path, {"noise": CONTENT})
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(whole[:middle] + bytes(2000) + whole[middle + 2000 :])
    with pytest.raises(ValueError, match="damaged"):
        unpack(file, tmp_path / "tree")
    file.write_bytes(whole[:middle])
    with pytest.raises(ValueError, match=r"damaged|neither a zip nor a tar"):
        unpack(file, tmp_path / "tree2")
    file.write_bytes(b"<html>Please log in</html>")
    with pytest.raises(ValueError, match="error page"):
        unpack(file, tmp_path / "tree3")
