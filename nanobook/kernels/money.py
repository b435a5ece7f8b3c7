"""From a caller's currency units to the whole units that the engine counts in."""

import numpy as np
from numpy import int64

from .._jit import kernel

LIMIT = 2.0**53
HAIR = 2.0**-51  # how far below a half, relative, still is the half that was written
MOST = 0.2  # of a unit: keeps whole amounts above 2**49 whole


@kernel
def to_units(values, scale, units):
    """Write ``values * scale`` as whole numbers: the decimal as written, halves away from zero.

    A float product misses the decimal by at most two half roundings (1.15 * 100 is 114.99999999999999),
    and decimals of up to 15 digits lie more than four times that apart. So below 2**49 units what lies
    within ``HAIR`` below a half was written as a half; above, a float no longer carries the half.

    Parameters
    ----------
    values : float64 array, shape (n,)
        Read-only.
    scale : float
        Units in one.
    units : int64 array, shape (n,)
        Written: 0 for NaN, -1 for anything negative, 2**53 for anything that reaches it.
    """
    for i in range(values.shape[0]):
        value = values[i]
        if value != value:
            units[i] = 0
        elif value < 0.0:
            units[i] = -1
        else:
            x = min(value, LIMIT) * scale
            whole = np.floor(min(x, LIMIT))
            units[i] = int64(whole) + (x - whole >= 0.5 - min(x * HAIR, MOST) and x < LIMIT)
