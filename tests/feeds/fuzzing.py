"""Mutated ITCH streams and what must hold of reading them; as a script, under guards that kill.

``python -m tests.feeds.fuzzing MODE COUNT`` with ``bounds`` (for NUMBA_BOUNDSCHECK=1, which makes an index
outside an array an error), ``guard`` (the bytes end where a page begins that may not be touched, and
memory is limited) or ``control``, which reads one byte too far to see that the guards work.
"""

import ctypes
import mmap
import random
import resource
import sys
import warnings
from pathlib import Path

import numpy as np

from nanobook import errors, read_itch
from nanobook.kernels import itch as kernels
from nanobook.kernels.itch_layout import RECORD
from tests import itch_stream

ROOM = 64 << 20  # bytes of memory that reading may take beside its input
PAGE = mmap.PAGESIZE
LENGTHS = (b"\0\0", b"\0\1", b"\xff\xff", b"\0\x0c", b"\0\x33")


def mutated(draw, streams):
    """One stream with a few of its bits, bytes, pieces or lengths changed."""
    data = bytearray(draw.choice(streams))
    for _ in range(draw.randrange(4)):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(5):
            case 0:
                data[at:at] = bytes([draw.randrange(256)])
            case 1 if at < len(data):
                data[at] ^= 1 << draw.randrange(8)
            case 2:
                del data[at:]
            case 3:
                other = draw.choice(streams)
                data[at : at + draw.randrange(40)] = other[draw.randrange(len(other)) :][: draw.randrange(60)]
            case 4:
                data[at : at + 2] = draw.choice(LENGTHS)
    return bytes(data)


def seeds():
    """Streams to mutate: strict ones, and one without lengths."""
    streams = [itch_stream.stream(count, seed) for seed, count in enumerate((1, 3, 23, 40, 60))]
    bare = b"".join(b"\0\0" + message for message in itch_stream.messages(23, 9))
    return [*streams, bare]


def survive(data, draw):
    """Read it; what comes before an error are whole messages, and the error says where they end."""
    reader = read_itch(data, strict=draw.random() < 0.5, chunk=draw.choice((1, 64, 1000, 1 << 24)))
    count, stopped = 0, None
    try:
        for messages in reader:
            count += len(messages)
            assert 0 < len(messages) <= len(data) / 14
            assert messages.offset[-1] < len(data)
    except (errors.TruncatedInput, errors.CorruptMessage) as error:
        stopped = error.offset
    assert count == reader.messages
    assert stopped in (None, reader.offset)
    assert reader.offset <= len(data)
    return count


def run(count, seed):
    """Read mutated streams; how many messages there were, and how many looked like another format."""
    draw, streams, total, others = random.Random(seed), seeds(), 0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.EmptyInput)
        warnings.simplefilter("ignore", errors.ClockBackwards)
        for _ in range(count):
            data = mutated(draw, streams)
            try:
                total += survive(data, draw)
            except errors.CorruptFile:
                others += 1
    return total, others


def decode(data):
    """Run both kernels, strict and lenient."""
    rows = data.size // 14 + 1
    for strict in (True, False):
        odd = np.zeros(kernels.COUNTS, np.int64)
        records = np.empty(rows, RECORD).view(np.recarray)
        columns = kernels.Columns(*(np.empty(rows, records.dtype[n]) for n in kernels.Columns._fields))
        kernels.to_columns(data, 0, columns, odd, strict)
        kernels.to_records(data, 0, records, odd, strict)


class Fence:
    """Two pages of memory, of which the second may not be touched."""

    def __init__(self):
        self.pages = mmap.mmap(-1, 2 * PAGE)
        self.bytes = np.frombuffer(self.pages, np.uint8)
        libc = ctypes.CDLL(None, use_errno=True)
        address = ctypes.c_void_p(self.bytes.ctypes.data + PAGE)
        if libc.mprotect(address, ctypes.c_size_t(PAGE), ctypes.c_int(0)):
            raise OSError(ctypes.get_errno(), "mprotect")

    def put(self, data):
        """Read-only view of ``data`` that ends at the fence."""
        data = data[:PAGE]
        self.bytes[PAGE - len(data) : PAGE] = np.frombuffer(data, np.uint8)
        view = self.bytes[PAGE - len(data) : PAGE]
        view.flags.writeable = False
        return view


def main(mode, count):
    """Run one mode."""
    draw, streams = random.Random(count), seeds()
    fence = Fence()
    decode(fence.put(streams[2]))
    if mode == "control":
        kernels.big_64(fence.put(streams[2])[-9:], np.uint64(2))
    elif mode == "bounds":
        for _ in range(count):
            decode(fence.put(mutated(draw, streams)))
    elif mode == "guard":
        run(10, 0)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
        resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, resource.RLIM_INFINITY))
        for _ in range(count):
            decode(fence.put(mutated(draw, streams)))
        run(count // 10, count)
    print("survived")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
