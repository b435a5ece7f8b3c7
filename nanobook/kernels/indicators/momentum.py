"""Changes, and what is made of gains and losses."""

from numpy import int64, nan

from ..._jit import helper, kernel
from . import steps
from .windows import divide, fill, odd, view, window_sum


@kernel
def differences(now, before, out):
    """Subtract a row; returns how many differences are NaN or infinite."""
    count = int64(0)
    for i in range(out.size):
        gap = now[i] - before[i]
        out[i] = gap
        count += odd(gap)
    return count


@kernel
def changes(now, before, factor, out):
    """Change from one row to another, times a factor; 0 from 0."""
    for i in range(out.size):
        new, old = now[i], before[i]
        out[i] = factor * (new / old - 1.0) if old != 0.0 else 0.0 * new


@kernel
def multiples(now, before, factor, out):
    """One row by another, times a factor; 0 by 0."""
    for i in range(out.size):
        new, old = now[i], before[i]
        out[i] = factor * (new / old) if old != 0.0 else 0.0 * new


@kernel
def shares(part, whole, factor, out):
    """One row by another, times a factor; 0 by next to nothing."""
    for i in range(out.size):
        out[i] = factor * steps.ratio(part[i], whole[i])


@helper
def lagged(first, stop, params, outputs):
    """Fill the rows without a value ``period`` before; returns where the others begin, and theirs."""
    period = int64(params[0])
    begin = min(max(first, period), stop)
    fill(outputs[0][first:begin], nan)
    return begin, max(begin - period, 0), max(stop - period, 0)


@kernel
def mom(first, stop, inputs, params, state, work, outputs):
    """Difference from the value ``period`` before."""
    x, out = inputs[0], outputs[0]
    begin, old, end = lagged(first, stop, params, outputs)
    return differences(x[begin:stop], x[old:end], out[begin:stop]) > 0


@kernel
def roc(first, stop, inputs, params, state, work, outputs):
    """Change from the value ``period`` before, as ``params[1]`` times a share; 0 where that was 0."""
    x, out = inputs[0], outputs[0]
    begin, old, end = lagged(first, stop, params, outputs)
    changes(x[begin:stop], x[old:end], params[1], out[begin:stop])


@kernel
def rocr(first, stop, inputs, params, state, work, outputs):
    """Multiple of the value ``period`` before, times ``params[1]``; 0 where that was 0."""
    x, out = inputs[0], outputs[0]
    begin, old, end = lagged(first, stop, params, outputs)
    multiples(x[begin:stop], x[old:end], params[1], out[begin:stop])


@helper
def strength(state, value, period, keep):
    """Average gain and loss of one more value; a state of n, gain, loss and the value before."""
    change = value - state[3]
    n, gain, shown_gain = steps.average(state[0], state[1], 0.0 if change < 0.0 else change, period, keep)
    n, loss, shown_loss = steps.average(state[0], state[2], 0.0 if change > 0.0 else -change, period, keep)
    return (n, gain, loss, value), shown_gain, shown_loss


@helper
def remembered(state):
    """State of ``strength`` as it was left; without a value before, at the beginning."""
    return state[0], state[1], state[2], state[3] if state[4] else nan


@helper
def remember(state, new):
    """Leave the state of ``strength``."""
    state[0], state[1], state[2], state[3], state[4] = new[0], new[1], new[2], new[3], 1.0


@kernel
def rsi(first, stop, inputs, params, state, work, outputs):
    """Average gain in percent of average gain and loss."""
    period = params[0]
    keep = 1.0 - 1.0 / period
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    now = remembered(state)
    for t in range(x.size):
        now, gain, loss = strength(now, x[t], period, keep)
        out[t] = 100.0 * steps.ratio(gain, gain + loss)
    remember(state, now)


@kernel
def cmo(first, stop, inputs, params, state, work, outputs):
    """Average gain less loss in percent of average gain and loss."""
    period = params[0]
    keep = 1.0 - 1.0 / period
    x, out = inputs[0][first:stop], outputs[0][first:stop]
    now = remembered(state)
    for t in range(x.size):
        now, gain, loss = strength(now, x[t], period, keep)
        out[t] = 100.0 * steps.ratio(gain - loss, gain + loss)
    remember(state, now)


@helper
def run_macd(x, periods, keeps, state, outputs):
    """Run the three averages of fast, slow and smooth ``periods`` over ``x``.

    Returns how many values are NaN or infinite.
    """
    fast, slow, smooth = periods
    line_out, signal_out, gap_out = outputs
    a, b, c = steps.recall(state), steps.recall(state[3:]), steps.recall(state[6:])
    count = int64(0)
    for t in range(x.size):
        if c[0] >= smooth and x[t] == x[t]:
            a, level = steps.pull(a, x[t], keeps[1])
            b, quick = steps.pull(b, x[t], keeps[0])
            line = b[1] - a[1]
            c, signal = steps.pull(c, line, keeps[2])
        else:
            a, level = steps.ema(a, x[t], slow, keeps[1])
            # The fast average is seeded with the last of the rows that seed the slow one.
            b, quick = steps.ema(b, x[t] if a[0] > slow - fast else nan, fast, keeps[0])
            line = quick - level
            c, signal = steps.ema(c, line, smooth, keeps[2])
        line_out[t] = line if signal == signal else nan
        signal_out[t] = signal
        gap_out[t] = line - signal
        count += odd(line - signal)
    steps.leave(state, a)
    steps.leave(state[3:], b)
    steps.leave(state[6:], c)
    return count


@kernel
def macd(first, stop, inputs, params, state, work, outputs):
    """Fast less slow exponential average, its own average, and the difference of the two."""
    periods = (params[0], params[1], params[2])
    keeps = (steps.keep_of(params[0]), steps.keep_of(params[1]), steps.keep_of(params[2]))
    out = (outputs[0][first:stop], outputs[1][first:stop], outputs[2][first:stop])
    return run_macd(inputs[0][first:stop], periods, keeps, state, out) > 0


@kernel
def macdfix(first, stop, inputs, params, state, work, outputs):
    """As ``macd`` of 12 and 26, with paces of 0.15 and 0.075."""
    keeps = (1.0 - 0.15, 1.0 - 0.075, steps.keep_of(params[0]))
    out = (outputs[0][first:stop], outputs[1][first:stop], outputs[2][first:stop])
    return run_macd(inputs[0][first:stop], (12.0, 26.0, params[0]), keeps, state, out) > 0


@helper
def means(first, stop, inputs, params, work):
    """Means of a fast window, to ``work[4]``, and of a slow one, to ``work[3]``, from row 0 on."""
    for k in range(2):
        period, row = int64(params[k]), work[4 - k][: stop - first]
        x = view(inputs[0], first - period + 1, stop, work[0])
        window_sum(x, work[1:3], row, period)
        divide(row, params[k])


@helper
def levels(first, stop, inputs, params, state, work):
    """Fast exponential averages, to ``work[4]``, and slow ones, to ``work[3]``, from row 0 on."""
    fast, slow = params[0], params[1]
    fast_keep, slow_keep = steps.keep_of(fast), steps.keep_of(slow)
    x, quick, steady = inputs[0][first:stop], work[4], work[3]
    a, b = steps.recall(state), steps.recall(state[3:])
    for i in range(x.size):
        a, quick[i] = steps.ema(a, x[i], fast, fast_keep)
        b, steady[i] = steps.ema(b, x[i], slow, slow_keep)
    steps.leave(state, a)
    steps.leave(state[3:], b)


@helper
def averages(first, stop, inputs, params, state, work):
    """Fast and slow averages: exponential where params[2] is 1, else plain."""
    if params[2] == 1.0:
        levels(first, stop, inputs, params, state, work)
    else:
        means(first, stop, inputs, params, work)


@kernel
def apo(first, stop, inputs, params, state, work, outputs):
    """Fast average less the slow."""
    averages(first, stop, inputs, params, state, work)
    differences(work[4], work[3], outputs[0][first:stop])


@kernel
def ppo(first, stop, inputs, params, state, work, outputs):
    """Fast average less the slow, in percent of the slow."""
    averages(first, stop, inputs, params, state, work)
    gaps = work[0][: stop - first]
    differences(work[4], work[3], gaps)
    shares(gaps, work[3], 100.0, outputs[0][first:stop])


@kernel
def bop(first, stop, inputs, params, state, work, outputs):
    """Way from open to close as a share of that from low to high; 0 where that is none."""
    opened, high, low = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    way_shares(opened, high, low, inputs[3][first:stop], outputs[0][first:stop])


@kernel
def way_shares(opened, high, low, close, out):
    """Way from open to close by that from low to high; 0 by next to nothing; an infinite price shows."""
    for i in range(out.size):
        one = 1.0 + ((0.0 * opened[i] + 0.0 * high[i]) + (0.0 * low[i] + 0.0 * close[i]))
        out[i] = one * steps.ratio(close[i] - opened[i], high[i] - low[i])
