"""The disk of this machine behind the storage's interface."""

import errno
import os
import stat

import pytest

from nanobook.errors import InvalidValue
from nanobook.rebalancer import storage as module
from nanobook.rebalancer.storage import SystemStorage, opened, read_file, write_file
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.storage import CALLS, FAULTS, FaultyStorage

disk = SystemStorage()


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture(params=["disk", "memory"])
def place(request, tmp_path):
    """A storage and a folder in it: both keep the same rules."""
    return (disk if request.param == "disk" else MemoryStorage()), tmp_path


def test_a_file_is_written_read_cut_and_removed(place):
    storage, folder = place
    path = folder / "a"
    assert not storage.exists(path)
    with opened(storage, storage.create(path)) as handle:
        storage.append(handle, b"abc")
        storage.append(handle, memoryview(b"def"))
        assert storage.size(handle) == 6
        assert storage.read_at(handle, 100, 4) == b"ef"
        assert storage.read_at(handle, 2, 1) == b"bc"
        storage.truncate(handle, 4)
        storage.sync(handle)
    with opened(storage, storage.open_update(path)) as handle:
        storage.write_at(handle, b"XY", 1)
    with opened(storage, storage.open_append(path)) as handle:
        storage.append(handle, b"!")
    storage.sync_folder(folder)
    assert read_file(storage, path) == b"aXYd!"
    with pytest.raises(FileExistsError):
        storage.create(path)
    storage.replace(path, folder / "b")
    assert not storage.exists(path)
    storage.unlink(folder / "b")
    for call in (storage.open_read, storage.open_append, storage.open_update, storage.unlink):
        with pytest.raises(FileNotFoundError):
            call(path)


def test_a_lock_has_one_holder_until_it_is_closed(place):
    storage, folder = place
    first = storage.create(folder / "a")
    second = storage.open_append(folder / "a")
    assert storage.try_lock(first)
    assert storage.try_lock(first)
    assert not storage.try_lock(second)
    storage.close(first)
    assert storage.try_lock(second)
    storage.close(second)


def test_every_call_of_the_interface_is_there():
    for one in (disk, MemoryStorage(), FaultyStorage()):
        assert all(callable(getattr(one, name)) for name in CALLS)
    with pytest.raises(AttributeError):
        FaultyStorage().nothing  # noqa: B018


def test_c032_files_are_not_inherited_and_not_followed(tmp_path):
    handle = disk.create(tmp_path / "a")
    assert not os.get_inheritable(handle)
    assert mode_of(tmp_path / "a") == 0o600
    os.close(handle)
    (tmp_path / "link").symlink_to("a")
    for call in (disk.open_read, disk.open_append, disk.open_update):
        with pytest.raises(InvalidValue, match=r"link is a link; give the file itself"):
            call(tmp_path / "link")
    with pytest.raises(FileExistsError):
        disk.create(tmp_path / "link")


def test_c067_a_socket_a_device_and_a_pipe_do_not_hang_and_are_refused(tmp_path):
    import socket

    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path / "socket", "/dev/zero", tmp_path):
            for call in (disk.open_read, disk.open_update):
                with pytest.raises(InvalidValue, match="is not a file, but a folder, a pipe or a device"):
                    call(path)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666, 0o601])
def test_c067_a_file_that_others_may_touch_is_only_read(tmp_path, mode):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "a").chmod(mode)
    for call in (disk.open_append, disk.open_update):
        with pytest.raises(InvalidValue, match=f"has mode {mode:04o}; look who wrote to it, then chmod 600"):
            call(tmp_path / "a")
    assert read_file(disk, tmp_path / "a") == b"x"


def test_c067_a_file_of_somebody_else_is_refused(tmp_path, monkeypatch):
    disk.close(disk.create(tmp_path / "a"))
    monkeypatch.setattr(module.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(InvalidValue, match="belongs to another user"):
        disk.open_append(tmp_path / "a")
    monkeypatch.delattr(module.os, "geteuid")
    disk.close(disk.open_append(tmp_path / "a"))


def test_folders_are_made_each_for_its_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        disk.make_folder(tmp_path / "a" / "b")
        disk.make_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "a") == mode_of(tmp_path / "a" / "b") == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        disk.make_folder(tmp_path / "file" / "c")
    disk.make_folder("/")


def test_a_folder_made_by_somebody_faster_is_taken(tmp_path, monkeypatch):
    def late(path, mode):
        raise FileExistsError(errno.EEXIST, "File exists")

    monkeypatch.setattr(module.os, "mkdir", late)
    disk.make_folder(tmp_path / "a")


def test_a_folder_below_one_that_was_removed_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(OSError, match=r"Errno"):
        disk.make_folder("a")


def test_short_writes_are_gone_on_with(tmp_path, monkeypatch):
    real, real_at, real_read = os.write, os.pwrite, os.pread
    monkeypatch.setattr(module.os, "write", lambda handle, data: real(handle, data[:2]))
    monkeypatch.setattr(module.os, "pwrite", lambda handle, data, at: real_at(handle, data[:2], at))
    monkeypatch.setattr(module.os, "pread", lambda handle, count, at: real_read(handle, min(count, 3), at))
    with opened(disk, disk.create(tmp_path / "a")) as handle:
        disk.append(handle, b"abcdefg")
    with opened(disk, disk.open_update(tmp_path / "a")) as handle:
        disk.write_at(handle, b"XYZ", 2)
        assert disk.read_at(handle, 100, 0) == b"abXYZfg"


def test_where_folders_cannot_be_opened_names_are_left_to_the_system(monkeypatch):
    monkeypatch.setattr(module.os, "name", "nt")
    disk.sync_folder("nowhere")


def test_an_unreadable_path_is_an_error_and_not_absent(tmp_path):
    with pytest.raises(OSError, match="too long"):
        disk.exists(tmp_path / ("x" * 300))
    (tmp_path / "dead").symlink_to("nowhere")
    assert disk.exists(tmp_path / "dead")
    (tmp_path / "file").write_text("")
    assert not disk.exists(tmp_path / "file" / "below")


def test_a_file_is_replaced_whole_or_not_at_all(place):
    """At every call that fails."""
    storage, folder = place
    calls = FaultyStorage(storage=storage)
    write_file(calls, folder / "a", b"old")
    for fault in FAULTS:
        for nth in range(1, len(calls.calls) + 1):
            write_file(storage, folder / "a", b"old")
            with pytest.raises(OSError, match=r"Errno"):
                write_file(FaultyStorage(nth, fault, storage=storage), folder / "a", b"new")
            done = calls.calls[nth - 1] == "sync_folder"
            assert read_file(storage, folder / "a") == (b"new" if done else b"old")
    if storage is disk:
        assert [path.name for path in folder.iterdir()] == ["a"]
        assert mode_of(folder / "a") == 0o600


def test_a_small_file_is_small(place):
    storage, folder = place
    write_file(storage, folder / "a", b"x" * 11)
    assert len(read_file(storage, folder / "a", 11)) == 11
    with pytest.raises(InvalidValue, match="longer than 10 bytes"):
        read_file(storage, folder / "a", 10)
