"""From weights to orders: hand-made cases, a naive twin, and what must hold of any plan."""

import pickle
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nanobook.broker import Account, Instrument
from nanobook.errors import InvalidValue, MultiplierError, NoQuote, RiskRejected, TargetError
from nanobook.rebalancer.planning.budget import funds_of
from nanobook.rebalancer.planning.costs import commission_cents, estimate_costs, money_needed
from nanobook.rebalancer.planning.diff import DiffRules, describe, limit_price, plan_orders
from nanobook.rebalancer.planning.plan import make_plan
from nanobook.rebalancer.settings.config import Config
from nanobook.rebalancer.settings.sections import AccountSection, Cost, Execution, Risk
from nanobook.rebalancer.targets.target import target_of
from tests.oracle.rebalance import naive_costs, naive_plan

NOW = datetime(2026, 2, 8, 15, 30, tzinfo=UTC)
SYMBOLS = "ABCDEFGH"


def account(equity, cash=None):
    """An account; all cash unless told."""
    cash = equity if cash is None else cash
    return Account(equity, cash, cash, equity - cash)


def config(kind="margin", **sections):
    """A configuration without a least trade."""
    risk = sections.pop("risk", Risk(min_trade_usd=0))
    return Config(risk, account=AccountSection("DU1", kind), **sections)


def brief(order):
    """What the twin knows of an order."""
    return (
        order.symbol,
        order.action,
        order.quantity,
        order.limit_price_cents,
        order.description,
        order.goal_quantity,
    )


@pytest.mark.parametrize(
    ("before", "change", "action", "description"),
    [
        (0, 5, "BUY", "open"),
        (0, -5, "SELL SHORT", "open short"),
        (10, 5, "BUY", "increase"),
        (10, -5, "SELL", "decrease"),
        (10, -10, "SELL", "close long"),
        (10, -15, "SELL", "flip to short"),
        (-10, 5, "BUY COVER", "decrease short"),
        (-10, 10, "BUY COVER", "close short"),
        (-10, 15, "BUY COVER", "flip to long"),
        (-10, -5, "SELL SHORT", "increase short"),
    ],
)
def test_actions_and_descriptions_are_those_of_the_table(before, change, action, description):
    assert describe(before, change) == (action, description)


def test_a_closing_order_is_priced_the_right_way_round():
    """The original asks more for a long that it closes and bids less for a short."""
    sell, cover = plan_orders([], {"A": 10, "B": -10}, {"A": 20_000, "B": 20_000}, 10**6)
    assert (sell.action, sell.limit_price_cents, sell.description) == ("SELL", 19_990, "close long")
    assert (cover.action, cover.limit_price_cents, cover.description) == ("BUY COVER", 20_010, "close short")


@pytest.mark.parametrize(
    ("mid", "side", "bps", "tick", "limit"),
    [
        (18_500, "buy", 5, 1, 18_509),  # 9.25 cents are cut
        (18_500, "sell", 5, 1, 18_491),
        (Decimal("18500.5"), "buy", 0, 1, 18_501),  # between two ticks: where it trades
        (Decimal("18500.5"), "sell", 0, 1, 18_500),
        (1002, "buy", 10, 5, 1005),
        (1002, "sell", 10, 5, 1000),
        (Decimal("0.5"), "sell", 5, 1, 1),  # never 0
        (Decimal("0.012345"), "buy", 100, Decimal("0.000001"), Decimal("0.012468")),
    ],
)
def test_limits(mid, side, bps, tick, limit):
    assert limit_price(mid, side, bps, tick) == limit


def test_sells_come_before_the_buys_that_they_fund():
    held, prices = {"A": 100, "Z": 100}, {"A": 1000, "B": 1000, "Z": 1000}
    orders = plan_orders([("B", 1)], held, prices, 200_000)
    assert [(order.side, order.symbol) for order in orders] == [("sell", "A"), ("sell", "Z"), ("buy", "B")]


weights = st.integers(-100, 100).filter(bool).map(lambda n: Decimal(n) / 100)
books = st.dictionaries(st.sampled_from(SYMBOLS), st.integers(-500, 500), max_size=8)
targets = st.dictionaries(st.sampled_from(SYMBOLS), weights, min_size=1, max_size=8)
price_lists = st.fixed_dictionaries({symbol: st.integers(1, 60_000) for symbol in SYMBOLS})


@given(targets, books, price_lists, st.integers(1, 10**9), st.integers(0, 50), st.integers(0, 50_000))
def test_orders_are_those_of_the_naive_twin(wish, held, prices, equity, bps, least):
    orders = plan_orders(wish.items(), held, prices, equity, DiffRules(bps, least))
    assert [brief(order) for order in orders] == naive_plan(
        list(wish.items()), held, prices, equity, bps, least
    )
    cost = Cost(Decimal("0.0035"), Decimal("0.35"), 5)
    told = estimate_costs(orders, cost)
    sizes = [(order.quantity, order.quantity * order.mid_cents) for order in orders]
    assert (told.commission_cents, told.slippage_cents) == naive_costs(
        sizes, cost.commission_per_share, cost.commission_min, 5
    )


lots = st.sampled_from([1, 10, Decimal("0.001"), Decimal("0.00000001")])
mids = st.decimals("0.01", "90000", places=2, allow_nan=False)


@given(st.data(), targets, books, st.integers(10_000, 10**10))
def test_after_all_fills_every_weight_is_within_one_lot_of_its_target(data, wish, held, equity):
    prices = {symbol: data.draw(mids) for symbol in SYMBOLS}
    steps = {symbol: Instrument(symbol, lot=data.draw(lots)) for symbol in SYMBOLS}
    orders = plan_orders(wish.items(), held, prices, equity, DiffRules(5, 0), steps)
    after = dict(held) | {order.symbol: order.goal_quantity for order in orders}
    for symbol in SYMBOLS:
        want = Fraction(equity) * Fraction(wish.get(symbol, 0))
        value = Fraction(after.get(symbol, 0)) * Fraction(prices[symbol])
        assert abs(value - want) < Fraction(prices[symbol]) * Fraction(steps[symbol].lot) + 1
    assert all(order.quantity % steps[order.symbol].lot == 0 for order in orders)


@given(st.data(), targets, books, price_lists, st.integers(1, 10**9))
def test_a_permutation_of_symbols_permutes_the_orders(data, wish, held, prices, equity):
    cash = data.draw(st.integers(0, equity))
    plans = []
    for _ in range(2):
        order = data.draw(st.permutations(sorted(wish.items())))
        target = (
            target_of([(s, w) for s, w in order if w > 0] or [("A", 0)], NOW, close_missing=True)
            if (sum(w for _, w in order if w > 0) <= 1)
            else None
        )
        assume(target is not None)
        positions = dict(data.draw(st.permutations(sorted(held.items()))))
        plans.append(make_plan(target, positions, prices, account(equity, cash), config()))
    key = brief
    assert sorted(map(key, plans[0].orders)) == sorted(map(key, plans[1].orders))
    assert plans[0].costs == plans[1].costs


@given(targets, books, price_lists, st.integers(1, 10**9), st.integers(-(10**6), 10**9))
def test_the_budget_is_never_exceeded(wish, held, prices, equity, cash):
    long = {symbol: abs(weight) / 8 for symbol, weight in wish.items()}
    longs = {symbol: abs(quantity) for symbol, quantity in held.items()}
    plan = make_plan(
        target_of(long, NOW, close_missing=True), longs, prices, account(equity, cash), config("cash")
    )
    cost, money = Cost(), Fraction(cash)
    for order in plan.orders:
        paid = Fraction(commission_cents(order.quantity, cost))
        value = Fraction(order.quantity) * Fraction(order.limit_price_cents)
        money += value - paid if order.side == "sell" else -value - paid
        assert order.side == "sell" or money >= 0
    cut = {row.symbol for row in plan.skipped if row.reason.startswith("buying power")}
    full = {
        order.symbol: order for order in plan_orders(long.items(), longs, prices, equity, DiffRules(5, 0))
    }
    for symbol in full:
        made = next((order for order in plan.orders if order.symbol == symbol), None)
        assert symbol in cut or made == full[symbol]


def test_buys_share_what_there_is():
    target = target_of({"A": 0.5, "B": 0.5}, NOW)
    plan = make_plan(target, {}, {"A": 1000, "B": 1000}, account(1_000_000, 500_350), config("cash"))
    assert [(order.symbol, order.quantity) for order in plan] == [("A", 250), ("B", 250)]
    assert [(row.symbol, row.quantity) for row in plan.skipped] == [("A", 250), ("B", 250)]
    assert "250 of 500 at $10.00 can be paid" in plan.skipped[0].reason


def test_what_is_cut_below_the_least_trade_is_not_sent():
    rules = {"risk": Risk(min_trade_usd=100)}
    plan = make_plan(target_of({"A": 0.5}, NOW), {}, {"A": 1000}, account(1_000_000, 9_000), config(**rules))
    assert plan.orders == ()
    assert plan.skipped[0].reason == "buying power: 0 of 500 at $10.00 can be paid"
    assert "Not done" in plan._repr_html_()


def test_covers_have_the_money_before_what_is_new():
    target = target_of({"B": 0.5}, NOW, close_missing=True)
    plan = make_plan(target, {"A": -10}, {"A": 1000, "B": 1000}, account(100_000, 10_100), config())
    assert [(order.action, order.quantity) for order in plan] == [("BUY COVER", 10)]
    assert plan.skipped[0].symbol == "B"


def test_a_cash_account_pays_from_its_cash_alone():
    told = Account(1000, 4000, 900, 100)
    assert funds_of(told, "cash") == 900
    assert funds_of(told, "margin") == 4000
    assert funds_of(Account(1000, 50, 900, 100), "cash") == 50  # what is not settled does not count


def test_a_short_is_covered_as_far_as_the_money_goes():
    """The least trade does not hold for what closes."""
    target, rules = target_of({"B": 0.1}, NOW, close_missing=True), {"risk": Risk(min_trade_usd=1000)}
    plan = make_plan(target, {"A": -10}, {"A": 1000, "B": 1000}, account(100_000, 5_100), config(**rules))
    assert [(order.action, order.quantity, order.goal_quantity) for order in plan] == [("BUY COVER", 5, -5)]


def test_a_short_sale_brings_no_money_for_buys():
    target = target_of({"A": -0.5, "B": 0.5}, NOW)
    plan = make_plan(target, {}, {"A": 1000, "B": 1000}, account(100_000, 60_000), config())
    assert [(order.action, order.quantity) for order in plan] == [("SELL SHORT", 50), ("BUY", 9)]


def test_proceeds_of_sells_fund_buys():
    target = target_of({"B": 0.9}, NOW, close_missing=True)
    plan = make_plan(target, {"A": 100}, {"A": 1000, "B": 1000}, account(100_000, 0), config("cash"))
    assert [(order.action, order.quantity) for order in plan] == [("SELL", 100), ("BUY", 90)]


def test_the_least_trade_of_the_target_counts_and_not_for_closing():
    prices, held = {"A": 1000, "B": 1000}, {"A": 1, "B": 3}
    rules = {"risk": Risk(min_trade_usd=100)}
    target = target_of({"B": 0.05}, NOW, close_missing=True)
    plan = make_plan(target, held, prices, account(100_000), config(**rules))
    assert [order.description for order in plan] == ["close long"]
    assert plan.skipped[0].reason == "$20.00 is less than the least trade, $100.00"
    own = target_of({"B": 0.05}, NOW, close_missing=True, constraints={"min_trade_usd": 20})
    plan = make_plan(own, held, prices, account(100_000), config(**rules))
    assert [order.symbol for order in plan] == ["A", "B"]


def test_what_is_within_one_lot_or_below_the_broker_s_least_is_told():
    instruments = {
        "A": Instrument("A", lot=100),
        "B": Instrument("B", min_notional_cents=50_000),
        "C": Instrument("C", min_quantity=1000),
    }
    target = target_of({"A": 0.2, "B": 0.2, "C": 0.2}, NOW)
    prices = {"A": 1000, "B": 1000, "C": 1000}
    plan = make_plan(target, {}, prices, account(100_000), config(), instruments)
    assert plan.orders == ()
    assert [(row.symbol, row.quantity) for row in plan.skipped] == [("A", 0), ("B", 20), ("C", 20)]
    assert [row.reason for row in plan.skipped] == [
        "within one lot of its target",
        "$200.00 is less than the broker's least order, $500.00",
        "20 is less than the broker's least order, 1000",
    ]
    assert str(plan).startswith("No rebalancing needed")


def test_c085_nothing_is_planned_without_a_price():
    target = target_of({"A": 0.5}, NOW, close_missing=True)
    with pytest.raises(NoQuote, match="no price of B; nothing is planned"):
        make_plan(target, {"B": 5}, {"A": 1000, "B": 0}, account(100_000), config())
    assert plan_orders([("A", 1)], {}, {}, 100_000) == []


def test_c066_a_held_symbol_that_is_no_target():
    prices = {"A": 1000, "B": 1000}
    with pytest.raises(TargetError, match="held, but no target: B; say"):
        make_plan(target_of({"A": 0.5}, NOW), {"B": 5}, prices, account(100_000), config())
    alone = make_plan(
        target_of({"A": 0.5}, NOW, close_missing=False), {"B": 5}, prices, account(100_000), config()
    )
    assert [order.symbol for order in alone] == ["A"]
    assert alone.skipped[0].reason == "no target; close_missing is false: left alone"


def test_c064_more_orders_than_a_run_may_have():
    wish = {f"S{n}": Decimal("0.004") for n in range(200)}
    prices = dict.fromkeys(wish, 100)
    with pytest.raises(RiskRejected, match=r"200 orders, more than execution\.max_orders_per_run, 50"):
        make_plan(target_of(wish, NOW), {}, prices, account(10**8), config())
    sections = {"execution": Execution(max_orders_per_run=200)}
    assert len(make_plan(target_of(wish, NOW), {}, prices, account(10**8), config(**sections))) == 200


def test_c090_a_currency_other_than_the_account_s():
    instruments = {"A": Instrument("A"), "SAP": Instrument("SAP", currency="EUR")}
    target = target_of({"A": 0.1, "SAP": 0.1}, NOW)
    with pytest.raises(InvalidValue, match=r"the account is in USD, and these are not: SAP \(EUR\)"):
        make_plan(target, {}, {"A": 1, "SAP": 1}, account(1000), config(), instruments)


FUTURE = {"A": Instrument("A"), "ES": Instrument("ES", multiplier=50)}


@pytest.mark.parametrize("close_missing", [True, False])
@pytest.mark.parametrize(
    ("wish", "held"), [({"A": 0.1, "ES": 0.1}, {}), ({"A": 0.1}, {"ES": 1}), ({"A": 0.1}, {"ES": -1})]
)
def test_c088_a_multiplier_is_never_left_out(wish, held, close_missing):
    prices, words = {"A": 1000, "ES": 630_000}, "ES has the multiplier 50: the rebalancer weighs shares"
    target = target_of(wish, NOW, close_missing=close_missing)
    with pytest.raises(MultiplierError, match=words):
        make_plan(target, held, prices, account(10**9), config(), FUTURE)
    with pytest.raises(MultiplierError, match=words):
        plan_orders(target.targets, held, prices, 10**9, instruments=FUTURE)


def test_a_multiplier_of_what_is_neither_held_nor_wanted_is_no_matter():
    target = target_of({"A": 0.1}, NOW, close_missing=True)
    assert make_plan(target, {"ES": 0}, {"A": 1000}, account(10**6), config(), FUTURE).orders
    assert plan_orders(target.targets, {"ES": 0}, {"A": 1000}, 10**6, instruments=FUTURE)


def test_a_multiplier_that_is_not_told():
    target, bond = target_of({"B": 0.1}, NOW), {"B": Instrument("B", multiplier=None)}
    with pytest.raises(MultiplierError, match="B has a multiplier that the broker does not tell"):
        make_plan(target, {}, {"B": 1000}, account(10**6), config(), bond)


def test_a_cash_account_is_never_short():
    with pytest.raises(TargetError, match=r"weights below 0: A; account\.type is"):
        make_plan(target_of({"A": -0.5}, NOW), {}, {"A": 1000}, account(100_000), config("cash"))


def test_c091_fractions_are_cut_to_lots_and_the_budget_holds():
    instruments = {"BTC": Instrument("BTC", lot=Decimal("0.00001"), tick_cents=1)}
    target = target_of({"BTC": 0.333}, NOW)
    plan = make_plan(target, {}, {"BTC": 6_543_210}, account(1_000_000), config(), instruments)
    (order,) = plan.orders
    assert order.quantity == Decimal("0.05089")
    assert order.quantity * order.limit_price_cents <= 1_000_000
    assert isinstance(order.goal_quantity, Decimal)


def test_costs_of_the_specification():
    orders = [
        SimpleNamespace(quantity=20, notional_cents=370_000),
        SimpleNamespace(quantity=1000, notional_cents=99),
    ]
    told = estimate_costs(orders, Cost())
    assert str(told) == "$3.85 commission + $1.85 slippage = $5.70"
    assert money_needed(20, 18_509, Cost()) == 370_215
    assert money_needed(1, Decimal("100.5"), Cost()) == 136  # rounded up
    assert estimate_costs([], Cost()).total_cents == 0


def test_a_plan_is_a_table_too():
    plan = make_plan(target_of({"A": 0.5}, NOW), {}, {"A": 1000}, account(100_000), config())
    assert plan.to_frame().loc[0, ["symbol", "action", "quantity"]].tolist() == ["A", "BUY", 50]
    assert plan.skipped_frame().empty
    assert plan.skipped_frame().columns.tolist() == ["symbol", "quantity", "reason"]
    assert "<table" in plan._repr_html_()
    assert repr(plan) == "Plan(1 orders, $500.00, 0 skipped)"
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert str(plan).splitlines()[1].split() == [
        *("BUY", "50", "A", "$10.00", "$500", "0", "50", "open"),
    ]
    assert plan.with_risk([]).risk == []
