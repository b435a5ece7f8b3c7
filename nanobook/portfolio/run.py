"""Backtest a strategy that is written in Python: ask it for weights, trade, record."""

import numpy as np

from ..errors import NanobookError, NotAvailable, UnknownSymbol, WrongType
from ..hints import listing, nearest
from ..kernels.account import state
from .cost import CostModel
from .inputs import finite
from .metrics import measure
from .outcome import Outcome
from .portfolio import Portfolio
from .result import BacktestResult
from .series import read_series, read_volume
from .settings import Settings, read_cash
from .view import PortfolioView

COUNTED = {
    "cost": state.COST,
    "traded": state.TRADED,
    "interest": state.INTEREST,
    "borrowing": state.BORROWED,
}


def run_backtest(
    strategy,
    price_series,
    initial_cash,
    cost_model,
    periods_per_year=252.0,
    risk_free=0.0,
    *,
    symbols=None,
    rules=None,
    financing=None,
    volume=None,
    max_leverage=None,
    missing="raise",
):
    """Ask a strategy for weights period by period, trade to them at the period's prices, value the account.

    Each period in turn: pay for the night; ask the strategy; move the portfolio to the weights it returned,
    by `Portfolio.rebalance_simple`; record equity. The strategy sees the prices that its orders are filled
    at: weights that are to be free of look-ahead use what earlier periods showed.

    Parameters
    ----------
    strategy : callable or WeightStrategy
        ``strategy(bar_index, prices, portfolio)``, or an object with a method ``compute_weights`` of these
        arguments. ``prices`` is a dict of the period's prices as given, ``portfolio`` the live portfolio for
        looking only. It returns target weights as pairs, dict, Series or an array of one weight a column;
        what they do not name is sold, ``{}`` or ``[]`` sell all, None holds. Or a function compiled by Numba,
        ``strategy(bar, weights)`` as `sweep` takes it: then what `simulate_compiled` returns is returned.
    price_series : list of dict, DataFrame, or array of shape (T, N)
        Prices a share; of rows, dicts (or lists of pairs) by symbol. Integers are cents, floats currency
        units, rounded to the cent. NaN, 0 and a symbol not named mean "no price".
    initial_cash : int
        Cents, from 1 to 2**53 - 1.
    cost_model : CostModel
        None for trades that cost nothing.
    periods_per_year : float, default 252
        For annual figures, and for ``financing``.
    risk_free : float, default 0
        Risk-free return a period.
    symbols : sequence of str, optional
        Names of the columns of an array.
    rules : TradingRules, optional
    financing : Financing, optional
    volume : optional
        Shares traded in each period, of the kind of ``price_series``; needed where ``rules`` limit the
        participation.
    max_leverage : float, optional
        Largest allowed sum of absolute weights; any, if None.
    missing : {'raise', 'zero'}
        As `Portfolio` has it.

    Returns
    -------
    BacktestResult
        As of `backtest_weights`; its ``portfolio`` is the portfolio at the end.

    Raises
    ------
    NanobookError
        As `Portfolio.rebalance_simple` raises; the message names the period.
    UnknownSymbol
        A weight of a symbol that never has a price.
    WrongType
        Weights that are none of the kinds above.
    Exception
        What the strategy raises is not caught; a note names the period.

    Examples
    --------
    >>> import nanobook
    >>> def cheaper(bar_index, prices, portfolio):
    ...     return {min(prices, key=prices.get): 1.0}
    >>> prices = [{"A": 1000, "B": 1100}, {"A": 1200, "B": 1150}, {"A": 1250, "B": 1300}]
    >>> result = nanobook.run_backtest(cheaper, prices, 100_000, nanobook.CostModel.zero())
    >>> result.equity_curve
    [100000, 100000, 120000, 135600]
    >>> result.portfolio
    Portfolio(cash=$6.00, returns=3)
    """
    if hasattr(strategy, "py_func"):
        refuse_options(rules=rules, financing=financing, volume=volume, missing=missing)
        return run_compiled(
            strategy,
            price_series,
            initial_cash,
            cost_model,
            periods_per_year=periods_per_year,
            risk_free=risk_free,
            symbols=symbols,
            max_leverage=max_leverage,
        )
    decide = decider(strategy)
    series = read_series(price_series, symbols)
    portfolio = Portfolio(
        read_cash(initial_cash),
        cost_model,
        rules=rules,
        financing=financing,
        periods_per_year=periods_per_year,
        max_leverage=max_leverage,
        missing=missing,
    )
    settings = Settings(
        cost_bps=portfolio.cost_model,
        periods_per_year=portfolio.periods_per_year,
        risk_free=finite("risk_free", risk_free),
        max_leverage=np.inf if portfolio.max_leverage is None else portfolio.max_leverage,
        rules=portfolio.rules,
        financing=portfolio.financing,
    )
    outcome = walk(decide, series, read_volume(volume, series), portfolio, settings.plain)
    return dress(series, settings, portfolio, outcome)


def run_compiled(strategy, price_series, initial_cash, cost_model, **options):
    """Backtest a strategy that is compiled, at the speed of the engine."""
    from ..sweeps import simulate_compiled

    cost = CostModel.zero() if cost_model is None else cost_model
    return simulate_compiled(strategy, price_series, None, initial_cash, cost, **options)


def refuse_options(missing, **options):
    """Refuse what only strategies in Python can have."""
    given = [name for name, value in options.items() if value is not None]
    if missing != "raise":
        given.append("missing")
    if given:
        raise NotAvailable(
            f"{given[0]}: not available for a compiled strategy; pass the Python function, its .py_func"
        )


def decider(strategy):
    """Find what to call each period."""
    method = getattr(strategy, "compute_weights", strategy)
    if not callable(method):
        raise WrongType(
            f"strategy: {type(strategy).__name__}, needs a function of (bar_index, prices, portfolio) or an "
            "object with compute_weights"
        )
    return method


def walk(decide, series, volumes, portfolio, plain):
    """Play all periods; returns an Outcome, without the curves of options where ``plain``."""
    ledger, labels = portfolio._ledger, series.labels
    for symbol in labels.symbols:
        ledger.add(symbol)
    periods, count = series.prices.shape
    books, positions = np.zeros((periods + 1, state.N_MONEY), np.int64), np.zeros((periods, count), np.int64)
    books[0], known = ledger.money, None
    view = PortfolioView(portfolio)
    for t in range(periods):
        quotes = series.prices[t]
        portfolio.accrue()
        targets = ask(decide, t, series, view)
        try:
            if targets is not None:
                wanted = portfolio._targets_of(targets)
                if wanted.names is not known:
                    refuse_unknown(wanted.names, ledger.columns)
                    known = wanted.names
                portfolio._trade(wanted, quotes, volumes and volumes[t])
            portfolio._close(quotes)
        except NanobookError as error:
            error.args = (f"{labels.period(t)}: {error}", *error.args[1:])
            raise
        books[t + 1] = ledger.money
        positions[t] = ledger.account.quantity[:count]
    counted = np.diff(books[:, [*COUNTED.values()]], axis=0).T
    rows = np.array([portfolio._curve[1:], portfolio._returns, books[1:, state.CASH], *counted], np.float64)
    return gather(series, rows, positions, ledger, plain)


ROWS = ("equity", "returns", "cash", *COUNTED)


def ask(decide, t, series, view):
    """Call the strategy; returns what it wants to hold by symbol, None to hold."""
    try:
        answer = decide(t, series.shown(t), view)
    except BaseException as error:
        error.add_note(f"raised by the strategy at {series.labels.period(t)}")
        raise
    if isinstance(answer, np.ndarray):
        if answer.shape != (len(series.labels.symbols),):
            raise WrongType(
                f"strategy: at {series.labels.period(t)} an array of shape {answer.shape}, needs one weight "
                f"for each of the {len(series.labels.symbols)} symbols"
            )
        return dict(zip(series.labels.symbols, answer.tolist(), strict=True))
    if answer is None or isinstance(answer, (list, tuple)) or hasattr(answer, "items"):
        return answer
    raise WrongType(
        f"strategy: at {series.labels.period(t)} it returned {type(answer).__name__}; return (symbol, "
        "weight) pairs, a dict, a Series or an array, [] to sell all, None to hold"
    )


def refuse_unknown(names, columns):
    """Refuse weights of symbols that never have a price."""
    unknown = [symbol for symbol in names if symbol not in columns]
    if unknown:
        raise UnknownSymbol(
            f"targets: no price ever for {listing(unknown)}{nearest(unknown[0], columns)}; a symbol is named "
            "as in price_series"
        )


def gather(series, rows, positions, ledger, plain):
    """Bring what was recorded into the form of a backtest's outcome."""
    from ..kernels.stops import STOPPED
    from .stops import written_part

    prices, per_share = series.prices.astype(np.float64), ledger.rules.per_share
    values = worth(positions, series.prices, per_share).astype(np.float64)
    equity = rows[0][:, np.newaxis]
    holdings = np.divide(values, equity, out=np.full_like(values, np.nan), where=equity != 0.0)
    changes = np.full_like(prices, np.nan)
    known = (prices[:-1] > 0.0) & (prices[1:] > 0.0)
    np.divide(prices[1:] - prices[:-1], prices[:-1], out=changes[1:], where=known)
    extra = dict(zip(ROWS[5:], rows[5:], strict=True)) | {"dividends": np.zeros(len(rows[0]))}
    extra["gross"] = np.abs(values).sum(axis=1)
    return Outcome(
        curves=rows[:5],
        positions=positions.astype(np.float64) if per_share == 1 else positions,
        panels=(holdings, changes),
        stopped=np.zeros(0, STOPPED),
        fills=written_part(ledger.fills.view(np.ndarray), ledger.n_fills),
        per_share=per_share,
        extra={} if plain else extra,
    )


def worth(positions, prices, per_share):
    """Value positions in whole units, fractions dropped, without a product that passes 64 bits."""
    wholes, parts = np.divmod(np.abs(positions), per_share)
    high, low = np.divmod(prices, per_share)
    return np.sign(positions) * (wholes * prices + parts * high + parts * low // per_share)


def dress(series, settings, portfolio, outcome):
    """Make the result."""
    result = BacktestResult(
        kind=series.kind,
        labels=series.labels,
        units=1,
        listed=series.listed,
        initial_cash=portfolio._curve[0],
        settings=settings,
        prices=series.prices,
        outcome=outcome,
        metrics=measure(outcome.curves[1], settings.periods_per_year, settings.risk_free),
    )
    result.portfolio = portfolio
    return result
