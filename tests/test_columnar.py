"""Files of events as columns: small, whole, and never garbage."""

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given

from nanobook import Event, Events, columnar, errors, load_events, save_events
from nanobook.events.fields import COLUMNS
from nanobook.events.segments import TapeSegment
from nanobook.tape import flow_of
from nanobook.types import EVENT, INT64_MAX, INT64_MIN
from tests.events.making import EXAMPLES, logs, patient
from tests.tapes import flow


def saved(events):
    file = io.BytesIO()
    columnar.save(Events.of(events), file)
    return file.getvalue()


def read(data):
    return columnar.load(io.BytesIO(data))


@patient
@given(logs)
def test_columns_round_trip(events):
    data = saved(events)
    assert read(data) == events
    assert saved(events) == data


@pytest.mark.parametrize("piece", [1, 5, 18, 100])
def test_more_events_than_are_taken_apart_at_once(piece, monkeypatch):
    expected = saved(EXAMPLES * 2)
    monkeypatch.setattr(columnar, "PIECE", piece)
    assert read(saved(EXAMPLES * 2)) == EXAMPLES * 2
    assert len(saved(EXAMPLES * 2)) == len(expected)
    same = [EXAMPLES[0]] * 40
    assert read(saved(same)) == same


def test_a_plain_tape_is_small(tmp_path):
    messages = flow_of(flow(5000, 5))
    log = Events([TapeSegment.of(messages, False, False)])
    path = tmp_path / "log.npz"
    save_events(log, path)
    assert load_events(path) == log
    assert path.stat().st_size < 40 * 5000
    with np.load(path, allow_pickle=False) as archive:
        assert set(archive.files) == {columnar.HEAD, *COLUMNS}
        assert archive[columnar.HEAD].tolist() == [columnar.VERSION, 5000]
        assert archive["price"].tolist() == log.price.tolist()
        assert archive["owner"].tolist() == [0]
        assert archive["kind"].shape == (5000,)
        assert archive["kind"].dtype == np.uint8


@pytest.mark.parametrize(
    ("values", "dtype", "size"),
    [
        ([0, 127], np.int8, 2),
        ([-129, 0], np.int16, 2),
        ([0, 2**31 - 1], np.int32, 2),
        ([0, 2**31], np.int64, 2),
        ([INT64_MIN, INT64_MAX], np.int64, 2),
        ([7, 7, 7], np.int8, 1),
    ],
)
def test_columns_are_narrow(values, dtype, size):
    column = columnar.narrowed(np.array(values, np.int64))
    assert (column.dtype, column.size) == (dtype, size)
    assert column.tolist() == values[:size]


SMALL = saved([Event.submit_limit("buy", 100, 5), Event.cancel(1), Event.cancel_all(3)])


def refused_or_equal(data, events):
    """Load what may be damaged: the same events, or CorruptFile that tells why. Whether it was refused."""
    try:
        assert read(data) == events
    except errors.CorruptFile as error:
        told = str(error)
    else:
        return False
    assert "not a whole file of events: " in told
    assert "use another copy" in told
    return True


def test_c040_a_file_cut_at_any_byte():
    for size in range(len(SMALL)):
        with pytest.raises(errors.CorruptFile, match="not a whole file of events"):
            read(SMALL[:size])


def test_any_byte_changed_is_seen_or_does_not_matter():
    events = read(SMALL)
    refused = 0
    for place in range(len(SMALL)):
        for value in {SMALL[place] ^ 1 << place % 8, SMALL[place] ^ 0xFF, 0, 0xFF} - {SMALL[place]}:
            changed = bytearray(SMALL)
            changed[place] = value
            refused += refused_or_equal(bytes(changed), events)
    assert refused > len(SMALL)


def test_bytes_lost_or_added_anywhere():
    events = read(SMALL)
    for place in range(0, len(SMALL), 3):
        refused_or_equal(SMALL[:place] + SMALL[place + 1 :], events)
        refused_or_equal(SMALL[:place] + b"\x00" + SMALL[place:], events)
        refused_or_equal(SMALL[:place] + SMALL[place + 64 :], events)


def forged(count=3, compress=zipfile.ZIP_STORED, version=1, **columns):
    """A file with sound checksums whose columns are what is told; None leaves one out."""
    arrays = {name: np.zeros(1, EVENT[name]) for name in COLUMNS}
    arrays |= {"kind": np.zeros(3, np.uint8), "quantity": np.array([1, 2, 3], np.int8)} | columns
    arrays = {columnar.HEAD: np.array([version, count])} | arrays
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compress) as archive:
        for name, array in arrays.items():
            if array is None:
                continue
            with archive.open(f"{name}.npy", "w") as out:
                if isinstance(array, bytes):
                    out.write(array)
                else:
                    np.lib.format.write_array(out, array, allow_pickle=True)
    return file.getvalue()


def npy(header, data=b""):
    text = f"{header:<117}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


HUGE = npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"version": 2}, "newer nanobook"),
        ({"count": 4}, "kind holds 3"),
        ({"count": 2**62}, "kind holds 3"),
        ({"count": -1}, "kind holds 3"),
        ({"price": None}, "members"),
        ({"extra": np.zeros(1)}, "members"),
        ({columnar.HEAD: np.zeros(2)}, "version"),
        ({"price": np.zeros(2, np.int64)}, "price holds 2 int64"),
        ({"price": np.zeros(3)}, "price holds 3 float64"),
        ({"price": np.zeros(1, np.uint8)}, "price holds 1 uint8"),
        ({"kind": np.zeros(1, np.uint8)}, "kind holds 1"),
        ({"owner": np.zeros(1, np.uint64)}, "owner holds 1 uint64"),
        ({"price": np.zeros((1, 1), np.int64)}, "one column"),
        ({"price": np.zeros(1, ">i8")}, "one column"),
        ({"price": np.array([None])}, "price.npy"),
        ({"price": np.array(["a"])}, "price.npy"),
        ({"price": HUGE}, "price.npy holds 0 bytes"),
        ({"price": b""}, "price.npy is not one column"),
        ({"price": npy("{'descr': '<i8', 'fortran_order': False, 'shape': (-1,), }")}, "price"),
        ({"price": npy("__import__('os').abort()")}, "price.npy is not one column"),
        ({"price": npy("{" * 100)}, "price.npy is not one column"),
        ({"compress": zipfile.ZIP_DEFLATED}, "compressed"),
        ({"kind": np.array([0, 0, 14], np.uint8)}, "row 2: kind 14"),
        ({"quantity": np.array([1, 0, 1], np.int8)}, "row 1: quantity 0"),
        ({"tif": np.array([4, 0, 0], np.uint8)}, "row 0: expiry 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_c058_sound_files_of_something_else(changes, told):
    with pytest.raises(errors.CorruptFile, match="not a whole file of events") as caught:
        read(forged(**changes))
    assert told in str(caught.value)


def test_sizes_are_looked_at_before_anything_is_read():
    data = bytearray(SMALL)
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 28] = struct.pack("<II", 2**31, 2**31)
    with pytest.raises(errors.CorruptFile, match=f"members are larger than the file of {len(SMALL)} bytes"):
        read(bytes(data))


def test_a_forged_file_that_is_right_is_read():
    lots = [Event.submit_limit("buy", 0, quantity) for quantity in (1, 2, 3)]
    assert read(forged()) == lots
    assert read(forged(order_id=np.full(3, 9), period=np.ones(1, np.uint32))) == lots  # not used, ignored


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"{}\n", bytes(100)])
def test_c045_files_that_are_no_archive_of_events(tmp_path, data):
    path = tmp_path / "log.npz"
    path.write_bytes(data)
    with pytest.raises(errors.CorruptFile, match=r"log\.npz: not a whole file of events"):
        load_events(path)


def test_a_failure_of_the_disk_is_not_a_corrupt_file():
    class Broken(io.BytesIO):
        def read(self, *args):
            if self.bad <= self.tell() < self.bad + 200:
                raise OSError(5, "Input/output error")
            return super().read(*args)

    for bad in (0, 200):
        file = Broken(SMALL)
        file.bad = bad
        with pytest.raises(OSError, match="Input/output"):
            columnar.load(file)
