"""What holds for every window of a series, by doubling.

The sum over 2, 4, 8, ... values is that of two neighbours of half the width, and a window of any width is
put together from those: log2(width) passes without a dependence from row to row, so all of them vectorise.
Nothing is ever subtracted: no error is carried along, nor a NaN, and the bits of a window depend on its own
values alone. Scratch rows stay in the first-level cache.

The short loops are functions of their own, with few rows each: the compiler proves that they do not
overlap, and vectorises, only for up to eight pairs of rows.
"""

from numpy import nan

from ..._jit import fma, helper, kernel


@helper
def load(x, first, stop, row):
    """Copy ``x[first:stop]`` to the beginning of a row; NaN before the series begins. Returns the count."""
    lack = max(-first, 0)
    for i in range(lack):
        row[i] = nan
    copy(x[first + lack : stop], row[lack : stop - first])
    return stop - first


@kernel
def copy(row, out):
    """Copy a row."""
    for i in range(out.size):
        out[i] = row[i]


@kernel
def fill(out, value):
    """Set every value of a row."""
    for i in range(out.size):
        out[i] = value


@kernel
def add(a, b, out):
    """Add two rows."""
    for i in range(out.size):
        out[i] = a[i] + b[i]


@kernel
def accumulate(total, a):
    """Add a row to another."""
    for i in range(total.size):
        total[i] += a[i]


@kernel
def scale(row, factor):
    """Multiply a row."""
    for i in range(row.size):
        row[i] *= factor


@kernel
def divide(row, by):
    """Divide a row, each quotient rounded once: by the reciprocal, and what that leaves (Markstein 1990)."""
    reciprocal = 1.0 / by
    for i in range(row.size):
        quotient = row[i] * reciprocal
        row[i] = fma(fma(-by, quotient, row[i]), reciprocal, quotient)


@kernel
def spoil(row, a):
    """Make a row NaN where another is."""
    for i in range(row.size):
        row[i] += 0.0 * a[i]


@kernel
def lower(a, b, out):
    """The smaller of two rows; NaN where either is."""
    for i in range(out.size):
        out[i] = a[i] if (a[i] < b[i]) | (a[i] != a[i]) else b[i]


@kernel
def higher(a, b, out):
    """The larger of two rows; NaN where either is."""
    for i in range(out.size):
        out[i] = a[i] if (a[i] > b[i]) | (a[i] != a[i]) else b[i]


@helper
def window_sum(x, spare, out, n, period):
    """Sum every window of ``period`` of the first ``n`` values: ``n - period + 1`` sums, from ``out[0]`` on.

    Overwrites ``x`` and ``spare``.
    """
    width, done = 1, 0
    while True:
        if period & width:
            rows = x[period - 1 - done : n - done]
            if done:
                accumulate(out, rows)
            else:
                copy(rows, out)
            done += width
        if done == period:
            return
        begin = 2 * width - 1
        add(x[begin:n], x[width - 1 : n - width], spare[begin:n])
        x, spare = spare, x
        width *= 2


@helper
def window_min(x, spare, out, n, period):
    """Minimum of every window, laid out as by ``window_sum``."""
    if period == 1:
        copy(x, out)
    width = 1
    while width < period:
        shift = min(width, period - width)
        begin = width + shift - 1
        width += shift
        lower(x[begin:n], x[begin - shift : n - shift], out if width == period else spare[begin:n])
        x, spare = spare, x


@helper
def window_max(x, spare, out, n, period):
    """Maximum of every window, laid out as by ``window_sum``."""
    if period == 1:
        copy(x, out)
    width = 1
    while width < period:
        shift = min(width, period - width)
        begin = width + shift - 1
        width += shift
        higher(x[begin:n], x[begin - shift : n - shift], out if width == period else spare[begin:n])
        x, spare = spare, x


@kernel
def place_of_lower(value, place, shift, out):
    """Rows of the lower of two values, ``shift`` apart; of equals the later."""
    for i in range(out.size):
        new, old = value[i + shift], value[i]
        out[i] = place[i] if (old < new) | (old != old) else place[i + shift]


@helper
def window_lowest(rows, out, places, n, period):
    """Minimum of every window of ``rows[0]``, and of its rows, in ``rows[1]``, the latest that has it.

    Laid out as by ``window_sum``; overwrites the four rows.
    """
    value, place, to_value, to_place = rows
    if period == 1:
        copy(value, out)
        copy(place, places)
    width = 1
    while width < period:
        shift = min(width, period - width)
        begin, width = width + shift - 1, width + shift
        last = width == period
        old = begin - shift
        place_of_lower(value[old:n], place[old:n], shift, places if last else to_place[begin:n])
        lower(value[begin:n], value[old : n - shift], out if last else to_value[begin:n])
        value, to_value = to_value, value
        place, to_place = to_place, place
