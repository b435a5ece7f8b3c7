"""What an indicator is: its parameters, where it begins, which kernel it is; and short ways to say so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...errors import InvalidValue
from ...portfolio.inputs import finite, whole

LONGEST = 100_000
"""The longest period, as in TA-Lib."""

OVERLAP, MOMENTUM, VOLUME = "Overlap Studies", "Momentum Indicators", "Volume Indicators"
VOLATILITY, PRICE = "Volatility Indicators", "Price Transform"
STATISTIC, MATHS = "Statistic Functions", "Math Operators"
CYCLES = "Cycle Indicators"

KINDS = {
    name: float(k)
    for k, name in enumerate(("sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3"))
}
"""Kinds of average, numbered as in TA-Lib."""

CYCLE_MEMORY, PHASE_MEMORY, KIND_MEMORY = 42, 171, 42
"""Numbers that a cycle, its phase and an average of any kind remember."""


@dataclass(frozen=True)
class Parameter:
    """A number that an indicator takes.

    Attributes
    ----------
    name : str
    default : number, text or None
        None where the caller must say.
    low, high : number
        Bounds, both allowed.
    kind : {'period', 'factor', 'average'}
        A whole number, any number, or the name of a moving average.
    choices : tuple of str
        The moving averages that there are.
    """

    name: str
    default: Any
    low: float = 1
    high: float = LONGEST
    kind: str = "period"
    choices: tuple = tuple(KINDS)

    def read(self, value):
        """Check a value and return what the kernel takes."""
        if self.kind == "period":
            return float(whole(self.name, value, self.low, self.high, "a number of rows"))
        if self.kind == "average":
            if not isinstance(value, str) or value.lower() not in self.choices:
                raise InvalidValue(
                    f"{self.name}={value!r}: must be one of {', '.join(map(repr, self.choices))}"
                )
            return KINDS[value.lower()]
        number = finite(self.name, value)
        if not self.low <= number <= self.high:
            raise InvalidValue(f"{self.name}={number:g}: must be from {self.low:g} to {self.high:g}")
        return number


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    Attributes
    ----------
    name, category : str
    kernel : str
        Module and name below ``nanobook.kernels.indicators``.
    inputs, outputs : tuple of str
    parameters : tuple of Parameter
    first : callable
        First row with a value, by the parameters.
    lead : callable
        Rows before its own that the kernel looks at, by the parameters.
    work : int
        Scratch rows of the kernel.
    room : int
        Numbers that a scratch row holds at least.
    memory : callable
        What a recursion remembers, by the parameters: numbers that begin as 0, and that begin as NaN.
    also : tuple of float
        Parameters of the kernel after the caller's.
    sorts : bool
        Whether its parameters, all periods, count from the shortest to the longest as in TA-Lib, in whatever
        order they are given.
    talib : str
        Its name in TA-Lib.
    """

    name: str
    category: str
    kernel: str
    inputs: tuple
    outputs: tuple
    parameters: tuple
    first: Callable
    lead: Callable
    work: int = 1
    room: int = 1
    memory: Callable = field(default=lambda *values: (0, 0))
    also: tuple = ()
    sorts: bool = False
    talib: str = ""

    def read(self, values):
        """Check the parameters; returns the numbers that the kernel takes."""
        numbers = [parameter.read(value) for parameter, value in zip(self.parameters, values, strict=True)]
        if len(numbers) > 1:
            self._check_order(numbers)
        return (*(sorted(numbers) if self.sorts else numbers), *self.also)

    def _check_order(self, numbers):
        """Refuse a lower bound that is not below the upper one."""
        known = {parameter.name: number for parameter, number in zip(self.parameters, numbers, strict=True)}
        for low, high in (("fast_period", "slow_period"), ("min_period", "max_period")):
            if low in known and high in known and known[low] >= known[high]:
                raise InvalidValue(
                    f"{low}={known[low]:.0f}: must be below {high}={known[high]:.0f}; swap them"
                )

    def sizes(self, numbers):
        """First row with a value, rows of lead, zeros and NaN to remember, for checked parameters."""
        own = [int(n) if p.kind == "period" else n for p, n in zip(self.parameters, numbers, strict=False)]
        return self.first(*own), self.lead(*own), self.memory(*own)


def period(default=None, low=1, name="period"):
    """Make a parameter that counts rows."""
    return Parameter(name, default, low)


def factor(name, default, low=-1e300, high=1e300):
    """Make a parameter that is any number."""
    return Parameter(name, default, low, high, "factor")


FAST_SLOW = (period(12, 2, "fast_period"), period(26, 2, "slow_period"))
AVERAGE = Parameter("average", "ema", kind="average", choices=("sma", "ema"))


def any_average(name="average"):
    """Make a parameter that is any kind of average."""
    return Parameter(name, "sma", kind="average")


def remembers(count):
    """Make the memory of a recursion of so many numbers."""
    return lambda *values: (count, 0)


def span(*values):
    """Rows before the last one of a window of the first parameter."""
    return values[0] - 1


def back(*values):
    """Rows to the value as many rows before as the first parameter says."""
    return values[0]


def none(*values):
    """No row before its own."""
    return 0


def one(*values):
    """The row before its own."""
    return 1


def recursive(name, category, kernel, inputs, parameters, first, memory, **more):
    """Row of an indicator that remembers, and looks at one row before at most."""
    return row(name, category, kernel, inputs, parameters, first, one, memory=remembers(memory), **more)


def row(name, category, kernel, inputs, parameters, first, lead, outputs="value", **more):
    """Row of the table, from texts."""
    more.setdefault("talib", name.upper())
    inputs, outputs = tuple(inputs.split()), tuple(outputs.split())
    return Indicator(name, category, kernel, inputs, outputs, tuple(parameters), first, lead, **more)
