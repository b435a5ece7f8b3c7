"""An optimiser run again and again over a window of past prices: a weight schedule for a backtest."""

from dataclasses import replace

import numpy as np

from ..errors import InvalidValue, NanobookError, NonFiniteError, TooFewObservations, WrongType
from ..hints import listing
from ..portfolio.inputs import read_symbols, whole
from ..portfolio.labels import Labels
from .constraints import narrowed, read_constraints
from .inputs import Sample, per_asset, read_numbers, read_weights

MISSING = ("raise", "leave_out")
PER_ASSET = "budgets", "expected_returns"  # options that are numbers a symbol, beside constraints


def rolling_weights(
    prices, optimizer, *, lookback=252, every=21, missing="raise", symbols=None, progress=True, **options
):
    """Optimise on each rebalance date over the returns of the periods before it.

    The weights of a row use its own price and those before it, none later, and are meant to be traded at that
    row's close or after. Rows added at the end change no earlier weights.

    Parameters
    ----------
    prices : DataFrame or array, shape (T, N)
        Above 0, in the order of time.
    optimizer : function
        Takes returns (a DataFrame for a DataFrame, else an array) and ``options``; returns weights: any of
        the optimisers here, or one's own. Weights with labels (a Series, a dict) go by them.
    lookback : int
        Returns in a window, at least 2; the first rebalance is at row ``lookback``.
    every : int or str
        Periods from one rebalance to the next; or a pandas period such as 'W', 'M' or 'Q', whose first row
        rebalances (for an index of dates).
    missing : {'raise', 'leave_out'}
        What to do where a window lacks a price: raise, or leave the asset out there, with weight 0. Limits on
        it alone do not hold there; groups count it as 0.
    symbols : sequence of N names, optional
        Of the columns of an array, for constraints by symbol.
    progress : bool
        Show a bar if it takes longer than two seconds.
    **options
        For the optimizer. Where ``constraints`` limit or charge turnover and name no ``current``, the weights
        of the rebalance before are taken as they have drifted with prices; the first one is free.

    Returns
    -------
    DataFrame or ndarray
        For a DataFrame: one row a rebalance, which `backtest_weights` holds until the next. For an array:
        shape (T, N), NaN in the rows between.

    Raises
    ------
    TooFewObservations
        No row has ``lookback`` rows before it.
    NonFiniteError
        A price that is missing, or not above 0.
    NanobookError
        What the optimiser raises, with the date in front.

    Examples
    --------
    >>> import numpy as np
    >>> from nanobook import inverse_cvar_weights, rolling_weights
    >>> prices = np.array([[100.0, 50.0], [101.0, 49.0], [99.0, 50.0], [98.0, 51.0], [99.0, 50.0]])
    >>> rolling_weights(prices, inverse_cvar_weights, lookback=3, every=1).round(3).tolist()[3:]
    [[0.502, 0.498], [0.498, 0.502]]
    """
    table = _read_prices(prices, symbols, missing)
    lookback = whole("lookback", lookback, 2, 10**9, "returns in a window")
    if not callable(optimizer):
        raise WrongType(f"optimizer={optimizer!r}: needs a function, such as optimize_min_variance")
    rows = _rebalances(table, lookback, every)
    limits = read_constraints(options["constraints"]) if "constraints" in options else None
    found, previous = np.empty((len(rows), len(table.values[0]))), None
    for k, t in enumerate(_watched(rows, progress)):
        if limits is not None and limits.trades and limits.current is None:
            options["constraints"] = _from_previous(limits, table, previous, t)
        try:
            found[k] = _optimise(table, t, lookback, optimizer, options)
        except NanobookError as error:
            error.args = (f"{table.labels.period(t)}: {error}", *error.args[1:])
            raise
        previous = t, found[k]
    return _schedule(table, rows, found)


class _Table:
    """Prices, their labels, and what to do about gaps."""

    def __init__(self, values, labels, missing):
        self.values = values
        self.labels = labels
        self.missing = missing


def _read_prices(prices, symbols, missing):
    if missing not in MISSING:
        raise InvalidValue(f"missing={missing!r}: needs one of {', '.join(MISSING)}")
    values, labels = read_numbers("prices", prices)
    if labels and symbols is not None:
        raise InvalidValue("symbols: the columns name the symbols already; leave it out")
    labels = labels or Labels(read_symbols(symbols, values.shape[1]))
    wrong = ~((values > 0.0) & (values < np.inf)) & ~np.isnan(values)
    if missing == "raise":
        wrong |= np.isnan(values)
    if wrong.any():
        cells = np.argwhere(wrong)
        told = listing(f"{values[t, i]:g} at {labels.cell(t, i)}" for t, i in cells)
        remedy = (
            "; missing='leave_out' leaves assets out while they lack prices" if missing == "raise" else ""
        )
        raise NonFiniteError(f"prices: {told}: needs prices above 0{remedy}")
    return _Table(values, labels, missing)


def _rebalances(table, lookback, every):
    """Rows on which to rebalance."""
    count = len(table.values)
    if count <= lookback:
        raise TooFewObservations(f"prices: {count} rows, needs more than lookback={lookback}")
    if not isinstance(every, str):
        step = whole("every", every, 1, 10**9, "periods, or a pandas period such as 'M'")
        return np.arange(lookback, count, step)
    index = table.labels.index
    if not hasattr(index, "to_period"):
        raise WrongType(f"every={every!r}: needs prices whose index are dates; pass a number of periods")
    zone = getattr(index, "tz", None)
    try:
        spans = (index if zone is None else index.tz_localize(None)).to_period(every)
    except ValueError:
        raise InvalidValue(f"every={every!r}: is no period; use 'W', 'M', 'Q', 'Y' or a number") from None
    first = np.flatnonzero(np.append(False, spans[1:] != spans[:-1]))
    rows = first[first >= lookback]
    if len(rows) == 0:
        raise TooFewObservations(f"prices: no {every!r} begins after row lookback={lookback}")
    return rows


def _watched(rows, progress):
    if not progress:
        return rows
    from tqdm.auto import tqdm

    return tqdm(rows, unit="rebalance", leave=False, delay=2.0)


def _optimise(table, t, lookback, optimizer, options):
    """Weights of one date over all assets."""
    window = table.values[t - lookback : t + 1]
    there = ~np.isnan(window).any(axis=0)
    if not there.any():
        raise NonFiniteError("no asset has all its prices in the window")
    returns = window[1:, there] / window[:-1, there] - 1.0
    labels, names = table.labels, None
    if not there.all():
        options = _narrowed(options, labels, there)
    if labels.symbols is not None:
        names = [name for name, kept in zip(labels.symbols, there, strict=True) if kept]
    if labels.columns is not None:
        import pandas as pd

        given = optimizer(
            pd.DataFrame(returns, labels.index[t - lookback + 1 : t + 1], labels.columns[there]), **options
        )
    elif names is not None:
        given = optimizer(returns, names, **options)
    else:
        given = optimizer(returns, **options)
    weights = np.zeros(len(there))
    weights[there] = read_weights(given, names, int(there.sum()))
    return weights


def _narrowed(options, labels, there):
    """Options for the assets that are there: numbers a symbol and constraints without the others."""
    whole = Sample(None, len(there), Labels(labels.symbols), "array")
    options = dict(options)
    if "constraints" in options:
        options["constraints"] = narrowed(read_constraints(options["constraints"]), whole, there)
    for name in PER_ASSET:
        if options.get(name) is not None:
            options[name] = per_asset(name, options[name], whole)[there]
    return options


def _from_previous(limits, table, previous, t):
    """Constraints that count turnover from the previous weights, drifted with prices to row t."""
    if previous is None:
        return replace(limits, turnover=None, cost=0.0)
    since, weights = previous
    if table.missing == "leave_out":
        raise InvalidValue(
            "constraints: turnover needs assets that are there throughout; give current, or fill prices"
        )
    grown = weights * table.values[t] / table.values[since]
    return replace(limits, current=grown / (grown.sum() + 1.0 - weights.sum()))


def _schedule(table, rows, found):
    labels = table.labels
    if labels.columns is None:
        schedule = np.full(table.values.shape, np.nan)
        schedule[rows] = found
        return schedule
    import pandas as pd

    return pd.DataFrame(found, labels.index[rows], labels.columns)
