"""What is made of bars one by one: ranges, prices, volume, the parabolic stop."""

from numpy import float64, int64, nan

from ..._jit import fma, helper, kernel
from . import steps
from .windows import lower, odd, upper, view


@helper
def ranges(first, stop, inputs, row, out):
    """Reach of bars from the closes before them; returns how many of these and of the closes are odd."""
    before = view(inputs[2], first - 1, stop - 1, row)
    count = steps.true_ranges(inputs[0][first:stop], inputs[1][first:stop], before, out)
    return count + odd(inputs[2][stop - 1])  # which is nobody's close before yet


@kernel
def trange(first, stop, inputs, params, state, work, outputs):
    """Reach of a bar from the close before it."""
    return ranges(first, stop, inputs, work[0], outputs[0][first:stop]) > 0


@kernel
def atr(first, stop, inputs, params, state, work, outputs):
    """Average true range after Wilder."""
    count = int64(0)
    for begin in range(first, stop, steps.STRETCH):
        end = min(begin + steps.STRETCH, stop)
        reach = work[1][: end - begin]
        strange = ranges(begin, end, inputs, work[0], reach)
        steps.averages(reach, params[0], state, outputs[0][begin:end], strange == 0)
        count += strange
    return count > 0


@kernel
def natr(first, stop, inputs, params, state, work, outputs):
    """Average true range in percent of the close; 0 where that is 0."""
    close, out = inputs[2][first:stop], outputs[0][first:stop]
    is_odd = atr(first, stop, inputs, params, state, work, outputs)
    for t in range(out.size):
        out[t] = 100.0 * steps.ratio(out[t], close[t])
    return is_odd


@kernel
def medprice(first, stop, inputs, params, state, work, outputs):
    """Mean of high and low."""
    high, low, out = inputs[0][first:stop], inputs[1][first:stop], outputs[0][first:stop]
    count = int64(0)
    for i in range(out.size):
        mean = 0.5 * (high[i] + low[i])
        out[i] = mean
        count += odd(mean)
    return count > 0


@kernel
def typical(high, low, close, out):
    """Mean of high, low and close; returns how many means are NaN or infinite."""
    count = int64(0)
    for i in range(out.size):
        total = high[i] + low[i] + close[i]
        third = total * (1.0 / 3.0)
        out[i] = fma(fma(-3.0, third, total), 1.0 / 3.0, third)  # the quotient, rounded once
        count += odd(total)
    return count


@kernel
def typprice(first, stop, inputs, params, state, work, outputs):
    """Mean of high, low and close."""
    high, low, close = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    return typical(high, low, close, outputs[0][first:stop]) > 0


@kernel
def wclprice(first, stop, inputs, params, state, work, outputs):
    """Mean of high, low and twice the close."""
    high, low, close = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    out, count = outputs[0][first:stop], int64(0)
    for i in range(out.size):
        mean = 0.25 * (high[i] + low[i] + 2.0 * close[i])
        out[i] = mean
        count += odd(mean)
    return count > 0


@kernel
def mean_of(opened, high, low, close, out):
    """Mean of four rows; returns how many means are NaN or infinite."""
    count = int64(0)
    for i in range(out.size):
        mean = 0.25 * (opened[i] + high[i] + low[i] + close[i])
        out[i] = mean
        count += odd(mean)
    return count


@kernel
def avgprice(first, stop, inputs, params, state, work, outputs):
    """Mean of open, high, low and close."""
    high, low, close = inputs[1][first:stop], inputs[2][first:stop], inputs[3][first:stop]
    return mean_of(inputs[0][first:stop], high, low, close, outputs[0][first:stop]) > 0


@kernel
def signed(close, before, volume, out):
    """Volume with the sign of the change of the close; NaN without a close."""
    for i in range(out.size):
        sign = float64(close[i] > before[i]) - float64(close[i] < before[i])
        out[i] = sign * volume[i] + 0.0 * close[i]


@kernel
def obv(first, stop, inputs, params, state, work, outputs):
    """Volume, added where the close rises and taken away where it falls."""
    volume, out = inputs[1][first:stop], outputs[0][first:stop]
    before = view(inputs[0], first - 1, stop - 1, work[0])
    signed(inputs[0][first:stop], before, volume, work[1][: out.size])
    total, alive, step = state[0], state[1] > 0.0, work[1]
    for t in range(out.size):
        total = total + step[t] if alive else volume[t] + 0.0 * step[t]
        alive = total == total
        out[t] = total
    state[0], state[1] = total, float64(alive)


@helper
def flow(high, low, close, volume):
    """Volume times the stand of the close between low (-1) and high (1); 0 where they are one."""
    reach, way = high - low, (close - low) - (high - close)
    return way / reach * volume if reach > 0.0 else 0.0 * (reach + way + volume)


@kernel
def flows(high, low, close, volume, out):
    """Flow of every bar; returns how many are NaN or infinite."""
    count = int64(0)
    for i in range(out.size):
        money = flow(high[i], low[i], close[i], volume[i])
        out[i] = money
        count += odd(money)
    return count


@kernel
def running_sum(row, total, out):
    """Sum a row up to every value of it; returns the last, which is NaN if there was one."""
    for i in range(out.size):
        total += row[i]
        out[i] = total
    return total


@helper
def flows_of(inputs, first, stop, out):
    """Flow of some bars; returns how many are NaN or infinite."""
    high, low, close = inputs[0][first:stop], inputs[1][first:stop], inputs[2][first:stop]
    return flows(high, low, close, inputs[3][first:stop], out)


@kernel
def ad(first, stop, inputs, params, state, work, outputs):
    """Accumulation and distribution: the flow of every bar, summed."""
    total, suspect = state[0], False
    for begin in range(first, stop, steps.STRETCH):
        end, before = min(begin + steps.STRETCH, stop), total
        money, out = work[0][: end - begin], outputs[0][begin:end]
        flows_of(inputs, begin, end, money)
        total = running_sum(money, total, out)
        suspect |= odd(total) > 0  # nothing infinite is ever left out of a sum
        if total != total:  # a NaN: the sum begins anew behind it
            total = before
            for t in range(out.size):
                total = total + money[t] if total == total else money[t]
                out[t] = total
    state[0] = total
    return suspect


@helper
def pull_two(levels, now, fast, slow):
    """Two averages after one more value, as their distances from it.

    Both are kept as their distance from the line that they begin with: it is not needed.
    """
    return fma(fast, levels[0], -fast * now), fma(slow, levels[1], -slow * now)


@helper
def oscillate(row, keeps, lead, state, out, clear):
    """Fast less slow average of a running sum, by what is added to it; ``clear`` as in ``steps.averages``."""
    (fast, slow), n, levels = keeps, state[0], (state[1], state[2])
    if clear and n >= lead:
        n += out.size
        for t in range(out.size):
            levels = pull_two(levels, row[t], fast, slow)
            out[t] = levels[0] - levels[1]
    else:
        for t in range(out.size):
            now = row[t]
            if n >= 1.0 and now == now:
                n, levels = n + 1.0, pull_two(levels, now, fast, slow)
            else:
                n, levels = float64(now == now), (0.0, 0.0)
            out[t] = levels[0] - levels[1] if n >= lead else nan
    state[0], (state[1], state[2]) = n, levels


@kernel
def adosc(first, stop, inputs, params, state, work, outputs):
    """Fast less slow exponential average of the accumulation, both seeded with its first value."""
    keeps, lead = (steps.keep_of(params[0]), steps.keep_of(params[1])), max(params[0], params[1])
    count = int64(0)
    for begin in range(first, stop, steps.STRETCH):
        end = min(begin + steps.STRETCH, stop)
        money = work[0][: end - begin]
        strange = flows_of(inputs, begin, end, money)
        oscillate(money, keeps, lead, state, outputs[0][begin:end], strange == 0)
        count += strange
    return count > 0


@helper
def falls(start, rise, fall):
    """Whether a stop begins in a fall: as ``start`` has it, or the larger movement of the second bar."""
    return (fall > 0.0) & (fall > rise) if start == 0.0 else start < 0.0


@helper
def trail(high, low, paces, rules, state, out):
    """Parabolic stop and reverse after Wilder.

    A fall is a rise of the prices with the other sign. So the stop, the best price, and the near and the far
    end of a bar are kept with the sign of the direction: the stop is below them always.

    Parameters
    ----------
    high, low : float64 arrays
    paces : two tuples of 3
        In a rise and in a fall: the pace at the beginning, what a new extreme adds, the highest.
    rules : tuple
        Where it begins (0: at the first bar; below 0 falling), the share of its price that it moves away
        when it reverses, and whether it shows the sign.
    state, out : float64 arrays
    """
    (up, down), (start, offset, signed) = paces, rules
    n, sign, level, best = state[0], state[1], state[2], state[3]
    speed, near, far = state[4], state[5], state[6]
    for t in range(out.size):
        last_near, last_far = near, far
        near, far = (low[t], high[t]) if sign >= 0.0 else (-high[t], -low[t])
        if near != near or far != far:
            n, sign = -1.0, 1.0
        elif n == 1.0:
            sign = 1.0
            if falls(start, far - last_far, last_near - near):
                sign, near, far, last_near = -1.0, -far, -near, -last_far
            level, best = last_near if start == 0.0 else sign * abs(start), far
            speed = up[0] if sign > 0.0 else down[0]
            last_near, last_far = near, far
        n += 1.0
        if n < 2.0:
            out[t] = nan
            continue
        if near <= level:
            sign, near, far, last_near = -sign, -far, -near, -last_far
            level = lower(lower(-best, near), last_near)
            if offset != 0.0:
                level -= sign * offset * level
            out[t] = level if signed else sign * level
            best, speed = far, up[0] if sign > 0.0 else down[0]
        else:
            out[t] = level if signed else sign * level
            more, most = (up[1], up[2]) if sign > 0.0 else (down[1], down[2])
            speed = lower(speed + (more if far > best else 0.0), most)  # no branch: it could not be foreseen
            best = upper(far, best)
        level = lower(lower(fma(speed, best - level, level), near), last_near)
    state[0], state[1], state[2], state[3] = n, sign, level, best
    state[4], state[5], state[6] = speed, near, far


@kernel
def sar(first, stop, inputs, params, state, work, outputs):
    """Parabolic stop and reverse after Wilder."""
    most = params[1]
    paces = (min(params[0], most), min(params[0], most), most)
    high, low, out = inputs[0][first:stop], inputs[1][first:stop], outputs[0][first:stop]
    trail(high, low, (paces, paces), (0.0, 0.0, int64(0)), state, out)


@kernel
def sarext(first, stop, inputs, params, state, work, outputs):
    """Parabolic stop and reverse with paces of their own for rises and falls; below 0 where it falls."""
    most, least = params[4], params[7]
    rising = (min(params[2], most), min(params[3], most), most)
    falling = (min(params[5], least), min(params[6], least), least)
    high, low, out = inputs[0][first:stop], inputs[1][first:stop], outputs[0][first:stop]
    trail(high, low, (rising, falling), (params[0], params[1], int64(1)), state, out)
