"""LOBSTER files: lines of decimals into integers, and whether a message explains how the book changed."""

from numpy import int64

from .._jit import helper, kernel

COMMA, POINT, MINUS, QUOTE, SPACE = (ord(letter) for letter in ',.-" ')
NEWLINE, RETURN, ZERO = 10, 13, 48
MOST = 10**17  # what may still take a digit

NOT_A_NUMBER = 1  # what is wrong with a line
TOO_FEW_FIELDS = 2
TOO_MANY_FIELDS = 3
TOO_MANY_DIGITS = 4

NEW, PARTIAL_CANCEL, DELETE, EXECUTION = 1, 2, 3, 4
EXPLAINED = 0  # what a message has to do with the change of the book
OTHER_SIDE = 1
WITHOUT_EFFECT = 2
NO_SUCH_LEVEL = 3
MORE_THAN_THERE = 4
OTHER_LEVELS = 5


@kernel
def read_table(data, start, table, digits, place):
    """Read lines of decimals.

    Parameters
    ----------
    data : uint8 array
    start : int64
        Where the first line begins.
    table : int64 array, shape (lines, fields)
        Written: the numbers, times ten to the power of ``digits``.
    digits : int64 array, shape (fields,)
        Decimal places of each field.
    place : int64 array, shape (2,)
        Written: row and field reached.

    Returns
    -------
    at : int64
        Where reading stopped.
    fault : int64
        0 if all is read.
    """
    at = start
    row = int64(0)
    field = int64(0)
    fault = int64(0)
    while at < data.size and fault == 0:
        if is_end(data, at):
            at += 1
            continue
        if row == table.shape[0]:
            break
        at, field, fault = read_line(data, at, table[row], digits)
        row += fault == 0
    place[0] = row
    place[1] = field
    return at, fault


@helper
def read_line(data, at, row, digits):
    """Read one line into a row; returns where it ends, the field reached, a fault."""
    for field in range(row.size):
        at, row[field], fault = read_number(data, at, digits[field])
        if fault == 0 and at < data.size and not is_end(data, at):
            if data[at] != COMMA:
                fault = int64(NOT_A_NUMBER)
            elif field == row.size - 1:
                fault = int64(TOO_MANY_FIELDS)
            at += 1
        elif fault == 0 and field < row.size - 1:
            return at, field + 1, int64(TOO_FEW_FIELDS)
        if fault:
            return at, field, fault
    return at, int64(row.size), int64(0)


@helper
def is_end(data, at):
    """Whether a line ends here."""
    return data[at] == NEWLINE or data[at] == RETURN


@helper
def skip(data, at):
    """Go over spaces and quotes."""
    while at < data.size and (data[at] == SPACE or data[at] == QUOTE):
        at += 1
    return at


@helper
def read_number(data, at, places):
    """Read a decimal, quoted or not; returns where it ends, its value times 10**places, a fault."""
    at = skip(data, at)
    negative = at < data.size and data[at] == MINUS
    at += negative
    value = int64(0)
    seen = int64(0)  # digits
    left = int64(-1)  # decimal places still to come; -1 before the point
    while at < data.size:
        digit = int64(data[at]) - ZERO
        if 0 <= digit <= 9:
            seen += 1
            if left != 0:
                if value > MOST:
                    return at, int64(0), int64(TOO_MANY_DIGITS)
                value = value * 10 + digit
                left -= left > 0
            elif digit:
                return at, int64(0), int64(TOO_MANY_DIGITS)
        elif data[at] == POINT and left < 0:
            left = places
        else:
            break
        at += 1
    if seen == 0:
        return at, int64(0), int64(NOT_A_NUMBER)
    for _ in range(left if left >= 0 else places):
        if value > MOST:
            return at, int64(0), int64(TOO_MANY_DIGITS)
        value *= 10
    return skip(data, at), -value if negative else value, int64(0)


@kernel
def explain(kinds, sides, prices, sizes, book, codes):
    """Say of each message but the first whether it explains how the book changed.

    Parameters
    ----------
    kinds, sides, prices, sizes : int64 arrays, shape (messages,)
        Side 0 is that of the bids.
    book : int64 array, shape (messages, 2, 2, levels)
        After each message, of bids and asks: keys (prices turned so that the best is highest) and lots; 0
        lots where there is no level.
    codes : uint8 array, shape (messages,)
        Written.
    """
    for m in range(1, kinds.size):
        before, after = book[m - 1], book[m]
        side = sides[m]
        if not same(before[1 - side], after[1 - side]):
            codes[m] = OTHER_SIDE
        elif kinds[m] == NEW:
            codes[m] = explain_more(before[side], after[side], prices[m], sizes[m])
        elif kinds[m] == PARTIAL_CANCEL or kinds[m] == DELETE or kinds[m] == EXECUTION:
            codes[m] = explain_less(before[side], after[side], prices[m], sizes[m])
        else:
            codes[m] = EXPLAINED if same(before[side], after[side]) else WITHOUT_EFFECT


@helper
def same(before, after):
    """Whether a side is as it was."""
    return agree(before, int64(0), after, int64(0), int64(before.shape[1]))


@helper
def agree(before, first, after, second, count):
    """Whether so many levels are equal, from row ``first`` and from row ``second`` on."""
    for n in range(count):
        if before[0, first + n] != after[0, second + n] or before[1, first + n] != after[1, second + n]:
            return False
    return True


@helper
def rank(side, key):
    """Row where a level of this key is or would be."""
    row = int64(0)
    while row < side.shape[1] and side[1, row] and side[0, row] > key:
        row += 1
    return row


@helper
def explain_more(before, after, key, lots):
    """Explain a side by lots that came."""
    levels = int64(before.shape[1])
    row = rank(before, key)
    if row == levels:
        return EXPLAINED if same(before, after) else OTHER_LEVELS
    there = before[1, row] > 0 and before[0, row] == key
    total = lots + before[1, row] if there else lots
    if after[0, row] != key or after[1, row] != total or not agree(before, int64(0), after, int64(0), row):
        return OTHER_LEVELS
    shift = int64(0 if there else 1)
    rest = levels - row - 1
    return EXPLAINED if agree(before, row + 1 - shift, after, row + 1, rest) else OTHER_LEVELS


@helper
def explain_less(before, after, key, lots):
    """Explain a side by lots that went; behind a level that went any other may come into view."""
    levels = int64(before.shape[1])
    row = rank(before, key)
    if row == levels:
        return EXPLAINED if same(before, after) else OTHER_LEVELS
    if before[1, row] == 0 or before[0, row] != key:
        return NO_SUCH_LEVEL
    left = before[1, row] - lots
    if left < 0:
        return MORE_THAN_THERE
    if not agree(before, int64(0), after, int64(0), row):
        return OTHER_LEVELS
    rest = levels - row - 1
    if left > 0:
        fits = after[0, row] == key and after[1, row] == left
        return EXPLAINED if fits and agree(before, row + 1, after, row + 1, rest) else OTHER_LEVELS
    if not agree(before, row + 1, after, row, rest):
        return OTHER_LEVELS
    return EXPLAINED if may_come(before, after, levels - 1) else OTHER_LEVELS


@helper
def may_come(before, after, last):
    """Whether the last level may have come into view: only into a full one, and behind all others."""
    if after[1, last] == 0:
        return True
    return before[1, last] > 0 and after[0, last] < before[0, last]
