"""The text of ``target.json``: JSON as the standard has it, and nothing that could mean two things."""

from __future__ import annotations

import json
from decimal import Decimal

from ...errors import TargetError
from ...hints import printable

MOST_DIGITS = 60


class Ambiguous(ValueError):
    """JSON that Python would read, and that says nothing definite."""


def parse_target(path, content):
    """Read the JSON of a target; numbers stay what they are written as.

    Parameters
    ----------
    path : str or path-like
        For messages.
    content : bytes

    Returns
    -------
    dict

    Raises
    ------
    TargetError
        It is no JSON, holds NaN or a key twice, or is no object.
    """
    try:
        read = json.loads(
            content.decode(),
            parse_float=number,
            parse_int=whole,
            parse_constant=no_number,
            object_pairs_hook=once,
        )
    except UnicodeDecodeError as error:
        raise TargetError(f"{path}: byte {error.start} is no UTF-8; save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise TargetError(f"{path}: {why(content, error)}") from None
    except Ambiguous as error:
        raise TargetError(f"{path}: {error}") from None
    except RecursionError:
        raise TargetError(f"{path}: nested too deeply") from None
    if not isinstance(read, dict):
        raise TargetError(f"{path}: must be an object with timestamp and targets, not {type(read).__name__}")
    return read


def why(content, error):
    """Say why some text is no JSON."""
    if not content.strip():
        return "the file is empty"
    cut = error.pos >= len(content.decode().rstrip())
    hint = "; the file ends too early: was it half written?" if cut else ""
    return f"no JSON: {error.msg} at line {error.lineno}, column {error.colno}{hint}"


def number(text):
    """Read a number with a point or an exponent."""
    if len(text) > MOST_DIGITS:
        raise Ambiguous(f"a number of {len(text)} characters")
    return Decimal(text)


def whole(text):
    """Read a whole number."""
    if len(text) > MOST_DIGITS:
        raise Ambiguous(f"a number of {len(text)} characters")
    return int(text)


def no_number(text):
    """Refuse NaN and infinities, which JSON does not have."""
    raise Ambiguous(f"{text} is no number")


def once(pairs):
    """Make an object of its pairs; a key twice is refused."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({printable(name) for name in names if names.count(name) > 1})
        raise Ambiguous(f"the key {', '.join(map(repr, twice))} stands twice in one object")
    return made
