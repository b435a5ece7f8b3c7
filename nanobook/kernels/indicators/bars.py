"""What is made of bars one by one: ranges, prices, volume, the parabolic stop."""

from numpy import nan

from ..._jit import fma, helper, kernel
from . import steps


@kernel
def trange(first, stop, inputs, params, state, work, outputs):
    """Reach of a bar from the close before it."""
    high, low, close = inputs
    out = outputs[0]
    for t in range(max(first, 1), stop):
        out[t] = steps.true_range(high[t], low[t], close[t - 1])
    if first == 0:
        out[0] = nan


@kernel
def atr(first, stop, inputs, params, state, work, outputs):
    """Average true range after Wilder."""
    high, low, close = inputs
    period, out = params[0], outputs[0]
    keep = 1.0 - 1.0 / period
    n, level, before = state[0], state[1], close[first - 1] if first > 0 else nan
    for t in range(first, stop):
        n, level, out[t] = steps.wilder(
            n, level, steps.true_range(high[t], low[t], before), period, keep
        )
        before = close[t]
    state[0], state[1] = n, level


@kernel
def natr(first, stop, inputs, params, state, work, outputs):
    """Average true range in percent of the close; 0 where that is 0."""
    atr(first, stop, inputs, params, state, work, outputs)
    close, out = inputs[2], outputs[0]
    for t in range(first, stop):
        out[t] = 100.0 * steps.ratio(out[t], close[t])


@kernel
def mean_price(first, stop, inputs, params, state, work, outputs):
    """Weighted mean of the prices of a bar; params are their weights, and what they sum to."""
    out = outputs[0]
    for t in range(first, stop):
        total = 0.0
        for k in range(len(inputs)):
            total += params[k] * inputs[k][t]
        out[t] = total / params[len(inputs)]


@kernel
def obv(first, stop, inputs, params, state, work, outputs):
    """Volume, added where the close rises and taken away where it falls."""
    close, volume = inputs
    out = outputs[0]
    total, before = state[0], state[1] if state[2] else nan
    for t in range(first, stop):
        value = volume[t] + 0.0 * close[t]
        if before == before:
            value = total + (value if close[t] > before else -value if close[t] < before else 0.0 * value)
        total = value
        before = close[t] + 0.0 * value
        out[t] = total
    state[0], state[1], state[2] = total, before, 1.0


@helper
def flow(high, low, close, volume):
    """Volume times the stand of the close between low (-1) and high (1); 0 where they are one."""
    reach = high - low
    return ((close - low) - (high - close)) / reach * volume if reach > 0.0 else 0.0 * (reach + close + volume)


@kernel
def ad(first, stop, inputs, params, state, work, outputs):
    """Accumulation and distribution: the flow of every bar, summed."""
    high, low, close, volume = inputs
    total, out = state[0], outputs[0]
    for t in range(first, stop):
        now = flow(high[t], low[t], close[t], volume[t])
        out[t] = total + now
        total = total + now if now == now else 0.0
    state[0] = total


@kernel
def adosc(first, stop, inputs, params, state, work, outputs):
    """Fast less slow exponential average of the accumulation, both seeded with its first value."""
    high, low, close, volume = inputs
    out = outputs[0]
    fast, slow = 2.0 / (params[0] + 1.0), 2.0 / (params[1] + 1.0)
    lead = max(params[0], params[1])
    n, total, a, b = state[0], state[1], state[2], state[3]
    for t in range(first, stop):
        now = flow(high[t], low[t], close[t], volume[t])
        if now == now:
            total += now
            n, a = n + 1.0, total if n == 0.0 else fma(fast, total - a, a)
            b = total if n == 1.0 else fma(slow, total - b, b)
        else:
            n, total = 0.0, 0.0
        out[t] = a - b if n >= lead else nan
    state[0], state[1], state[2], state[3] = n, total, a, b


@helper
def inside(level, sign, bar, before):
    """Keep the stop on its side of two bars: in a rise (sign 1) not above their lows."""
    level = min(sign * level, bar, before)
    return sign * level


@kernel
def sar(first, stop, inputs, params, state, work, outputs):
    """Parabolic stop and reverse after Wilder.

    Falls are rises of the prices with the other sign: ``sign`` is 1 while the stop trails below.
    """
    high, low = inputs
    out = outputs[0]
    pace, most = params[0], max(params[0], params[1])
    n, sign, level, best, speed = state[0], state[1], state[2], state[3], state[4]
    top, bottom = (high[first - 1], low[first - 1]) if first > 0 else (nan, nan)
    for t in range(first, stop):
        before_top, before_bottom, top, bottom = top, bottom, high[t], low[t]
        if top != top or bottom != bottom:
            n = -1.0
        elif n == 1.0:
            rise, fall = top - before_top, before_bottom - bottom
            sign = -1.0 if (fall > 0.0) & (fall > rise) else 1.0
            level, best, speed = (before_bottom, top, pace) if sign > 0.0 else (before_top, bottom, pace)
            before_top, before_bottom = top, bottom
        n += 1.0
        if n < 2.0:
            out[t] = nan
            continue
        near, far = (bottom, top) if sign > 0.0 else (top, bottom)
        before_near, before_far = (before_bottom, before_top) if sign > 0.0 else (before_top, before_bottom)
        if sign * near <= sign * level:
            sign, level = -sign, inside(best, -sign, -sign * far, -sign * before_far)
            out[t] = level
            speed, best = pace, near
            level = inside(fma(speed, best - level, level), sign, sign * far, sign * before_far)
        else:
            out[t] = level
            if sign * far > sign * best:
                best, speed = far, min(speed + pace, most)
            level = inside(fma(speed, best - level, level), sign, sign * near, sign * before_near)
    state[0], state[1], state[2], state[3], state[4] = n, sign, level, best, speed
