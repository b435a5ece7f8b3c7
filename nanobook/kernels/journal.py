"""The event log: plain flow packed as it comes in, and rows from elsewhere checked."""

import numpy as np
from numpy import int32, int64, uint8, uint32

from .._jit import helper, kernel
from ..types import (
    BY_CLIENT_ID,
    EVENT,
    POST_ONLY,
    MessageKind,
    TimeInForce,
    TrailMethod,
)

LIMIT = int(MessageKind.LIMIT)
CANCEL = int(MessageKind.CANCEL)
MODIFY = int(MessageKind.MODIFY)
MARKET = int(MessageKind.MARKET)
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)
GTD = int(TimeInForce.GTD)
FIXED = int(TrailMethod.FIXED)
SMA = int(TrailMethod.SMA_ABS_CHANGE)
_AT = {name: place for place, name in enumerate(EVENT.names or ())}
SIDE, TIF, MARKS, OWNER = (_AT[name] for name in ("side", "tif", "marks", "owner"))
PRICE, QUANTITY, ORDER_ID = (_AT[name] for name in ("price", "quantity", "order_id"))
STOP_PRICE, EXPIRY = (_AT[name] for name in ("stop_price", "expiry"))
TRAIL, TRAIL_VALUE = (_AT[name] for name in ("trail", "trail_value"))
IS_USED, LOW, HIGH = 0, 1, 2  # what ``limits`` tells of a column
NOT, USED, IF_NAMED = 0, 1, 2
SIDE_BIT = 2  # bits of a packed code: two of the kind, one of the side, three of the time in force
TIF_BITS = 3


# Packing


@kernel
def pack(flow, client_ids, codes, price, quantity, order_id):
    """Pack a plain flow whose numbers all fit 32 bits; what a kind does not use becomes 0.

    Parameters
    ----------
    codes : uint8 array, written
        Kind, side and time in force.
    price, quantity : int32 array, written
    order_id : uint32 array, written
    """
    every = int64(client_ids)
    for m in range(flow.kind.size):
        code, priced, sized, named = uses(flow, m, every)
        codes[m] = code
        price[m] = int32(flow.price[m]) & int32(-priced)
        quantity[m] = int32(flow.quantity[m]) & int32(-sized)
        order_id[m] = uint32(flow.order_id[m]) & uint32(-named)


@kernel
def pack_wide(flow, client_ids, codes, price, quantity, order_id):
    """Pack a plain flow as ``pack`` does, into int64 columns."""
    every = int64(client_ids)
    for m in range(flow.kind.size):
        code, priced, sized, named = uses(flow, m, every)
        codes[m] = code
        price[m] = flow.price[m] & -priced
        quantity[m] = flow.quantity[m] & -sized
        order_id[m] = flow.order_id[m] & -named


@helper
def uses(flow, m, every):
    """Packed code of message ``m``, and 1 for each of price, quantity and id that its kind uses."""
    kind = int64(flow.kind[m])
    limit = int64(kind == LIMIT)
    new = limit | int64(kind == MARKET)
    modify = int64(kind == MODIFY)
    side = int64(flow.side[m]) & -new
    tif = int64(flow.tif[m]) & -limit
    code = uint8(kind | (side << SIDE_BIT) | (tif << TIF_BITS))
    return code, limit | modify, new | modify, every | (1 - new)


# Checking


@kernel
def clean(rows, limits):
    """Check rows of events and set to 0 what their kinds do not use.

    Parameters
    ----------
    rows : recarray of EVENT, changed
    limits : int64 array, shape (kinds, columns, 3)
        Whether a kind uses a column (``USED``, or ``IF_NAMED`` for an id that is there only with
        ``BY_CLIENT_ID``), the lowest value and the highest; of the marks the last is a mask.

    Returns
    -------
    row, column : int64
        Of the first fault; the number of rows if there is none.
    """
    for m in range(rows.size):
        column = fault(rows[m], limits)
        if column >= 0:
            return m, column
    return rows.size, int64(0)


@helper
def fault(row, limits):
    """Clean one row; the column of its fault, or -1."""
    if row.kind >= len(limits):
        return int64(0)
    bounds = limits[row.kind]
    keep(row, bounds)
    if row.marks & ~bounds[MARKS, HIGH]:
        return int64(MARKS)
    column = outside(row, bounds)
    if column >= 0:
        return column
    if bounds[TIF, IS_USED] and bounds[EXPIRY, IS_USED] and (row.tif == GTD) != (row.expiry > 0):
        return int64(EXPIRY)
    if row.marks & POST_ONLY and (row.tif == IOC or row.tif == FOK):
        return int64(MARKS)
    if row.trail != 0 and not np.isfinite(row.trail_value):
        return int64(TRAIL_VALUE)
    if row.trail == FIXED:
        row.trail_value = max(min(np.trunc(row.trail_value), 2.0**63), -(2.0**63))
    return int64(-1)


@helper
def keep(row, bounds):
    """Set to 0 what the kind of a row does not use."""
    row.side *= bounds[SIDE, IS_USED] != NOT
    row.tif *= bounds[TIF, IS_USED] != NOT
    row.owner *= bounds[OWNER, IS_USED] != NOT
    row.price *= bounds[PRICE, IS_USED] != NOT
    row.quantity *= bounds[QUANTITY, IS_USED] != NOT
    row.stop_price *= bounds[STOP_PRICE, IS_USED] != NOT
    row.expiry *= bounds[EXPIRY, IS_USED] != NOT
    row.trail *= bounds[TRAIL, IS_USED] != NOT
    named = bounds[ORDER_ID, IS_USED]
    if named == NOT or (named == IF_NAMED and not row.marks & BY_CLIENT_ID):
        row.order_id = 0
    if row.trail == 0:
        row.trail_value = 0.0
    if row.trail != SMA:
        row.period = 0


@helper
def outside(row, bounds):
    """First column of a row that is outside its bounds, or -1."""
    if beyond(int64(row.side), bounds[SIDE]):
        return int64(SIDE)
    if beyond(int64(row.tif), bounds[TIF]):
        return int64(TIF)
    if beyond(int64(row.price), bounds[PRICE]):
        return int64(PRICE)
    if beyond(int64(row.quantity), bounds[QUANTITY]):
        return int64(QUANTITY)
    if beyond(int64(row.order_id), bounds[ORDER_ID]):
        return int64(ORDER_ID)
    if beyond(int64(row.expiry), bounds[EXPIRY]):
        return int64(EXPIRY)
    if beyond(int64(row.trail), bounds[TRAIL]):
        return int64(TRAIL)
    return int64(-1)


@helper
def beyond(value, bound):
    """Whether a used column's value is outside its bounds."""
    return bound[IS_USED] != NOT and (value < bound[LOW] or value > bound[HIGH])
