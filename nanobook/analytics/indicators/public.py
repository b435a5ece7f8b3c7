"""What every public indicator has beside its few lines: the rest of its documentation, and a stream."""

from collections.abc import Callable
from inspect import cleandoc
from typing import ParamSpec, Protocol, TypeVar

from .stream import Stream
from .table import TABLE

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

WORDS = {
    "open": "Opening prices.",
    "high": "Highest prices.",
    "low": "Lowest prices.",
    "close": "Closing prices.",
    "volume": "Volumes.",
    "x": "Values.",
    "y": "Values, as long as ``x``.",
    "period": "Rows of the window, or 2 / pace - 1 or 1 / pace of the average.",
    "fast_period": "Rows of the fast average; below ``slow_period``.",
    "slow_period": "Rows of the slow average.",
    "signal_period": "Rows of the average of the line.",
    "fastk_period": "Rows of the window of highest and lowest.",
    "slowk_period": "Rows of the mean of the stand.",
    "slowd_period": "Rows of the mean of that mean.",
    "fastd_period": "Rows of the mean of the stand.",
    "period1": "Rows of a window.",
    "period2": "Rows of a window.",
    "period3": "Rows of a window.",
    "num_std_up": "Standard deviations from the middle to the upper band.",
    "num_std_dn": "Standard deviations from the middle to the lower band.",
    "num_std": "Factor.",
    "volume_factor": "Weight of the later averages; 0 gives the third one alone.",
    "acceleration": "Pace at the beginning, and what each new extreme adds to it.",
    "maximum": "Highest pace.",
    "average": "Kind of the moving averages.",
    "fast_average": "Kind of the fast average.",
    "slow_average": "Kind of the slow average.",
    "signal_average": "Kind of the average of the line.",
    "fast_limit": "Highest pace of the average, 0.01 to 0.99.",
    "slow_limit": "Lowest pace of the average, 0.01 to 0.99.",
    "periods": "A period for every row; NaN gives NaN.",
    "min_period": "Shortest period; below ``max_period``.",
    "max_period": "Longest period.",
    "start": "Stop at the beginning, in a fall below 0; 0 finds one in the first two bars.",
    "offset": "Share of its price that the stop moves away when it reverses.",
    "initial_long": "Pace at the beginning of a rise.",
    "acceleration_long": "What each new high adds to it.",
    "maximum_long": "Highest pace of a rise.",
    "initial_short": "Pace at the beginning of a fall.",
    "acceleration_short": "What each new low adds to it.",
    "maximum_short": "Highest pace of a fall.",
}

SERIES = "list, array (T,) or (T, N), Series or DataFrame"


class WithStream(Protocol[P, R_co]):
    """A function that can also be fed row by row."""

    stream: Callable[..., Stream]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Compute over a whole series."""


def public(name: str) -> Callable[[Callable[P, R_co]], WithStream[P, R_co]]:
    """Make the decorator that completes the public function of an indicator of the table."""

    def decorate(function):
        summary, _, examples = cleandoc(function.__doc__).partition("\nExamples\n--------\n")
        parts = [summary.strip(), parameters(TABLE[name]), results(TABLE[name]), NOTES]
        if examples:
            parts.append(f"Examples\n--------\n{examples.rstrip()}")
        function.__doc__ = "\n\n".join(parts) + "\n"
        function.stream = streamer(name)
        return function

    return decorate


def streamer(name):
    """Make the function that makes streams of an indicator."""
    names = [parameter.name for parameter in TABLE[name].parameters]
    defaults = [parameter.default for parameter in TABLE[name].parameters]
    text = [key if value is None else f"{key}={value!r}" for key, value in zip(names, defaults, strict=True)]

    def stream(*values, **named):
        given = dict(zip(names, values, strict=False))
        unknown = [key for key in named if key not in names or key in given]
        missing = [
            key
            for key, default in zip(names, defaults, strict=True)
            if default is None and key not in given and key not in named
        ]
        if unknown or missing or len(values) > len(names):
            raise TypeError(f"{name}.stream() takes ({', '.join(text)})")
        every = {**dict(zip(names, defaults, strict=True)), **given, **named}
        return Stream(name, tuple(every[key] for key in names))

    stream.__doc__ = f"Make a stream: ``{name}.stream({', '.join(text)})``, fed with ``update``."
    return stream


def parameters(indicator):
    """Section on what goes in."""
    lines = [
        "Parameters",
        "----------",
        f"{', '.join(indicator.inputs)} : {SERIES}",
        *(f"    {WORDS[name]}" for name in indicator.inputs),
    ]
    for parameter in indicator.parameters:
        kind = {"period": "int", "factor": "float", "average": "str"}[parameter.kind]
        default = "" if parameter.default is None else f", default {parameter.default!r}"
        words = WORDS[parameter.name]
        if parameter.kind == "average":
            words = f"{words[:-1]}: {', '.join(map(repr, parameter.choices))}."
        lines += [f"{parameter.name} : {kind}{default}", f"    {words}"]
    return "\n".join(lines)


def results(indicator):
    """Sections on what comes out, and what is refused."""
    names = ", ".join(indicator.outputs) if len(indicator.outputs) > 1 else "values"
    like = f"as ``{indicator.inputs[0]}``"
    kind = like if len(indicator.outputs) == 1 else f"tuple of {len(indicator.outputs)}, each {like}"
    return "\n".join(
        [
            "Returns",
            "-------",
            f"{names} : {kind}",
            "    Of the same kind and labels, float64; NaN before the first value.",
            "",
            "Raises",
            "------",
            "InvalidValue, WrongType",
            "    A parameter that cannot be, an index that decreases, something else than numbers.",
            "ShapeError",
            "    Series that differ in shape or labels.",
            "NonFiniteError",
            "    An infinite value.",
        ]
    )


NOTES = """Notes
-----
Columns of a table are series of their own, computed side by side. A series too short for a value gives NaN.
A NaN gives NaN wherever a window holds it; what remembers begins anew behind it. ``stream(...)`` of this
function makes an object with ``update``, for one row at a time."""
