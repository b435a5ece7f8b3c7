"""Windows against each window worked out for itself in fractions. Runs with and without the JIT."""

import math
import random

import numpy as np
import pytest

from nanobook._jit import JIT
from nanobook.kernels import windows as kernels
from tests.oracle import windows as oracle
from tests.oracle.metrics import deviation, mean_of

SIZES = [(1, 2), (2, 2), (5, 3), (40, 7), (41, 40), (41, 41), (41, 42), (120, 2), (130, 30)]
SHAPES = SIZES if JIT else SIZES[:6]
SERIES = {
    "noise": lambda draw: draw.gauss(0.001, 0.02),
    "high and calm": lambda draw: 1000.0 + draw.gauss(0.0, 1e-6),
    "calm but for outliers": lambda draw: draw.choice([1e9, *[draw.gauss(0.0, 1e-6)] * 12]),
    "grows": lambda draw: draw.gauss(0.0, 10.0 ** draw.uniform(-9, 9)),
    "unknown at times": lambda draw: draw.choice([math.nan, *[draw.gauss(0.0, 0.01)] * 20]),
    "mostly equal": lambda draw: draw.choice([0.01, 0.01, 0.01, 0.02]),
}


def draw_series(kind, size, seed=0):
    draw = random.Random(f"{kind} {size} {seed}")
    return [SERIES[kind](draw) for _ in range(size)]


def run(kernel, rows, outputs, window, *series):
    """The outputs of a kernel over fresh arrays of NaN."""
    arrays = [np.array(values, np.float64) for values in series]
    outs = np.full((outputs, len(series[0])), np.nan)
    kernel(*arrays, window, np.full((rows, window), 7.0), *outs)
    return outs.tolist()


def assert_close(mine, twin, size):
    """Equal to 1e-12 of the size of what went in, NaN beside NaN."""
    assert len(mine) == len(twin)
    for i, (a, b, scale) in enumerate(zip(mine, twin, size, strict=True)):
        if math.isnan(b):
            assert math.isnan(a), i
        else:
            assert abs(a - b) <= 1e-12 * max(abs(b), 0.0 if math.isnan(scale) else scale), (i, a, b)


def zeros(series):
    return [0.0] * len(series)


@pytest.mark.parametrize(("size", "window"), SHAPES)
@pytest.mark.parametrize("kind", SERIES)
def test_moments(kind, size, window):
    """Standard deviations to 1e-12 of themselves, means to 1e-12 of the largest value in the window."""
    series = draw_series(kind, size)
    means, spreads = run(kernels.moments, 2, 2, window, series)
    largest = oracle.over_windows(lambda part: max(map(abs, part)), window, series)
    assert_close(means, oracle.over_windows(mean_of, window, series), largest)
    assert_close(spreads, oracle.over_windows(deviation, window, series), zeros(series))


def test_what_does_not_vary_has_no_spread_at_all():
    means, spreads = run(kernels.moments, 2, 2, 5, [0.1] * 12)
    assert spreads[4:] == [0.0] * 8
    assert means[4:] == [0.1] * 8


@pytest.mark.parametrize(("size", "window"), SHAPES)
@pytest.mark.parametrize("kind", ["noise", "high and calm", "unknown at times"])
def test_slopes(kind, size, window):
    values, others = draw_series(kind, size), draw_series(kind, size, seed=1)
    (mine,) = run(kernels.slopes, 4, 1, window, values, others)
    ratio = oracle.over_windows(
        lambda a, b: deviation(a) / deviation(b) if deviation(b) else 0.0, window, values, others
    )
    assert_close(mine, oracle.over_windows(oracle.slope, window, values, others), ratio)


def test_there_is_no_slope_on_what_does_not_vary():
    (mine,) = run(kernels.slopes, 4, 1, 3, draw_series("noise", 9), [0.1] * 9)
    assert all(map(math.isnan, mine))


@pytest.mark.parametrize(("size", "window"), [(1, 1), (5, 1), *SHAPES])
@pytest.mark.parametrize("kind", ["noise", "mostly equal", "unknown at times"])
def test_compounds(kind, size, window):
    series = draw_series(kind, size)
    series[size // 2] = -1.0
    (mine,) = run(kernels.compounds, 1, 1, window, series)
    assert_close(mine, oracle.over_windows(oracle.compounded, window, series), [1.0] * size)


@pytest.mark.parametrize(("size", "window"), [(1, 1), (5, 1), *SHAPES])
@pytest.mark.parametrize("floor", [1.0, -3.0, -1000.0])
def test_falls(size, window, floor):
    """Also where equity is 0 or below, in part or throughout."""
    draw = random.Random(size * window)
    equity = [
        max(draw.choice([draw.gauss(1.0, 4.0), 100.0 + draw.gauss(0.0, 9.0)]), floor) for _ in range(size)
    ]
    (mine,) = run(kernels.falls, 3, 1, window, equity)
    assert_close(mine, oracle.over_windows(oracle.deepest_fall, window, equity), zeros(equity))


@pytest.mark.parametrize("seed", range(40))
def test_drawdowns(seed):
    draw = random.Random(seed)
    equity = [float(draw.randint(-2 if seed % 4 == 0 else 1, 9)) for _ in range(draw.choice([1, 2, 30]))]
    rows = np.full((len(equity), 4), 7, np.int64)
    count = kernels.drawdowns(np.array(equity), rows)
    found = [tuple(row) for row in rows[:count].tolist()]
    assert found == [tuple(-1 if i is None else i for i in row) for row in oracle.spells(equity)]
