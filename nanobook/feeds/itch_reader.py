"""The reader of ITCH 5.0 streams: block after block through the kernel, and what is noticed on the way."""

from __future__ import annotations

import sys
import warnings
import weakref

import numpy as np

from ..errors import ClockBackwards, CorruptMessage, EmptyInput, TruncatedInput
from ..kernels import itch as kernels
from ..kernels.itch_layout import LENGTHS, PREFIX, RECORD, SHORTEST, UNKNOWN
from .itch_messages import ItchMessages, join
from .source import open_blocks

DIRECTORY = ord("R")
END_OF_SESSION = b"\x00\x00"


class ItchReader:
    """Iterator over the chunks of an ITCH 5.0 stream, and what was noticed on the way.

    Attributes
    ----------
    messages : int
        Messages read so far, without those of unknown type.
    directory : dict
        Symbol by locate, from the directory messages (R) read so far.
    unknown : dict
        Number of messages skipped by their unknown type.
    repaired : int
        Lengths that were wrong and replaced by the type's.
    backwards : int
        Messages whose timestamp is below that of the message before.
    truncated : TruncatedInput or None
        Where and how the input ended early.
    offset : int
        Where in the stream the next message begins.
    """

    def __init__(self, source, strict, chunk, progress, allow_truncated):
        self._blocks = open_blocks(source, chunk)
        self._strict = bool(strict)
        self._allow_truncated = allow_truncated
        self._odd = np.zeros(kernels.COUNTS, np.int64)
        self._keep, self._done, self._error = 0, False, None
        self._clock, self._warned = 0, False
        self.messages = self.backwards = self.offset = 0
        self.directory = {}
        self.truncated = None
        self._tell, self._bar = _progress(progress, self._blocks)
        # Also where the reader is dropped half-way: an open file would complain.
        self._close = weakref.finalize(self, _close, self._blocks, self._bar)

    @property
    def unknown(self):
        """Number of messages skipped by their unknown type."""
        return {chr(code): int(self._odd[code]) for code in np.flatnonzero(self._odd[:256]).tolist()}

    @property
    def repaired(self):
        """Lengths that were replaced."""
        return int(self._odd[kernels.REPAIRED])

    def __iter__(self):
        return self

    def __next__(self):
        columns, data, start = self._next(_decode_columns)
        return ItchMessages(columns, data, start, self.directory)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def records(self):
        """Yield what is left as record arrays of ``RECORD`` instead, for kernels that go row by row.

        ``offset`` in them counts from the first message of each.
        """
        while True:
            try:
                yield self._next(_decode_records)[0]
            except StopIteration:
                return

    def read(self):
        """Return all messages that are left as one ``ItchMessages``; this takes memory for all of them."""
        empty = ItchMessages(_columns(0), np.empty(0, np.uint8), self.offset, self.directory)
        return join(list(self) or [empty], self.directory)

    def close(self):
        """Close the file, if it was opened here; reading is over."""
        self._done = True
        self._close()

    def _next(self, decode):
        """Rows of the next chunk that has any, its bytes and their offset; errors come after the last."""
        try:
            while not self._done:
                chunk = self._step(decode)
                if chunk[0].type.size:
                    return chunk
        except BaseException:
            self.close()
            raise
        self.close()
        error, self._error = self._error, None
        if error is not None:
            raise error
        self._warn()
        raise StopIteration

    def _warn(self):
        """Warn once, after all messages, of what is no error."""
        if not (self._warned or self.messages or self.unknown or self.truncated):
            warnings.warn(f"{self._blocks.name}: no messages", EmptyInput, stacklevel=4)
        if self.backwards and not self._warned:
            told = f"{self._blocks.name}: the clock goes backwards {self.backwards} times"
            warnings.warn(told, ClockBackwards, stacklevel=4)
        self._warned = True

    def _step(self, decode):
        """Decode one block; what it leaves is the beginning of the next."""
        block = self._blocks.next(self._keep)
        at, rows, code = decode(block.data, self._odd, self._strict)
        self._keep, self.offset = block.data.size - at, block.start + at
        self._notice(rows, block.data)
        if code == kernels.BAD_LENGTH:
            self._done, self._error = True, self._bad_length(block.data[at:])
        elif block.last:
            self._finish(block.data[at:])
        self._tell(self._blocks.done, self._blocks.total)
        return rows, block.data[:at], block.start

    def _notice(self, rows, data):
        """Count, and look at the clock and at the directory."""
        self.messages += rows.type.size
        if not rows.type.size:
            return
        before = np.concatenate([[self._clock], rows.timestamp[:-1]])
        self.backwards += int(np.count_nonzero(rows.timestamp < before))
        self._clock = int(rows.timestamp[-1])
        listed = np.flatnonzero(rows.type == DIRECTORY)
        if listed.size:
            columns = (getattr(rows, name)[listed] for name in kernels.Columns._fields)
            listed = ItchMessages(kernels.Columns(*columns), data, 0, {})
            new = dict(zip(listed.locate.tolist(), listed.stock.tolist(), strict=True))
            self.directory = self.directory | new  # chunks read before keep theirs

    def _finish(self, rest):
        """Judge the end of the stream by the bytes that make no message."""
        self._done, self._error = True, self._blocks.damage
        closed = rest.tobytes() == END_OF_SESSION and not self.repaired
        if self._error is None and (self._blocks.cut or (rest.size and not closed)):
            self.truncated = self._truncation(rest)
            self._error = None if self._allow_truncated else self.truncated

    def _truncation(self, rest):
        need, of = PREFIX, "the length of a message"
        if rest.size >= PREFIX:
            need += max(int.from_bytes(rest[:PREFIX].tobytes()), 1)
            of = "a message"
        if rest.size > PREFIX and LENGTHS[rest[PREFIX]] != UNKNOWN:
            need, of = PREFIX + int(LENGTHS[rest[PREFIX]]), f"a message of type {chr(rest[PREFIX])!r}"
        how = "the gzip data end early" if self._blocks.cut else "the input ends early"
        return TruncatedInput(
            f"{self._blocks.name}: {how}: at offset {self.offset} {of} needs {need} bytes, {rest.size} are "
            "there; use allow_truncated=True (--allow-truncated) if that will do",
            self.offset,
            need,
            rest.size,
        )

    def _bad_length(self, rest):
        length, code = int.from_bytes(rest[:PREFIX].tobytes()), int(rest[PREFIX])
        if LENGTHS[code] == UNKNOWN:
            told = f"length {length} of a message of unknown type {chr(code)!r}; no message can be empty"
            remedy = "fetch the file again"
        else:
            told = f"length {length} of a message of type {chr(code)!r}, which has {LENGTHS[code]} bytes"
            remedy = "use strict=False (--lenient) to take its type's length"
        return CorruptMessage(f"{self._blocks.name}: offset {self.offset}: {told}; {remedy}", self.offset)


def _decode_columns(data, odd, strict):
    """Run the kernel on a block: where it stopped, the columns, why it stopped."""
    columns = _columns(_most_rows(data))
    at, count, code = kernels.to_columns(data, 0, columns, odd, strict)
    return at, kernels.Columns(*(column[:count] for column in columns)), code


def _decode_records(data, odd, strict):
    """As ``_decode_columns``, into records."""
    records = np.empty(_most_rows(data), RECORD).view(np.recarray)
    at, count, code = kernels.to_records(data, 0, records, odd, strict)
    return at, records[:count], code


def _columns(count):
    return kernels.Columns(*(np.empty(count, RECORD[name]) for name in kernels.Columns._fields))


def _most_rows(data):
    return data.size // (PREFIX + SHORTEST) + 1


def _progress(progress, blocks):
    """Make the function that is told how far reading has come, and the bar that must be closed."""
    if callable(progress):
        return progress, None
    if not progress:
        return lambda done, total: None, None
    from tqdm import tqdm

    bar = tqdm(total=blocks.total, unit="B", unit_scale=True, desc=str(blocks.name), file=sys.stderr)
    return lambda done, total: bar.update(done - bar.n), bar


def _close(blocks, bar):
    blocks.close()
    if bar is not None:
        bar.close()
