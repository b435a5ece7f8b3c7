"""Floats to units, against decimal arithmetic. Runs with and without the JIT."""

import math
import random
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from nanobook._jit import JIT
from nanobook.kernels.money import to_units


def convert(values, scale=100.0):
    given = np.array(values, np.float64)
    given.flags.writeable = False
    units = np.empty(len(values), np.int64)
    to_units(given, scale, units)
    return units.tolist()


def test_the_traps_of_cents():
    assert convert([1.15, 0.29, 4.35, 18.125, 19.99, 1.005, 1.115, 0.285]) == [
        115,
        29,
        435,
        1813,
        1999,
        101,
        112,
        29,
    ]
    assert convert([18.1249999999, 0.00499999, 0.005]) == [1812, 0, 1]


@pytest.mark.parametrize("scale", [100, 1000, 10000])
def test_decimals_round_as_written(scale):
    draw = random.Random(scale)
    texts = []
    for _ in range(100_000 if JIT else 2000):
        digits = draw.randint(1, 15)
        number = draw.randint(1, 10**digits - 1)
        text = f"{number}e-{draw.randint(0, digits)}"
        texts.append(text if draw.random() < 0.5 else f"{number // 10}5e-{draw.randint(1, digits)}")
    exact = [int((Decimal(text) * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP)) for text in texts]
    kept = [
        i for i, text in enumerate(texts) if len(Decimal(text).as_tuple().digits) <= 15 and exact[i] < 2**49
    ]
    assert len(kept) > len(texts) // 2
    assert convert([float(texts[i]) for i in kept], float(scale)) == [exact[i] for i in kept]


def test_whole_amounts_stay_whole_up_to_the_limit():
    values = [2**k + d for k in range(40, 53) for d in (-1, 0, 1)]
    assert convert(values, 1.0) == values


def test_what_cannot_be_a_price_is_marked():
    assert convert([math.nan, -0.0, 0.0, -1e-9, -5.0, math.inf, -math.inf, 1e308]) == [
        0,
        0,
        0,
        -1,
        -1,
        2**53,
        -1,
        2**53,
    ]
