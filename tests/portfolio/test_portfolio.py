"""Portfolio: the rules of 0.9.3 by default, every option by hand, and what it refuses."""

import copy
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nanobook import CostModel, Financing, MultiExchange, NanobookError, Portfolio, Position, TradingRules
from nanobook.errors import (
    InvalidSymbol,
    InvalidValue,
    MissingPriceError,
    NonFiniteError,
    NotionalOverflow,
    WrongType,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "portfolio_093.json").read_text(encoding="utf-8"))
CENT = {"A": 100}


def state(portfolio):
    """Everything, to see that a refusal changed nothing."""
    return portfolio.to_dict()


@pytest.mark.parametrize("case", GOLDEN["portfolios"], ids=lambda case: str(case["cash"]))
def test_rebalances_equal_nanobook_093(case):
    """Cash, quantities and curves always; averages of symbols never sold short, where 0.9.3 is right."""
    portfolio = Portfolio(case["cash"], CostModel(*case["cost"]))
    short = set()
    for step in case["steps"]:
        targets, prices, close = (
            [tuple(pair) for pair in step[key]] for key in ("targets", "prices", "close")
        )
        portfolio.rebalance_simple(targets, prices)
        portfolio.record_return(close)
        assert portfolio.cash == step["cash"]
        held = portfolio.positions()
        assert list(held) == list(step["positions"])
        for symbol, (quantity, average, cost, realized) in step["positions"].items():
            position = held[symbol]
            short |= {symbol} if quantity < 0 else set()
            assert position.quantity == quantity
            if symbol not in short:
                found = position.avg_entry_price, position.total_cost, position.realized_pnl
                assert found == (average, cost, realized)
        assert portfolio.current_weights(close) == [tuple(pair) for pair in step["weights"]]
        expected = step["snapshot"] | {"weights": dict(map(tuple, step["weights"]))}
        found = portfolio.snapshot(close)
        if short:
            del expected["total_realized_pnl"], found["total_realized_pnl"]
        assert found == expected
    assert portfolio.returns() == case["returns"]
    assert portfolio.equity_curve() == case["curve"]
    assert portfolio.compute_metrics(252.0, 0.0).sharpe == case["sharpe"]
    assert repr(portfolio) == case["repr"]


def test_the_documented_run_of_a_position():
    portfolio = Portfolio(100_000_000)
    for weight, price in [(0.1, 3333), (0.2, 3400), (0.05, 3555), (-0.05, 3655)]:
        portfolio.rebalance_simple([("A", weight)], [("A", price)])
    assert (
        repr(portfolio.position("A")) == "Position(symbol=A, qty=-1385, avg_price=3655, realized_pnl=1257891)"
    )
    assert (portfolio.position("A").total_cost, portfolio.cash) == (-5062175, 106319045)


def test_prices_come_as_pairs_dict_or_series_in_cents_or_currency():
    forms = [
        [("A", 1999), ("B", 115)],
        (("A", 1999), ("B", 115)),
        {"A": 1999, "B": 115},
        pd.Series({"A": 1999, "B": 115}),
        [("A", np.int64(1999)), ("B", np.int32(115))],
        {"A": 19.99, "B": 1.15},
        pd.Series({"A": 19.99, "B": 1.15}),
        {"A": np.float32(19.99), "B": 1.15, "C": math.nan},
    ]
    seen = []
    for prices in forms:
        portfolio = Portfolio(1_000_000)
        portfolio.rebalance_simple(pd.Series({"B": 0.25, "A": 0.5}), prices)
        portfolio.record_return(prices)
        seen.append(portfolio)
    assert all(portfolio == seen[0] for portfolio in seen)
    assert [p.quantity for p in seen[0].positions().values()] == [250, 2173]


def test_omitted_symbols_are_closed_first_then_targets_as_listed():
    portfolio = Portfolio(1_000_000)
    portfolio.rebalance_simple({"A": 0.2, "B": 0.2, "C": 0.2}, {"A": 100, "B": 200, "C": 300})
    portfolio.rebalance_simple({"C": 0.1, "A": 0.3}, {"A": 100, "B": 200, "C": 300})
    assert portfolio.trades["symbol"].tolist()[3:] == ["B", "C", "A"]
    assert portfolio.last_rebalance_order_count == 3
    assert portfolio.last_rebalance_notional == 200_000 + 332 * 300 + 100_000
    portfolio.rebalance_simple([], {"A": 100, "B": 200, "C": 300})
    assert [p.quantity for p in portfolio.positions().values()] == [0, 0, 0]
    assert portfolio.cash == 1_000_000
    assert portfolio.current_weights({}) == []


def test_costs_are_not_set_aside():
    portfolio = Portfolio(1_000_000, CostModel(100))
    portfolio.rebalance_simple({"A": 1.0}, CENT)
    assert (portfolio.position("A").quantity, portfolio.cash, portfolio.fees) == (10_000, -10_000, 10_000)


def test_an_account_without_equity_does_not_trade():
    portfolio = Portfolio(-5012)
    portfolio.rebalance_simple({"A": 1.0}, CENT)
    assert portfolio.positions() == {}
    assert repr(portfolio) == "Portfolio(cash=$-50.12, returns=0)"


def test_a_return_after_a_bust_is_not_a_number_but_is_there():
    portfolio = Portfolio(10_000)
    portfolio.rebalance_simple({"A": -2.0}, CENT)
    for price in (160, 170, 140):
        portfolio.record_return({"A": price})
    assert portfolio.equity_curve() == [10_000, -2_000, -4_000, 2_000]
    assert portfolio.returns()[0] == -1.2
    assert np.isnan(portfolio.returns()[1:]).all()
    assert portfolio.compute_metrics(252, 0).num_periods == 1
    assert portfolio.current_weights({"A": 170}) == [("A", -34_000 / -4_000)]


def test_there_are_no_metrics_without_returns():
    assert Portfolio(100).compute_metrics() is None


def test_slippage_as_price_and_spread():
    """Half of 20 bps and 15 bps on 10,000 cents: bought at 10,025, sold at 9,975."""
    portfolio = Portfolio(10**9, CostModel(0, 15, spread_bps=20, slippage="price"))
    portfolio.rebalance_simple({"A": 0.5, "B": -0.5}, {"A": 10_000, "B": 10_000})
    trades = portfolio.trades
    assert trades["price"].tolist() == [10_025, 9_975]
    assert portfolio.position("A").avg_entry_price == 10_025
    assert portfolio.cash == 10**9 - 50_000 * 10_025 + 50_000 * 9_975


def test_slippage_documented():
    portfolio = Portfolio(10_000_000, CostModel(10.0, 7.5, slippage="price"))
    portfolio.rebalance_simple({"A": 0.5}, {"A": 3333})
    assert (portfolio.position("A").quantity, portfolio.position("A").avg_entry_price) == (1500, 3335)
    assert portfolio.cash == 4_992_498  # the fee of 5,002.5 is rounded down
    portfolio.rebalance_simple({"A": 0.25}, {"A": 3333})
    assert (portfolio.position("A").quantity, portfolio.position("A").realized_pnl) == (750, -3000)
    assert portfolio.cash == 7_488_250


def test_lots():
    portfolio = Portfolio(1_000_000, rules=TradingRules(quantity_step=100))
    portfolio.rebalance_simple({"A": 0.199}, CENT)
    assert portfolio.position("A").quantity == 1900
    portfolio.rebalance_simple({}, CENT)
    assert portfolio.position("A").quantity == 0


def test_fractions_of_shares():
    """$1,000 over 20 names near $219 is not nothing."""
    portfolio = Portfolio(100_000, rules=TradingRules(quantity_step=0.001))
    names = [f"S{i}" for i in range(20)]
    portfolio.rebalance_simple(dict.fromkeys(names, 0.05), dict.fromkeys(names, 21_900))
    assert {p.quantity for p in portfolio.positions().values()} == {0.228}
    assert portfolio.cash == 100_000 - 20 * 4993
    assert portfolio.total_equity(dict.fromkeys(names, 21_900)) == 100_000


def test_order_values():
    rules = TradingRules(min_order_value=1_000, max_order_value=250_000)
    portfolio = Portfolio(1_000_000, rules=rules)
    portfolio.rebalance_simple({"A": 0.9, "B": 0.0009}, {"A": 100, "B": 100})
    assert portfolio.position("A").quantity == 2500
    assert portfolio.position("B") is None
    portfolio.rebalance_simple({}, {"A": 110})
    assert portfolio.position("A").quantity == 2500 - 2272


def test_a_band_ends_trades_that_costs_alone_cause():
    """Constant weights and flat prices: without a band the fees are traded after, again and again."""
    names = [f"S{i}" for i in range(10)]
    targets, prices = dict.fromkeys(names, 0.1), dict.fromkeys(names, 1_000)
    counts = []
    for band in (0, 50):
        rules = TradingRules(no_trade_band_bps=band)
        portfolio = Portfolio(100_000_000, CostModel(50), rules=rules)
        for _ in range(36):
            portfolio.rebalance_simple(targets, prices)
        counts.append(len(portfolio.trades))
    assert counts[0] > counts[1] == 10


def test_a_band_holds_at_its_edge():
    portfolio = Portfolio(1_000_000, rules=TradingRules(no_trade_band_bps=29))
    portfolio.rebalance_simple({"A": 0.0029}, {"A": 1})
    assert portfolio.position("A") is None
    portfolio.rebalance_simple({"A": 0.002901}, {"A": 1})
    assert portfolio.position("A").quantity == 2901


def test_the_number_of_trades():
    portfolio = Portfolio(1_000_000, rules=TradingRules(max_trades=2))
    prices = {"A": 100, "B": 100, "C": 100}
    portfolio.rebalance_simple({"A": 0.1, "B": 0.3, "C": -0.2}, prices)
    assert portfolio.trades["symbol"].tolist() == ["B", "C"]
    portfolio.rebalance_simple({"A": 0.1, "B": 0.3, "C": -0.2}, prices)
    assert portfolio.trades["symbol"].tolist() == ["B", "C", "A"]


def test_turnover_cuts_the_order_that_passes_it():
    portfolio = Portfolio(1_000_000, rules=TradingRules(max_turnover=0.45))
    portfolio.rebalance_simple({"A": 0.1, "B": 0.3, "C": -0.2}, {"A": 100, "B": 100, "C": 100})
    trades = portfolio.trades
    assert list(zip(trades["symbol"], trades["quantity"], strict=True)) == [("B", 3000), ("C", -1500)]
    assert portfolio.last_rebalance_notional == 450_000


def test_participation():
    rules = TradingRules(max_participation=0.29)
    portfolio = Portfolio(1_000_000, rules=rules)
    portfolio.rebalance_simple({"A": 0.5, "B": 0.1}, {"A": 100, "B": 100}, {"A": 100, "C": 5})
    assert portfolio.position("A").quantity == 29
    assert portfolio.position("B") is None
    before = state(portfolio)
    with pytest.raises(InvalidValue, match="volumes: needed"):
        portfolio.rebalance_simple({"A": 0.5}, CENT)
    with pytest.raises(InvalidValue, match=r"volumes: A is -1"):
        portfolio.rebalance_simple({"A": 0.5}, CENT, {"A": -1})
    with pytest.raises(InvalidValue, match=r"volumes: A is nan"):
        portfolio.rebalance_simple({"A": 0.5}, CENT, {"A": math.nan})
    assert state(portfolio) == before


def test_cash_only_buys_what_cash_pays():
    """100,000 cents at 1,000 and 1 %: 99 shares cost 99,000 and 990."""
    portfolio = Portfolio(100_000, CostModel(100), rules=TradingRules(allow_margin=False))
    portfolio.rebalance_simple({"A": 1.5}, {"A": 1_000})
    assert (portfolio.position("A").quantity, portfolio.cash) == (99, 10)


def test_cash_only_depends_on_the_order_unless_sells_come_first():
    ends = []
    for sells_first in (False, True):
        rules = TradingRules(allow_margin=False, sells_first=sells_first)
        portfolio = Portfolio(100_000, rules=rules)
        portfolio.rebalance_simple([("A", 1.0)], {"A": 100, "B": 100})
        portfolio.rebalance_simple([("B", 1.0), ("A", 0.0)], {"A": 100, "B": 100})
        ends.append({symbol: p.quantity for symbol, p in portfolio.positions().items()})
    assert ends == [{"A": 0}, {"A": 0, "B": 1000}]


def test_nights():
    """A basis point a day: on 500,000 short 50; on cash 1,500,000 at 2 points 300."""
    financing = Financing(borrow_rate=0.0252, cash_rate=0.0504, debit_rate=0.252)
    portfolio = Portfolio(1_000_000, financing=financing)
    portfolio.rebalance_simple({"A": -0.5}, CENT)
    portfolio.record_return(CENT)
    assert portfolio.cash == 1_500_000  # the night has not passed
    portfolio.record_return(CENT)
    assert (portfolio.cash, portfolio.interest, portfolio.borrow_fees) == (1_500_250, 300, 50)
    assert portfolio.equity_curve() == [1_000_000, 1_000_000, 1_000_250]
    portfolio.accrue()
    portfolio.accrue()
    portfolio.rebalance_simple({"A": -0.5}, CENT)
    assert portfolio.interest == 600
    owing = Portfolio(1_000_000, financing=financing)
    owing.rebalance_simple({"A": 2.0}, CENT)
    owing.record_return(CENT)
    owing.rebalance_simple({"A": 2.0}, CENT)
    assert (owing.interest, owing.borrow_fees) == (-1000, 0)


def test_a_refused_rebalance_pays_no_night():
    portfolio = Portfolio(1_000_000, financing=Financing(cash_rate=0.05))
    portfolio.record_return(CENT)
    before = state(portfolio)
    with pytest.raises(NotionalOverflow):
        portfolio.rebalance_simple({"A": 1e12}, CENT)
    assert state(portfolio) == before
    portfolio.record_return(CENT)
    assert portfolio.interest == 198


@pytest.mark.parametrize(
    ("targets", "prices", "error", "part"),
    [
        ({"A": math.nan}, CENT, NonFiniteError, "A is nan"),
        ({"A": -math.inf}, CENT, NonFiniteError, "A is -inf"),
        ({"A": "0.5"}, CENT, WrongType, "A is '0.5' (str)"),
        ({"A": True}, CENT, WrongType, "A is True"),
        ({"A": None}, CENT, WrongType, "A is None"),
        ({"A": 1e300}, CENT, NotionalOverflow, "2**53"),
        ({"A": -1e12}, CENT, NotionalOverflow, "2**53"),
        ([("A", 0.5), ("A", 0.2)], CENT, InvalidValue, "targets: named twice: A"),
        ([("A", 0.5)], [("A", 100), ("A", 200)], InvalidValue, "prices: named twice: A"),
        (pd.Series([0.1, 0.2], ["A", "A"]), CENT, InvalidValue, "targets: named twice: A"),
        ([("A", 0.5, 1)], CENT, WrongType, "no (symbol, number) pair"),
        ([(1, 0.5)], CENT, WrongType, "1 is no symbol"),
        ("A", CENT, WrongType, "targets: str"),
        (0.5, CENT, WrongType, "targets: float"),
        ({"A": 0.5}, {"A": -5}, InvalidValue, "prices: A is -5"),
        ({"A": 0.5}, {"A": 2**53}, InvalidValue, "reach 2**53"),
        ({"A": 0.5}, {"A": math.inf}, InvalidValue, "reach 2**53"),
        ({"A": 0.5}, {"A": 100, "B": 1.5}, WrongType, "mixes integers"),
        ({"A": 0.5}, {"A": "100"}, WrongType, "A is '100'"),
        ({"a": 0.5}, CENT, MissingPriceError, "did you mean 'A'?"),
        ({"": 0.5}, CENT, MissingPriceError, "which targets ask for"),
        ({"A": 0.5}, {"A": 0}, MissingPriceError, "none of A"),
        ({"A": 0.5}, {"A": math.nan}, MissingPriceError, "none of A"),
        ({"x" * 33: 0.5}, {"x" * 33: 100}, InvalidSymbol, "exceeds 32 bytes"),
    ],
)
def test_c017_bad_targets_and_prices_change_nothing(targets, prices, error, part):
    portfolio = Portfolio(1_000_000, CostModel(5))
    portfolio.rebalance_simple({"B": 0.1}, {"B": 100})
    if isinstance(prices, dict):
        prices = {"B": 100.0 if any(isinstance(p, float) for p in prices.values()) else 100} | prices
    else:
        prices = [*prices, ("B", 100)]
    before = state(portfolio)
    with pytest.raises(error) as caught:
        portfolio.rebalance_simple(targets, prices)
    assert isinstance(caught.value, NanobookError)
    assert part in str(caught.value)
    assert state(portfolio) == before


def test_c001_a_held_symbol_needs_a_price():
    portfolio = Portfolio(1_000_000)
    portfolio.rebalance_simple({"A": 0.5}, CENT)
    before = state(portfolio)
    for look in (
        portfolio.total_equity,
        portfolio.current_weights,
        portfolio.snapshot,
        portfolio.record_return,
        portfolio.to_frame,
        lambda prices: portfolio.rebalance_simple({"B": 0.1}, prices),
    ):
        with pytest.raises(MissingPriceError, match="none of A, where a position is held"):
            look({"B": 100})
    assert state(portfolio) == before


def test_prices_may_be_missing_as_in_the_original_where_that_is_asked_for():
    portfolio = Portfolio(1_000_000, missing="zero")
    portfolio.rebalance_simple({"A": 0.5, "B": 0.2}, CENT)
    assert list(portfolio.positions()) == ["A"]
    assert portfolio.total_equity({}) == 500_000
    portfolio.rebalance_simple({"B": 0.5}, {"B": 100})
    assert portfolio.position("A").quantity == 5000
    assert portfolio.position("B").quantity == 2500


def test_leverage_is_free_unless_limited():
    Portfolio(1_000_000).rebalance_simple({"A": 5.0}, CENT)
    portfolio = Portfolio(1_000_000, max_leverage=1.0)
    with pytest.raises(InvalidValue, match=r"sum to 1.100000, more than max_leverage=1; largest: A 0.6"):
        portfolio.rebalance_simple({"A": 0.6, "B": -0.5}, {"A": 100, "B": 100})
    portfolio.rebalance_simple({"A": 0.6, "B": -0.4}, {"A": 100, "B": 100})


@pytest.mark.parametrize(
    "options",
    [
        {"initial_cash": 1.5},
        {"initial_cash": 2**53},
        {"cost_model": 5},
        {"rules": {"quantity_step": 1}},
        {"financing": 0.03},
        {"periods_per_year": 0},
        {"max_leverage": -1},
        {"missing": "ffill"},
    ],
)
def test_options_that_cannot_be(options):
    with pytest.raises(NanobookError, match=next(iter(options))):
        Portfolio(**{"initial_cash": 100} | options)


def test_many_symbols_with_long_names():
    names = [f"SYMBOL-{i:03d} US EQUITY" for i in range(100)]
    portfolio = Portfolio(10**9)
    for i in range(0, 100, 10):
        part = names[: i + 10]
        portfolio.rebalance_simple(dict.fromkeys(part, 0.009), dict.fromkeys(part, 1234))
    assert list(portfolio.positions()) == names
    assert portfolio.total_equity(dict.fromkeys(names, 1234)) == 10**9


def test_copies_go_their_own_way():
    portfolio = Portfolio(1_000_000, CostModel(5), financing=Financing(cash_rate=0.01))
    portfolio.rebalance_simple({"A": 0.5}, CENT)
    portfolio.record_return(CENT)
    copies = [portfolio.copy(), copy.copy(portfolio), pickle.loads(pickle.dumps(portfolio))]
    assert all(each == portfolio for each in copies)
    before = state(portfolio)
    for each in copies:
        each.rebalance_simple({}, {"A": 90})
        assert each != portfolio
    assert state(portfolio) == before
    assert portfolio != 5


def test_positions_are_copies():
    portfolio = Portfolio(1_000_000)
    portfolio.rebalance_simple({"A": 0.5}, CENT)
    portfolio.position("A").fill(10, 100)
    assert portfolio.position("A").quantity == 5000
    assert portfolio.position("B") is None


def test_tables():
    portfolio = Portfolio(1_000_000, CostModel(10))
    portfolio.rebalance_simple({"A": 0.5, "B": -0.2}, {"A": 100, "B": 50})
    portfolio.record_return({"A": 100, "B": 50})
    portfolio.rebalance_simple({"B": -0.2}, {"A": 110, "B": 50})
    trades = portfolio.trades
    assert list(trades) == ["period", "symbol", "quantity", "price", "notional", "cost", "reason"]
    assert trades["period"].tolist() == [0, 0, 1, 1]
    assert trades["cost"].sum() == portfolio.fees
    assert set(trades["reason"]) == {"signal"}
    table = portfolio.to_frame({"A": 120, "B": 40})
    assert table.loc["B", "unrealized_pnl"] == portfolio.position("B").unrealized_pnl(40)
    assert table["market_value"].sum() + portfolio.cash == portfolio.total_equity({"A": 120, "B": 40})
    assert list(portfolio.to_frame()) == ["quantity", "avg_entry_price", "total_cost", "realized_pnl"]
    assert "<table" in portfolio._repr_html_()
    empty = Portfolio(5)
    assert (len(empty.trades), len(empty.to_frame())) == (0, 0)


# Positions


def test_a_position_by_hand():
    position = Position("A")
    position.fill(0, 100)
    assert repr(position) == "Position(symbol=A, qty=0, avg_price=0, realized_pnl=0)"
    position.fill(500, 1000)
    position.fill(-500, 1100)
    assert repr(position) == "Position(symbol=A, qty=0, avg_price=0, realized_pnl=50000)"
    position.fill(-500, 1000)
    position.fill(208, 900)
    assert (position.avg_entry_price, position.total_cost, position.realized_pnl) == (1000, -292_000, 70_800)
    assert (position.market_value(1100), position.unrealized_pnl(1100)) == (-321_200, -29_200)
    assert pickle.loads(pickle.dumps(position)) == copy.deepcopy(position) == position
    assert position != Position("A")


def test_a_position_of_parts_of_shares():
    position = Position("A", fractional=True)
    position.fill(0.4, 1001)
    assert (position.quantity, position.total_cost, position.avg_entry_price) == (0.4, 400, 1001)
    assert position.market_value(1002) == 400
    with pytest.raises(InvalidValue, match="millionth"):
        position.fill(1e-7, 100)
    with pytest.raises(WrongType):
        position.fill("1", 100)


@pytest.mark.parametrize(("quantity", "price"), [(1.5, 100), (1, 0), (1, -5), (2**53, 2**52), (None, 1)])
def test_a_position_refuses(quantity, price):
    position = Position("A")
    with pytest.raises(NanobookError):
        position.fill(quantity, price)
    assert position == Position("A")


# Live books


def books():
    """A at 100/102 with two orders above, B with bids alone."""
    exchange = MultiExchange()
    exchange.submit_limit("A", "buy", 100, 1000)
    exchange.submit_limit("A", "sell", 102, 30)
    exchange.submit_limit("A", "sell", 102, 20)
    exchange.submit_limit("A", "sell", 105, 1000)
    exchange.submit_limit("B", "buy", 50, 40)
    return exchange


def test_a_rebalance_in_books():
    """At the middle of 101 a tenth of 100,000 is 99 shares: 30 and 20 at 102, 49 at 105, a fee each."""
    portfolio, exchange = Portfolio(100_000, CostModel(100, 0, 1, spread_bps=50)), books()
    portfolio.rebalance_lob([("A", 0.1), ("B", -0.1)], exchange)
    trades = portfolio.trades
    expected = [("A", 30, 102, 30), ("A", 20, 102, 20), ("A", 49, 105, 51), ("B", -40, 50, 20)]
    columns = (trades[name] for name in ("symbol", "quantity", "price", "cost"))
    assert list(zip(*columns, strict=True)) == expected
    assert portfolio.cash == 100_000 - 5_100 - 5_145 + 2_000 - 121
    assert portfolio.last_rebalance_order_count == 4
    assert exchange.best_prices() == [("A", 100, 105), ("B", None, None)]
    with pytest.raises(MissingPriceError, match="none of B, where a position is held"):
        portfolio.rebalance_lob([], exchange)
    exchange.submit_limit("B", "sell", 60, 15)
    portfolio.rebalance_lob([], exchange)
    assert [p.quantity for p in portfolio.positions().values()] == [0, -25]


def test_cash_only_in_books():
    """Of 10,000 cents: 50 at 102 cost 5,100 and at most 102 in fees, and 45 at 105 4,725 and 47."""
    rules = TradingRules(allow_margin=False)
    portfolio = Portfolio(10_000, CostModel(100, 0, 1), rules=rules)
    portfolio.rebalance_lob({"A": 3.0}, books())
    assert portfolio.position("A").quantity in (94, 95)
    assert 0 <= portfolio.cash < 200


def test_books_refuse_what_they_cannot():
    with pytest.raises(InvalidValue, match="whole lots"):
        Portfolio(100, rules=TradingRules(quantity_step=0.5)).rebalance_lob({}, books())
    with pytest.raises(InvalidValue, match="max_participation"):
        Portfolio(100, rules=TradingRules(max_participation=0.5)).rebalance_lob({}, books())
    with pytest.raises(WrongType, match="MultiExchange"):
        Portfolio(100).rebalance_lob({}, {"A": 100})
    with pytest.raises(MissingPriceError, match="did you mean 'A'"):
        Portfolio(100).rebalance_lob({"a": 1.0}, books())
