"""What weights must obey, and the same as numbers: bounds and rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from ..errors import InfeasibleError, InvalidValue, ShapeError, WrongType
from ..hints import nearest
from ..portfolio.inputs import finite, positive, whole
from .inputs import known, number, per_asset, places


@dataclass(frozen=True)
class Constraints:
    """Constraints on the weights of a portfolio; the default is long only, fully invested.

    Numbers a symbol may be one number for all, N numbers in the order of the columns, or a mapping or
    Series by symbol (those it leaves out keep the default). Without names the symbols are 0 to N - 1.

    Parameters
    ----------
    lower, upper : number or numbers a symbol
        Bounds of each weight; a negative ``lower`` permits shorts.
    budget : float
        Sum of all weights.
    groups : mapping from name to (members, low, high)
        The sum of the members' weights, from ``low`` to ``high``; None for no limit. ``members`` is a list
        of symbols, or a mapping from symbol to coefficient for any linear limit.
    gross : float, optional
        Most sum of absolute weights, the leverage.
    current : numbers a symbol, optional
        Weights held now, from which turnover and costs count; 0 where a mapping is silent.
    turnover : float, optional
        Most sum of absolute changes: a sale and the purchase it pays for count both.
    cost : number or numbers a symbol
        Cost of a change by 1, as a fraction; ``cost`` times the change is added to a risk that is
        minimised and taken off the return of a ratio, per period as these are.
    cardinality : int, optional
        Most weights other than 0, by a heuristic: the smallest half of what is too many is dropped and the
        rest optimised again until it fits. The optimum over all choices may be better.
    extra : callable, optional
        Takes the weights as a ``cvxpy`` expression and returns a list of ``cvxpy`` constraints.

    Examples
    --------
    >>> from nanobook import Constraints
    >>> Constraints(upper=0.1, groups={"tech": (["AAPL", "MSFT"], None, 0.15)}).upper
    0.1
    """

    lower: Any = 0.0
    upper: Any = 1.0
    budget: float = 1.0
    groups: Mapping = field(default_factory=dict)
    gross: float | None = None
    current: Any = None
    turnover: float | None = None
    cost: Any = 0.0
    cardinality: int | None = None
    extra: Any = None

    def __post_init__(self):
        finite("budget", self.budget)
        if self.gross is not None:
            positive("gross", self.gross)
        if self.turnover is not None and finite("turnover", self.turnover) < 0.0:
            raise InvalidValue(f"turnover={self.turnover}: must not be below 0")
        if self.cardinality is not None:
            whole("cardinality", self.cardinality, 1, 10**9, "the most weights other than 0")
        if self.extra is not None and not callable(self.extra):
            raise WrongType("extra: needs a function of the weights that returns cvxpy constraints")
        if not isinstance(self.groups, Mapping):
            raise WrongType("groups: needs a mapping {name: (members, low, high)}")

    @property
    def trades(self):
        """Whether what is held now matters."""
        return self.turnover is not None or np.ndim(self.cost) > 0 or self.cost != 0.0


def read_constraints(given):
    """Read constraints given as such, as a mapping of their parameters, or not at all."""
    if given is None:
        return Constraints()
    if isinstance(given, Constraints):
        return given
    if not isinstance(given, Mapping):
        raise WrongType(
            f"constraints: {type(given).__name__} is not accepted; pass Constraints(...) or a dict"
        )
    names = [entry.name for entry in fields(Constraints)]
    for name in given:
        if name not in names:
            hint = nearest(name, names) or f"; there are {', '.join(names)}"
            raise InvalidValue(f"constraints: there is no {name!r}{hint}")
    return Constraints(**given)


def narrowed(constraints, whole, there):
    """Constraints on some of the assets, the others having a weight of 0.

    Parameters
    ----------
    constraints : Constraints
        On all the assets of the sample ``whole``.
    there : bool array, shape (N,)
        Which assets are left.
    """
    given = {}
    for name, default in (("lower", 0.0), ("upper", 1.0), ("cost", 0.0)):
        value = getattr(constraints, name)
        if hasattr(value, "keys") or np.ndim(value):
            given[name] = per_asset(name, value, whole, default)[there]
    if constraints.current is not None:
        current = per_asset("current", constraints.current, whole, 0.0)
        if constraints.trades and np.any(current[~there]):
            name = whole.name(int(np.flatnonzero(~there & (current != 0.0))[0]))
            raise InvalidValue(f"current: {name} is held but has no prices, so its sale cannot be counted")
        given["current"] = current[there]
    symbols, groups = whole.labels.symbols, {}
    left = range(int(there.sum())) if symbols is None else np.array(symbols, object)[there].tolist()
    for name, group in constraints.groups.items():
        row, low, high = read_group(name, group, whole)
        members = {symbol: value for symbol, value in zip(left, row[there].tolist(), strict=True) if value}
        if members:
            groups[name] = members, low, high
        elif not low <= 0.0 <= high:
            raise InfeasibleError(f"groups[{name!r}] from {low:g} to {high:g}: no member has prices")
    return replace(constraints, groups=groups, **given)


@dataclass(frozen=True)
class Region:
    """The weights that are allowed: bounds, rows of sums, and what is not linear.

    Attributes
    ----------
    lower, upper : (N,)
    rows : (M, N)
    low, high : (M,)
        Each row's product with the weights lies between; equal for the budget.
    names : tuple of M names
    gross, turnover : float or None
    current, cost : (N,)
    extra : callable or None
    """

    lower: np.ndarray
    upper: np.ndarray
    rows: np.ndarray
    low: np.ndarray
    high: np.ndarray
    names: tuple
    gross: float | None = None
    turnover: float | None = None
    current: Any = None
    cost: Any = None
    extra: Any = None

    @property
    def plain(self):
        """Whether bounds and rows are all there is."""
        return self.gross is None and self.turnover is None and self.cost is None and self.extra is None

    @property
    def simple(self):
        """Whether the only row is the budget."""
        return self.plain and len(self.names) == 1

    def linear_part(self):
        """The bounds and rows alone, the bounds as tight as leverage and turnover make them."""
        lower, upper = self.lower, self.upper
        for limit, origin in ((self.gross, 0.0), (self.turnover, self.current)):
            if limit is not None:
                lower, upper = np.maximum(lower, origin - limit), np.minimum(upper, origin + limit)
        if np.any(lower > upper):  # they clash, of which the solver tells that knows them all
            lower, upper = self.lower, self.upper
        return Region(lower, upper, self.rows, self.low, self.high, self.names)

    def with_row(self, name, row, low, high):
        """Add a row."""
        return replace(
            self,
            rows=np.vstack((self.rows, row)),
            low=np.append(self.low, low),
            high=np.append(self.high, high),
            names=(*self.names, name),
        )

    def without(self, dropped):
        """Fix the weights of some assets at 0."""
        lower, upper = np.where(dropped, 0.0, self.lower), np.where(dropped, 0.0, self.upper)
        return replace(self, lower=lower, upper=upper)

    def charge(self, weights):
        """What it costs to change from the current weights."""
        return 0.0 if self.cost is None else float(self.cost @ np.abs(weights - self.current))

    def violation(self, weights):
        """Largest amount by which weights break a bound, a row or a limit."""
        values = self.rows @ weights
        gaps = [self.lower - weights, weights - self.upper, self.low - values, values - self.high]
        if self.gross is not None:
            gaps.append(np.array([np.abs(weights).sum() - self.gross]))
        if self.turnover is not None:
            gaps.append(np.array([np.abs(weights - self.current).sum() - self.turnover]))
        return max(0.0, max(float(gap.max()) for gap in gaps))


def make_region(constraints, sample):
    """Bring constraints into numbers for the assets of a sample.

    Constraints that clash are left to the solvers, whose errors name them.
    """
    lower = per_asset("lower", constraints.lower, sample, default=0.0)
    upper = per_asset("upper", constraints.upper, sample, default=1.0)
    crossed = np.flatnonzero(~(lower <= upper))
    if len(crossed):
        i = crossed[0]
        raise InvalidValue(f"lower={lower[i]:g} is above upper={upper[i]:g} for {sample.name(i)}")
    if np.any(lower == np.inf) or np.any(upper == -np.inf):
        raise InvalidValue("lower, upper: a bound no weight can reach")
    if constraints.cardinality is not None and not np.all((lower <= 0.0) & (upper >= 0.0)):
        raise InvalidValue("cardinality: a weight cannot be left out whose bounds do not allow 0")
    rows, low, high, names = [np.ones(sample.count)], [constraints.budget], [constraints.budget], ["budget"]
    for name, group in constraints.groups.items():
        row, least, most = read_group(name, group, sample)
        rows.append(row)
        low.append(least)
        high.append(most)
        names.append(f"groups[{name!r}]")
    region = Region(lower, upper, np.array(rows), np.array(low), np.array(high), tuple(names))
    return replace(
        region, gross=constraints.gross, extra=constraints.extra, **read_trades(constraints, sample)
    )


def read_group(name, group, sample):
    """Read one group: its row of coefficients and its limits."""
    if not isinstance(group, (tuple, list)) or len(group) != 3:
        raise WrongType(f"groups[{name!r}]: needs (members, low, high), with None for no limit")
    members, low, high = group
    place, row = places(sample), np.zeros(sample.count)
    if isinstance(members, (str, bytes)) or not hasattr(members, "__iter__"):
        raise WrongType(f"groups[{name!r}]: members {members!r}: needs a list of symbols")
    known(f"groups[{name!r}]", members, place)
    coefficients = members if isinstance(members, Mapping) else dict.fromkeys(members, 1.0)
    for symbol, value in coefficients.items():
        row[place[symbol]] = finite(f"groups[{name!r}] of {symbol}", value)
    if not row.any():
        raise ShapeError(f"groups[{name!r}]: has no members")
    least = -np.inf if low is None else number(f"groups[{name!r}] low", low)
    most = np.inf if high is None else number(f"groups[{name!r}] high", high)
    if not least <= most:
        raise InvalidValue(f"groups[{name!r}]: low={least:g} is above high={most:g}")
    return row, least, most


def read_trades(constraints, sample):
    """Read what is held now, and what a change may be and costs."""
    if not constraints.trades:
        return {}
    if constraints.current is None:
        raise InvalidValue("current: the weights held now are needed where turnover or cost is given")
    current = per_asset("current", constraints.current, sample, default=0.0)
    cost = per_asset("cost", constraints.cost, sample, default=0.0)
    if not (np.all(np.isfinite(current)) and np.all(np.isfinite(cost)) and np.all(cost >= 0.0)):
        raise InvalidValue("current, cost: need finite numbers, and a cost not below 0")
    return {"current": current, "turnover": constraints.turnover, "cost": cost if cost.any() else None}
