"""A feed with the best levels recorded after the messages of one symbol, or of every one."""

from numpy import int64

from ..._jit import helper, kernel
from ..book import recording
from . import ahead
from .apply import DEEP, STRETCH, room, step
from .sides import side_of, unit_of
from .state import OFF_GRID, ORDERS, POSITION, RECORDED

ANY = -1


@kernel
def run_recording(books, messages, executions, recorder, places, start, symbol):
    """Apply messages as ``apply.run`` does and write the best levels of their symbol after each.

    Parameters
    ----------
    places : int64 array
        Written: the message of every row of the recorder, from row ``counts[RECORDED]`` on.
    symbol : int64
        Whose messages are recorded; ``ANY`` for all.

    Returns
    -------
    int64
        As ``apply.run``; also the message whose levels do not fit the rows, which then are pending.
    """
    books.counts[OFF_GRID] = 0
    m = start
    if recorder.state[recording.PENDING]:
        m += write(books, recorder, places, m)
    while m < messages.kind.size:
        stop = min(messages.kind.size, m + min(room(books, executions), STRETCH))
        if m == stop:
            return m
        deep = books.counts[ORDERS] > DEEP
        while m < stop:
            if m + ahead.FURTHEST < messages.kind.size:
                if deep:
                    ahead.look_deeper(books, messages, m)
                else:
                    ahead.look(books, messages, m)
            if not step(books, messages, executions, m):
                return m
            own = int64(messages.symbol[m])
            if own == symbol or (symbol == ANY and own < books.cents.size):
                draw(books, recorder, own)
                if not write(books, recorder, places, m):
                    return m
            m += 1
    return m


@helper
def write(books, recorder, places, m):
    """Write the row of message ``m``; False if it does not fit."""
    row = books.counts[RECORDED]
    if not recording.store(recorder, row):
        return False
    places[row] = books.counts[POSITION] + m
    books.counts[RECORDED] = row + 1
    return True


@kernel
def snapshot(books, recorder, symbol):
    """``draw`` for Python."""
    draw(books, recorder, symbol)


@helper
def draw(books, recorder, symbol):
    """Draw both sides of a symbol into the picture."""
    unit = unit_of(books, symbol)
    bids = side_of(symbol)
    for side in range(bids, bids + 2):
        recording.draw(books, recorder, side, unit)
