"""What holds for every window of a series, by doubling.

The sum over 2, 4, 8, ... values is that of two neighbours of half the width, and a window of any width is
put together from those: log2(width) passes without a dependence from row to row, so all of them vectorise.
Nothing is ever subtracted: no error is carried along, nor a NaN, and the bits of a window depend on its own
values alone. Scratch rows stay in the first-level cache.
"""

from numpy import nan

from ..._jit import helper, kernel


@helper
def load(x, first, stop, row):
    """Copy ``x[first:stop]`` to the beginning of a row; NaN before the series begins. Returns the count."""
    lack = max(-first, 0)
    for i in range(lack):
        row[i] = nan
    source, target = x[first + lack : stop], row[lack : stop - first]
    for i in range(stop - first - lack):
        target[i] = source[i]
    return stop - first


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
def window_sum(x, spare, total, n, period):
    """Sum every window: ``total[i]`` of ``x[i - period + 1 : i + 1]``, from ``period - 1`` on.

    Overwrites ``x`` and ``spare``.
    """
    width, done = 1, 0
    while True:
        if period & width:
            begin = done + width - 1
            if done:
                accumulate(total[begin:n], x[width - 1 : n - done])
            else:
                load(x, begin, n, total[begin:n])
            done += width
        if done == period:
            return
        begin = 2 * width - 1
        add(x[begin:n], x[width - 1 : n - width], spare[begin:n])
        x, spare = spare, x
        width *= 2


@helper
def window_min(x, spare, found, n, period):
    """Write the minimum of every window to ``found``, from ``period - 1`` on; overwrites the other two."""
    if period == 1:
        load(x, 0, n, found)
    width = 1
    while width < period:
        shift = min(width, period - width)
        begin = width + shift - 1
        a, b = x[begin:n], x[begin - shift : n - shift]
        width += shift
        lower(a, b, found[begin:n] if width == period else spare[begin:n])
        x, spare = spare, x


@helper
def window_max(x, spare, found, n, period):
    """Write the maximum of every window to ``found``, from ``period - 1`` on; overwrites the other two."""
    if period == 1:
        load(x, 0, n, found)
    width = 1
    while width < period:
        shift = min(width, period - width)
        begin = width + shift - 1
        a, b = x[begin:n], x[begin - shift : n - shift]
        width += shift
        higher(a, b, found[begin:n] if width == period else spare[begin:n])
        x, spare = spare, x
