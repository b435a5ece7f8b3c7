"""Messages of any feed as the columns that the kernels take."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidValue, ShapeError, WrongType
from ..kernels.feed import state

COLUMNS = ("u1", "u1", "u2", "u8", "u8", "u4", "u4")


def columns_of(messages):
    """Columns of messages of any kind, as the kernels take them: read-only and contiguous."""
    if hasattr(messages, "feed_columns"):
        return state.Messages(*map(_sealed, messages.feed_columns()))
    if hasattr(messages, "locate") and hasattr(messages, "shares"):
        itch = (messages.type, messages.side, messages.locate, messages.reference, messages.link)
        return state.Messages(*map(_sealed, (*itch, messages.shares, messages.price)))
    if isinstance(messages, state.Messages):
        messages = messages._asdict()
    names = getattr(getattr(messages, "dtype", None), "names", None) or list(messages)
    missing = [name for name in ("kind", "reference") if name not in names]
    if missing:
        raise ShapeError(f"messages: no column {', '.join(missing)} among {', '.join(map(str, names))}")
    size = len(messages["kind"])
    found = {}
    for name, dtype in zip(state.Messages._fields, COLUMNS, strict=True):
        values = messages[name] if name in names else np.zeros(size, dtype)
        found[name] = _column(name, values, np.dtype(dtype), size)
    return state.Messages(**found)


def _column(name, values, dtype, size):
    """One column of the right type; a value that it cannot hold is named."""
    array = np.asarray(values)
    if array.shape != (size,):
        raise ShapeError(f"{name}: shape {array.shape}; use one value a message, {size} as in kind")
    if array.dtype.kind in "OUTS" and name in ("kind", "side"):
        array = _letters(name, array)
    if array.dtype == object and size and all(type(value) is int for value in array.tolist()):
        pass  # integers beyond int64, looked at below
    elif size and array.dtype.kind not in "iu":
        raise WrongType(f"{name}: values of type {array.dtype}; use integers")
    highest = np.iinfo(dtype).max
    if size and array.dtype != dtype:
        wrong = (array < 0) | (array > highest)
        if wrong.any():
            row = int(wrong.argmax())
            raise InvalidValue(f"{name}: row {row} is {array[row]}; use 0 to {highest}")
    return _sealed(array.astype(dtype))


def _letters(name, array):
    """Codes of letters; 0 for an empty one."""
    text = array.astype("U")
    if array.dtype.kind == "S" or text.dtype.itemsize > 4:
        wrong = np.char.str_len(text) > 1
        if wrong.any():
            row = int(wrong.argmax())
            raise InvalidValue(f"{name}: row {row} is {text[row]!r}; use one letter of ITCH")
    return text.astype("U1").view(np.uint32)


def _sealed(column):
    """One kind of array for the kernels, so that they compile once."""
    view = np.ascontiguousarray(column).view()
    view.flags.writeable = False
    return view
