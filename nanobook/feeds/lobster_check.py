"""LOBSTER: whether an order-book file follows from its messages, row by row and as a book."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidValue, ShapeError
from ..kernels import lobster as kernels
from ..kernels.feed import state
from ..kernels.feed.apply import ANONYMOUS_BIT
from .books import FeedBooks
from .lobster import KINDS, TYPE_NAMES

REASONS = {
    kernels.OTHER_SIDE: "the other side changed",
    kernels.WITHOUT_EFFECT: "a message without effect on the book",
    kernels.NO_SUCH_LEVEL: "no level at its price",
    kernels.MORE_THAN_THERE: "more lots than the level has",
    kernels.OTHER_LEVELS: "other levels than it makes",
}


def explain_lobster(messages, book):
    """Say which changes of the order-book file its message does not explain.

    Every message but the first must be what leads from the row before to its own: lots that come or go at
    its price and side, nothing else; where a level goes another may come into view behind the others.

    Parameters
    ----------
    messages : LobsterMessages
    book : LobsterBook

    Returns
    -------
    Explained
        ``explained`` of ``transitions``, and ``to_frame()`` with the others and why not.

    Examples
    --------
    >>> import numpy as np
    >>> from nanobook import explain_lobster
    >>> from nanobook.feeds.lobster import LobsterBook, LobsterMessages
    >>> table = np.array([[0, 1, 1, 5, 100, 1], [1, 1, 2, 5, 100, 1], [2, 3, 1, 5, 100, 1]])
    >>> price = np.array([[[100], [0]]] * 3)
    >>> lots = np.array([[[5], [0]], [[10], [0]], [[4], [0]]])
    >>> explain_lobster(LobsterMessages(table), LobsterBook(price, lots)).to_frame()
       message    type  price  size                      reason
    0        2  delete    100     5  other levels than it makes
    """
    if len(messages) != len(book.price):
        raise ShapeError(f"book: {len(book.price)} rows for {len(messages)} messages")
    both = np.stack([book.price, book.quantity], axis=2).astype(np.int64)
    both[:, 1, 0] = ~both[:, 1, 0]
    sides = (messages.direction < 0).astype(np.int64)
    keys = np.where(sides == 1, ~messages.price, messages.price)
    codes = np.zeros(len(messages), np.uint8)
    kinds, sizes = messages.type.astype(np.int64), messages.size.astype(np.int64)
    kernels.explain(kinds, sides, keys, sizes, both, codes)
    return Explained(messages, codes)


class Explained:
    """What ``explain_lobster`` found.

    Attributes
    ----------
    transitions, explained : int
    codes : uint8 array
        0 for each message that explains its row.
    """

    def __init__(self, messages, codes):
        self._messages, self.codes = messages, codes
        self.transitions = max(len(codes) - 1, 0)
        self.explained = self.transitions - int(np.count_nonzero(codes))

    def to_frame(self):
        """Return a DataFrame with one row for each message that does not explain its row."""
        import pandas as pd

        rows = np.flatnonzero(self.codes)
        odd = self._messages[rows]
        return pd.DataFrame(
            {
                "message": rows,
                "type": [TYPE_NAMES[code] for code in odd.type],
                "price": odd.price,
                "size": odd.size,
                "reason": [REASONS[code] for code in self.codes[rows].tolist()],
            }
        )

    def __repr__(self):
        return f"Explained({self.explained} of {self.transitions})"


class LobsterReplay:
    """Books from a LOBSTER message file, compared with its order-book file.

    What rested before the file begins is known from the first row only: one anonymous order a level, from
    which is taken what messages do to orders unknown. Behind the last level of a row nothing is known.
    So a level is *known* after a message if its price is no worse than the worst price that every row so
    far has shown, where it has shown all levels it can; known levels must equal the file's.

    Attributes
    ----------
    books : FeedBooks
    levels : BookLevels
        The file's number of levels of our book, after every message.
    known : int64 array, shape (messages, 2)
        How many levels of the file are known after each message, bids and asks.
    equal : bool array, shape (messages,)
        Whether the known levels are the file's.
    """

    def __init__(self, messages, book):
        if len(messages) != len(book.price):
            raise ShapeError(f"book: {len(book.price)} rows for {len(messages)} messages")
        self.books = FeedBooks()
        columns = seeded(self.books, messages, book)
        _, _, self.levels = self.books.record(columns, book.price.shape[2], 0)
        self._compare(book)

    def _compare(self, book):
        self.known = np.zeros((len(book.price), 2), np.int64)
        self.equal = np.ones(len(book.price), bool)
        for side, name in enumerate(("bid", "ask")):
            sign = 1 - 2 * side
            worst = np.where(book.quantity[:, side, -1] > 0, sign * book.price[:, side, -1], -(2**62))
            floor = np.maximum.accumulate(worst)[:, None]
            ours = (
                getattr(self.levels, f"{name}_{field}").astype(np.int64) for field in ("price", "quantity")
            )
            shown = [
                _known(*pair, sign, floor) for pair in (ours, (book.price[:, side], book.quantity[:, side]))
            ]
            self.known[:, side] = (shown[1][1] > 0).sum(axis=1)
            self.equal &= (shown[0][0] == shown[1][0]).all(axis=1) & (shown[0][1] == shown[1][1]).all(axis=1)

    def __repr__(self):
        told = f"{int(self.equal.sum())} of {self.equal.size} rows equal"
        return f"LobsterReplay({told}, {int(self.known.min())} to {int(self.known.max())} levels known)"


def _known(price, quantity, sign, floor):
    """Prices and quantities with 0 for what is not known."""
    known = (quantity > 0) & (sign * price >= floor)
    return np.where(known, price, 0), np.where(known, quantity, 0)


def replay_lobster(messages, book):
    """Build the book from the messages and compare it with the order-book file after each.

    Returns
    -------
    LobsterReplay
    """
    return LobsterReplay(messages, book)


def seeded(books, messages, book):
    """Put the first row of an order-book file into empty books; returns the messages to apply then.

    The first row is the book after the first message, so that message either is the part of it that is
    not seeded, if it adds, or has had its effect.
    """
    if not len(messages):
        return messages
    price, quantity = book.price[0], book.quantity[0].copy()
    first = messages.feed_columns()
    columns = [column.copy() for column in first]
    if messages.type[0] == kernels.NEW:
        side = int(messages.direction[0] < 0)
        quantity[side][price[side] == messages.price[0]] -= int(messages.size[0])
    else:
        columns[0][0] = KINDS[5]
    if (quantity < 0).any() or (quantity >= 2**32).any():
        raise InvalidValue(
            "book: the first row does not fit the first message; use two files of one download"
        )
    sides, rows = np.nonzero(quantity)
    letters = np.where(sides == 0, state.BUY, state.SELL).astype(np.uint64)
    prices = price[sides, rows].astype(np.uint64)
    books.apply(
        {
            "kind": np.full(rows.size, state.ADD),
            "side": letters,
            "reference": np.uint64(ANONYMOUS_BIT) | letters << np.uint64(32) | prices,
            "quantity": quantity[sides, rows],
            "price": prices,
        }
    )
    books._books.counts[state.ANONYMOUS] = 1
    return state.Messages(*columns)
