"""Averages by their kind, and what is made of averages of any kind.

Kinds are numbered as in TA-Lib. An average of one row is the series itself.
"""

from numpy import floor, int64, nan

from ..._jit import helper, kernel
from .averages import dema, ema, kama, sma, tema, tillson, trima, wma
from .cycles import adapt, fours, mean_of
from .windows import copy, fill, load, unclear, view

SMA, EMA, WMA, DEMA, TEMA, TRIMA, KAMA, MAMA, T3 = range(9)

STAGES, MORE = (1, 1, 1, 2, 3, 1, 1, 0, 6), (0, 0, 0, 0, 0, 0, 1, 32, 0)
"""Rows before the first value of every kind: so many windows less a row, and so many more."""

MEMORY = 42
"""Numbers that any of them remembers: most are those of ``mama``."""

REACH = 9
"""Rows of the past that an average of a short period may need for its scratch rows."""


def rows_before(period, kind):
    """Rows before the first value of an average."""
    return STAGES[int(kind)] * (period - 1) + MORE[int(kind)] if period > 1 else 0


lookback = helper(rows_before)


@kernel
def by_kind(kind, rows, inputs, params, state, work, outputs):
    """Average of the kind, over params[0] rows; ``rows`` are the first to compute and the one behind them."""
    first, stop = rows
    if params[0] == 1.0:
        copy(inputs[0][first:stop], outputs[0][first:stop])
    elif kind == SMA:
        sma(first, stop, inputs, params, state, work, outputs)
    elif kind == EMA:
        ema(first, stop, inputs, params, state, work, outputs)
    elif kind == WMA:
        wma(first, stop, inputs, params, state, work, outputs)
    elif kind == DEMA:
        dema(first, stop, inputs, params, state, work, outputs)
    elif kind == TEMA:
        tema(first, stop, inputs, params, state, work, outputs)
    elif kind == TRIMA:
        trima(first, stop, inputs, params, state, work, outputs)
    elif kind == KAMA:
        kama(first, stop, inputs, params, state, work, outputs)
    elif kind == MAMA:  # both of its lines go to one row, the one that is wanted last
        adapt(first, stop, inputs[0], (0.5, 0.05), state, work, (outputs[0], outputs[0]))
    else:
        tillson(inputs[0][first:stop], params[0], 0.7, state, outputs[0][first:stop])


@kernel
def ma(first, stop, inputs, params, state, work, outputs):
    """Average of the kind params[1]."""
    by_kind(int64(params[1]), (first, stop), inputs, params, state, work, outputs)


@kernel
def delayed(x, first, stop, n, delay, lead, row):
    """Rows from ``lead`` before ``first`` on, NaN where less than ``delay`` stand behind the last NaN.

    ``n`` are the rows from the last NaN to ``first``; returns those to ``stop``.
    """
    count, run = load(x, first - lead, stop, row), n - lead
    if run > delay and not unclear(row, lead, count):
        return run + count
    for i in range(count):
        run = run + 1 if i < lead or row[i] == row[i] else int64(0)
        if run <= delay:
            row[i] = nan
    return run


@kernel
def less(a, b, out):
    """Subtract a row."""
    for i in range(out.size):
        out[i] = a[i] - b[i]


@kernel
def show_line(line, signal, line_out, gap_out):
    """Show a line where it has a signal, and what it is above that."""
    for i in range(line_out.size):
        line_out[i] = line[i] if signal[i] == signal[i] else nan
        gap_out[i] = line[i] - signal[i]


@kernel
def macdext(first, stop, inputs, params, state, work, outputs):
    """Fast less slow average, its own average, and the difference of the two: averages of any kind.

    params: period and kind of the fast, the slow and the own average.
    """
    size, fast, slow = stop - first, int64(params[0]), int64(params[2])
    lead, past = max(fast, slow, REACH), max(int64(params[4]), REACH)
    behind = (lookback(fast, params[1]), lookback(slow, params[3]))
    kept, n = state[1 + 3 * MEMORY : 1 + 3 * MEMORY + past], int64(state[0])
    for k in range(2):  # the one that is ready first waits for the other, as in TA-Lib
        state[0] = delayed(inputs[0], first, stop, n, max(behind[0], behind[1]) - behind[k], lead, work[7])
        memory, numbers = state[1 + k * MEMORY : 1 + (k + 1) * MEMORY], params[2 * k : 2 * k + 1]
        average, kind = work[9 - k], int64(params[2 * k + 1])
        by_kind(kind, (lead, lead + size), (work[7],), numbers, memory, work[:7], (average,))
    line, signal = work[10], work[7]
    less(work[9][lead : lead + size], work[8][lead : lead + size], line[past : past + size])
    copy(kept, line[:past])
    memory = state[1 + 2 * MEMORY : 1 + 3 * MEMORY]
    by_kind(int64(params[5]), (past, past + size), (line,), params[4:5], memory, work[:7], (signal,))
    copy(line[size : size + past], kept)
    line, signal = line[past : past + size], signal[past : past + size]
    copy(signal, outputs[1][first:stop])
    show_line(line, signal, outputs[0][first:stop], outputs[2][first:stop])


@kernel
def wanted(now, periods, bounds, n, longest, out):
    """Whole period of every row, between two bounds; NaN up to ``longest`` rows behind a NaN.

    ``n`` are the rows from the last NaN to the first of these; returns those to the last of them.
    """
    low, high = bounds
    for i in range(out.size):
        n = n + 1 if now[i] == now[i] else int64(0)
        period = min(max(periods[i], low), high) if periods[i] == periods[i] else nan
        out[i] = floor(period) if n > longest else nan
    return n


@helper
def own_means(prices, periods, work, lead, out):
    """Mean of every row over its own period; ``prices`` begin ``lead`` rows before."""
    fours(prices, work[1][3 : prices.size])
    for i in range(out.size):
        if periods[i] == periods[i]:
            out[i] = mean_of(prices, work[1], i + lead, int64(periods[i]))


@kernel
def pick(periods, period, average, out):
    """Take an average in the rows that have its period."""
    for i in range(out.size):
        out[i] = average[i] if periods[i] == period else out[i]


@kernel
def mavp(first, stop, inputs, params, state, work, outputs):
    """Average of each row over a period of its own: but for the mean, those of all periods side by side.

    params: the shortest and the longest period, the kind.
    """
    low, high, kind, size = int64(params[0]), int64(params[1]), int64(params[2]), stop - first
    out, lead, bounds = outputs[0][first:stop], max(high, REACH), (params[0], params[1])
    n, longest, now, periods = (
        int64(state[0]),
        lookback(high, params[2]),
        inputs[0][first:stop],
        work[9][:size],
    )
    state[0] = wanted(now, inputs[1][first:stop], bounds, n, longest, periods)
    fill(out, nan)
    if kind == SMA:
        own_means(view(inputs[0], first - lead, stop, work[0]), periods, work, lead, out)
        return
    for period in range(low, high + 1):
        delayed(inputs[0], first, stop, n, longest - lookback(period, params[2]), lead, work[7])
        numbers = work[10][:1]
        numbers[0] = period
        memory = state[1 + (period - low) * MEMORY : 1 + (period - low + 1) * MEMORY]
        by_kind(kind, (lead, lead + size), (work[7],), numbers, memory, work[:7], (work[8],))
        pick(periods, numbers[0], work[8][lead : lead + size], out)
