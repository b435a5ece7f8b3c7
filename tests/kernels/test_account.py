"""The account's kernels against integers and fractions. Runs with and without the JIT."""

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobook._jit import JIT, kernel
from nanobook.kernels.account import amounts, state
from nanobook.kernels.account.fill import Deal, fill, fill_at, settle
from nanobook.kernels.account.rebalance import rebalance
from nanobook.kernels.account.value import accrue, equity
from tests.oracle import account as twin

OFF = state.Rules(
    per_share=1,
    step=1,
    fee_rate=0,
    min_fee=0,
    impact=0,
    min_order=0,
    max_order=0,
    band=0.0,
    max_trades=-1,
    turnover=float("inf"),
    participation=0,
    sells_first=0,
    margin=1,
    borrow=0,
    credit=0,
    debit=0,
    year=252,
    years=1,
)
CASES = 300 if JIT else 60
BPS = Fraction(1, 10_000_000)


def rules_of(draw):
    """Draw rules at random; each option is on in about every third case."""

    def maybe(value, off):
        return value if draw.random() < 0.35 else off

    per_share = maybe(1_000_000, 1)
    return OFF._replace(
        per_share=per_share,
        step=draw.choice([1, 1000, 250_000]) if per_share > 1 else draw.choice([1, 1, 1, 10, 100]),
        fee_rate=maybe(draw.choice([1000, 5000, 7500, 123_457]), 0),
        min_fee=maybe(draw.choice([1, 100, 3500]), 0),
        impact=maybe(draw.choice([1000, 15_000, 2_000_001]), 0),
        min_order=maybe(draw.choice([1, 50_000, 3_000_000]), 0),
        max_order=maybe(draw.choice([40_000, 10_000_000]), 0),
        band=float(maybe(draw.choice([5.0, 50.0, 300.0]), 0)),
        max_trades=maybe(draw.choice([0, 1, 3]), -1),
        turnover=float(maybe(draw.choice([0.0, 0.05, 0.4]), float("inf"))),
        participation=maybe(draw.choice([10**8, 10**9]), 0),
        sells_first=maybe(1, 0),
        margin=maybe(0, 1),
        borrow=maybe(250_001, 0),
        credit=maybe(draw.choice([400_000, -50_000]), 0),
        debit=maybe(650_000, 0),
    )


def terms_of(rules):
    """The same rules for the twin."""
    grain = Fraction(1, rules.per_share)
    night = BPS * rules.years / rules.year
    return twin.Terms(
        step=rules.step * grain,
        grain=grain,
        commission=rules.fee_rate * BPS,
        min_fee=rules.min_fee,
        impact=rules.impact * BPS / 2,
        min_order=rules.min_order,
        max_order=rules.max_order or None,
        band=Fraction(rules.band) / 10_000,
        max_trades=None if rules.max_trades < 0 else rules.max_trades,
        turnover=None if rules.turnover == float("inf") else rules.turnover,
        participation=Fraction(rules.participation, state.PART) if rules.participation else None,
        sells_first=bool(rules.sells_first),
        margin=bool(rules.margin),
        borrow=rules.borrow * night,
        credit=rules.credit * night,
        debit=rules.debit * night,
    )


def assert_same(account, book, rules):
    """Cash and every position agree."""
    assert account.money[state.CASH] == book.cash
    for i in range(len(account.quantity)):
        held = book.held.get(i, twin.Held())
        found = (account.quantity[i], account.average[i], account.basis[i], account.realized[i])
        assert found == (held.quantity * rules.per_share, held.average, held.basis, held.realized)


def fills_of(account, fills, rules):
    return [
        (row["symbol"], Fraction(int(row["quantity"]), rules.per_share), *list(row)[3:6])
        for row in np.asarray(fills[: account.money[state.ROWS]])
    ]


@pytest.mark.parametrize("seed", range(CASES))
def test_rebalances_equal_the_twin(seed):
    draw = random.Random(seed)
    rules = rules_of(draw)
    count = draw.choice([1, 2, 5, 9])
    cash = draw.choice([100_000, 10**7, 10**11])
    account, fills = state.new_account(cash, count), state.new_fills(200)
    book = twin.Book(cash, terms_of(rules))
    order = draw.sample(range(count), count)
    account.order[:] = order
    prices = np.array([draw.choice([1, 7, 999, 12_345, 10**6]) for _ in range(count)])
    for _ in range(6):
        prices = np.maximum((prices * draw.uniform(0.5, 1.6)).astype(np.int64), 1)
        unpriced = [i for i in range(count) if not account.quantity[i] and draw.random() < 0.1]
        now = prices.copy()
        now[unpriced] = 0
        weights = np.array(
            [draw.choice([np.nan, 0.0, 0.2, 0.3, draw.uniform(-0.5, 1.2)]) for _ in range(count)]
        )
        volumes = np.array([draw.choice([0, 100, 10**6]) * rules.per_share for _ in range(count)])
        held = dict(enumerate(now.tolist()))
        interest, fees = book.night(held)
        before = account.money[[state.INTEREST, state.BORROWED]].tolist()
        assert accrue(account, rules, now) == state.DONE
        after = account.money[[state.INTEREST, state.BORROWED]].tolist()
        assert [interest, fees] == [after[0] - before[0], after[1] - before[1]]
        book.rebalance(
            [(i, float(weights[i])) for i in order if not np.isnan(weights[i])],
            held,
            {i: Fraction(int(volumes[i]), rules.per_share) for i in range(count)},
        )
        assert rebalance(account, rules, weights, now, volumes, fills) == state.DONE
        assert_same(account, book, rules)
        assert equity(account, rules, now) == (state.DONE, book.equity(held))
    assert fills_of(account, fills, rules) == book.fills
    assert account.money[state.COST] == sum(fee for *_, fee in book.fills)
    assert account.money[state.TRADED] == sum(fill[3] for fill in book.fills)
    assert account.money[state.N_FILLS] == len(book.fills)


@pytest.mark.parametrize("seed", range(CASES // 3))
def test_the_cash_identity_is_exact(seed):
    """Cash is the start less what was bought, the fees and the nights; to the cent."""
    draw = random.Random(1000 + seed)
    rules = rules_of(draw)
    account, fills = state.new_account(10**9, 4), state.new_fills(100)
    volumes = np.full(4, 10**9 * rules.per_share)
    for _ in range(5):
        prices = np.array([draw.randint(1, 10**5) for _ in range(4)])
        weights = np.array([draw.uniform(-0.4, 0.5) for _ in range(4)])
        assert rebalance(account, rules, weights, prices, volumes, fills) == state.DONE
        assert accrue(account, rules, prices) == state.DONE
    money = account.money
    rows = np.asarray(fills[: money[state.ROWS]])
    paid = sum(int(row["notional"]) * (1 if row["quantity"] > 0 else -1) for row in rows)
    assert money[state.CASH] == (
        10**9 - paid - rows["fee"].sum() + money[state.INTEREST] - money[state.BORROWED]
    )
    held = [rows["quantity"][rows["symbol"] == i].sum() for i in range(4)]
    assert held == account.quantity.tolist()
    if not rules.margin and not rules.debit and not rules.credit and not rules.borrow:
        assert money[state.CASH] >= 0


@kernel
def divided(a, b, c):
    """Enter ``divide`` from a test."""
    return amounts.divide(a, b, c)


sizes = st.integers(0, 2**56)


@settings(max_examples=500 if JIT else 100, deadline=None)
@given(sizes, sizes, st.integers(1, 2**60))
def test_products_are_divided_exactly(a, b, c):
    if a * b // c < 2**62:
        assert divided(a, b, c) == divmod(a * b, c)


def test_the_edges_of_a_division():
    for a, b, c in [
        (2**53, 2**60 - 1, 2**60 - 1),
        (2**56 - 1, 2**56 - 1, 2**60),
        (2**60 - 1, 2**2, 1),
        (2**53 - 1, 10**6, 10**6 - 1),
        (3, 2**60, 2**60),
        (0, 5, 7),
    ]:
        assert divided(a, b, c) == divmod(a * b, c)


def new(cash=10**9, symbols=1):
    return state.new_account(cash, symbols), state.new_fills(50)


def trade(account, fills, quantity, price, rules=OFF, symbol=0):
    assert fill(account, rules, symbol, quantity, price, state.SIGNAL, fills) == state.DONE


def position(account, i=0):
    return tuple(int(column[i]) for column in account[1:5])


def test_the_original_s_run_of_a_position():
    """Documented: targets .1 at 3333, .2 at 3400, .05 at 3555, -.05 at 3655, without costs."""
    account, fills = new(100_000_000)
    seen = []
    for weight, price in [(0.1, 3333), (0.2, 3400), (0.05, 3555), (-0.05, 3655)]:
        prices = np.array([price])
        assert rebalance(account, OFF, np.array([weight]), prices, np.zeros(1, np.int64), fills) == 0
        seen.append(position(account))
    assert seen == [
        (3000, 3333, 9999000, 0),
        (5894, 3365, 19838600, 0),
        (1423, 3368, 4793685, 849490),
        (-1385, 3655, -5062175, 1257891),
    ]
    assert account.money[state.CASH] == 106319045


def test_covering_a_part_of_a_short_keeps_its_average():
    """Short 500 at 1000, cover 208 at 900: the original reports an average of 2424."""
    account, fills = new()
    trade(account, fills, -500, 1000)
    trade(account, fills, 208, 900)
    assert position(account) == (-292, 1000, -292000, 20800)
    trade(account, fills, 292, 1100)
    assert position(account) == (0, 0, 0, 20800 - 29200)


def test_a_fill_through_zero_begins_a_new_position():
    account, fills = new()
    trade(account, fills, 10, 500)
    trade(account, fills, -25, 450)
    assert position(account) == (-15, 450, -6750, -500)
    trade(account, fills, 40, 400)
    assert position(account) == (25, 400, 10000, -500 + 750)


def test_slippage_moves_the_price():
    """Documented: 10,000,000 cents, 10 bps commission, 7.5 bps slippage on 3333 is 3335."""
    rules = OFF._replace(fee_rate=10_000, impact=15_000)
    account, fills = new(10_000_000)
    prices, volumes = np.array([3333]), np.zeros(1, np.int64)
    assert rebalance(account, rules, np.array([0.5]), prices, volumes, fills) == 0
    assert (int(account.quantity[0]), int(fills[0].price)) == (1500, 3335)
    # 0.1 % of 5,002,500 is 5002.5: the fee is rounded down
    assert account.money[state.CASH] == 10_000_000 - 1500 * 3335 - 5002


def test_halves_of_a_moved_price_go_away_from_zero():
    """50 bps of 100 is half a unit."""
    rules = OFF._replace(impact=100_000)
    account, fills = new()
    trade(account, fills, 1, 100, rules)
    trade(account, fills, -1, 100, rules)
    trade(account, fills, -1, 101, rules)  # 100.495
    assert fills.price[:3].tolist() == [101, 100, 100]


def test_a_band_holds_at_its_edge():
    """29 bps of 1,000,000 are 2,900."""
    rules = OFF._replace(band=29.0)
    account, fills = new(1_000_000)
    for weight, held in [(0.0029, 0), (0.002901, 2901)]:
        prices = np.array([1])
        assert rebalance(account, rules, np.array([weight]), prices, np.zeros(1, np.int64), fills) == 0
        assert account.quantity[0] == held


def test_halves_of_a_night_go_away_from_zero():
    """A basis point a day of 5,000 is half a unit; of 4,999 it is less."""
    for rate in (252_000, -252_000):
        for cash, earned in [(5_000, 1), (4_999, 0), (15_001, 2)]:
            account, _ = new(cash)
            assert accrue(account, OFF._replace(credit=rate), np.array([100])) == state.DONE
            assert account.money[state.INTEREST] == (earned if rate > 0 else -earned)


def test_thirds_of_a_share():
    """Documented: steps of a thousandth, a third of 1,000,000 at 7777 is 42.861 shares."""
    rules = OFF._replace(per_share=1_000_000, step=1000)
    account, fills = new(1_000_000)
    assert rebalance(account, rules, np.array([1 / 3]), np.array([7777]), np.zeros(1, np.int64), fills) == 0
    assert position(account)[::2] == (42_861_000, 333_329)
    assert account.money[state.CASH] == 666_671


def test_a_fill_of_the_book_pays_its_own_price():
    rules = OFF._replace(fee_rate=1000, impact=20_000)
    account, fills = new()
    assert fill_at(account, rules, 0, 100, 1000, state.SIGNAL, fills) == state.DONE
    assert (fills[0].price, fills[0].fee) == (1000, 10)


def test_a_settlement_is_free():
    account, fills = new()
    trade(account, fills, 100, 1000)
    account.money[state.PERIOD] = 3
    deal = Deal(0, -100, 250, 0, state.DELIST)
    assert settle(account, OFF._replace(fee_rate=1000), deal, fills) == state.DONE
    assert fills[1].tolist() == (3, 0, -100, 250, 25_000, 0, state.DELIST)
    assert state.REASONS[state.DELIST] == "delist"


def test_without_room_nothing_changes():
    account, _ = new(symbols=3)
    few = state.new_fills(2)
    weights, prices, volumes = np.full(3, 0.3), np.full(3, 100), np.zeros(3, np.int64)
    before = [column.copy() for column in account]
    assert rebalance(account, OFF, weights, prices, volumes, few) == state.FULL
    assert all(map(np.array_equal, before, account))
    assert fill(account, OFF, 0, 1, 100, 0, few[:1]) == state.DONE
    assert fill(account, OFF, 0, 1, 100, 0, few[:1]) == state.FULL
    assert account.quantity[0] == 1


def test_without_a_buffer_nothing_is_recorded():
    account, _ = new(symbols=2)
    none, weights = state.new_fills(0), np.full(2, 0.3)
    assert rebalance(account, OFF, weights, np.full(2, 100), np.zeros(2, np.int64), none) == state.DONE
    assert account.money[[state.N_FILLS, state.ROWS]].tolist() == [2, 0]


@pytest.mark.parametrize(
    ("weight", "price", "cash"),
    [
        (1e300, 100, 10**6),
        (2.0**53, 100, 10**6),
        (3000.0, 1, 2**43),
        (0.5, 2**53, 10**6),
        (0.5, -1, 10**6),
        (0.9, 100, 2**52),
    ],
)
def test_too_large_changes_nothing(weight, price, cash):
    account, fills = new(cash, 2)
    account.quantity[1] = 5
    before = [column.copy() for column in account[:5]]
    weights, prices = np.array([weight, 0.0]), np.array([price, 7])
    code = rebalance(account, OFF, weights, prices, np.zeros(2, np.int64), fills)
    assert code == state.TOO_LARGE
    account.money[state.EQUITY] = 0
    assert all(map(np.array_equal, before, account[:5]))
    assert account.money[state.ROWS] == 0


def test_a_fill_that_is_too_large_changes_nothing():
    account, fills = new(2**52)
    for quantity, price in [(2**60, 1), (2**40, 2**13), (-(2**52), 1)]:
        assert fill(account, OFF, 0, quantity, price, 0, fills) == state.TOO_LARGE
    assert position(account) == (0, 0, 0, 0)
    assert account.money[state.CASH] == 2**52


def test_a_sell_pays_a_debt_without_margin():
    rules = OFF._replace(margin=0)
    account, fills = new(1000)
    trade(account, fills, 100, 100)  # free leverage, then cash only
    prices = np.array([100])
    for weight, end in [(5.0, (50, -4000)), (0.0, (0, 1000))]:
        assert rebalance(account, rules, np.array([weight]), prices, np.zeros(1, np.int64), fills) == 0
        assert (int(account.quantity[0]), int(account.money[state.CASH])) == end


def test_a_sell_that_costs_more_than_it_brings_is_dropped_without_margin():
    rules = OFF._replace(margin=0, min_fee=500)
    account, fills = new(1000)
    trade(account, fills, 1, 700)
    prices = np.array([150])  # brings 150, costs 500, and 300 are there
    assert rebalance(account, rules, np.array([0.0]), prices, np.zeros(1, np.int64), fills) == 0
    assert account.quantity[0] == 1
    assert rebalance(account, rules, np.array([0.0]), np.array([200]), np.zeros(1, np.int64), fills) == 0
    assert (int(account.quantity[0]), int(account.money[state.CASH])) == (0, 0)


def test_a_night():
    """2.52 % a year is a basis point a day: on 123,456 short 12.3, on cash 223,456 at 5.04 % 44.7."""
    rules = OFF._replace(borrow=252_000, credit=504_000, debit=1_000_000)
    account, fills = new(100_000)
    trade(account, fills, -1, 123_456)
    assert accrue(account, rules, np.array([123_456])) == state.DONE
    assert account.money[[state.INTEREST, state.BORROWED]].tolist() == [45, 12]
    assert account.money[state.CASH] == 223_456 + 45 - 12
    account.money[state.CASH] = -252_000 // 4  # 10 % a year on 63,000: 25 a day
    account.quantity[0] = 0
    assert accrue(account, rules, np.array([123_456])) == state.DONE
    assert account.money[state.CASH] == -63_000 - 25
