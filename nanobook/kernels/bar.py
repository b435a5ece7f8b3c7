"""What a compiled strategy is given each period, and its call as a function of one address."""

from typing import NamedTuple

import numpy as np
from numpy import int64

from .._jit import JIT, kernel, tuple_at

# Rows of ``Seat.clock`` and ``Seat.money``.
PERIOD = 0
PATH = 1  # row of the parameters
CASH = 0
EQUITY = 1

BARS = 2  # rows of the ring of positions


class Bar(NamedTuple):
    """What is known at the close of a period: the first argument of a compiled strategy.

    Attributes
    ----------
    t : int
        Number of the period, from 0.
    prices : float64 array, shape (t + 1, N), read-only
        Prices up to this period, in currency units; NaN where there is none. ``prices[t]`` or
        ``prices[-1]`` is this period's row.
    positions : float64 array, shape (N,), read-only
        Shares held, before this period's trades.
    cash, equity : float
        In currency units, before this period's trades and at its prices.
    memory : float64 array, shape (memory, N)
        The strategy's own: zeros in the first period, then as it left them.
    """

    t: int
    prices: np.ndarray
    positions: np.ndarray
    cash: float
    equity: float
    memory: np.ndarray


class Seat(NamedTuple):
    """The arrays behind a bar, each without dimensions, found by the address of their descriptor.

    Attributes
    ----------
    quotes : float64 array, length T * N, read-only
    positions : float64 array, length BARS * N, read-only
    weights : float64 array, length K * N
        Period ``t`` writes row ``t % K``.
    memory : float64 array
    clock : int64 array
        Rows PERIOD and PATH.
    money : float64 array
        Rows CASH and EQUITY.
    params : record array
        One row a path.
    """

    quotes: np.ndarray
    positions: np.ndarray
    weights: np.ndarray
    memory: np.ndarray
    clock: np.ndarray
    money: np.ndarray
    params: np.ndarray


def seat_finder(params):
    """Make the function that finds the seat at an address, for parameters of a dtype."""
    if not JIT:
        return lambda place: place
    numbers = np.zeros(1)
    fixed = np.zeros(1)
    fixed.flags.writeable = False
    sample = Seat(fixed, fixed, numbers, numbers, np.zeros(1, np.int64), numbers, np.zeros(1, params))
    return tuple_at(sample)


def play_of(strategy, arguments, params):
    """Make the function that asks a strategy for the weights of one period.

    Parameters
    ----------
    strategy : function
        Takes the bar, the row of parameters (not if ``arguments`` is 2) and the row of weights.
    arguments : int
        2 or 3.
    params : dtype
        Of the row of parameters.

    Returns
    -------
    function
        Takes the address of a seat; 1 if the strategy raised, else 0.
    """
    seat_at = seat_finder(params)
    bar_of = kernel(cache=False, _nrt=True)(make_bar) if JIT else make_bar
    simple = arguments == 2

    def play(address):
        """Ask the strategy in the seat at an address."""
        seat = seat_at(address)
        bar = bar_of(seat)
        count = bar.positions.size
        start = (bar.t % (seat.weights.size // count)) * count
        weights = seat.weights[start : start + count]
        try:
            if simple:
                strategy(bar, weights)
            else:
                strategy(bar, seat.params[seat.clock[PATH]], weights)
        except Exception:
            return int64(1)
        return int64(0)

    return play


def make_bar(seat):
    """Cut the bar of the seat's period out of its arrays."""
    t = seat.clock[PERIOD]
    count = seat.positions.size // BARS
    held = (t % BARS) * count
    return Bar(
        t,
        seat.quotes[: (t + 1) * count].reshape((t + 1, count)),
        seat.positions[held : held + count],
        seat.money[CASH],
        seat.money[EQUITY],
        seat.memory.reshape((seat.memory.size // count, count)),
    )
