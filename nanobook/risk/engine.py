"""The stateless check: orders against limits, with equity, positions and prices as the caller tells them."""

from ..errors import InvalidValue, WrongType
from . import batch, further, inputs
from .amounts import LARGEST_INT, plain
from .bounds import Bounds
from .limits import FURTHER, RiskLimits
from .plain import original_rows
from .report import RiskReport

SIGNS = inputs.SIGNS
UNSET = dict.fromkeys(FURTHER)


class RiskEngine:
    """Pre-trade checks of orders: nothing is remembered from call to call.

    Equal to a limit passes, anything above fails; numbers are exact at any size, and a limit such as 0.25 is
    the decimal that it prints as. What has no price, and an account without equity, fails.

    Parameters
    ----------
    max_position_pct : float
        Largest value of one position, as a share of equity.
    max_leverage : float
        Largest gross value of all positions over equity, at least 1.
    max_drawdown_pct : float
        Kept for ``RiskMonitor``, which enforces it; a check of one order knows no past.
    allow_short : bool
    max_short_pct : float
        Largest value of all short positions, as a share of equity.
    max_trade_usd : float
        Dollars above which an order is warned of.
    max_order_value_cents, max_batch_value_cents : int
        Largest value of an order and of a batch; 0 for no limit.

    Raises
    ------
    InvalidValue
        ``invalid RiskConfig: ...``, with all that is wrong.

    Examples
    --------
    >>> from nanobook import RiskEngine
    >>> risk = RiskEngine(max_position_pct=0.20)
    >>> for row in risk.check_order("AAPL", "buy", 2000, 18500, 100_000_000, []).failures:
    ...     print(row["name"], "-", row["detail"])
    Max order value - $370000 > $100000 max_order_value_cents
    Max position - 37.0% (AAPL) > 20.0% limit
    """

    __slots__ = ("_bounds", "_limits")

    def __init__(
        self,
        max_position_pct=0.25,
        max_leverage=1.5,
        max_drawdown_pct=0.20,
        allow_short=True,
        max_short_pct=0.30,
        max_trade_usd=100000.0,
        max_order_value_cents=10_000_000,
        max_batch_value_cents=100_000_000,
    ):
        self._limits = RiskLimits(
            max_position_pct,
            max_leverage,
            max_drawdown_pct,
            allow_short,
            max_short_pct,
            max_trade_usd,
            max_order_value_cents,
            max_batch_value_cents,
            **UNSET,
        )
        self._bounds = Bounds(self._limits)

    @classmethod
    def from_limits(cls, limits):
        """Make an engine that checks all limits that one order or batch can be held against.

        Parameters
        ----------
        limits : RiskLimits

        Returns
        -------
        RiskEngine
            Checks, beside what every engine does, gross and net value, shares of an order and of the daily
            volume, and the lists of symbols. What takes time or memory is ``RiskMonitor``'s.
        """
        if not isinstance(limits, RiskLimits):
            raise WrongType(f"limits: {limits!r} is a {type(limits).__name__}; give RiskLimits(...)")
        engine = cls.__new__(cls)
        engine._limits = limits
        engine._bounds = Bounds(limits)
        return engine

    @property
    def limits(self):
        """The limits.

        Returns
        -------
        RiskLimits
        """
        return self._limits

    def check_order(
        self,
        symbol,
        side=None,
        quantity=None,
        price_cents=None,
        equity_cents=None,
        positions=None,
        *,
        prices=None,
        volumes=None,
    ):
        """Check one order.

        Parameters
        ----------
        symbol : str or BrokerOrder
            With an order, ``side``, ``quantity`` and ``price_cents`` are left out:
            ``check_order(order, account, positions=...)``.
        side : str
            'buy', 'b', 'sell' or 's', any case.
        quantity : int, float or Decimal
            Above 0.
        price_cents : int, float or Decimal
        equity_cents : int or Account
        positions : list, dict, Series or DataFrame
            (symbol, quantity), quantity below 0 for shorts; records of a broker; a table with a column
            ``quantity``. ``[]`` if nothing is held.
        prices : dict, Series or list, optional
            Cents, by symbol, at which positions are valued, so that leverage is known. Records of positions
            tell their own by their market values; the order's symbol has the order's unless it is told.
        volumes : dict, Series or list, optional
            Average daily volumes by symbol, for ``max_adv_pct``.

        Returns
        -------
        RiskReport
            ``Max order value``, ``Max position``, ``Order size`` (a warning), then, where it fails, ``Short
            selling``, as the original. Only where they fail: ``Unpriced``, ``Leverage``, ``Short exposure``.
            Of an engine of ``from_limits`` also a row for each limit that is set. Rows of ours do not fail
            an order that brings the figure down: ``WARN``.

        Raises
        ------
        InvalidSide, InvalidSymbol, InvalidQuantity
            Of the order, or of a position told twice; negative quantities are ``OverflowError`` too.
        NonFiniteError, WrongType
            A number that is none.

        Examples
        --------
        >>> from nanobook import RiskEngine
        >>> risk = RiskEngine(allow_short=False)
        >>> report = risk.check_order("AAPL", "sell", 300, 18500, 100_000_000, {"AAPL": 200})
        >>> report[-1]
        {'name': 'Short selling', 'status': 'FAIL', 'detail': 'short selling not allowed'}
        """
        if (
            type(quantity) is int
            and type(price_cents) is int
            and type(equity_cents) is int
            and type(symbol) is type(side) is str
            and side in SIGNS
            and 0 < quantity <= LARGEST_INT >= price_cents > 0 < equity_cents <= LARGEST_INT
            and symbol.isalnum()
        ):  # what most calls are; anything else takes longer
            order = symbol, SIGNS[side], quantity, price_cents
            held, marks = inputs.holdings(positions)
            if prices is not None:
                inputs.add_marks(marks, prices)
        else:
            order, equity_cents, held, marks = _exact(
                symbol, side, quantity, price_cents, equity_cents, positions, prices
            )
        rows, is_all = original_rows(self._bounds, order, equity_cents, held, marks)
        report = RiskReport(rows)
        if not is_all:
            further.add_failures(report, self._bounds, order, equity_cents, held, marks)
        if self._bounds.has_further:
            further.add_order(report, self._bounds, order, held, marks, inputs.volumes_of(volumes))
        return report

    def check_batch(self, orders, equity_cents, positions, target_weights, *, prices=None, volumes=None):
        """Check the orders of a rebalance, in the order in which they are sent.

        Parameters
        ----------
        orders : list or DataFrame
            (symbol, side, quantity, price_cents), or ``BrokerOrder`` and the like; a table has these columns.
            A quantity of 0 only tells a price.
        equity_cents : int or Account
        positions : list, dict, Series or DataFrame
            As of ``check_order``.
        target_weights : list, dict, Series or DataFrame
            (symbol, weight), or a table with a column ``weight``; the weights that the orders lead to.
        prices, volumes : dict, Series or list, optional
            As of ``check_order``; without its price a symbol is valued at the highest price among its orders.

        Returns
        -------
        RiskReport
            As the original: ``Max position`` of the targets, ``Leverage``, ``Short exposure`` or ``Short
            selling``, then ``Max order value``, ``Max batch value`` and ``Max trade size`` (a warning) where
            they are exceeded, ``Order count``, ``Weight allocation``. Only where they fail: ``Unpriced``,
            ``Resulting position``, and ``Leverage``, ``Short exposure`` and ``Short selling`` ``on the
            way``, which hold after every single order what the others hold at the end.

        Raises
        ------
        InvalidSide, InvalidSymbol, InvalidQuantity, NonFiniteError, WrongType
            As ``check_order``; names the symbol.

        Examples
        --------
        >>> from nanobook import RiskEngine
        >>> orders = [("MSFT", "sell", 50, 41000), ("AAPL", "buy", 100, 18500)]
        >>> report = RiskEngine().check_batch(orders, 100_000_000, {"MSFT": 200}, {"AAPL": 0.02})
        >>> report.has_failures(), report[1]["detail"]
        (False, '0.08x <= 1.50x limit')
        """
        equity = inputs.equity_of(equity_cents)
        held, marks = inputs.holdings(positions)
        if prices is not None:
            inputs.add_marks(marks, prices)
        weights = inputs.weights_of(target_weights)
        facts = batch.Batch(inputs.order_rows(orders), held, marks)
        report = RiskReport()
        batch.add_rows(report, self._bounds, facts, equity, weights)
        batch.add_failures(report, self._bounds, facts, equity)
        if self._bounds.has_further:
            further.add_batch(report, self._bounds, facts, inputs.volumes_of(volumes))
        return report

    def __repr__(self):
        limits = self._limits
        return (
            f"RiskEngine(max_position_pct={plain(limits.max_position_pct)}, "
            f"max_leverage={plain(limits.max_leverage)}, allow_short={str(limits.allow_short).lower()})"
        )

    def __eq__(self, other):
        return self._limits == other._limits if isinstance(other, RiskEngine) else NotImplemented

    def __hash__(self):
        return hash(self._limits)

    def __reduce__(self):
        return RiskEngine.from_limits, (self._limits,)


def _exact(symbol, side, quantity, price, equity, positions, prices):
    """Bring the arguments of a check into exact form: order, equity, positions, prices."""
    if not isinstance(symbol, str):
        if equity is None:  # check_order(order, account)
            side, equity = None, side
        parts = inputs.record_parts(symbol)
        if not (side is None and quantity is None):
            given = quantity if side is None else side
            raise InvalidValue(f"symbol: it is an order, {symbol!r}; leave the rest out, not {given!r}")
        symbol, side, quantity, named = parts
        price = named if price is None else price
    held, marks = inputs.holdings(positions)
    if prices is not None:
        inputs.add_marks(marks, prices)
    if price is None:
        price = marks.get(symbol)
    return inputs.checked(symbol, side, quantity, price), inputs.equity_of(equity), held, marks
