"""The disks of the tests are themselves tested: they fail when told, and remember what they were told."""

import errno

import pytest

from nanobook.errors import InvalidValue
from nanobook.rebalancer.storage import SystemStorage, write_file
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.power import power_cuts
from nanobook.testing.storage import FAULTS, Crash, FaultyStorage, TracedStorage


@pytest.mark.parametrize("fault", FAULTS)
def test_the_call_that_was_named_fails_and_no_other(fault):
    disk = MemoryStorage()
    storage = FaultyStorage(2, fault, storage=disk)
    handle = storage.create("a")
    with pytest.raises(OSError, match=r"Errno") as error:
        storage.append(handle, b"abc")
    assert error.value.errno == fault
    storage.append(handle, b"def")
    assert disk.files == {"a": b"def"}
    assert storage.calls == ["create", "append", "append"]


def test_a_torn_write_leaves_its_beginning():
    disk = MemoryStorage()
    storage = FaultyStorage(2, errno.ENOSPC, 2, disk)
    handle = storage.create("a")
    with pytest.raises(OSError, match="No space"):
        storage.append(handle, b"abc")
    assert disk.files == {"a": b"ab"}
    storage = FaultyStorage(1, errno.EIO, 1, disk)
    with pytest.raises(OSError, match="Input"):
        storage.write_at(handle, b"xyz", 1)
    assert disk.files == {"a": b"ax"}


@pytest.mark.parametrize(("fault", "there"), [("before", False), ("after", True)])
def test_a_crash_ends_every_call_after_it(fault, there):
    disk = MemoryStorage()
    storage = FaultyStorage(1, fault, storage=disk)
    for _ in range(2):
        with pytest.raises(Crash):
            storage.create("a")
    assert disk.exists("a") == there
    assert storage.calls == ["create"]


def test_a_fault_that_is_none_is_refused():
    with pytest.raises(InvalidValue, match="fault: 'late'"):
        FaultyStorage(1, "late")


def test_a_trace_has_every_change(tmp_path):
    traced = TracedStorage(SystemStorage())
    path, other = str(tmp_path / "a"), str(tmp_path / "b")
    handle = traced.create(path)
    traced.append(handle, b"ab")
    traced.append(handle, b"c")
    traced.write_at(handle, b"x", 5)
    traced.truncate(handle, 1)
    traced.sync(handle)
    traced.close(handle)
    traced.replace(path, other)
    traced.mark("here")
    handle = traced.open_update(other)
    traced.close(handle)
    handle = traced.open_append(other)
    traced.append(handle, b"!")
    traced.close(handle)
    traced.unlink(other)
    traced.sync_folder(tmp_path)
    assert traced.trace == [
        ("create", path),
        ("write", path, 0, b"ab"),
        ("write", path, 2, b"c"),
        ("write", path, 5, b"x"),
        ("truncate", path, 1),
        ("sync", path),
        ("replace", path, other),
        ("mark", "here"),
        ("write", other, 1, b"!"),
        ("unlink", other),
        ("sync_folder", str(tmp_path)),
    ]
    assert traced.before == {}
    with pytest.raises(AttributeError):
        traced.nothing  # noqa: B018
    old = TracedStorage(MemoryStorage({"a": b"old"}))
    old.open_append("a")
    assert old.before == {"a": b"old"}


def last_states(trace, before=None):
    return [files for position, _, files in power_cuts(trace, before) if position == len(trace)]


def test_what_was_synced_is_there_whatever_happens():
    traced = TracedStorage(MemoryStorage())
    write_file(traced, "f/a", b"content")
    assert last_states(traced.trace) == [{"f/a": b"content"}]


def test_a_rename_may_come_before_the_content():
    """The reason why a file is synced before it takes the place of another."""
    trace = [("create", "f/t"), ("write", "f/t", 0, b"new"), ("replace", "f/t", "f/a")]
    found = {files.get("f/a") for files in last_states(trace, {"f/a": b"old"})}
    assert {b"old", b"", b"new", b"n", b"\0\0\0"} <= found
    trace.insert(2, ("sync", "f/t"))
    assert {files.get("f/a") for files in last_states(trace, {"f/a": b"old"})} == {b"old", b"new"}


def test_what_was_not_synced_may_be_there_in_part():
    trace = [("write", "a", 3, b"def"), ("write", "a", 6, b"ghi")]
    found = {files["a"] for files in last_states(trace, {"a": b"abc"})}
    assert {b"abc", b"abcd", b"abcdef", b"abcdefg", b"abcdefghi", b"abc\0\0\0ghi", b"abc\0\0\0"} <= found
    trace = [("truncate", "a", 1), ("unlink", "a")]
    assert [files.get("a") for files in last_states(trace, {"a": b"abc"})] == [b"abc", b"a", None]
    assert [files["a"] for files in last_states([("truncate", "a", 5)], {"a": b"abc"})] == [
        b"abc",
        b"abc\0\0",
    ]


def test_sectors_of_a_write_in_place_come_in_any_order():
    old, new = b"o" * 1200, b"n" * 1200
    found = {files["a"] for files in last_states([("write", "a", 0, new)], {"a": old})}
    assert {old, new, new[:512] + old[512:], old[:512] + new[512:], old[:1024] + new[1024:]} <= found
    assert all(len(content) == 1200 for content in found)


def test_cuts_may_be_played_now_and_then():
    trace = [("mark", 1), ("write", "a", 0, b"x"), ("mark", 2), ("sync", "a")]
    positions = {position for position, _, _ in power_cuts(trace, {"a": b""}, every=2)}
    assert positions == {2, 4}
    assert [marks for position, marks, _ in power_cuts(trace, {"a": b""}) if position == 4] == [[1, 2]]
