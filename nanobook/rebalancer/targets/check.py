"""The rules of a target: every fault found, over the whole list, none repaired."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real

from ...errors import NanobookError
from ...exact import exact
from ...hints import nearest, printable

KEYS = ("timestamp", "metadata", "targets", "constraints", "close_missing")
LIMITS = {"max_position_pct": (0, 1), "max_leverage": (1, 10), "min_trade_usd": (0, 10**9)}
"""Constraints, and what they may be."""

LONGEST_SYMBOL = 32
MOST_TARGETS = 5000
LONGEST_ID = 200
WEIGHT_STEP = Decimal(1).scaleb(-18)
"""Weights are rounded to it: every digit that a float has, and short enough to calculate with exactly."""
TOLERANCE = Decimal("1e-9")  # by which weights of an optimiser may exceed 1 in all
YEARS = (1970, 2100)
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")


def check_target(tables, zero=False):
    """Check what a target says.

    Parameters
    ----------
    tables : dict
        As the file has it.
    zero : bool
        Whether a weight may be 0.

    Returns
    -------
    tuple
        The values of a ``Target`` (constraints as a dictionary), and the faults, as texts.
    """
    faults = [unknown(key, KEYS) for key in tables if key not in KEYS]
    values = {
        "timestamp": check_timestamp(tables.get("timestamp"), faults),
        "id": check_metadata(tables.get("metadata", {}), faults),
        "targets": check_targets(tables.get("targets"), zero, faults),
        "constraints": check_constraints(tables.get("constraints", {}), faults),
        "close_missing": tables.get("close_missing"),
    }
    if not isinstance(values["close_missing"], bool | None):
        faults.append(f"close_missing: {values['close_missing']!r}; write true or false")
    return values, faults


def unknown(key, known, where=""):
    """Say that there is no such key."""
    return f"{where}{printable(key)}: there is no such key{nearest(key, known)}"


def check_timestamp(text, faults):
    """Read the time of a target; it must have a zone."""
    if isinstance(text, datetime):
        moment = text
    elif not isinstance(text, str):
        what = "missing" if text is None else f"{printable(repr(text))[:80]} is no text"
        faults.append(
            f"timestamp: {what}; write the time when the weights were made, as 2026-02-08T15:30:00Z"
        )
        return None
    else:
        moment = moment_of(text)
        if moment is None:
            faults.append(f"timestamp: {text!r} is no time; write it as 2026-02-08T15:30:00Z")
            return None
    if moment.tzinfo is None or moment.utcoffset() is None:
        faults.append(f"timestamp: {str(text)!r} has no time zone; add Z for UTC or an offset such as -05:00")
        return None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        faults.append(f"timestamp: {str(text)!r} is not of the years {YEARS[0]} to {YEARS[1]}")
        return None
    return moment


def moment_of(text):
    """Read a time of RFC 3339, None if it is none; a zone may be missing."""
    if not TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def check_metadata(metadata, faults):
    """Give the name of the run."""
    if not isinstance(metadata, dict):
        faults.append("metadata: must be an object with the key id")
        return ""
    faults.extend(unknown(key, ("id",), "metadata.") for key in metadata if key != "id")
    name = metadata.get("id", "")
    if not isinstance(name, str) or not name.isprintable() or len(name) > LONGEST_ID:
        faults.append(
            f"metadata.id: must be text of at most {LONGEST_ID} characters without control characters"
        )
        return ""
    return name


def check_constraints(constraints, faults):
    """Give the limits that a target brings."""
    if not isinstance(constraints, dict):
        faults.append("constraints: must be an object")
        return {}
    faults.extend(unknown(key, LIMITS, "constraints.") for key in constraints if key not in LIMITS)
    return {
        key: check_limit(key, constraints[key], faults) for key in LIMITS if constraints.get(key) is not None
    }


def check_limit(key, value, faults):
    """Check one limit."""
    low, high = LIMITS[key]
    try:
        number = exact(f"constraints.{key}", value)
    except (NanobookError, ArithmeticError):  # the latter beyond all exponents
        faults.append(f"constraints.{key}: {printable(value)[:40]!r} must be a number from {low} to {high}")
        return None
    if isinstance(value, str) or not low <= number <= high or (key == "max_position_pct" and number == 0):
        faults.append(f"constraints.{key}: {value!r} must be a number from {low} to {high}")
    return number


def check_targets(rows, zero, faults):
    """Give symbols and weights; every fault of the whole list is noted."""
    if not isinstance(rows, list):
        faults.append("targets: must be a list of objects with symbol and weight")
        return ()
    if not rows:
        faults.append("targets: the list is empty; to sell everything takes a target of its own, not none")
        return ()
    if len(rows) > MOST_TARGETS:
        faults.append(f"targets: {len(rows)} of them; at most {MOST_TARGETS} are read")
        return ()
    pairs = [check_row(number, row, zero, faults) for number, row in enumerate(rows)]
    pairs = [pair for pair in pairs if pair is not None]
    counts = Counter(str(row.get("symbol")) for row in rows if isinstance(row, dict))
    faults.extend(f"targets: {printable(symbol)} stands {n} times" for symbol, n in counts.items() if n > 1)
    check_sum(pairs, faults)
    return tuple(pairs)


def check_row(number, row, zero, faults):
    """Check one target; None if it has a fault."""
    where = f"targets[{number}]"
    if not isinstance(row, dict):
        faults.append(f"{where}: must be an object with symbol and weight")
        return None
    before = len(faults)
    faults.extend(
        unknown(key, ("symbol", "weight"), f"{where}.") for key in row if key not in ("symbol", "weight")
    )
    symbol, weight = row.get("symbol"), row.get("weight")
    complaint = symbol_fault(symbol)
    if complaint:
        faults.append(f"{where}.symbol: {complaint}")
    complaint = weight_fault(weight, zero)
    if complaint:
        name = f" ({symbol})" if isinstance(symbol, str) and symbol.isprintable() else ""
        faults.append(f"{where}.weight{name}: {complaint}")
    return (symbol, weight_of(weight)) if len(faults) == before else None


def symbol_fault(symbol):
    """Say why something cannot be a symbol, "" if it can."""
    if not isinstance(symbol, str):
        return "missing" if symbol is None else f"{symbol!r} is no text"
    if not symbol:
        return "is empty"
    if len(symbol) > LONGEST_SYMBOL:
        begin = printable(symbol[:LONGEST_SYMBOL])
        return f"{begin}... has {len(symbol)} characters; at most {LONGEST_SYMBOL} are taken"
    if not symbol.isprintable() or symbol != symbol.strip():
        return f"{symbol!r} has blanks at an end or control characters"
    if symbol != symbol.upper():
        return f"{symbol!r} is not upper case (did you mean {symbol.upper()!r}?)"
    return ""


def weight_fault(weight, zero):
    """Say why something cannot be a weight, "" if it can."""
    if weight is None:
        return "missing"
    if isinstance(weight, bool | str) or not isinstance(weight, int | Decimal):
        return f"{weight!r} is no number"
    if isinstance(weight, Decimal) and not weight.is_finite():
        return f"{weight} is no number"
    if not -1 <= weight <= 1:
        hint = " (per cent?)" if -100 <= weight <= 100 else ""
        return f"{weight} is beyond 1, which is all of the equity{hint}"
    if not zero and weight_of(weight) == 0:
        return "is 0; leave the symbol out, and say what becomes of a position by close_missing"
    return ""


def weight_of(weight):
    """Give a weight as an exact number, a float as the decimal that it prints as; what is none, as it is."""
    if isinstance(weight, bool | str) or not isinstance(weight, Real | Decimal):
        return weight
    if isinstance(weight, Integral):
        return int(weight)
    number = weight if isinstance(weight, Decimal) else Decimal(repr(float(weight)))
    if (
        number.is_finite()
        and -1 <= number <= 1
        and number.as_tuple().exponent < WEIGHT_STEP.as_tuple().exponent
    ):
        return number.quantize(WEIGHT_STEP)
    return number


def check_sum(pairs, faults):
    """Note long weights that exceed the equity."""
    total = sum((Fraction(weight) for _, weight in pairs if weight > 0), Fraction(0))
    if total > 1 + Fraction(TOLERANCE):
        largest = sorted(pairs, key=lambda pair: -pair[1])[:3]
        shown = ", ".join(f"{symbol} {weight}" for symbol, weight in largest)
        faults.append(f"targets: long weights sum to {float(total):.6f}, above 1; the largest: {shown}")
