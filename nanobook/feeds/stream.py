"""The public matching streams: files of messages with published reports.

A file has a 16-byte header (magic, version, count) and 40-byte records of new, cancel and modify
messages that name orders by the sender's ids. What an engine makes of them is a text of report
lines whose SHA-256 is the answer.

References
----------
flash1-dev/matching-engine-benchmark: record layout and report lines.
"""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np

from ..errors import CorruptFile
from ..types import MessageKind, Outcome

MAGIC = 0x4D4542575F303031
VERSION = 1
HEADER = np.dtype([("magic", "<u8"), ("version", "<u4"), ("count", "<u4")])
RECORD = np.dtype(
    [
        ("type", "u1"),
        ("side", "u1"),
        ("ioc", "u1"),
        ("pad", "u1"),
        ("quantity", "<u4"),
        ("sequence", "<u8"),
        ("order_id", "<u8"),
        ("price", "<i8"),
        ("reserved", "<u8"),
    ]
)
COMPRESSED = b"\xfd7zXZ\x00"
ACKNOWLEDGED, TRADED, CANCELLED, MODIFIED, CANCEL_REJECTED, MODIFY_REJECTED = range(6)
SHAPES = ("0,%d,%d,%d,%d,%d", "1,%d,%d,%d,%d,%d", "2,%d,%d,%d,%d", "3,%d,%d,%d,%d,%d", "4,%d,%d", "5,%d,%d")


def read_stream(path):
    """Read a stream file, ``.bin`` or ``.bin.xz``.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    structured array of RECORD

    Raises
    ------
    CorruptFile
        Names the file and the offset.
    """
    data = Path(path).read_bytes()
    if data.startswith(COMPRESSED):
        try:
            data = lzma.decompress(data)
        except (lzma.LZMAError, EOFError) as error:
            raise CorruptFile(f"{path}: xz data is damaged ({error}); fetch the file again") from None
    if len(data) < HEADER.itemsize:
        raise CorruptFile(f"{path}: {len(data)} bytes; a stream starts with a header of {HEADER.itemsize}")
    header = np.frombuffer(data, HEADER, 1)[0]
    if header["magic"] != MAGIC or header["version"] != VERSION:
        raise CorruptFile(
            f"{path}: offset 0: magic {int(header['magic']):#x} version {header['version']}; "
            f"a stream has {MAGIC:#x} and {VERSION}"
        )
    whole, rest = divmod(len(data) - HEADER.itemsize, RECORD.itemsize)
    if rest or whole != header["count"]:
        raise CorruptFile(
            f"{path}: offset {HEADER.itemsize + whole * RECORD.itemsize}: {whole} whole records and "
            f"{rest} bytes where the header counts {header['count']}; the file is cut or has more"
        )
    records = np.frombuffer(data, RECORD, offset=HEADER.itemsize)
    return _checked(path, records)


def _checked(path, records):
    """Refuse fields that the format does not know."""
    for name, highest in (("type", 2), ("side", 1), ("ioc", 1), ("order_id", 2**63 - 1)):
        wrong = records[name] > highest
        if wrong.any():
            row = int(wrong.argmax())
            offset = HEADER.itemsize + row * RECORD.itemsize + RECORD.fields[name][1]
            raise CorruptFile(f"{path}: offset {offset}: {name} {records[name][row]}; at most {highest}")
    return records


def messages_of(records):
    """Columns that ``Exchange.process`` takes, with ``client_ids=True``."""
    return {
        "kind": records["type"],
        "side": records["side"],
        "price": records["price"],
        "quantity": records["quantity"],
        "tif": records["ioc"],
        "order_id": records["order_id"],
    }


def reports(records, result, book):
    """Report lines of a whole stream, in order.

    Parameters
    ----------
    records : structured array of RECORD
    result : TapeResult
        Of ``messages_of(records)`` on a new book.
    book : Exchange
        The book after it.

    Returns
    -------
    list of str
    """
    kind, outcome, row = records["type"], result.outcome, np.arange(len(records))
    duplicate = outcome == Outcome.DUPLICATE_ORDER_ID
    if duplicate.any():
        raise CorruptFile(f"record {int(duplicate.argmax())}: a new order under the id of a live one")
    new, done = kind == MessageKind.LIMIT, outcome <= Outcome.CANCELLED
    cancel, modify = kind == MessageKind.CANCEL, kind == MessageKind.MODIFY
    side = book.book.orders["side"][result.order_id]
    price = book.book.price[result.order_id]
    own = (side, records["order_id"], price)
    sized = (*own, records["quantity"])
    name = (records["order_id"],)
    parts = [
        _lines(ACKNOWLEDGED, row, records, sized, new),
        _trade_lines(records, result, book),
        _lines(CANCELLED, row, records, own, (new & (result.cancelled > 0)) | (cancel & done)),
        _lines(MODIFIED, row, records, sized, modify & done),
        _lines(CANCEL_REJECTED, row, records, name, cancel & ~done),
        _lines(MODIFY_REJECTED, row, records, name, modify & ~done),
    ]
    # A message's acknowledgement comes before its trades, what else there is to say after them.
    places = np.concatenate([3 * rows + min(phase, 2) for phase, (rows, _) in enumerate(parts)])
    lines = [line for _, part in parts for line in part]
    return [lines[place] for place in np.argsort(places, kind="stable").tolist()]


def _lines(report, row, records, fields, chosen):
    columns = (records["sequence"], *fields)
    values = zip(*(column[chosen].tolist() for column in columns), strict=True)
    return row[chosen], [SHAPES[report] % line for line in values]


def _trade_lines(records, result, book):
    trades, names = result.trades, book.book.orders["client"]
    rows = result.trade_message()
    columns = (
        records["sequence"][rows],
        trades.price,
        trades.quantity,
        names[trades.passive_order_id],
        names[trades.aggressor_order_id],
    )
    values = zip(*(column.tolist() for column in columns), strict=True)
    return rows, [SHAPES[TRADED] % line for line in values]
