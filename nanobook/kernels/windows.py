"""Figures of every window of a series, at a cost that does not grow with the window.

A window of ``w`` values reaches over the end of a block of ``w``: what lies before that end is a suffix
of the block, the rest a prefix of the next. Both are summed up step by step, and a window is one suffix
joined to one prefix. Nothing is ever subtracted from a running sum, so nothing drifts, a value that left
the window leaves no trace, and a NaN spoils those windows alone that hold it.

Distances are taken from the last value of the block. Every window that is joined holds it, so high values
that differ little lose no digits. The join of two groups is that of Chan, Golub and LeVeque (1983).

The first ``w - 1`` rows of an output are left as they are. ``scratch`` has a row for each number of a
suffix and at least ``w`` columns.
"""

from numpy import int64, nan, sqrt

from .._jit import helper, kernel


@kernel
def moments(values, window, scratch, means, spreads):
    """Mean and standard deviation (``ddof`` 1) of every window of at least 2."""
    n = values.shape[0]
    for start in range(0, n - window + 1, window):
        end = start + window
        centre = values[end - 1]
        mean, squares = 0.0, 0.0
        for i in range(end - 1, start - 1, -1):
            mean, squares = widen(values[i] - centre, end - i, mean, squares)
            scratch[0, i - start] = mean
            scratch[1, i - start] = squares
        means[end - 1] = centre + mean
        spreads[end - 1] = sqrt(squares / (window - 1))
        mean, squares = 0.0, 0.0
        for t in range(end, min(end + window - 1, n)):
            count = t + 1 - end
            mean, squares = widen(values[t] - centre, count, mean, squares)
            share = count / window
            apart = mean - scratch[0, count]
            means[t] = centre + (scratch[0, count] + apart * share)
            both = scratch[1, count] + squares + apart * apart * (share * (window - count))
            spreads[t] = sqrt(both / (window - 1))


@helper
def widen(value, count, mean, squares):
    """Add one value to a group that has ``count`` with it: its mean and summed squared distances."""
    step = value - mean
    mean += step * (1.0 / count)
    return mean, squares + step * (value - mean)


@kernel
def slopes(values, others, window, scratch, out):
    """Regress every window of ``values`` on that of ``others``; NaN where those do not vary."""
    n = values.shape[0]
    for start in range(0, n - window + 1, window):
        end = start + window
        x0, y0 = others[end - 1], values[end - 1]
        group = (0.0, 0.0, 0.0, 0.0)
        for i in range(end - 1, start - 1, -1):
            group = widen_pair(others[i] - x0, values[i] - y0, end - i, group)
            for part in range(4):
                scratch[part, i - start] = group[part]
        out[end - 1] = group[3] / group[2] if group[2] > 0.0 else nan
        group = (0.0, 0.0, 0.0, 0.0)
        for t in range(end, min(end + window - 1, n)):
            count = t + 1 - end
            group = widen_pair(others[t] - x0, values[t] - y0, count, group)
            x = group[0] - scratch[0, count]
            y = group[1] - scratch[1, count]
            weight = (count / window) * (window - count)
            square = group[2] + scratch[2, count] + x * x * weight
            product = group[3] + scratch[3, count] + x * y * weight
            out[t] = product / square if square > 0.0 else nan


@helper
def widen_pair(x, y, count, group):
    """Add a pair to a group: means of both, squared distances of x, products of both distances."""
    x_step = x - group[0]
    x_mean = group[0] + x_step * (1.0 / count)
    y_mean = group[1] + (y - group[1]) * (1.0 / count)
    return x_mean, y_mean, group[2] + x_step * (x - x_mean), group[3] + x_step * (y - y_mean)


@kernel
def compounds(returns, window, scratch, out):
    """Compound every window of returns."""
    n = returns.shape[0]
    for start in range(0, n - window + 1, window):
        end = start + window
        growth = 1.0
        for i in range(end - 1, start - 1, -1):
            growth *= 1.0 + returns[i]
            scratch[0, i - start] = growth
        out[end - 1] = growth - 1.0
        growth = 1.0
        for t in range(end, min(end + window - 1, n)):
            growth *= 1.0 + returns[t]
            out[t] = scratch[0, t + 1 - end] * growth - 1.0


@kernel
def falls(equity, window, scratch, out):
    """Deepest fall inside every window, as a fraction of the peak that the window has seen."""
    n = equity.shape[0]
    for start in range(0, n - window + 1, window):
        end = start + window
        top, low, deepest = equity[end - 1], equity[end - 1], 0.0
        for i in range(end - 1, start - 1, -1):
            top, low = max(top, equity[i]), min(low, equity[i])
            deepest = max(deepest, below(equity[i], low))
            scratch[0, i - start] = top
            scratch[1, i - start] = low
            scratch[2, i - start] = deepest
        out[end - 1] = deepest if low > 0.0 else fall(equity, start, end)
        top, low, deepest = equity[end - 1], equity[end - 1], 0.0
        for t in range(end, min(end + window - 1, n)):
            top, low = max(top, equity[t]), min(low, equity[t])
            deepest = max(deepest, below(top, equity[t]))
            first = t + 1 - end
            if min(low, scratch[1, first]) > 0.0:
                across = below(scratch[0, first], low)
                out[t] = max(max(deepest, scratch[2, first]), across)
            else:
                out[t] = fall(equity, start + first, t + 1)


@kernel
def fall(equity, start, end):
    """Deepest fall between two places, value by value: where some are not positive, falls do not join."""
    peak, deepest = equity[start], 0.0
    for i in range(start, end):
        peak = max(peak, equity[i])
        deepest = max(deepest, below(peak, equity[i]))
    return deepest


@helper
def below(peak, value):
    """Distance below a peak, as a fraction of it; 0 where the peak is not above 0."""
    return (peak - value) / peak if peak > 0.0 else 0.0


@kernel
def drawdowns(equity, rows):
    """List the spells below a peak: rows of peak, start, trough and recovery (-1 where open).

    The peak moves with every value at or above it, so it is the latest of equals; the trough is the first
    of equals. Peaks at or below 0 have no spells. Returns how many there are; ``rows`` is int64 of shape
    (T, 4).
    """
    count = int64(0)
    peak, trough, below = int64(0), int64(0), False
    for i in range(equity.shape[0]):
        if equity[i] >= equity[peak]:
            if below:
                rows[count - 1, 2] = trough
                rows[count - 1, 3] = i
            peak, below = i, False
        elif equity[peak] > 0.0:
            if not below:
                rows[count, 0], rows[count, 1] = peak, i
                count += 1
                trough, below = i, True
            if equity[i] < equity[trough]:
                trough = i
    if below:
        rows[count - 1, 2] = trough
        rows[count - 1, 3] = -1
    return count
