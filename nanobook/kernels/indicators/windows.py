"""What holds for every window of a series, by doubling.

The sum over 2, 4, 8, ... values is that of two neighbours of half the width, and a window of any width is
put together from those: log2(width) passes without a dependence from row to row, so all of them vectorise.
Nothing is ever subtracted: no error is carried along, nor a NaN, and the bits of a window depend on its own
values alone. Scratch rows stay in the first-level cache.

The short loops are functions of their own, with few rows each: the compiler proves that they do not
overlap, and vectorises, only for up to eight pairs of rows.
"""

from numpy import inf, int64, nan

from ..._jit import exact_sums, fma, helper, kernel, part, prefetch

LOWEST, HIGHEST = int64(1), int64(0)
"""Which extreme of a window."""


@helper
def load(x, first, stop, row):
    """Copy ``x[first:stop]`` to the beginning of a row; NaN before the series begins. Returns the count."""
    lack = min(max(-first, 0), stop - first)
    for i in range(lack):
        row[i] = nan
    copy(x[first + lack : max(stop, 0)], row[lack : stop - first])
    return stop - first


@helper
def fetch(x, first, stop):
    """Ask for rows that are wanted later: what is computed meanwhile hides how far away memory is."""
    for i in range(first, stop, 8):
        prefetch(x, i)


@part
def view(x, first, stop, row):
    """``x[first:stop]``; where that begins before the series, a copy in ``row`` with NaN in front."""
    if first < 0:
        load(x, first, stop, row)
        shown = row[: stop - first]
    else:
        shown = x[first:stop]
    return shown


@exact_sums
def unclear(x, first, stop):
    """Whether there is a NaN or an infinite value in ``x[first:stop]``: no sum of zeros else is one."""
    total = 0.0
    rows = x[first:stop]
    for i in range(rows.size):
        total += 0.0 * rows[i]
    return total != total


@helper
def odd(value):
    """1 if a value is NaN or infinite, else 0; for sums of a loop that computes it anyway."""
    return int64(not abs(value) < inf)


@kernel
def oddities(row):
    """Count what is NaN or infinite."""
    count = int64(0)
    for i in range(row.size):
        count += odd(row[i])
    return count


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
def add_four(a, b, c, d, out):
    """Add four rows."""
    for i in range(out.size):
        out[i] = (a[i] + b[i]) + (c[i] + d[i])


@kernel
def add_three(a, b, c, out):
    """Add three rows."""
    for i in range(out.size):
        out[i] = a[i] + (b[i] + c[i])


@kernel
def accumulate(total, a):
    """Add a row to another."""
    for i in range(total.size):
        total[i] += a[i]


@kernel
def accumulate_two(total, a, b):
    """Add two rows to another."""
    for i in range(total.size):
        total[i] += a[i] + b[i]


@kernel
def accumulate_three(total, a, b, c):
    """Add three rows to another."""
    for i in range(total.size):
        total[i] += a[i] + (b[i] + c[i])


@helper
def put_one(begun, a, total):
    """Set a row to another, or add that where it has begun."""
    if begun:
        accumulate(total, a)
    else:
        copy(a, total)


@helper
def put_two(begun, a, b, total):
    """Set a row to the sum of two, or add that where it has begun."""
    if begun:
        accumulate_two(total, a, b)
    else:
        add(a, b, total)


@helper
def put_three(begun, a, b, c, total):
    """Set a row to the sum of three, or add that where it has begun."""
    if begun:
        accumulate_three(total, a, b, c)
    else:
        add_three(a, b, c, total)


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


@helper
def least(a, b):
    """The smaller of two; NaN if either is."""
    return a if (a < b) | (a != a) else b


@helper
def lower(a, b):
    """The smaller of two that are no NaN: one instruction."""
    return a if a < b else b


@helper
def upper(a, b):
    """The larger of two that are no NaN: one instruction."""
    return a if a > b else b


@kernel
def least_of(a, b, c, d, out):
    """The smallest of four rows without a NaN."""
    for i in range(out.size):
        out[i] = lower(lower(a[i], b[i]), lower(c[i], d[i]))


@kernel
def most_of(a, b, c, d, out):
    """The largest of four rows without a NaN."""
    for i in range(out.size):
        out[i] = upper(upper(a[i], b[i]), upper(c[i], d[i]))


@kernel
def four_sums(x, out):
    """Sum every four neighbours: each pair once, carried on, as a shift of a register is half a load."""
    before, early, late = x[2], x[0] + x[1], x[1] + x[2]
    for i in range(out.size):
        pair, before = x[i + 3] + before, x[i + 3]
        out[i] = pair + early
        early, late = late, pair


@kernel
def four_least(x, out):
    """The smallest of every four neighbours, without a NaN; see ``four_sums``."""
    before, early, late = x[2], lower(x[0], x[1]), lower(x[1], x[2])
    for i in range(out.size):
        pair, before = lower(x[i + 3], before), x[i + 3]
        out[i] = lower(pair, early)
        early, late = late, pair


@kernel
def four_most(x, out):
    """The largest of every four neighbours, without a NaN; see ``four_sums``."""
    before, early, late = x[2], upper(x[0], x[1]), upper(x[1], x[2])
    for i in range(out.size):
        pair, before = upper(x[i + 3], before), x[i + 3]
        out[i] = upper(pair, early)
        early, late = late, pair


@helper
def window_sum(x, rows, out, period):
    """Sum every window of ``period`` values of ``x``: ``x.size - period + 1`` sums, from ``out[0]`` on.

    Windows of 1, 4, 16, ... values in turn, each kept where it begins; of each as many are taken as the
    period has in base 4. Overwrites two rows, which are at least as long as ``x`` and none of them ``x``.
    """
    (spare, other), size = rows, out.size
    width, left, end, begun = 1, period, period, int64(0)
    while True:
        count = left % 4
        left //= 4
        a, b, c = end - width, end - 2 * width, end - 3 * width
        if count == 1:
            put_one(begun, x[a : a + size], out)
        elif count == 2:
            put_two(begun, x[a : a + size], x[b : b + size], out)
        elif count == 3:
            put_three(begun, x[a : a + size], x[b : b + size], x[c : c + size], out)
        if left == 0:
            return
        begun |= count > 0
        end -= count * width
        n = size + end - 4 * width
        if width == 1:
            four_sums(x, spare[:n])
        else:
            a, b, c = 3 * width, 2 * width, width
            add_four(x[a : a + n], x[b : b + n], x[c : c + n], x[:n], spare[:n])
        x, spare, other = spare, other, spare
        width *= 4


@helper
def window_extreme(x, rows, out, period, which, spoiled):
    """Lowest or highest value of every window, laid out as by ``window_sum``.

    ``spoiled`` is whether there may be a NaN in ``x``.
    """
    (spare, other), n, values = rows, x.size, x
    width = 1
    if period == 1:
        copy(x, out)
    elif period >= 4:
        extreme_of_neighbours(x, out if period == 4 else spare[: n - 3], which)
        x, spare, other = spare, other, spare
        width = 4
    while width < period:
        lack = period - width
        p = min(width, lack)
        q = min(2 * width, lack) if lack > width else 0
        r = min(3 * width, lack) if lack > 2 * width else 0
        width += max(p, q, r)
        size = n - width + 1
        four = (x[:size], x[p : p + size], x[q : q + size], x[r : r + size])
        extreme_of(four, out if width == period else spare[:size], which)
        x, spare, other = spare, other, spare
    if spoiled:
        blank(values, period, out)


@helper
def extreme_of_neighbours(x, out, which):
    """The lowest or highest of every four neighbours."""
    if which == LOWEST:
        four_least(x, out)
    else:
        four_most(x, out)


@helper
def extreme_of(rows, out, which):
    """The lowest or highest of four rows."""
    a, b, c, d = rows
    if which == LOWEST:
        least_of(a, b, c, d, out)
    else:
        most_of(a, b, c, d, out)


@kernel
def blank(x, period, out):
    """Make every window that holds a NaN one."""
    left = int64(0)
    for i in range(x.size):
        left = period if x[i] != x[i] else left - int64(1)
        if left > 0 and i >= period - 1:
            out[i - period + 1] = nan


@kernel
def place_of_least(old, new, old_place, new_place, out):
    """Place of the smaller of two values; of equals the newer."""
    for i in range(out.size):
        before, after = old_place[i], new_place[i]
        out[i] = before if (old[i] < new[i]) | (old[i] != old[i]) else after


@kernel
def least_of_two(old, new, out):
    """The smaller of two rows; NaN where either is."""
    for i in range(out.size):
        out[i] = least(old[i], new[i])


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
        old, new = value[begin - shift : n - shift], value[begin:n]
        old_place, new_place = place[begin - shift : n - shift], place[begin:n]
        place_of_least(old, new, old_place, new_place, places if last else to_place[begin:n])
        least_of_two(old, new, out if last else to_value[begin:n])
        value, to_value = to_value, value
        place, to_place = to_place, place
