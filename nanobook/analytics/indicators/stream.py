"""An indicator that is fed row by row, with the same results to the last bit."""

import math

import numpy as np

from ...errors import NonFiniteError, ShapeError, WrongType
from .jobs import Job, run
from .table import TABLE

ROOM = 256
"""Rows between two moves of the history to the front of its buffer."""


class Stream:
    """An indicator that remembers what it has seen; made by the ``stream`` of its function.

    Runs the kernel that also runs over whole series, so the results are the same to the last bit. Streams
    can be copied and pickled at any row.

    Parameters
    ----------
    name : str
        Of the indicator.
    values : tuple
        Parameters.

    Attributes
    ----------
    count : int
        Rows seen.

    Examples
    --------
    >>> import nanobook
    >>> average = nanobook.sma.stream(3)
    >>> [average.update(price) for price in (1.0, 2.0, 3.0, 5.0)]
    [nan, nan, 2.0, 3.3333333333333335]
    """

    def __init__(self, name, values):
        self._indicator = TABLE[name]
        self._values = tuple(values)
        self._numbers = self._indicator.read(values)
        self._lead = self._indicator.sizes(self._numbers)[1]
        rows = self._lead + max(ROOM, self._lead)
        self._inputs = [np.full((1, rows), np.nan) for _ in self._indicator.inputs]
        self._outputs = [np.full((1, rows), np.nan) for _ in self._indicator.outputs]
        self._place = self._lead
        self.count = 0
        self._link()

    def _link(self):
        self._job = Job(self._indicator, self._numbers, self._inputs, self._outputs, chunk=64)

    def __repr__(self):
        given = ", ".join(
            f"{parameter.name}={value!r}"
            for parameter, value in zip(self._indicator.parameters, self._values, strict=True)
        )
        return f"<{self._indicator.name}.stream({given}), {self.count} rows seen>"

    def __getstate__(self):
        kept = {key: value for key, value in vars(self).items() if key not in ("_job", "_indicator")}
        return {**kept, "name": self._indicator.name, "state": self._job.state}

    def __setstate__(self, kept):
        kept = dict(kept)
        self._indicator = TABLE[kept.pop("name")]
        state = kept.pop("state")
        vars(self).update(kept)
        self._inputs = [series.copy() for series in self._inputs]
        self._outputs = [series.copy() for series in self._outputs]
        self._link()
        self._job.state[:] = state

    def update(self, *row):
        """Take one row and return what the indicator shows now.

        Parameters
        ----------
        *row : float
            One number an input, such as high, low and close; NaN where there is none.

        Returns
        -------
        float, or tuple of float
            NaN as long as there is no value.

        Raises
        ------
        NonFiniteError, WrongType, ShapeError
            An infinite number, something else than a number, or too few or many. Nothing is taken then.
        """
        numbers = self._read(row)
        if self._place == self._inputs[0].size:
            self._move()
        place = self._place
        for series, number in zip(self._inputs, numbers, strict=True):
            series[0, place] = number
        self._job.span[0] = place
        self._job.span[1] = place + 1
        run(self._indicator, self._job)
        self._place += 1
        self.count += 1
        shown = tuple(float(out[0, place]) for out in self._outputs)
        return shown if len(shown) > 1 else shown[0]

    def _read(self, row):
        names = self._indicator.inputs
        if len(row) != len(names):
            raise ShapeError(f"update() takes {', '.join(names)}: {len(row)} numbers given")
        for name, number in zip(names, row, strict=True):
            if isinstance(number, (str, bytes, bool)) or not hasattr(number, "__float__"):
                raise WrongType(f"{name}={number!r}: needs a number, not {type(number).__name__}")
            try:
                beyond = math.isinf(number)
            except (TypeError, OverflowError) as error:
                raise WrongType(f"{name}={number!r}: needs a number ({error})") from None
            if beyond:
                raise NonFiniteError(f"{name}={number}: needs a finite number, or NaN where there is none")
        return row

    def _move(self):
        for series in self._inputs:
            series[0, : self._lead] = series[0, series.size - self._lead :]
        self._place = self._lead
