"""What a backtest is run with: numbers, policies and rules, checked."""

import math
from dataclasses import dataclass, field

import numpy as np

from ..errors import InvalidValue, WrongType
from .cost import CostModel, fee_rate, impact
from .fill_policy import FILLS, MISSING, choice
from .inputs import finite, positive, whole
from .rules import Financing, TradingRules
from .stops import StopRules, read_stops

POINT = 1000  # of a fee rate, a basis point
AGES = {"raise": 0, "carry": 5, "delist": 0}  # by default


@dataclass(frozen=True)
class Settings:
    """What a backtest was run with.

    Attributes
    ----------
    cost_bps : int or CostModel
    periods_per_year, risk_free : float
    max_leverage : float
        Infinite where there was no limit.
    lean : bool
    stops : StopRules
    fill : {'close', 'next_open', 'next_typical'}
    missing : {'raise', 'carry', 'delist'}
    max_age : int
        Periods that a position may be without a price.
    delist_value : float
        Part of the last price that what is delisted pays.
    rules : TradingRules
    financing : Financing
    """

    cost_bps: int | CostModel
    periods_per_year: float = 252.0
    risk_free: float = 0.0
    max_leverage: float = 1.0
    lean: bool = False
    stops: StopRules = field(default_factory=StopRules)
    fill: str = "close"
    missing: str = "raise"
    max_age: int = 0
    delist_value: float = 1.0
    rules: TradingRules = field(default_factory=TradingRules)
    financing: Financing = field(default_factory=Financing)

    @property
    def cost_model(self):
        """The costs as a model."""
        return self.cost_bps if isinstance(self.cost_bps, CostModel) else CostModel(self.cost_bps)

    @property
    def bps(self):
        """Whole basis points that are all that a fill costs; None where costs are more than that."""
        model = self.cost_model
        rate = fee_rate(model)
        plain = rate % POINT == 0 and not model.min_trade_fee and not impact(model)
        return rate // POINT if plain else None

    @property
    def plain(self):
        """Whether these ask for no more than the fast kernels do."""
        return (
            (self.fill, self.missing, self.stops.trigger) == ("close", "raise", "close")
            and (self.rules, self.financing) == (TradingRules(), Financing())
            and self.bps is not None
        )


def read_settings(
    cost_bps,
    periods_per_year,
    risk_free,
    stop_cfg,
    *,
    max_leverage,
    lean,
    fill,
    missing,
    max_age,
    delist_value,
    rules,
    financing,
):
    """Check everything but the tables."""
    missing = MISSING[choice("missing", missing, MISSING)]
    return Settings(
        cost_bps=read_cost(cost_bps),
        periods_per_year=positive("periods_per_year", periods_per_year),
        risk_free=finite("risk_free", risk_free),
        max_leverage=math.inf if max_leverage is None else positive("max_leverage", max_leverage),
        lean=bool(lean),
        stops=read_stops(stop_cfg),
        fill=FILLS[choice("fill", fill, FILLS)],
        missing=missing,
        max_age=read_age(max_age, missing),
        delist_value=read_part(delist_value, missing),
        rules=made("rules", rules, TradingRules),
        financing=made("financing", financing, Financing),
    )


def read_cost(cost_bps):
    """Check the costs: whole basis points or a model."""
    if isinstance(cost_bps, CostModel):
        return cost_bps
    return whole("cost_bps", cost_bps, 0, 10000, "basis points; 10 is 0.1 %; finer ones in a CostModel")


def read_age(max_age, missing):
    """Check how many periods a position may be without a price."""
    if max_age is None:
        return AGES[missing]
    if missing == "raise":
        raise InvalidValue(f"max_age={max_age}: has no meaning with missing='raise'; use 'carry' or 'delist'")
    return whole("max_age", max_age, 0, 2**31, "periods")


def read_part(delist_value, missing):
    """Check the part of the last price that is paid."""
    if delist_value is None:
        return 1.0
    if missing != "delist":
        raise InvalidValue(f"delist_value={delist_value}: has no meaning with missing={missing!r}")
    number = finite("delist_value", delist_value)
    if not 0.0 <= number <= 10.0 or round(number * 1e7) != number * 1e7:
        raise InvalidValue(
            f"delist_value={number}: must be from 0 to 10 times the last price, in steps of 1e-7"
        )
    return number


def made(name, value, kind):
    """Check that an option is of its class; None is its default."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise WrongType(f"{name}: {type(value).__name__}, needs {kind.__name__}(...)")
    return value


def read_cash(initial_cash):
    """Check the cents; a float is refused, since it may be meant as currency units."""
    if isinstance(initial_cash, (float, np.floating)):
        raise WrongType(f"initial_cash={initial_cash}: a float; pass whole cents, int(round(100 * amount))")
    return whole("initial_cash", initial_cash, 1, 2**53 - 1, "cents")
