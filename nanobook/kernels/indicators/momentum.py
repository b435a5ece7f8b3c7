"""Changes, and what is made of gains and losses."""

from numpy import int64, nan

from ..._jit import helper, kernel
from . import steps
from .windows import load, window_sum


@helper
def load_pairs(first, stop, inputs, params, work):
    """Load the rows and, to ``work[1]``, those ``period`` before; returns their count and ``period``."""
    period = int64(params[0])
    n = load(inputs[0], first - period, stop, work[0])
    load(work[0], 0, n - period, work[1])
    return n - period, period


@kernel
def mom(first, stop, inputs, params, state, work, outputs):
    """Difference from the value ``period`` before."""
    n, period = load_pairs(first, stop, inputs, params, work)
    now, before, out = work[0][period : n + period], work[1], outputs[0][first:stop]
    for i in range(n):
        out[i] = now[i] - before[i]


@kernel
def roc(first, stop, inputs, params, state, work, outputs):
    """Change from the value ``period`` before, as ``scale`` times a share; 0 where that was 0."""
    n, period = load_pairs(first, stop, inputs, params, work)
    now, before, out = work[0][period : n + period], work[1], outputs[0][first:stop]
    scale = params[1]
    for i in range(n):
        out[i] = scale * (now[i] / before[i] - 1.0) if before[i] != 0.0 else 0.0 * now[i]


@kernel
def rocr(first, stop, inputs, params, state, work, outputs):
    """Multiple of the value ``period`` before, times ``scale``; 0 where that was 0."""
    n, period = load_pairs(first, stop, inputs, params, work)
    now, before, out = work[0][period : n + period], work[1], outputs[0][first:stop]
    scale = params[1]
    for i in range(n):
        out[i] = scale * (now[i] / before[i]) if before[i] != 0.0 else 0.0 * now[i]


@helper
def strength(state, value, period, keep):
    """Average gain and loss of one more value; a state of n, gain, loss and the value before."""
    change = value - state[3]
    n, gain, shown_gain = steps.wilder(state[0], state[1], 0.0 if change < 0.0 else change, period, keep)
    n, loss, shown_loss = steps.wilder(state[0], state[2], 0.0 if change > 0.0 else -change, period, keep)
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
    x, out = inputs[0], outputs[0]
    now = remembered(state)
    for t in range(first, stop):
        now, gain, loss = strength(now, x[t], period, keep)
        out[t] = 100.0 * steps.ratio(gain, gain + loss)
    remember(state, now)


@kernel
def cmo(first, stop, inputs, params, state, work, outputs):
    """Average gain less loss in percent of average gain and loss."""
    period = params[0]
    keep = 1.0 - 1.0 / period
    x, out = inputs[0], outputs[0]
    now = remembered(state)
    for t in range(first, stop):
        now, gain, loss = strength(now, x[t], period, keep)
        out[t] = 100.0 * steps.ratio(gain - loss, gain + loss)
    remember(state, now)


@helper
def run_macd(rows, x, periods, paces, state, outputs):
    """Run the three averages of fast, slow and smooth ``periods`` over ``rows``."""
    (first, stop), (fast, slow, smooth) = rows, periods
    line_out, signal_out, gap_out = outputs
    n, a, m, b, k, c = state[0], state[1], state[2], state[3], state[4], state[5]
    for t in range(first, stop):
        n, a, level = steps.ema(n, a, x[t], slow, paces[1])
        # The fast average is seeded with the last of the rows that seed the slow one.
        m, b, quick = steps.ema(m, b, x[t] if n > slow - fast else nan, fast, paces[0])
        k, c, signal = steps.ema(k, c, quick - level, smooth, paces[2])
        line_out[t] = quick - level if signal == signal else nan
        signal_out[t] = signal
        gap_out[t] = quick - level - signal
    state[0], state[1], state[2], state[3], state[4], state[5] = n, a, m, b, k, c


@kernel
def macd(first, stop, inputs, params, state, work, outputs):
    """Fast less slow exponential average, its own average, and the difference of the two."""
    periods = (params[0], params[1], params[2])
    paces = (2.0 / (params[0] + 1.0), 2.0 / (params[1] + 1.0), 2.0 / (params[2] + 1.0))
    run_macd((first, stop), inputs[0], periods, paces, state, outputs)


@kernel
def macdfix(first, stop, inputs, params, state, work, outputs):
    """As ``macd`` of 12 and 26, with paces of 0.15 and 0.075."""
    periods = (12.0, 26.0, params[0])
    run_macd((first, stop), inputs[0], periods, (0.15, 0.075, 2.0 / (params[0] + 1.0)), state, outputs)


@helper
def means(first, stop, inputs, params, work):
    """Means of a fast window, to ``work[4]``, and of a slow one, to ``work[3]``, from row 0 on."""
    for k in range(2):
        period = int64(params[k])
        n = load(inputs[0], first - period + 1, stop, work[0])
        window_sum(work[0], work[1], work[2], n, period)
        row, totals = work[4 - k], work[2][period - 1 : n]
        for i in range(stop - first):
            row[i] = totals[i] / period


@helper
def levels(first, stop, inputs, params, state, work):
    """Fast exponential averages, to ``work[4]``, and slow ones, to ``work[3]``, from row 0 on."""
    fast, slow = params[0], params[1]
    fast_pace, slow_pace = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
    x, quick, steady = inputs[0][first:stop], work[4], work[3]
    n, a, m, b = state[0], state[1], state[2], state[3]
    for i in range(x.size):
        n, a, quick[i] = steps.ema(n, a, x[i], fast, fast_pace)
        m, b, steady[i] = steps.ema(m, b, x[i], slow, slow_pace)
    state[0], state[1], state[2], state[3] = n, a, m, b


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
    fast, slow, out = work[4], work[3], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = fast[i] - slow[i]


@kernel
def ppo(first, stop, inputs, params, state, work, outputs):
    """Fast average less the slow, in percent of the slow."""
    averages(first, stop, inputs, params, state, work)
    fast, slow, out = work[4], work[3], outputs[0][first:stop]
    for i in range(out.size):
        out[i] = 100.0 * steps.ratio(fast[i] - slow[i], slow[i])


@kernel
def bop(first, stop, inputs, params, state, work, outputs):
    """Way from open to close as a share of that from low to high; 0 where that is none."""
    opened, high, low, close = inputs
    out = outputs[0]
    for t in range(first, stop):
        out[t] = steps.ratio(close[t] - opened[t], high[t] - low[t])
