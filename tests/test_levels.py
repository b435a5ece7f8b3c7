"""Analytics as columns equal those of a snapshot after every message, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook import BookLevels, BookSnapshot, Exchange, LevelSnapshot, Trade, Trades, errors
from nanobook.types import INT64_MAX, INT64_MIN, TRADE
from tests.tapes import REGIMES, flow
from tests.test_snapshot import apply, messages

METHODS = ("best_bid", "best_ask", "spread", "mid_price", "weighted_mid", "imbalance")


def same(column, values):
    """Whether a column holds these values bit for bit, NaN for None."""
    expected = np.array([np.nan if value is None else float(value) for value in values])
    missing = np.isnan(expected)
    assert column.dtype == np.float64
    return (
        np.isnan(column).tolist() == missing.tolist()
        and column[~missing].tobytes() == expected[~missing].tobytes()
    )


@pytest.mark.parametrize("prices", REGIMES)
def test_columns_equal_snapshots(prices):
    tape = flow(400, 5, prices=prices)
    levels = Exchange().process(tape, levels=4).levels
    book, shots, narrow = Exchange(), [], []
    for message in messages(tape):
        apply(book, message)
        shots.append(book.depth(4))
        narrow.append(book.depth(2))
    assert len(levels) == 400
    for name in METHODS:
        assert same(getattr(levels, name)(), [getattr(shot, name)() for shot in shots]), name
    assert same(levels.imbalance(2), [shot.imbalance() for shot in narrow])
    for name in ("total_bid_quantity", "total_ask_quantity"):
        assert getattr(levels, name)().tolist() == [getattr(shot, name)() for shot in shots]
        assert getattr(levels, name)(2).tolist() == [getattr(shot, name)() for shot in narrow]


EDGE = st.sampled_from([INT64_MIN, INT64_MIN + 1, -(2**53) - 1, -1, 0, 1, 2**53 + 1, 2**62, INT64_MAX - 1])
PRICE = EDGE | st.integers(INT64_MIN, INT64_MAX)
LOTS = st.sampled_from([1, 2**53 + 1, 2**62]) | st.integers(1, 2**62)


@given(st.tuples(PRICE, PRICE, LOTS, LOTS, st.booleans(), st.booleans()))
def test_columns_equal_snapshots_at_the_edges(case):
    one, other, bid_lots, ask_lots, has_bid, has_ask = case
    bid, ask = sorted((one, other))
    if bid == ask:
        return
    bids = [LevelSnapshot(bid, bid_lots, 1)] if has_bid else []
    asks = [LevelSnapshot(ask, ask_lots, 1)] if has_ask else []
    numbers = np.zeros((3, 1, 2, 1), np.int64)
    for side, found in enumerate((bids, asks)):
        for level in found:
            numbers[:, 0, side, 0] = level
    levels, shot = BookLevels(numbers), BookSnapshot(bids, asks)
    for name in METHODS:
        assert same(getattr(levels, name)(), [getattr(shot, name)()]), name


def test_more_levels_than_were_recorded():
    levels = Exchange().process(flow(10, 1), levels=2).levels
    with pytest.raises(errors.NotComputed, match=r"process\(levels=3\)"):
        levels.imbalance(3)
    with pytest.raises(errors.WrongType):
        levels.total_bid_quantity(1.5)
    assert np.isnan(levels.imbalance(0)).all()


# Trades


def test_vwap_and_notional_equal_those_of_single_trades():
    for prices in REGIMES:
        book = Exchange()
        book.process(flow(600, 2, prices=prices))
        trades = book.trades()
        assert trades.notional().tolist() == [trade.notional() for trade in trades]
        assert trades.vwap() == Trade.vwap(list(trades))
    assert Exchange().trades().vwap() is None
    assert Exchange().trades().notional().tolist() == []


def trades_of(*rows):
    """Trades of (price, quantity) pairs."""
    made = np.zeros(len(rows), TRADE)
    made["price"], made["quantity"] = zip(*rows, strict=True)
    return Trades(made, np.zeros(1, np.uint8))


def test_vwap_is_truncated_toward_zero():
    assert trades_of((100, 1), (101, 1)).vwap() == 100
    assert trades_of((-100, 1), (-101, 1)).vwap() == -100
    assert trades_of((100, 2), (101, 1)).vwap() == 100


def test_vwap_is_exact_beyond_int64():
    assert trades_of((2**32, 2**30), (2**32, 2**30), (2**32, 2**30)).vwap() == 2**32
    assert trades_of((INT64_MIN, 1), (INT64_MIN, 1)).vwap() == INT64_MIN
    assert trades_of((INT64_MAX, 1), (INT64_MAX - 1, 1)).vwap() == INT64_MAX - 1


def test_c030_a_notional_outside_int64_is_refused():
    trades = trades_of((1, 1), (2**32, 2**31), (-(2**32), 2**31))
    with pytest.raises(errors.NotionalOverflow, match="4294967296 x 2147483648"):
        trades.notional()
    assert trades_of((-(2**32), 2**31)).notional().tolist() == [INT64_MIN]
