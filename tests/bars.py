"""Seeded markets of bars and options for them, for `backtest_weights` and its twin alike."""

import random
from fractions import Fraction

import numpy as np
import pandas as pd

from nanobook.portfolio import CostModel, Financing, TradingRules
from tests.oracle.account import Terms
from tests.oracle.bars import Market, Run, Wish
from tests.schedules import make_case

SYMBOLS = "ABCDEFGH"


class Case:
    """A market, what is asked for, and both ways to run it."""

    def __init__(self, seed, periods=40):
        self.draw = random.Random(seed)
        self.rng = np.random.default_rng(seed)
        case = make_case(seed, periods=periods, volatility=(0.03, 0.1)[seed % 2])
        self.cash = case.cash
        self.symbols = list(SYMBOLS)
        self.make_bars(case)
        self.weights = case.weights.copy()
        self.weights[self.close == 0] = 0.0
        self.hold = self.rng.random(periods) < self.draw.choice([0.0, 0.5])
        self.options = {}
        self.actions = {}

    def make_bars(self, case):
        """Make open, high, low, volume round the closes."""
        shape = case.prices.shape
        self.close = case.prices.copy()
        drift = self.rng.normal(0.0, 0.02, shape)
        self.open = np.maximum((self.close * (1 + drift)).astype(np.int64), 1)
        wide = self.rng.exponential(0.01, (2, *shape))
        self.high = np.maximum(self.open, self.close) + (self.close * wide[0]).astype(np.int64)
        self.low = np.maximum(np.minimum(self.open, self.close) - (self.close * wide[1]).astype(np.int64), 1)
        self.volume = self.rng.integers(0, 2_000, shape)
        self.drop(self.close == 0)

    def drop(self, cells):
        """Take bars away."""
        for table in (self.close, self.open, self.high, self.low):
            table[cells] = 0

    def gaps(self):
        """Take bars away in the middle."""
        later = np.arange(len(self.close))[:, None] > 3
        self.drop((self.rng.random(self.close.shape) < 0.1) & later & (self.close > 0))
        gone = self.rng.integers(0, 8, 2)
        self.drop((np.arange(len(self.close))[:, None] >= len(self.close) // 2) & np.isin(range(8), gone))

    def choose(self):
        """Draw options; each is on in about every third case."""
        draw = self.draw
        maybe = lambda value, off: value if draw.random() < 0.4 else off  # noqa: E731
        self.options = {
            "fill": draw.choice(["close", "next_open", "next_typical"]),
            "missing": draw.choice(["raise", "carry", "delist"]),
            "stop_cfg": draw.choice(STOPS),
            "cost_bps": CostModel(
                maybe(draw.choice([5, 12.5]), 0),
                maybe(7.5, 0),
                maybe(150, 0),
                spread_bps=maybe(4.2, 0),
                slippage=draw.choice(["fee", "price"]),
            ),
            "rules": TradingRules(
                quantity_step=draw.choice([1, 1, 10, 0.001]),
                min_order_value=maybe(5_000, 0),
                max_order_value=maybe(10**8, None),
                no_trade_band_bps=maybe(20, 0),
                max_trades=maybe(3, None),
                max_turnover=maybe(0.4, None),
                max_participation=maybe(0.1, None),
                sells_first=draw.random() < 0.3,
                allow_margin=draw.random() < 0.7,
            ),
            "financing": maybe(Financing(borrow_rate=0.05, cash_rate=0.02, debit_rate=0.08), Financing()),
        }
        if self.options["missing"] != "raise":
            self.gaps()
            self.drop_the_unlisted()
            self.options["max_age"] = draw.choice([0, 2]) if self.options["missing"] == "delist" else 100
        if self.options["missing"] == "delist":
            self.options["delist_value"] = draw.choice([1.0, 0.3, 0.0])
        if draw.random() < 0.5:
            self.act()
        return self

    def drop_the_unlisted(self):
        """Want nothing of what never had a price before: that is refused."""
        self.weights[np.maximum.accumulate(self.close, axis=0) == 0] = 0.0

    def act(self):
        """Draw splits and dividends."""
        for _ in range(12):
            t, i = self.draw.randrange(2, len(self.close)), self.draw.randrange(8)
            if self.close[t, i]:
                ratio = self.draw.choice([Fraction(1), Fraction(2), Fraction(1, 10), Fraction(3, 2)])
                self.actions.setdefault(t, {})[SYMBOLS[i]] = ratio, self.draw.choice([0, 24, 7])

    def run(self, backtest_weights, **more):
        """Run it for real, as arrays."""
        weights = np.where(self.hold[:, None], np.nan, self.weights)
        table = [
            {"date": t, "symbol": s, "split": float(ratio), "dividend": dividend}
            for t, row in self.actions.items()
            for s, (ratio, dividend) in row.items()
        ]
        options = {"max_leverage": 1.0, "symbols": self.symbols, **self.options, **more}
        options.setdefault("cost_bps", 0)
        return backtest_weights(
            weights,
            self.close,
            self.cash,
            open=self.open,
            high=self.high,
            low=self.low,
            volume=self.volume,
            actions=pd.DataFrame(table) if table else None,
            **options,
        )

    def twin(self):
        """Run the twin."""
        close = self.rows(self.close)
        market = Market(close, *map(self.rows, (self.open, self.high, self.low)), None, self.actions)
        market.volume = [dict(zip(SYMBOLS, row, strict=True)) for row in self.volume.tolist()]
        options = self.options
        weights = [
            None if hold else dict(zip(SYMBOLS, row, strict=True))
            for hold, row in zip(self.hold, self.weights.tolist(), strict=True)
        ]
        wish = Wish(
            weights,
            options.get("fill", "close"),
            options.get("missing", "raise"),
            options.get("max_age", 0),
            Fraction(str(options.get("delist_value", 1.0))),
            options.get("stop_cfg") or {},
        )
        return Run(market, wish, self.cash, self.terms()).play()

    def rows(self, table):
        """One dict a period of what has a price."""
        return [{s: p for s, p in zip(SYMBOLS, row, strict=True) if p} for row in table.tolist()]

    def terms(self):
        """The rules for the twin."""
        cost, rules = self.options.get("cost_bps", CostModel()), self.options.get("rules", TradingRules())
        financing = self.options.get("financing") or Financing()
        point = Fraction(1, 10_000)
        part = lambda number: None if number is None else Fraction(str(number))  # noqa: E731
        fee = Fraction(str(cost.commission_bps)) + (cost.slippage == "fee") * Fraction(str(cost.slippage_bps))
        moves = Fraction(str(cost.spread_bps)) / 2
        moves += (cost.slippage == "price") * Fraction(str(cost.slippage_bps))
        step = Fraction(str(rules.quantity_step))
        return Terms(
            step=step,
            grain=Fraction(1) if step.denominator == 1 else Fraction(1, 10**6),
            commission=fee * point,
            min_fee=cost.min_trade_fee,
            impact=moves * point,
            min_order=rules.min_order_value,
            max_order=rules.max_order_value,
            band=Fraction(str(rules.no_trade_band_bps)) * point,
            max_trades=rules.max_trades,
            turnover=rules.max_turnover,
            participation=part(rules.max_participation),
            sells_first=rules.sells_first,
            margin=rules.allow_margin,
            borrow=Fraction(str(financing.borrow_rate)) / 252,
            credit=Fraction(str(financing.cash_rate)) / 252,
            debit=Fraction(str(financing.debit_rate)) / 252,
        )


STOPS = [
    None,
    {"fixed_stop_pct": 0.04},
    {"trailing_stop_pct": 0.03},
    {"atr_multiple": 2.0, "atr_period": 3},
    {"fixed_stop_pct": 0.05, "trailing_stop_pct": 0.05, "atr_multiple": 1.5},
    {"trailing_stop_pct": 0.04, "trigger": "intrabar"},
    {"fixed_stop_pct": 0.03, "atr_multiple": 2.0, "atr_period": 5, "trigger": "intrabar"},
]
