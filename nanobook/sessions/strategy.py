"""``strategy``: a Python function as something that runs inside the engine."""

from __future__ import annotations

import inspect
from types import FunctionType

import numpy as np

from .._jit import JIT
from .._link import Linked, inner, plain
from ..compiled import engine_digest, fingerprint, names_of, refusal, row_of
from ..errors import InvalidValue, WrongType
from ..kernels.session.play import play_of

FORMS = "write strategy(session), strategy(session, params) or strategy(session, params, metrics)"


def strategy(function=None, *, metrics=()):
    """Make a function into a strategy that runs inside the engine.

    The function is compiled when it is first simulated, and the result is kept on disk beside its file (of
    a notebook: in IPython's folder) until the function, a value or function that it refers to, or
    nanobook changes.

    Parameters
    ----------
    function : function
        Takes the session, the row of parameters of the session (``params.name`` is one of them) and the
        row of metrics; the last, or the last two, may be left out. What it can do with the session stands
        in ``nanobook.inside``. It may use what Numba compiles and call functions decorated with
        ``numba.njit``. It may itself be decorated so.
    metrics : sequence of str
        Names of numbers that the strategy tells about a session: ``metrics.name = value``, float64, 0 where
        it is never set. They become columns of the result.

    Returns
    -------
    Strategy
        For ``simulate``.

    Raises
    ------
    WrongType, InvalidValue
        Not a function, or one that takes other arguments; a name that cannot be one.

    Examples
    --------
    >>> from nanobook import simulate, strategy
    >>> from nanobook.inside import BUY, message_number, next_message, position, submit_market
    >>> @strategy(metrics=["done_at"])
    ... def buyer(session, params, metrics):
    ...     while next_message(session):
    ...         if position(session) < params.target:
    ...             submit_market(session, BUY, 1)
    ...             metrics.done_at = message_number(session)
    >>> simulate(buyer, params={"target": [0, 20]}, flow=500)["done_at"]
    array([ 0., 21.])
    """
    if function is None:
        return lambda function: Strategy(function, metrics)
    return Strategy(function, metrics)


class Strategy:
    """A function that runs inside the engine; made by ``strategy``.

    Attributes
    ----------
    function : function
        As written.
    metrics : tuple of str
        Names of what it tells about a session.
    from_cache : bool or None
        Whether the compiled function was found on disk; None before the first simulation.
    """

    def __init__(self, function, metrics=()):
        self.function = plain(function)
        self.metrics = names_of("metrics", metrics)
        self.arguments = count_arguments(self.function, self.metrics)
        self.__doc__ = self.function.__doc__
        self.__name__ = self.function.__name__
        self.from_cache = None
        self._linked = {}

    def __repr__(self):
        return f"Strategy({self.__name__})"

    def row(self):
        """Return the dtype of a row of metrics."""
        return row_of({name: np.dtype("f8") for name in self.metrics})

    def link(self, params):
        """Return the compiled strategy for parameters of a dtype.

        Returns
        -------
        Linked, or without compilation a function
        """
        key = f"{engine_digest()} {fingerprint(self.function)} {params.descr} {self.metrics}"
        if key in self._linked:
            return self._linked[key]
        play = play_of(inner(self.function) if JIT else self.function, self.arguments, params, self.row())
        if JIT:
            try:
                play = Linked(play, self.function, key)
            except Exception as error:  # numba raises a bare KeyError for a field that a record lacks
                raise refusal(self.function, params, error, " or the metrics named") from None
            self.from_cache = play.from_cache
        self._linked[key] = play
        return play


def as_strategy(given):
    """Return anything that a user may give for a strategy as a ``Strategy``."""
    return given if isinstance(given, Strategy) else Strategy(given)


def count_arguments(function, metrics):
    """Number of arguments, 1 to 3, of a function that may be a strategy."""
    if not isinstance(function, FunctionType):
        raise WrongType(f"strategy: {function!r} is a {type(function).__name__}, no function; {FORMS}")
    shown = f"{function.__name__}{inspect.signature(function)}"
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise WrongType(f"strategy: {shown} is a generator or coroutine; loop over next_message(session)")
    parameters = inspect.signature(function).parameters.values()
    if not 1 <= len(parameters) <= 3 or any(p.kind not in (0, 1) for p in parameters):
        raise WrongType(f"strategy: {shown} takes other arguments than a strategy; {FORMS}")
    if len(parameters) == 3 and not metrics:
        raise InvalidValue(f"strategy: {shown} takes metrics without names; use @strategy(metrics=['name'])")
    if len(parameters) < 3 and metrics:
        raise InvalidValue(f"strategy: {shown} takes no metrics, but {', '.join(metrics)} are named; {FORMS}")
    return len(parameters)
