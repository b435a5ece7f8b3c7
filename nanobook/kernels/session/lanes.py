"""Many sessions: one after the other on a lane, the lanes side by side."""

from ..._jit import kernel
from ..._link import call_at, fanout, prange
from .turn import begin, finish


@kernel
def run_lane(play, address, stats, first, stop, step):
    """Play the sessions ``first``, ``first + step``, ... below ``stop`` on one lane.

    Parameters
    ----------
    play : int64
        Address of the compiled strategy.
    address : int64
        Of the lane's descriptor.
    stats : recarray of STAT, one row a session, written

    Returns
    -------
    int64
        The session that stopped with a fault, whose row says which; the first one beyond if all are done.
    """
    row = first
    while row < stop:
        begin(address, row)
        raised = call_at(play, address)
        if finish(address, stats[row], raised):
            return row
        row += step
    return row


@fanout
def run_lanes(play, lanes, stats, cursor, stop):
    """Play sessions on all lanes, each from its ``cursor`` on, which is left as ``run_lane`` returns."""
    for lane in prange(cursor.size):
        cursor[lane] = run_lane(play, lanes[lane], stats, cursor[lane], stop, cursor.size)
