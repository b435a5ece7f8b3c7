"""Numbers of sides and keys of prices: how the books of all symbols share one ladder."""

from numpy import int64, uint64

from ..._jit import helper
from ..book import ladder
from ..book.state import BLOCK
from .state import GRID


@helper
def side_of(symbol):
    """Number of the bids of a symbol; that of its asks is the next."""
    return (symbol >> 1) * BLOCK + (symbol & 1) * 2


@helper
def symbol_of(side):
    """Symbol whose side this is."""
    block = uint64(side) // uint64(BLOCK)
    return int64(block * uint64(2) + ((uint64(side) - block * uint64(BLOCK)) >> uint64(1)))


@helper
def unit_of(books, symbol):
    """How many 1/10,000 one step of the symbol's keys is."""
    return int64(GRID) if books.cents[symbol] else int64(1)


@helper
def is_off_grid(books, symbol, price):
    """Whether the symbol's keys are too coarse for this price."""
    return uint64(price) % uint64(GRID) != uint64(0) and books.cents[symbol] != 0


@helper
def key_of(books, symbol, side, price):
    """Key of a price that is on the symbol's grid."""
    steps = uint64(price) // uint64(GRID) if books.cents[symbol] else uint64(price)
    return ladder.key_of(side, int64(steps))


@helper
def price_of(books, side, key):
    """Price of a key in 1/10,000."""
    return ladder.key_of(side, key) * unit_of(books, symbol_of(side))
