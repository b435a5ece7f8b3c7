"""Every change of an audit trail is found, with the number of the first record that is wrong."""

import random

import pytest

from nanobook.errors import IntegrityError
from nanobook.rebalancer.audit.chain import BrokenLink, Chain, Link
from nanobook.rebalancer.audit.head import SLOT, load_head
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.verify import verify_log
from nanobook.testing.memory import MemoryStorage
from tests.oracle.audit import first_wrong, forged
from tests.rebalancer.making import HEAD, KEY, PATH, HandClock, made, with_trail

RECORDS = 200


@pytest.fixture(scope="module", params=[None, KEY], ids=["plain", "keyed"])
def key(request):
    return request.param


@pytest.fixture(scope="module")
def disk(key):
    return made(RECORDS, key)


def lines_of(disk):
    return disk.files[PATH].splitlines(keepends=True)


def verdict(disk, data, key, **options):
    """Report on another trail beside the same head; opening it to write must fail as well, or not."""
    changed = with_trail(disk, data)
    report = verify_log(PATH, key, storage=changed, **options)
    if not report.ok and not options:
        with pytest.raises(IntegrityError) as error:
            AuditLog(PATH, storage=changed, key=key, clock=HandClock())
        assert error.value.record == report.record
        assert changed.files == {**disk.files, PATH: bytes(data)}
    return report


def changed_byte(data, place, seed):
    data = bytearray(data)
    data[place] ^= random.Random(seed).randrange(1, 256)
    return data


def test_the_trail_as_it_was_written_is_right(disk, key):
    report = verdict(disk, disk.files[PATH], key)
    assert (report.ok, report.records, report.head, report.torn) == (True, RECORDS, "whole", 0)
    assert report.check() is report
    assert first_wrong(disk.files[PATH], key) is None
    assert len(disk.files[PATH]) > 50_000


def test_every_one_byte_change_is_found(disk, key):
    """At each byte of 200 records; what lies before the record is the same, so the walk begins there."""
    link, found = Link(), 0
    for line in lines_of(disk):
        for place in range(len(line)):
            chain = Chain(link, key)
            pieces = changed_byte(line, place, place).splitlines(keepends=True)  # it may hold a newline now
            with pytest.raises(BrokenLink):
                chain.run([bytes(piece) for piece in pieces])
            assert chain.count == link.number
            found += 1
        link = Chain(link, key).run([line])
    assert found == len(disk.files[PATH])


def one_byte_changes(disk, key, places):
    data = disk.files[PATH]
    for place in places:
        report = verify_log(PATH, key, storage=with_trail(disk, changed_byte(data, place, place)))
        assert (report.ok, report.record) == (False, data[:place].count(b"\n") + 1), place


def test_a_sample_of_one_byte_changes_is_found_from_the_file(disk, key):
    data = disk.files[PATH]
    places = random.Random(5).sample(range(len(data)), 300)
    newlines = [i for i, byte in enumerate(data) if byte == 10][:: RECORDS // 10]
    one_byte_changes(disk, key, [*places, *newlines, 0, 1, len(data) - 1])
    for place in places[:30]:
        changed = changed_byte(data, place, place)
        assert verdict(disk, changed, key).record == first_wrong(changed, key)


@pytest.mark.slow
def test_every_one_byte_change_is_found_from_the_file(disk, key):
    one_byte_changes(disk, key, range(len(disk.files[PATH])))


def test_every_one_byte_change_of_the_head_is_found_or_harmless(disk, key):
    """A slot that is not whole is one that was being written: then there is a record behind the other."""
    log = AuditLog(PATH, storage=MemoryStorage(disk.files), key=key)
    newer = SLOT * (load_head(log._storage, HEAD, key)[0].generation % 2)
    head = disk.files[HEAD]
    text = [i for i, byte in enumerate(head) if byte not in b" \n"]
    for place in text:
        changed = MemoryStorage({PATH: disk.files[PATH], HEAD: bytes(changed_byte(head, place, place))})
        report = verify_log(PATH, key, storage=changed)
        if newer <= place < newer + SLOT:  # as a crash leaves it: the trail goes on behind the older slot
            assert (report.ok, report.head, report.records) == (True, "behind", RECORDS), place
        else:
            assert (report.ok, report.record) == (False, RECORDS + 1), place


@pytest.mark.parametrize("number", [1, 2, 100, RECORDS - 1, RECORDS])
def test_deletion_insertion_swap_and_doubling_are_found(disk, key, number):
    lines, k = lines_of(disk), number - 1
    without = b"".join(lines[:k] + lines[k + 1 :])
    assert verdict(disk, without, key).record == number
    doubled = b"".join(lines[: k + 1] + lines[k:])
    assert verdict(disk, doubled, key).record == number + 1 if number < RECORDS else True
    inserted = b"".join([*lines[:k], random.Random(number).choice(lines), *lines[k:]])
    assert verdict(disk, inserted, key).record in (number, number + 1)
    for other in (1, 50, RECORDS):
        if other != number:
            swapped = list(lines)
            swapped[k], swapped[other - 1] = swapped[other - 1], swapped[k]
            assert verdict(disk, b"".join(swapped), key).record == min(number, other)


def test_a_record_behind_the_last_is_not_a_record(disk, key):
    """What follows the head and does not chain was never acknowledged: it is told, and dropped."""
    data = disk.files[PATH] + lines_of(disk)[-1]
    report = verdict(disk, data, key)
    assert (report.ok, report.records, report.torn) == (True, RECORDS, len(lines_of(disk)[-1]))
    with AuditLog(PATH, storage=with_trail(disk, data), key=key) as log:
        assert log.dropped == report.torn


def test_a_cut_end_is_found_wherever_it_is_cut(disk, key):
    data = disk.files[PATH]
    for size in [*range(len(data) - 320, len(data) - 270), *range(len(data) - 20, len(data)), 0, 1, 1000]:
        report = verdict(disk, data[:size], key)
        assert (report.ok, report.record) == (False, data[:size].count(b"\n") + 1)


def test_a_cut_end_is_found_though_its_head_is_destroyed(disk, key):
    """The older slot tells of one record less; that the newer one is not whole gives the cut away."""
    log = AuditLog(PATH, storage=MemoryStorage(disk.files), key=key)
    log.record("one_more")
    files = log._storage.files
    newer = SLOT * (log._head.generation % 2)
    last = list(log.records())[-1]
    for slot in (b"\0" * SLOT, b" " * (SLOT - 1) + b"\n", b"x" * SLOT):
        head = files[HEAD][:newer] + slot + files[HEAD][newer + SLOT :]
        cut = MemoryStorage({PATH: files[PATH][: last.offset], HEAD: head})
        report = verify_log(PATH, key, storage=cut)
        assert (report.ok, report.record) == (False, RECORDS + 1)
        assert "its head was destroyed" in report.problem
        with pytest.raises(IntegrityError, match="its head was destroyed"):
            AuditLog(PATH, storage=cut, key=key)
        torn = MemoryStorage({PATH: files[PATH], HEAD: head})
        assert verify_log(PATH, key, storage=torn).head == "behind"


def test_c097_a_forged_record_is_found(disk, key):
    """Somebody without the key can hash, and mends the whole chain: the head, or the key, gives it away."""
    data = forged(disk.files[PATH], 77, lambda record: record.update(shares=1))
    report = verdict(disk, data, key)
    assert not report.ok
    assert report.record == (1 if key else RECORDS + 1)
    data = forged(disk.files[PATH], 77, lambda record: record.update(shares=999))
    assert verdict(disk, data, key).record == (1 if key else RECORDS)


def test_c097_a_forged_trail_with_a_forged_head_is_found_with_the_key_or_the_anchor(disk, key):
    other = made(RECORDS)  # all of it anew, without the key
    report = verify_log(PATH, key, storage=other)
    if key:
        assert (report.ok, report.head) == (False, "wrong")
    anchor = verify_log(PATH, key, storage=disk).anchor
    report = verify_log(PATH, storage=other, anchor=anchor)
    assert (report.ok, report.record) == (False, RECORDS)


def test_records_of_two_trails_do_not_mix(disk, key):
    other, lines = lines_of(made(RECORDS, key)), lines_of(disk)
    for number in (1, 2, 100, RECORDS):
        mixed = b"".join(lines[: number - 1] + other[number - 1 :])
        assert verdict(disk, mixed, key).record == number
    both = b"".join(lines[:5] + other[5:6] + lines[6:])
    assert verdict(disk, both, key).record == 6


# Sizes made to hurt


@pytest.mark.parametrize("place", [0, 1])
def test_c056_a_line_of_a_gigabyte_costs_bounded_memory(tmp_path, place):
    """A sparse file: it takes no room, and the reader no more than one line may be long."""
    import resource

    path = tmp_path / "audit.jsonl"
    AuditLog(path).close()
    first = path.read_bytes()
    with open(path, "r+b") as file:
        file.seek(len(first) if place else 0)
        file.truncate(len(first) + (1 << 30))
        file.seek(0, 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if not place:
        path.write_bytes(b"")
        with open(path, "r+b") as file:
            file.truncate(1 << 30)
    report = verify_log(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
    if place:
        assert (report.ok, report.records, report.torn) == (True, 1, 1 << 30)
        with pytest.raises(IntegrityError, match="bytes follow the head, more than any crash leaves"):
            AuditLog(path)
    else:
        assert (report.ok, report.record) == (False, 1)
        with pytest.raises(IntegrityError, match="record 1"):
            AuditLog(path)


def test_json_of_a_million_levels_is_refused():
    """In a trail whose chain is right: forged, since nobody can write it."""
    from nanobook.rebalancer.audit.chain import seal

    disk = made(2)
    for text in (b'"x":' + b"[" * 1_000_000, b'"x":' + b'{"a":' * 1_000_000, b'"x":NaN,"x":]'):
        first = disk.files[PATH].splitlines(keepends=True)[0]
        mark = first[-67:-3]
        line, _ = seal(b'{"event":"e","ts":"t","seq":2,"prev":"%b",' % mark + text, None)
        report = verify_log(PATH, storage=MemoryStorage({PATH: first + line}), anchor=f"1:{mark.decode()}")
        assert (report.ok, report.record) == (False, 2)
        assert "it is no JSON" in report.problem
    line, _ = seal(b'{"event":1,"ts":"t","seq":2,"prev":"%b"' % mark, None)
    report = verify_log(PATH, storage=MemoryStorage({PATH: first + line}), anchor=f"1:{mark.decode()}")
    assert "an event and a time" in report.problem
