"""Events as a DataFrame and back."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidValue, ShapeError, WrongType
from ..results import categories
from ..types import EVENT, KIND_NAMES, SIDE_NAMES, MessageKind
from .fields import AT, COLUMNS, EVENT_KINDS, TRAIL_NAMES, WORDS, limits

SIDES = (*SIDE_NAMES, "both")
NAMES = {
    "kind": EVENT_KINDS,
    "side": SIDES,
    "tif": WORDS["tif"].attributes,
    "policy": WORDS["policy"].attributes,
    "trail": TRAIL_NAMES,
}
"""Columns of a frame that hold words, by code."""

ALSO = {"kind": dict(zip(KIND_NAMES, range(len(KIND_NAMES)), strict=True))}
"""Other words that are read."""


def frame_of_rows(rows):
    """DataFrame of an EVENT array, missing words where a kind has none."""
    import pandas as pd

    used = limits()[:, :, 0] > 0
    is_policy = rows["kind"] == MessageKind.STP_POLICY
    there = {name: used[:, AT[name]][rows["kind"]] for name in ("kind", "side", "tif", "trail")}
    there["tif"] = there["tif"] & ~is_policy
    columns = {}
    for name in COLUMNS:
        values = rows[name]
        columns[name] = _words(name, values, there[name]) if name in NAMES else values
    columns["policy"] = _words("policy", rows["tif"], is_policy)
    return pd.DataFrame(columns)


def _words(name, codes, there):
    return categories(np.where(there, codes, -1), NAMES[name])


def rows_of_frame(frame):
    """EVENT array of a DataFrame with at least a column ``kind``; what is missing is 0."""
    unknown = [name for name in frame.columns if name not in (*COLUMNS, "policy")]
    if unknown or "kind" not in frame.columns:
        raise ShapeError(
            f"events: columns {', '.join(map(str, frame.columns))}; use kind, and what there is of "
            f"{', '.join((*COLUMNS, 'policy'))}"
        )
    rows = np.zeros(len(frame), EVENT)
    for name in frame.columns:
        if name != "policy":
            rows[name] = _codes(name, frame[name]) if name in NAMES else _numbers(name, frame[name])
    if "policy" in frame.columns:
        policies = rows["kind"] == MessageKind.STP_POLICY
        rows["tif"][policies] = _codes("policy", frame["policy"])[policies]
    return rows


def _codes(name, column):
    """Codes of words, numbers as they are; 0 for what is missing."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return _numbers(name, column)
    codes = {word: code for code, word in enumerate(NAMES[name])} | ALSO.get(name, {})
    places, words = pd.factorize(column.astype(object))
    wrong = [word for word in words if not isinstance(word, str) or word not in codes]
    if name == "kind" and (places < 0).any():
        raise InvalidValue(f"events: row {int((places < 0).argmax())}: no kind; use {', '.join(codes)}")
    if wrong:
        raise InvalidValue(f"events: {name} {wrong[0]!r}; use {', '.join(codes)}")
    return np.array([*(codes[word] for word in words), 0], np.uint8)[places]


def _numbers(name, column):
    """Numbers in the type of their column, if it holds them all."""
    values = column.to_numpy()
    wanted = EVENT[name]
    if values.dtype.kind not in ("iuf" if wanted.kind == "f" else "iu"):
        raise WrongType(f"events: {name} holds {values.dtype}; use {wanted}")
    if wanted.kind == "f" or not len(values):
        return values
    lowest, highest = int(values.min()), int(values.max())
    if lowest < np.iinfo(wanted).min or highest > np.iinfo(wanted).max:
        raise InvalidValue(f"events: {name} from {lowest} to {highest}; use what fits {wanted}")
    return values
