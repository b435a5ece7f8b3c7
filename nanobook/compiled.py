"""What compiled strategies of all kinds share: when to compile anew, what the compiler says, names.

A user's function is kept on disk under a digest of everything that it was compiled from.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import numpy as np

from ._link import REFUSED, plain
from .errors import InvalidValue, StrategyError

PACKAGE = Path(__file__).parent
ENGINE = ("types.py", "_jit.py", "_link.py", "inside.py", "kernels")
SIMPLE = (int, float, complex, str, bytes, bool, type(None), np.generic)


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


def refusal(function, params, error, others="", bar=()):
    """Return the error for a strategy that was not compiled.

    Parameters
    ----------
    function : function
    params : dtype
        Of the row of parameters.
    error : Exception
        What the compiler raised.
    others : str
        Where else a name may come from that is no parameter.
    bar : sequence of str
        What a bar has, for a strategy that takes one.
    """
    told = str(error)
    ours = re.search(re.escape(REFUSED) + r"(.*)", told)
    field = re.search(r"^'(\w+)'$|Unknown attribute '(\w+)' of type Record", told)
    of_bar = re.search(r"Unknown attribute '(\w+)' of type Bar\(", told)
    untyped = re.search(r"Untyped global name '(\w+)'", told)
    if ours:
        reason = ours[1]
    elif field:
        known = ", ".join(name for name in params.names if name != "none") or "(there are none)"
        reason = f"there is no {field[1] or field[2]!r} among the parameters {known}{others}"
    elif of_bar:
        reason = f"a bar has no {of_bar[1]!r}; it has {', '.join(bar)}"
    elif "Cannot modify readonly array" in told:
        reason = "what a bar tells is read-only; change a copy of it"
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
