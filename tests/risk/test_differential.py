"""Random orders, extremes among them, against an exact recomputation: no bypass, and no false alarm."""

import random
from decimal import Decimal

import pytest

from nanobook import NanobookError, RiskEngine
from tests.oracle.risk import Refused, broken_by_batch, broken_by_order

SYMBOLS = ("A", "B", "C", "BRK.B")
EXTREMES = (
    *(0, -1, 1, 2**31, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63)),
    *(float("nan"), float("inf"), float("-inf"), -0.0, 0.1, 5e-12, 1e18, 1e300),
    *(
        Decimal("0.000000000001"),
        Decimal("999999999999999999.999999999999"),
        Decimal("1e18"),
        Decimal("1e40"),
    ),
)
LIMITS = {
    "max_position_pct": (0.01, 0.1, 0.25, 0.3, 1 / 3, 1, Decimal("0.07")),
    "max_leverage": (1, 1.1, 1.5, 2.7, 10),
    "allow_short": (True, False),
    "max_short_pct": (0, 0.1, 0.3, 1.1),
    "max_trade_usd": (0, 1.15, 4.35, 1000, 100000.0),
    "max_order_value_cents": (0, 115, 10_000, 10_000_000),
    "max_batch_value_cents": (0, 115, 50_000, 100_000_000),
}
ENGINES = 200


def engines(source):
    """Make engines of random limits."""
    for _ in range(ENGINES):
        limits = {name: source.choice(values) for name, values in LIMITS.items() if source.random() < 0.6}
        yield limits, RiskEngine(**limits)


def number(source, low, high, strange):
    """Draw a number, now and then a strange one."""
    if source.random() < strange:
        return source.choice(EXTREMES)
    if source.random() < 0.1:
        return Decimal(source.randint(low * 1000, high * 1000)).scaleb(-3)
    return source.randint(low, high)


def edge(source, engine, symbol, side, price, equity, held):
    """Draw a quantity near that at which the position meets its limit."""
    most = int(float(engine.limits.max_position_pct) * float(equity) / float(price))
    return max(most + source.randint(-1, 1) - (held.get(symbol, 0) if side == "buy" else 0), 0)


def holdings(source, strange):
    """Draw positions and prices; some prices are missing or none."""
    names = source.sample(SYMBOLS, source.choice((0, 0, 1, 2, 3)))
    held = {name: source.choice((1, -1)) * number(source, 0, 2000, strange / 4) for name in names}
    prices = {name: number(source, 1, 5000, strange / 2) for name in SYMBOLS if source.random() < 0.6}
    return held, prices


def answer(check, *arguments, **options):
    """Names of the rows that fail and that warn; None if the call was refused."""
    try:
        report = check(*arguments, **options)
    except NanobookError:
        return None
    fails = {row["name"] for row in report if row["status"] == "FAIL"}
    return fails, {row["name"] for row in report if row["status"] == "WARN"}


def expected(broken_by, *arguments):
    """What the recomputation says."""
    try:
        return broken_by(*arguments)
    except Refused:
        return None


def check_orders(seed, count):
    """Compare single orders; returns how many passed, failed and were refused."""
    source = random.Random(seed)
    seen = {"passed": 0, "failed": 0, "refused": 0}
    for limits, engine in engines(source):
        for _ in range(count // ENGINES):
            strange = 0.15 if source.random() < 0.3 else 0
            symbol, side = source.choice(SYMBOLS), source.choice(("buy", "sell"))
            price, equity = number(source, 1, 5000, strange), number(source, 1, 10**7, strange)
            held, prices = holdings(source, strange)
            quantity = number(source, 1, 2000, strange)
            if not strange and source.random() < 0.3:
                quantity = edge(source, engine, symbol, side, price, equity, held)
            told = prices if source.random() < 0.5 else None
            got = answer(
                engine.check_order, symbol, side, quantity, price, equity, list(held.items()), prices=told
            )
            should = expected(
                broken_by_order, limits, symbol, side, quantity, price, equity, held, told or {}
            )
            assert got == should, (seed, limits, symbol, side, quantity, price, equity, held, told)
            seen["refused" if got is None else "failed" if got[0] else "passed"] += 1
    return seen


def check_batches(seed, count):
    """Compare batches."""
    source = random.Random(seed)
    seen = {"passed": 0, "failed": 0, "refused": 0}
    for limits, engine in engines(source):
        for _ in range(count // ENGINES):
            strange = 0.1 if source.random() < 0.3 else 0
            equity = number(source, 10**4, 10**7, strange)
            held, prices = holdings(source, strange)
            orders = [
                (
                    source.choice(SYMBOLS),
                    source.choice(("buy", "sell")),
                    number(source, 0, 300, strange),
                    number(source, 1, 5000, strange),
                )
                for _ in range(source.choice((0, 1, 2, 3, 5)))
            ]
            names = source.sample(SYMBOLS, source.randint(0, 3))
            weights = {name: source.choice((0.1, 0.25, -0.3, 1 / 3, 0.0, Decimal("0.07"))) for name in names}
            if strange and weights and source.random() < 0.2:
                weights[names[0]] = source.choice((float("nan"), float("inf")))
            told = prices if source.random() < 0.5 else None
            got = answer(
                engine.check_batch, orders, equity, list(held.items()), list(weights.items()), prices=told
            )
            should = expected(broken_by_batch, limits, orders, equity, held, weights, told or {})
            assert got == should, (seed, limits, orders, equity, held, weights, told)
            seen["refused" if got is None else "failed" if got[0] else "passed"] += 1
    return seen


def assert_mixed(seen):
    """All three outcomes came up often, or nothing was tested."""
    assert min(seen.values()) > sum(seen.values()) // 100, seen


def test_c_b4_40_orders():
    assert_mixed(check_orders(seed=1, count=80_000))


def test_c_b4_40_batches():
    assert_mixed(check_batches(seed=2, count=20_000))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_ten_million_orders(seed):
    check_orders(seed=1000 + seed, count=90_000)
    check_batches(seed=2000 + seed, count=10_000)
