"""A user's strategy as a function of one address."""

import numpy as np
from numpy import int64

from ..._jit import JIT, kernel, tuple_at
from .state import ROW, ROWS, Session, run_of
from .turn import begin


def play_of(strategy, arguments, params, metrics):
    """Make the function that plays a strategy on a session.

    Parameters
    ----------
    strategy : function
        Takes the session and, by the number of ``arguments``, its row of parameters and of metrics.
    params, metrics : dtype
        Of these rows.

    Returns
    -------
    function
        Takes the address of a session; 1 if the strategy raised, else 0.
    """
    rows_at = row_finder(params, metrics)

    def play(address):
        """Play the strategy on the session at an address."""
        table, results = rows_at(address)
        row = run_of(address).account[ROW]
        everything = (Session(address), table[row], results[row])
        try:
            strategy(*everything[:arguments])
        except Exception:
            return int64(1)
        return int64(0)

    return play


def row_finder(params, metrics):
    """Make the function that finds the rows of parameters and metrics by the address of a session."""
    if not JIT:
        return lambda place: (place.params, place.metrics)
    at = tuple_at((np.zeros(1, params), np.zeros(1, metrics)))

    def rows_at(address):
        """Tables of parameters and metrics of the session at an address."""
        return at(address + ROWS)

    return kernel(cache=False)(rows_at)


@kernel
def begin_at(address, row):
    """Put a session to its start."""
    begin(address, row)
