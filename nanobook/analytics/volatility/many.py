"""Fit one model to many series at once, and what that returns."""

import time
import warnings
from collections.abc import Mapping

import numpy as np

from ... import _link
from ...errors import ConvergenceWarning, InvalidValue
from ...hints import listing, nearest
from ...kernels.garch.fit import CONVERGED
from ...portfolio.inputs import readonly, whole
from .garch import STEPS, run
from .inputs import check_returns, read_panel
from .model import (
    distribution_of,
    parameter_names,
    parameters,
    read_model,
    scale_of,
    starting_variance,
    title,
)
from .result import Data, GarchResult

BATCH = 0.25  # seconds between two looks at the clock, the progress bar and Ctrl-C
PATIENCE = 2.0  # seconds that a run must still take for a bar to appear


def fit_many(
    returns,
    p=1,
    o=None,
    q=1,
    *,
    model="garch",
    mean="constant",
    distribution="normal",
    initial="backcast",
    missing="raise",
    max_steps=STEPS,
    threads=None,
    progress=True,
):
    """Fit a volatility model to each of many series of returns, side by side on all cores.

    Every series gets the very numbers that `fit_garch` gives it, with any number of threads.

    Parameters
    ----------
    returns : DataFrame or array of float, shape (T, S)
        One column a series.
    p, o, q, model, mean, distribution, initial, max_steps
        As for `fit_garch`.
    missing : {'raise', 'drop'}
        What to do about NaN: ``"drop"`` leaves them out of each series alone, so that series may begin and
        end when they like.
    threads : int, optional
        At most so many; by default as many as Numba uses.
    progress : bool
        Show a bar if the run takes longer than some seconds.

    Returns
    -------
    GarchFits
        Mapping of column to `GarchResult`.

    Raises
    ------
    NonFiniteError, ShapeError, InvalidValue
        As `fit_garch`, before anything is fitted; names all series at fault.

    Warns
    -----
    ConvergenceWarning
        Some fits stopped before their optimum: those whose ``converged`` is False.
    ScaleWarning
        As `fit_garch`.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> fits = nanobook.fit_many(np.random.default_rng(1).standard_t(5, (400, 3)), distribution="t")
    >>> fits.params.shape
    (3, 5)
    >>> fits.forecast(2).columns.tolist()
    [1, 2]
    """
    chosen = read_model(model, p, o, q, mean, distribution)
    steps = whole("max_steps", max_steps, 1, 10**6, "steps of the optimiser")
    lanes = _link.thread_count() if threads is None else whole("threads", threads, 1, 4096, "threads")
    values, labels, known = read_panel("returns", returns, missing)
    names = list(range(values.shape[1])) if labels.symbols is None else list(labels.symbols)
    columns = [values[:, i] if known is None else values[known[:, i], i] for i in range(len(names))]
    spoken = [labels.symbol(i) for i in range(len(names))]
    check_returns("returns", list(zip(spoken, columns, strict=True)))
    data = {
        name: prepare(chosen, column, initial, index_of(labels, known, i), name)
        for i, (name, column) in enumerate(zip(names, columns, strict=True))
    }
    starts = [each.start / each.scale**2 for each in data.values()]
    pace = Pace(len(data), lanes, bool(progress))
    try:
        fitted = run(chosen, [each.scaled for each in data.values()], starts, steps, lanes, pace)
    finally:
        pace.close()
    fits = GarchFits(chosen, data, labels.columns, fitted)
    failed = [name for name, done in zip(spoken, fitted.codes == CONVERGED, strict=True) if not done]
    if failed:
        warnings.warn(
            f"{len(failed)} of {len(names)} fits of {title(chosen)} stopped before their optimum: "
            f"{listing(failed)}; look at .converged",
            ConvergenceWarning,
            stacklevel=2,
        )
    return fits


def prepare(model, column, initial, index, name):
    """Scale one series."""
    values = readonly(np.ascontiguousarray(column))
    scale = scale_of(model, values)
    return Data(
        values, readonly(values / scale), scale, starting_variance(model, values, initial), index, name
    )


def index_of(labels, known, i):
    """Labels of the periods that one series has."""
    if labels.index is None or known is None:
        return labels.index
    return labels.index[known[:, i]]


class Pace:
    """How many series to fit at once, so that Ctrl-C and a bar come through.

    Called with how many are done it answers how many come next.
    """

    def __init__(self, total, lanes, progress):
        self.total, self.lanes, self.progress = total, lanes, progress
        self.before = self.size = 0
        self.begun = time.perf_counter()
        self.bar = None

    def __call__(self, done):
        """Say how many series come next."""
        now = time.perf_counter()
        if done == 0:
            self.size = self.lanes
        else:
            spent = (now - self.begun) / (done - self.before)
            first = self.before == 0  # mostly start-up
            self.size = max(self.lanes, min(int(BATCH / max(spent, 1e-9)), 16 * self.size))
            if self.progress and self.bar is None and not first and spent * (self.total - done) > PATIENCE:
                self.bar = new_bar(self.total)
        if self.bar is not None:
            self.bar.update(done - self.bar.n)
        self.before, self.begun = done, time.perf_counter()
        return self.size

    def close(self):
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()


def new_bar(total):
    """A bar of so many series."""
    from tqdm import tqdm

    return tqdm(total=total, unit="series", leave=False)


class GarchFits(Mapping):
    """Fits of one model to many series; made by `fit_many`.

    A mapping of each series' name (for arrays: its column) to a `GarchResult`. Results compare equal by value
    and can be pickled.

    Attributes
    ----------
    params : DataFrame
        One row a series, one column a parameter.
    loglikelihood, aic, bic, converged, iterations : Series
        One value a series.
    model : Model
        The orders.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, model, data, columns, fitted):
        self.model = model
        self._data = data
        self._columns = columns
        self._params = np.array(
            [parameters(model, x, each.scale) for x, each in zip(fitted.points, data.values(), strict=True)]
        )
        scales = np.array([each.scale for each in data.values()])
        periods = np.array([each.values.size for each in data.values()])
        self._values = fitted.values - periods * np.log(scales)
        self._periods, self._codes, self._steps = periods, fitted.codes, fitted.steps
        self._row = {name: i for i, name in enumerate(data)}

    def __getitem__(self, name):
        if name not in self._row:
            raise KeyError(f"{name!r}: no such series{nearest(name, self._row)}")
        i = self._row[name]
        return GarchResult(
            model=self.model,
            data=self._data[name],
            params=self._params[i],
            code=int(self._codes[i]),
            steps=int(self._steps[i]),
        )

    def __iter__(self):
        return iter(self._row)

    def __len__(self):
        return len(self._row)

    def __eq__(self, other):
        if not isinstance(other, GarchFits):
            return NotImplemented
        return list(self) == list(other) and all(self[name] == other[name] for name in self)

    @property
    def params(self):
        """Parameters, one row a series."""
        import pandas as pd

        return pd.DataFrame(self._params, index=self._index(), columns=list(parameter_names(self.model)))

    @property
    def loglikelihood(self):
        """Log-likelihood of each series."""
        return self._series(self._values, "loglikelihood")

    @property
    def aic(self):
        """Criterion of Akaike."""
        return self._series(2.0 * self._params.shape[1] - 2.0 * self._values, "aic")

    @property
    def bic(self):
        """Criterion of Schwarz."""
        return self._series(self._params.shape[1] * np.log(self._periods) - 2.0 * self._values, "bic")

    @property
    def converged(self):
        """Whether the fit of each series ended at an optimum."""
        return self._series(self._codes == CONVERGED, "converged")

    @property
    def iterations(self):
        """Steps that each fit took."""
        return self._series(self._steps.copy(), "iterations")

    def to_frame(self):
        """Tabulate parameters, log-likelihood, criteria, convergence and iterations, one row a series.

        Returns
        -------
        DataFrame
        """
        frame = self.params
        for column in (self.loglikelihood, self.aic, self.bic, self.converged, self.iterations):
            frame[column.name] = column
        return frame

    def forecast(self, horizon=1, *, method="auto", paths=10_000, seed=0):
        """Forecast the variance of every series; as ``GarchResult.forecast``.

        Returns
        -------
        DataFrame
            One row a series, one column a period ahead, from 1.
        """
        import pandas as pd

        found = [
            self[name].forecast(horizon, method=method, paths=paths, seed=seed)["variance"].to_numpy()
            for name in self
        ]
        columns = pd.RangeIndex(1, len(found[0]) + 1, name="horizon")
        return pd.DataFrame(np.array(found), index=self._index(), columns=columns)

    def conditional_volatility(self):
        """Conditional volatility of every series.

        Returns
        -------
        DataFrame or array, shape (T, S)
            With the periods of the input that any series has; NaN where one has none. Arrays where arrays
            came in without missing values.
        """
        import pandas as pd

        found = {name: self[name].conditional_volatility for name in self}
        if all(each.index is not None for each in self._data.values()):
            frame = pd.concat(found.values(), axis=1).sort_index()
            return frame.set_axis(self._index(), axis=1)
        if len(set(self._periods.tolist())) > 1:
            raise InvalidValue(
                "conditional_volatility: the series have different lengths; take them one by one"
            )
        return np.column_stack(list(found.values()))

    def plot(self):
        """Draw how the parameters are spread over the series.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown.
        """
        from .plot import draw_spread

        return draw_spread(self)

    def __repr__(self):
        failed = int((self._codes != CONVERGED).sum())
        return (
            f"GarchFits({title(self.model)}, {distribution_of(self.model)}, series={len(self)}, "
            f"not converged={failed})"
        )

    def _repr_html_(self):
        return f"<p>{self!r}</p>{self.to_frame().to_html(max_rows=20, float_format=lambda v: f'{v:.4g}')}"

    def _index(self):
        import pandas as pd

        return pd.RangeIndex(len(self)) if self._columns is None else self._columns

    def _series(self, values, name):
        import pandas as pd

        return pd.Series(values, index=self._index(), name=name)
