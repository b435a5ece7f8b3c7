"""A feed with the best levels recorded after the messages of one symbol, or of every one."""

from numpy import int64

from ..._jit import kernel
from ..book import depth
from .apply import room, step
from .sides import side_of, unit_of
from .state import OFF_GRID, POSITION, RECORDED

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
    for m in range(start, messages.kind.size):
        done = recorder.state[depth.PENDING] != 0
        if not done and (room(books, executions) <= 0 or not step(books, messages, executions, m)):
            return m
        own = int64(messages.symbol[m])
        if own == symbol or (symbol == ANY and own < books.cents.size):
            snapshot(books, recorder, own)
            if not depth.store(recorder, books.counts[RECORDED]):
                return m
            places[books.counts[RECORDED]] = books.counts[POSITION] + m
            books.counts[RECORDED] += 1
    return messages.kind.size


@kernel
def snapshot(books, recorder, symbol):
    """Draw both sides of a symbol into the picture."""
    unit = unit_of(books, symbol)
    bids = side_of(symbol)
    depth.draw(books, recorder, bids, unit)
    depth.draw(books, recorder, bids + 1, unit)
