"""``Weigher``: a user's weight function, compiled and linked."""

from __future__ import annotations

import dis
import inspect
import threading
from types import FunctionType

from .._jit import JIT
from .._link import Linked, from_bytes, inner, plain, to_bytes
from ..compiled import engine_digest, fingerprint, refusal
from ..errors import StrategyError, WrongType
from ..kernels.bar import Bar, play_of

FORMS = "write strategy(bar, params, weights) or strategy(bar, weights)"
LINKING = threading.Lock()
LINKED: dict = {}  # of this process: a worker gets its function anew with every chunk
KEPT = 64


class Weigher:
    """A compiled strategy: a function that writes the weights of one period.

    Attributes
    ----------
    function : function
        As written.
    arguments : int
        2 without parameters, else 3.
    name : str
    """

    def __init__(self, function):
        self.function = plain(function)
        self.arguments = count_arguments(self.function)
        self.name = self.function.__name__
        refuse_rebinding(self.function)

    def link(self, params):
        """Return the strategy for parameters of a dtype: Linked, or without compilation a function."""
        key = f"{engine_digest()} {fingerprint(self.function)} {params.descr} weights"
        with LINKING:
            if key not in LINKED:
                if len(LINKED) == KEPT:
                    del LINKED[next(iter(LINKED))]
                LINKED[key] = self._compile(params, key)
            return LINKED[key]

    def _compile(self, params, key):
        function = self.function
        play = play_of(inner(function) if JIT else function, self.arguments, params)
        if not JIT:
            return play
        try:
            return Linked(play, function, key)
        except Exception as error:  # numba raises a bare KeyError for a field that a record lacks
            raise refusal(function, params, error, bar=Bar._fields) from None

    def __getstate__(self):
        return to_bytes(self.function)

    def __setstate__(self, state):
        self.__init__(from_bytes(state))


def refuse_rebinding(function):
    """Refuse ``weights = ...``, which would leave the row of weights as it was: held for ever."""
    name = list(inspect.signature(function).parameters)[-1]
    before = ""
    for step in dis.get_instructions(function):
        if step.opname == "STORE_FAST" and step.argval == name and not before.endswith("="):
            raise StrategyError(
                f"{function.__name__}: assigns to the name {name}, which changes no weight; write "
                f"{name}[:] = ..."
            )
        before = step.argrepr if step.opname == "BINARY_OP" else ""


def count_arguments(function):
    """Number of arguments, 2 or 3, of a function that may be a compiled strategy."""
    if not isinstance(function, FunctionType):
        raise WrongType(f"strategy: {function!r} is a {type(function).__name__}, no function; {FORMS}")
    shown = f"{function.__name__}{inspect.signature(function)}"
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise WrongType(f"strategy: {shown} is a generator or coroutine; {FORMS}")
    parameters = inspect.signature(function).parameters.values()
    if len(parameters) not in (2, 3) or any(p.kind not in (0, 1) for p in parameters):
        raise WrongType(f"strategy: {shown} takes other arguments than a compiled strategy; {FORMS}")
    return len(parameters)
