"""Files are whole or as they were, whatever fails and when."""

import os
import stat
import threading

import pytest

from nanobook import errors
from nanobook.files import atomic_write
from tests.faults import outcomes

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions, links and folders")


def write(path, data=b"new"):
    with atomic_write(path) as file:
        file.write(data[:1])
        file.write(data[1:])


def test_a_file_is_made_and_replaced(tmp_path):
    for name in ("a", "ä" * 100, "n" * 255, ".x"):
        path = tmp_path / name
        write(path, b"old")
        write(str(path), b"new")
        assert path.read_bytes() == b"new"
    assert len(os.listdir(tmp_path)) == 4


@posix
@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_the_nth_call_fails(tmp_path, monkeypatch, there, error):
    path = tmp_path / "file"
    if there:
        path.write_bytes(b"old")
    before = b"old" if there else None
    places = []
    for place, raised in outcomes(monkeypatch, path, write, error):
        assert raised
        places.append(place)
        found = path.read_bytes() if path.exists() else None
        # When the folder is brought to the disk the new file has its place already.
        replaced = "replace" in places and place != "replace"
        assert found == (b"new" if replaced else before), place
        assert os.listdir(tmp_path) == (["file"] if found is not None else [])
        if replaced:
            path.write_bytes(b"old")
            before = b"old"
    assert {"open", "write", "fsync", "replace", "open_folder"} <= set(places)
    assert path.read_bytes() == b"new"


def write_half(path, error):
    with atomic_write(path) as file:
        file.write(b"half")
        raise error


def test_a_block_that_raises_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    for error in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(error):
            write_half(path, error)
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["file"]


@posix
def test_permissions_are_kept(tmp_path):
    path = tmp_path / "file"
    (tmp_path / "plain").touch()
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    path.chmod(0o640)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@posix
def test_c067_links_are_followed_and_devices_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/null"):
        with pytest.raises(errors.InvalidValue, match="use the name"):
            write(path)
    assert sorted(os.listdir(tmp_path)) == ["link", "pipe", "target"]


def test_c068_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "no" / "file")


def test_two_writers_leave_one_whole_file(tmp_path):
    path = tmp_path / "file"
    threads = [threading.Thread(target=write, args=(path, bytes([65 + n]) * 100_000)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = path.read_bytes()
    assert len(found) == 100_000
    assert len(set(found)) == 1
    assert os.listdir(tmp_path) == ["file"]
