"""Costs, rules and financing: what they compute and what they refuse."""

import pickle

import pytest

from nanobook import BarPrices, CostModel, Financing, TradingRules
from nanobook.errors import InvalidValue, NanobookError, NonFiniteError, WrongType
from nanobook.portfolio.rules import kernel_rules


def test_the_documented_costs():
    assert CostModel(10, 5).compute_cost(1_000_000) == 1500
    assert CostModel(10.0, 7.5, slippage="price").compute_cost(1_000_000) == 1000
    assert CostModel(10, 5, 100).compute_cost(10) == 100
    assert CostModel.zero().compute_cost(10**15) == 0


def test_a_fee_is_rounded_down_and_of_the_absolute_notional():
    assert CostModel(15).compute_cost(6_666) == 9  # 9.999
    assert CostModel(15).compute_cost(-6_667) == 10
    assert CostModel(0.001).compute_cost(10**7) == 1
    assert CostModel(7.5).compute_cost(10**6 + 1333) == 750  # 750.99975


def test_costs_look_as_in_the_original():
    assert repr(CostModel(5, 3)) == "CostModel(commission_bps=5, slippage_bps=3, min_trade_fee=0)"
    assert repr(CostModel(5.0)) == "CostModel(commission_bps=5, slippage_bps=0, min_trade_fee=0)"
    assert repr(CostModel(1, slippage="price", spread_bps=2.5)) == (
        "CostModel(commission_bps=1, slippage_bps=0, min_trade_fee=0, spread_bps=2.5, slippage='price')"
    )


def test_costs_are_values():
    model = CostModel(5, 2.5, 100, spread_bps=1)
    assert pickle.loads(pickle.dumps(model)) == model
    assert len({model, CostModel(5, 2.5, 100, spread_bps=1.0), CostModel(5)}) == 2
    with pytest.raises(AttributeError):
        model.commission_bps = 3


@pytest.mark.parametrize(
    ("make", "error", "part"),
    [
        (lambda: CostModel(-50), InvalidValue, "commission_bps=-50"),
        (lambda: CostModel(1e6), InvalidValue, "10 are 0.1 %"),
        (lambda: CostModel(6000, 6000), InvalidValue, "sum to 12000"),
        (lambda: CostModel(float("nan")), NonFiniteError, "commission_bps=nan"),
        (lambda: CostModel(0, float("inf")), NonFiniteError, "slippage_bps=inf"),
        (lambda: CostModel("5"), WrongType, "commission_bps='5'"),
        (lambda: CostModel(True), WrongType, "commission_bps=True"),
        (lambda: CostModel(0.0005), InvalidValue, "finer than 0.001"),
        (lambda: CostModel(min_trade_fee=-1), InvalidValue, "min_trade_fee=-1"),
        (lambda: CostModel(min_trade_fee=0.5), InvalidValue, "min_trade_fee=0.5"),
        (lambda: CostModel(slippage="impact"), InvalidValue, "'fee' or 'price'"),
        (lambda: CostModel().compute_cost(1.5), InvalidValue, "notional=1.5"),
        (lambda: TradingRules(quantity_step=0), InvalidValue, "quantity_step=0"),
        (lambda: TradingRules(quantity_step=1e-7), InvalidValue, "quantity_step=1e-07"),
        (lambda: TradingRules(min_order_value=-1), InvalidValue, "min_order_value=-1"),
        (lambda: TradingRules(min_order_value=5, max_order_value=4), InvalidValue, "no order passes"),
        (lambda: TradingRules(no_trade_band_bps=float("nan")), NonFiniteError, "no_trade_band_bps"),
        (lambda: TradingRules(max_trades=-1), InvalidValue, "max_trades=-1"),
        (lambda: TradingRules(max_turnover=-0.1), InvalidValue, "max_turnover=-0.1"),
        (lambda: TradingRules(max_participation=25), InvalidValue, "0.25 is 25 %"),
        (lambda: TradingRules(max_participation=0), InvalidValue, "nothing could trade"),
        (lambda: TradingRules(allow_margin=0), WrongType, "allow_margin=0"),
        (lambda: Financing(borrow_rate=-0.01), InvalidValue, "borrow_rate=-0.01"),
        (lambda: Financing(cash_rate=5.0e1), InvalidValue, "0.03 is 3 %"),
        (lambda: Financing(debit_rate="3%"), WrongType, "debit_rate='3%'"),
        (lambda: BarPrices(100, 99, 98, 99), InvalidValue, "high the highest"),
        (lambda: BarPrices(100, 101, -1, 99), InvalidValue, "low=-1"),
        (lambda: BarPrices(100, 101.0, 99, 100), WrongType, "mixes"),
    ],
)
def test_c019_what_cannot_be_is_refused(make, error, part):
    with pytest.raises(error) as caught:
        make()
    assert isinstance(caught.value, NanobookError)
    assert part in str(caught.value)


def test_rules_reach_the_kernels_in_whole_numbers():
    rules = kernel_rules(
        CostModel(7.5, 2, 35, spread_bps=3, slippage="price"),
        TradingRules(quantity_step=0.001, max_participation=0.29, min_order_value=500),
        Financing(borrow_rate=0.0251, cash_rate=-0.005),
        365.25,
        units=10,
    )
    assert (rules.per_share, rules.step, rules.fee_rate, rules.min_fee) == (1_000_000, 1000, 7500, 350)
    assert (rules.impact, rules.participation, rules.min_order) == (3000 + 4000, 290_000_000, 5000)
    assert (rules.borrow, rules.credit, rules.debit) == (251_000, -50_000, 0)
    assert (rules.year, rules.years) == (1461, 4)


def test_rules_that_only_look_fractional_count_whole_shares():
    assert not TradingRules(quantity_step=100.0).fractional
    assert kernel_rules(CostModel(), TradingRules(quantity_step=100.0)).step == 100
