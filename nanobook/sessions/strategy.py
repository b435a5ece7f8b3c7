"""``strategy``: a Python function as something that runs inside the engine."""

from __future__ import annotations

import hashlib
import inspect
import re
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import numpy as np

from .._jit import JIT
from .._link import REFUSED, Linked, inner, plain
from ..errors import InvalidValue, StrategyError, WrongType
from ..kernels.session.play import play_of

FORMS = "write strategy(session), strategy(session, params) or strategy(session, params, metrics)"
PACKAGE = Path(__file__).parents[1]
ENGINE = ("types.py", "_jit.py", "_link.py", "inside.py", "kernels")
SIMPLE = (int, float, complex, str, bytes, bool, type(None), np.generic)


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
                raise refusal(self.function, params, error) from None
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


def names_of(what, names):
    """Names of fields as a tuple."""
    if isinstance(names, str):
        names = (names,)
    names = tuple(names)
    for name in names:
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            raise InvalidValue(f"{what}: {name!r} cannot be written as {what}.name; use letters and digits")
    if len(set(names)) < len(names):
        raise InvalidValue(f"{what}: {', '.join(names)} are not all different; give every one its own name")
    return names


def row_of(fields):
    """Dtype of a row of named numbers; one that is not used where there is none."""
    return np.dtype(list(fields.items()) or [("none", "f8")])


# What a compiled strategy depends on


@cache
def engine_digest():
    """Digest of all sources that are compiled into a strategy."""
    digest = hashlib.sha256()
    for name in ENGINE:
        path = PACKAGE / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def fingerprint(function):
    """Digest of a function and of every value and function that it refers to by name.

    Numba takes global values as constants and its cache looks at the bytecode alone: without this a
    notebook that sets ``SIZE = 20`` in another cell would go on with 10.
    """
    digest = hashlib.sha256()
    add_function(digest, function, set())
    return digest.hexdigest()[:16]


def add_function(digest, function, seen):
    """Add a function, once."""
    if function in seen:
        return
    seen.add(function)
    names = add_code(digest, function.__code__)
    digest.update(repr(function.__defaults__).encode())
    space = {**function.__globals__}
    if function.__closure__:
        space.update(
            zip(function.__code__.co_freevars, [c.cell_contents for c in function.__closure__], strict=True)
        )
        names |= set(function.__code__.co_freevars)
    for name in sorted(names & space.keys()):
        add_value(digest, name, space[name], names, seen)


def add_code(digest, code):
    """Add bytecode and constants, those of functions inside included; returns the names in it."""
    names = set(code.co_names)
    digest.update(code.co_code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= add_code(digest, constant)
        else:
            digest.update(repr(constant).encode())
    return names


def add_value(digest, name, value, names, seen):
    """Add what a name stands for; of a module, those of its names that may be meant."""
    value = plain(value)
    if isinstance(value, ModuleType):
        if not is_ours(value.__name__) and value is not np:
            for inner_name in sorted(names & vars(value).keys()):
                add_simple(digest, f"{name}.{inner_name}", vars(value)[inner_name], seen)
    else:
        add_simple(digest, name, value, seen)


def add_simple(digest, name, value, seen):
    """Add a function, a number, a text or an array; of anything else only its kind."""
    value = plain(value)
    digest.update(name.encode())
    if isinstance(value, FunctionType):
        if not is_ours(value.__module__):
            add_function(digest, value, seen)
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.descr} {value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, (tuple, list)):
        for n, part in enumerate(value):
            add_simple(digest, f"{n}", part, seen)
    elif isinstance(value, SIMPLE):
        digest.update(f"{type(value).__name__} {value!r}".encode())
    else:
        digest.update(type(value).__qualname__.encode())


def is_ours(module):
    """Whether the engine's digest covers a module."""
    return (module or "").split(".")[0] == "nanobook"


# What the compiler says, in words


def refusal(function, params, error):
    """Return the error for a strategy that was not compiled."""
    told = str(error)
    ours = re.search(re.escape(REFUSED) + r"(.*)", told)
    field = re.search(r"^'(\w+)'$|Unknown attribute '(\w+)' of type Record", told)
    untyped = re.search(r"Untyped global name '(\w+)'", told)
    if ours:
        reason = ours[1]
    elif field:
        known = ", ".join(params.names)
        reason = f"there is no {field[1] or field[2]!r} among the parameters {known} or the metrics named"
    elif untyped:
        reason = f"{untyped[1]!r} is nothing that Numba compiles; decorate what it calls with numba.njit"
    else:
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        reason = " ".join(line for line in lines[1:6] if not line.startswith(("During:", "File")))
    file = function.__code__.co_filename
    places = [
        int(line) for name, line in re.findall(r'File "(.*?)", line (\d+)', told) if same_file(name, file)
    ]
    places = [line for line in places if line > function.__code__.co_firstlineno] or places
    where = f", line {places[-1]}" if places else ""
    error = StrategyError(f"{function.__name__}{where}: {reason}")
    error.details = told
    return error


def same_file(name, file):
    """Whether the compiler's name of a file, which it may have shortened, means this one."""
    return Path(name).name == Path(file).name
