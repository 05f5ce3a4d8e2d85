"""Test writing files whole or not at all, the sentences about it, and what is no regular file."""

import errno
import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from synth import files


def test_a_file_appears_whole_with_its_folders(tmp_path: Path) -> None:
    files.write(tmp_path / "a" / "b" / "é.txt", "ü")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["é.txt"]
    assert (tmp_path / "a" / "b" / "é.txt").read_bytes() == "ü".encode()


def test_after_an_error_the_older_file_is_unchanged_and_nothing_is_left(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("before")
    with pytest.raises(UnicodeEncodeError), files.replacing(target) as part:
        part.write_text("half and \ud800")
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EDQUOT, "the disk is full. Free some space"),
        (errno.EFBIG, "larger than this disk or account allows"),
        (errno.EROFS, "this disk can only be read. Choose another place"),
        (errno.EACCES, "there is no permission for it. Choose another place"),
        (errno.EIO, "Input/output error. Choose another place"),
    ],
)
def test_an_error_of_the_system_is_a_sentence_with_the_file_and_a_way_out(
    tmp_path: Path, number: int, sentence: str
) -> None:
    target = tmp_path / "a.png"
    with pytest.raises(files.CannotWrite) as raised, files.writing(target):
        raise OSError(number, os.strerror(number))
    assert str(raised.value).startswith(f"{target} cannot be written: ")
    assert sentence in str(raised.value)
    assert files.sentence(OSError(number, os.strerror(number), str(target))).startswith(f"{target} cannot be used: ")


def test_a_file_where_a_folder_should_be_and_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(files.CannotWrite, match=f"{tmp_path / 'file'} is a file, and a folder is needed there"):
        files.write(tmp_path / "file" / "deep" / "a.png", b"x")
    with pytest.raises(files.CannotWrite, match="it is a folder"):
        files.write(tmp_path / "folder", b"x")
    with pytest.raises(files.CannotWrite, match="is a file, and a folder is needed"):
        files.folder(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize("name", ["a.png", "x" * 251 + ".png", "ж" * 120 + ".png"])
def test_what_a_killed_process_left_of_a_file_is_removed_and_nothing_else(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    left = [files.unfinished(target) for _ in range(2)]
    other = [files.unfinished(tmp_path / "b.png"), tmp_path / ".a.png.part", tmp_path / f"{name[:9]}.part"]
    for path in [*left, *other]:
        path.write_text("half")
    files.remove_unfinished([target, tmp_path / "none" / "c.png"])
    assert sorted(tmp_path.iterdir()) == sorted(other)


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and sockets are files on Unix")
def test_what_is_no_regular_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "lost").symlink_to("nowhere")
        (tmp_path / "file").write_text("")
        (tmp_path / "link").symlink_to("file")
        found = {path.name: files.not_regular(path) for path in tmp_path.iterdir()}
    assert found == {
        "pipe": "is a named pipe",
        "socket": "is a socket",
        "loop": "is a link to itself",
        "lost": "is a link to nothing",
        "file": "",
        "link": "",
    }
    assert files.not_regular(Path(os.devnull)) == "is a device"
    assert files.not_regular(tmp_path) == "is a folder"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are files on Unix")
def test_no_reader_waits_for_a_named_pipe(tmp_path: Path) -> None:
    from synth.data.doctor import survey
    from synth.data.sets.pairs import Pairs
    from synth.pixels import images, video_reader

    for side in ("x", "y"):
        (tmp_path / side).mkdir()
        os.mkfifo(tmp_path / side / "a.png")
    read = Pairs(name="", x="x", y="y")
    found = survey.inspect_items(survey.find_layout(tmp_path, "x", "y").items, (), None, lambda: None)
    assert {fact.error for fact in found} == {
        "“a.png” is a named pipe, not a file that can be read. Remove it, or give a file."
    }
    for reader in (images.read, video_reader.probe, lambda path: read.stack(read._listed(tmp_path), 8)):
        with pytest.raises(ValueError, match=r"“a\.png” is a named pipe"):
            reader(tmp_path / "x" / "a.png")
