"""What a row of an event may be, by kind, written from the specification; and its columns that matter."""

import math

from nanobook.types import BY_CLIENT_ID, EVENT, INT64_MAX, INT64_MIN, MAX_QUANTITY, POST_ONLY

PRICES = range(INT64_MIN, INT64_MAX + 1)
LOTS = range(1, MAX_QUANTITY + 1)
IDS = range(INT64_MAX + 1)
OWNERS = range(2**32)
SUBMISSION = {"side": range(2), "quantity": LOTS, "owner": OWNERS}
LIMITED = {"price": PRICES, "tif": range(5), "expiry": IDS}
STOPPED = {"stop_price": PRICES}
TRAILED = {"trail": range(1, 4)}
NEW_LOTS = {"quantity": range(MAX_QUANTITY + 1)}
COLUMNS = (
    SUBMISSION | LIMITED,
    {"order_id": IDS},
    {"order_id": IDS, "price": PRICES} | NEW_LOTS,
    SUBMISSION,
    SUBMISSION | STOPPED,
    SUBMISSION | LIMITED | STOPPED,
    SUBMISSION | STOPPED | TRAILED,
    SUBMISSION | LIMITED | STOPPED | TRAILED,
    {"order_id": IDS} | NEW_LOTS,
    {"side": range(3), "owner": OWNERS},
    {"expiry": IDS},
    {"tif": range(5)},
    {"price": LOTS, "quantity": LOTS},
    {},
)
"""By kind the columns that it uses, and their values."""


def naive_row(row):
    """Row with 0 in what does not matter, as a dict of columns; None if it is no event."""
    if row["kind"] >= len(COLUMNS):
        return None
    allowed = dict(COLUMNS[row["kind"]])
    submission = "stop_price" in allowed or row["kind"] in (0, 3)
    flags = row["marks"]
    permitted = {BY_CLIENT_ID} if submission or "order_id" in allowed else set()
    permitted |= {POST_ONLY} if row["kind"] == 0 else set()
    if any(flags & 1 << bit and 1 << bit not in permitted for bit in range(8)):
        return None
    if submission and flags & BY_CLIENT_ID:
        allowed["order_id"] = IDS
    clean = dict.fromkeys(EVENT.names, 0) | {"kind": row["kind"], "marks": flags, "trail_value": 0.0}
    for name, values in allowed.items():
        if row[name] not in values:
            return None
        clean[name] = row[name]
    if "tif" in allowed and "expiry" in allowed and (row["tif"] == 4) != (row["expiry"] > 0):
        return None
    if flags & POST_ONLY and row["tif"] in (1, 2):
        return None
    if clean["trail"]:
        value = clean["trail_value"] = row["trail_value"]
        if not math.isfinite(value):
            return None
        if clean["trail"] == 1:
            clean["trail_value"] = float(max(min(int(value), 2**63), -(2**63)))
        clean["period"] = row["period"] if clean["trail"] == 3 else 0
    return clean


def naive_flow_row(kind, side, price, quantity, tif, order_id, client_ids):
    """Row of a message of a plain tape, as a dict of columns."""
    row = dict.fromkeys(EVENT.names, 0) | {"kind": kind, "marks": BY_CLIENT_ID if client_ids else 0}
    if kind in (0, 3):
        row |= {"side": side, "quantity": quantity}
    if kind == 0:
        row |= {"price": price, "tif": tif}
    if kind == 2:
        row |= {"price": price, "quantity": quantity}
    if kind in (1, 2) or client_ids:
        row["order_id"] = order_id
    return row
