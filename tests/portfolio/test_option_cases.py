"""One hand-computed case for each option of backtest_weights; cash is 10,000 cents where not said."""

import numpy as np
import pandas as pd
import pytest

from nanobook import BarPrices, CostModel, FillPolicy, Financing, TradingRules
from nanobook.errors import InvalidValue, MissingPriceError, NonFiniteError, ShapeError, WrongType
from nanobook.portfolio import backtest_weights


def rows(*prices, symbol="A"):
    """One symbol's price a period; None where there is none (another symbol always has one)."""
    return [[("Z", 1)] + ([(symbol, price)] if price else []) for price in prices]


def play(weights, close, cost=0, cash=10_000, **options):
    """Weights of A a period (None holds)."""
    schedule = [None if weight is None else [("A", weight)] for weight in weights]
    tables = {name: rows(*table) for name, table in options.items() if name in ("open", "high", "low")}
    return backtest_weights(schedule, rows(*close), cash, cost, **{**options, **tables})


def held(result):
    return [dict(row).get("A", 0) for row in result.positions]


def test_next_open_fills_at_the_next_open_and_skips_the_last_signal():
    # The signal of period 0 buys at 105 in period 1: 95 shares (9,975); the close of 110 counts there.
    result = play([1.0, None, 0.0], [100, 110, 120], open=[90, 105, 115], fill="next_open")
    assert held(result) == [0, 95, 95]
    assert result.cash == [10_000, 25, 25]
    assert result.equity_curve == [10_000, 10_000, 25 + 95 * 110, 25 + 95 * 120]
    assert result.skipped_rebalances == [2]
    assert result.trades[0]["period"] == 1
    assert play([1.0, None], [100, 110], open=[90, 105], fill="next_open").skipped_rebalances == []


def test_next_typical_is_a_third_of_high_low_and_close():
    # (112 + 100 + 110) // 3 = 107: 93 shares of 10,000.
    result = play([1.0, None], [100, 110], high=[100, 112], low=[100, 100], fill="next_typical")
    assert held(result) == [0, 93]
    assert result.cash == [10_000, 10_000 - 93 * 107]
    assert FillPolicy.NextBarTypical == "next_typical"
    policy = FillPolicy.next_bar_typical()
    assert result == play([1.0, None], [100, 110], high=[100, 112], low=[100, 100], fill=policy)


INTRABAR = {"trigger": "intrabar"}


@pytest.mark.parametrize(
    ("bars", "rules", "weight", "event"),
    [
        # Bought at the close of 100, level 95: the bar reaches 94 from 99, so it leaves at 95.
        ([(100, 100, 100, 100), (99, 101, 94, 100)], {"fixed_stop_pct": 0.05}, 1.0, (1, 95, 95, "fixed")),
        # The bar opens at 90, below the level: it leaves at 90.
        ([(100, 100, 100, 100), (90, 99, 88, 99)], {"fixed_stop_pct": 0.05}, 1.0, (1, 95, 90, "fixed")),
        # A high of 120 in period 1 counts from period 2 on: 10 % below is 108.
        (
            [(100, 100, 100, 100), (106, 120, 105, 118), (117, 118, 107, 110)],
            {"trailing_stop_pct": 0.1},
            1.0,
            (2, 108, 108, "trailing"),
        ),
        # Short: the level is above; the high reaches it, or the open is beyond.
        ([(100, 100, 100, 100), (99, 106, 99, 100)], {"fixed_stop_pct": 0.05}, -1.0, (1, 105, 105, "fixed")),
        ([(100, 100, 100, 100), (110, 110, 99, 100)], {"fixed_stop_pct": 0.05}, -1.0, (1, 105, 110, "fixed")),
        # True ranges 10 and 8 (from the close of 100 down to 92): their mean is 9, the best price 100.
        (
            [(100, 105, 95, 100), (98, 98, 92, 95), (95, 96, 90, 95)],
            {"atr_multiple": 1.0, "atr_period": 2},
            1.0,
            (1, 90, 0, "atr"),
        ),
    ],
)
def test_stops_inside_the_bar(bars, rules, weight, event):
    opens, highs, lows, closes = zip(*bars, strict=True)
    weights = [weight] + [None] * (len(bars) - 1)
    result = play(weights, closes, open=opens, high=highs, low=lows, stop_cfg=rules | INTRABAR)
    found = [tuple(entry[key] for key in KEYS) for entry in result.stop_events]
    if event[2]:
        assert found == [event]
        assert held(result)[event[0]] == 0
        assert result.equity_curve[-1] == 10_000 + 100 * int(weight) * (event[2] - 100)
    else:  # levels of 90 in period 1 and 91 in period 2, which reaches 90
        assert found == [(2, 91, 91, "atr")]


KEYS = ("period_index", "trigger_price", "exit_price", "reason")


def test_a_gap_at_the_open_that_was_bought_is_none_yet():
    # Bought at the open of 100 in period 1; level 95; the same bar falls to 94.
    result = play(
        [1.0, None, None],
        [100, 98, 99],
        open=[100, 100, 98],
        high=[100, 101, 99],
        low=[100, 94, 97],
        fill="next_open",
        stop_cfg={"fixed_stop_pct": 0.05} | INTRABAR,
    )
    assert [(e["period_index"], e["exit_price"]) for e in result.stop_events] == [(1, 95)]


def test_what_was_bought_at_the_typical_price_is_watched_from_the_next_bar_on():
    result = play(
        [1.0, None, None],
        [100, 100, 99],
        open=[100, 100, 98],
        high=[100, 110, 99],
        low=[100, 90, 90],
        fill="next_typical",
        stop_cfg={"fixed_stop_pct": 0.05} | INTRABAR,
    )
    assert [(e["period_index"], e["exit_price"]) for e in result.stop_events] == [(2, 95)]


def test_ranges_of_high_and_low_also_serve_stops_on_closes():
    # True ranges 10, 12 (from 100 up to 112): their mean is 11 below the best close of 110: 99.
    bars = {"high": [105, 112, 112], "low": [95, 101, 98]}
    options = {"stop_cfg": {"atr_multiple": 1.0, "atr_period": 2}, **bars}
    result = play([1.0, None, None], [100, 110, 98], **options)
    # In period 2 the ranges are 12 and 14: 13 below 110 is 97, which 98 does not reach.
    assert result.stop_events == []
    result = play(
        [1.0, None, None], [100, 110, 98], **options | {"low": [95, 101, 98], "high": [105, 112, 110]}
    )
    assert [(e["period_index"], e["trigger_price"]) for e in result.stop_events] == [(2, 98)]


@pytest.mark.parametrize("missing", ["carry", "delist"])
def test_c018_what_never_had_a_price_cannot_be_carried(missing):
    with pytest.raises(MissingPriceError, match="asks for a position: A row 0"):
        play([0.5, None], [None, 100], missing=missing)
    assert play([0.0, 0.5], [None, 100], missing=missing).positions[-1] == [("A", 50)]


def test_carry_values_a_position_at_its_last_price():
    result = play([0.5, None, None, 0.0], [100, None, None, 120], missing="carry")
    assert result.equity_curve == [10_000, 10_000, 10_000, 10_000, 11_000]
    assert held(result) == [50, 50, 50, 0]
    with pytest.raises(MissingPriceError, match=r"more than max_age=1 periods: A row 2 is 0"):
        play([0.5, None, None, 0.0], [100, None, None, 120], missing="carry", max_age=1)


def test_what_has_no_price_is_left_alone_by_a_rebalance():
    # Equity is 10,000 with A at its last 100: nothing of A is sold, although its weight is 0.
    result = play([0.5, 0.0, 0.0], [100, None, 120], missing="carry")
    assert held(result) == [50, 50, 0]


def test_delisting_pays_out_a_part_of_the_last_price_without_cost():
    result = play([0.5, None, None], [100, None, None], cost=10, missing="delist", delist_value=0.3)
    assert held(result) == [50, 0, 0]
    assert result.cash == [10_000 - 5_000 - 5, 4_995 + 1_500, 6_495]
    assert [(t["reason"], t["price"], t["cost"]) for t in result.trades] == [
        ("signal", 100, 5),
        ("delist", 30, 0),
    ]
    later = play([0.5, None, None], [100, None, None], missing="delist", max_age=1)
    assert held(later) == [50, 50, 0]
    assert later.equity_curve == [10_000] * 4


def test_a_split_changes_the_shares_and_not_the_equity():
    # 33 shares at 300; three for two is 49.5: the half share is paid at 300 / 1.5 = 200, so 100.
    actions = [{"date": 1, "symbol": "A", "split": 1.5}]
    result = play([1.0, None], [300, 200], cash=9_900, actions=actions)
    assert held(result) == [33, 49]
    assert result.cash == [0, 100]
    assert result.equity_curve == [9_900, 9_900, 9_900]
    assert dict(result.symbol_returns[1])["A"] == 0.0
    assert [(t["quantity"], t["reason"], t["notional"]) for t in result.trades][1:] == [(16, "split", 100)]
    # A short pays for the part of a share; ten for one the other way round.
    back = play([-1.0, None], [100, 1000], cash=1_050, actions=[{"date": 1, "symbol": "A", "split": 0.1}])
    assert held(back) == [-10, -1]


def test_a_split_moves_no_stop():
    # Trailing from 200, in new shares 100: 10 % below is 90.
    actions = [{"date": 1, "symbol": "A", "split": 2}]
    rules = {"trailing_stop_pct": 0.1, "atr_multiple": 5.0}
    result = play([1.0, None, None, None], [200, 95, 91, 90], cash=200, actions=actions, stop_cfg=rules)
    assert [(e["period_index"], e["trigger_price"], e["reason"]) for e in result.stop_events] == [
        (3, 90, "trailing")
    ]
    # Ranges 5 (100 to 95) and 4: 1.5 times their mean of 4.5 below 100 is 93.25, so 93 in period 2; before,
    # 1.5 times 5 below 100 is 92.5, so 93, which 95 does not reach.
    rules = {"atr_multiple": 1.5}
    result = play([1.0, None, None, None], [200, 95, 91, 90], cash=200, actions=actions, stop_cfg=rules)
    assert [(e["period_index"], e["trigger_price"]) for e in result.stop_events] == [(2, 93)]


def test_a_dividend_is_paid_on_what_is_held_and_by_shorts():
    actions = [{"date": 1, "symbol": "A", "dividend": 0.25}]
    assert play([0.5, None], [100, 100], actions=actions).dividends == [0, 1250]
    assert play([-0.5, None], [100, 100], actions=actions).cash == [15_000, 13_750]
    # In cents, and of parts of a cent: 3 shares pay 2.55 cents, rounded to 3.
    small = [{"date": 1, "symbol": "A", "dividend": 0.0085}]
    assert play([0.03, None], [100, 100], actions=small).dividends == [0, 3]
    cents = [{"date": 1, "symbol": "A", "dividend": 2}]
    assert play([0.5, None], [100, 100], actions=cents).dividends == [0, 100]
    # A split of the same day comes first: 100 shares.
    both = [{"date": 1, "symbol": "A", "dividend": 2, "split": 2}]
    assert play([0.5, None], [100, 50], actions=both).dividends == [0, 200]


def test_financing_of_the_night():
    # Short 5,000: cash 15,000 earns 2 % / 10 = 30, the short pays 5 % / 10 of 5,000 = 25.
    options = {"periods_per_year": 10, "financing": Financing(borrow_rate=0.05, cash_rate=0.02)}
    result = play([-0.5, None], [100, 100], **options)
    assert result.cash == [15_000, 15_005]
    assert result.financing == [0, 5]
    # Debt of 10,000 at 8 % / 10 pays 80.
    options = {"periods_per_year": 10, "financing": Financing(debit_rate=0.08), "max_leverage": 2.0}
    assert play([2.0, None], [100, 100], **options).cash == [-10_000, -10_080]


def test_slippage_as_price_and_a_minimum_fee():
    # 1 % above 100 is 101 paid for 50 shares; the fee is 10 bps of 5,050, at least 20.
    cost = CostModel(10, 100, 20, slippage="price")
    result = play([0.5], [100], cost=cost)
    assert result.cash == [10_000 - 5_050 - 20]
    assert result.trades[0]["price"] == 101


def test_lots_fractions_bands_and_limits():
    assert held(play([0.999], [100], rules=TradingRules(quantity_step=10))) == [90]
    third = play([1 / 3], [7777], cash=1_000_000, rules=TradingRules(quantity_step=0.001))
    assert held(third) == [42.861]
    assert third.cash == [666_671]
    drift = play([0.5, 0.51], [100, 100], rules=TradingRules(no_trade_band_bps=100))
    assert held(drift) == [50, 50]
    assert held(play([0.5, 0.52], [100, 100], rules=TradingRules(no_trade_band_bps=100))) == [50, 52]
    assert held(play([0.5], [100], rules=TradingRules(max_order_value=1_250))) == [12]
    assert held(play([1.0], [100], cost=100, rules=TradingRules(allow_margin=False))) == [99]
    volume = [[("A", 300)]]
    capped = play([1.0], [100], volume=volume, rules=TradingRules(max_participation=0.1))
    assert held(capped) == [30]


def test_constant_weights_and_flat_prices_trade_once_within_a_band():
    weights, prices = np.full((360, 10), 0.1), np.full((360, 10), 21_900)
    rules = TradingRules(no_trade_band_bps=5)
    result = backtest_weights(weights, prices, 100_000_000, 10, rules=rules)
    assert len(result.trades) == 10


def test_rows_of_bars_bring_their_own_tables():
    bars = [[("A", BarPrices(100, 100, 100, 100))], {"A": BarPrices(105, 112, 100, 110)}]
    weights = [[("A", 1.0)], None]
    assert backtest_weights(weights, bars, 10_000, 0, fill="next_open").positions == [[], [("A", 95)]]
    assert backtest_weights(weights, bars, 10_000, 0, fill="next_typical").positions == [[], [("A", 93)]]
    assert backtest_weights(weights, bars, 10_000, 0).positions == [[("A", 100)]] * 2
    with pytest.raises(InvalidValue, match="open: price_schedule holds bars already"):
        backtest_weights(weights, bars, 10_000, 0, open=[[("A", 1)]] * 2)
    with pytest.raises(WrongType, match="A in row 1 is 5, needs BarPrices as before"):
        backtest_weights(weights, [bars[0], [("A", 5)]], 10_000, 0)


def test_dicts_by_date_and_by_symbol():
    prices = {"A": [("2024-01-02", 100), ("2024-01-03", 110)], "B": [("2024-01-03", 50)]}
    result = backtest_weights({"2024-01-02": {"A": 0.5}}, prices, 10_000, 0)
    assert result.positions["A"].tolist() == [50, 50]
    assert result.equity_curve.tolist() == [10_000, 10_500]
    assert result.equity_curve.index.tolist() == ["2024-01-02", "2024-01-03"]
    frame = pd.DataFrame({"A": [100, 110], "B": [0, 50]}, ["2024-01-02", "2024-01-03"])
    assert backtest_weights({"2024-01-02": {"A": 0.5}}, frame, 10_000, 0) == result
    with pytest.raises(ShapeError, match="only in weight_schedule: a"):
        backtest_weights({"2024-01-02": {"a": 0.5}}, prices, 10_000, 0)


BAD = [
    ({"fill": "next"}, InvalidValue, "fill='next': must be one of close, next_open, next_typical"),
    ({"fill": 3}, WrongType, "fill=3: needs one of"),
    ({"fill": "next_open"}, InvalidValue, "fill='next_open' needs open"),
    ({"fill": "next_typical"}, InvalidValue, "needs high and low"),
    (
        {"stop_cfg": {"fixed_stop_pct": 0.1, "trigger": "intrabar"}},
        InvalidValue,
        "needs open and high and low",
    ),
    ({"missing": "ffill"}, InvalidValue, "missing='ffill': must be one of raise, carry, delist"),
    ({"max_age": 3}, InvalidValue, "has no meaning with missing='raise'"),
    ({"missing": "carry", "max_age": -1}, InvalidValue, "max_age=-1"),
    ({"delist_value": 0.5}, InvalidValue, "has no meaning with missing='raise'"),
    ({"missing": "delist", "delist_value": -1}, InvalidValue, "delist_value=-1"),
    ({"rules": {"quantity_step": 1}}, WrongType, "rules: dict, needs TradingRules(...)"),
    ({"financing": 0.05}, WrongType, "financing: float, needs Financing(...)"),
    ({"rules": TradingRules(max_participation=0.1)}, InvalidValue, "rules.max_participation needs volume"),
    ({"high": [101, 101]}, InvalidValue, "low: missing; high and low go together"),
    ({"high": [99, 101], "low": [99, 99]}, InvalidValue, "price_schedule: A row 0 is 100; outside of low"),
    ({"high": [101, 98], "low": [99, 99]}, InvalidValue, "high: A row 1 is 98; below low"),
    ({"open": [100, None]}, InvalidValue, "a bar has all of its prices or none"),
    ({"open": [100, -5]}, InvalidValue, "open: A row 1 is -5; must be above 0"),
    ({"open": [100.0, 5.0]}, WrongType, "open: row 0 mixes integers (cents) with floats"),
    ({"actions": 5}, WrongType, "actions: int, needs a DataFrame"),
    ({"actions": [{"date": 1, "symbol": "A", "splt": 2}]}, InvalidValue, "(did you mean 'split'?)"),
    ({"actions": [{"date": 1, "split": 2}]}, ShapeError, "actions: needs a column 'symbol'"),
    ({"actions": [{"date": 7, "symbol": "A", "split": 2}]}, InvalidValue, "no period of 7"),
    ({"actions": [{"date": 1, "symbol": "a", "split": 2}]}, InvalidValue, "(did you mean 'A'?)"),
    ({"actions": [{"date": 1, "symbol": "A", "split": 0}]}, InvalidValue, "split of A row 1 is 0"),
    ({"actions": [{"date": 1, "symbol": "A", "split": "2:1"}]}, WrongType, "split of A row 1 is '2:1'"),
    ({"actions": [{"date": 1, "symbol": "A", "dividend": -1}]}, InvalidValue, "dividend of A row 1 is -1"),
    (
        {"actions": [{"date": 1, "symbol": "A", "dividend": np.inf}]},
        NonFiniteError,
        "dividend of A row 1 is inf",
    ),
    ({"actions": [{"date": 1, "symbol": "A", "split": 2}] * 2}, InvalidValue, "actions: twice for A row 1"),
]


@pytest.mark.parametrize(("options", "error", "part"), BAD, ids=lambda value: str(value)[:50])
def test_c0_bad_options_are_refused(options, error, part):
    with pytest.raises(error) as caught:
        play([0.5, None], [100, 100], **options)
    assert part in str(caught.value)


def test_c001_no_bar_to_fill_at():
    with pytest.raises(MissingPriceError, match=r"no bar to fill the signal of row 0 .* A row 1 is 0"):
        play([0.5, None], [100, None], open=[100, None], fill="next_open")


def test_c004_a_negative_price_is_refused_by_every_engine():
    with pytest.raises(InvalidValue, match="A row 1 is -5"):
        play([0.5, None], [100, -5], missing="carry")


def test_tables_of_other_shapes_are_refused():
    weights, prices = np.full((2, 1), 0.5), np.full((2, 1), 100)
    days = pd.date_range("2024-01-01", periods=2)
    frames = pd.DataFrame(weights, days, ["A"]), pd.DataFrame(prices, days, ["A"])
    with pytest.raises(ShapeError, match=r"open \(1, 1\) vs price_schedule \(2, 1\)"):
        backtest_weights(weights, prices, 10_000, 0, open=prices[:1])
    with pytest.raises(ShapeError, match="open: only in the prices: A"):
        backtest_weights(*frames, 10_000, 0, open=frames[1].rename(columns={"A": "B"}))
    with pytest.raises(ShapeError, match="open: its index is not that of the prices"):
        backtest_weights(*frames, 10_000, 0, open=frames[1].shift(1, freq="D"))
    with pytest.raises(WrongType, match="open: holds float64, price_schedule int64"):
        backtest_weights(*frames, 10_000, 0, open=frames[1] / 100)
    with pytest.raises(InvalidValue, match="volume: column 0 row 0 is -1"):
        backtest_weights(weights, prices, 10_000, 0, volume=-np.ones((2, 1)))
