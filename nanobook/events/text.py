"""Events into text: the representation and JSON.

A template is made once for all events that have the same fields, then filled by column.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..types import TrailMethod
from .fields import AT, BOTH_SIDES, FIELDS, TITLES, has, words_of


def debug_float(number):
    """Text of a finite float in a representation: an exponent from 1e16 up and below 1e-4.

    Where two shortest texts are equally near, as 731872617569838.2 and .3 to a number that ends in .25,
    it is the one farther from zero, which ``repr`` never takes.
    """
    head, exponent, power = repr(number).partition("e")
    if exponent:
        return f"{head}e{int(power)}"
    near = Decimal(head)
    off = Decimal(number) - near
    if 2 * abs(off) == Decimal((0, (1,), near.as_tuple().exponent)) and (off > 0) == (number > 0):
        return str((near + 2 * off).quantize(near))
    return head


def json_float(number):
    """Text of a finite float in a file: an exponent from 1e16 up and below 1e-5."""
    head, exponent, power = repr(number).partition("e")
    if not exponent:
        return head
    if int(power) == -5:
        return f"{'-' if number < 0 else ''}0.0000{head.lstrip('-').replace('.', '')}"
    return f"{head}e{int(power):+d}"


class Style(NamedTuple):
    """A way to spell events: what a whole event, a field and values of some types look like.

    ``trails`` goes by ``TrailMethod``; what is not told here is a plain number.
    """

    event: str
    no_fields: str
    field: str
    comma: str
    word: str
    price: str
    order_id: str
    trails: tuple
    float_text: object


JSON = Style(
    event='{"KIND":{FIELDS}}',
    no_fields='{"KIND":{}}',
    field='"%s":%s',
    comma=",",
    word='"%s"',
    price="%d",
    order_id="%d",
    trails=("", '{"Fixed":%d}', '{"Percentage":%s}', '{"SmaAbsChange":{"multiplier":%s,"period":%d}}'),
    float_text=json_float,
)
DEBUG = Style(
    event="KIND { FIELDS }",
    no_fields="KIND",
    field="%s: %s",
    comma=", ",
    word="%s",
    price="Price(%d)",
    order_id="OrderId(%d)",
    trails=("", "Fixed(%d)", "Percentage(%s)", "SmaAbsChange { multiplier: %s, period: %d }"),
    float_text=debug_float,
)


class Template(NamedTuple):
    """Text with places, and what stands in each: a column, and what makes text of its values."""

    text: str
    columns: tuple
    makers: tuple


@lru_cache(maxsize=4096)
def template_of(kind, present, trail, style):
    """Make the template of the events of a kind that have just these fields."""
    parts, places = [], []
    for field in present:
        pattern, used = _place(field, trail, style)
        parts.append(style.field % (field.name, pattern))
        places += used
    pattern = style.event if parts else style.no_fields
    text = pattern.replace("KIND", TITLES[kind]).replace("FIELDS", style.comma.join(parts))
    return Template(text, tuple(name for name, _ in places), tuple(maker for _, maker in places))


def _place(field, trail, style):
    """Pattern of a field's value, and the columns that fill it."""
    if field.type == "flag":
        return "true", []
    if field.type == "trail":
        maker = None if trail == TrailMethod.FIXED else style.float_text
        period = [("period", None)] if trail == TrailMethod.SMA_ABS_CHANGE else []
        return style.trails[trail], [("trail_value", maker), *period]
    words = words_of(field)
    if words:
        return style.word, [(field.column, words.titles.__getitem__)]
    pattern = {"price": style.price, "order_id": style.order_id}.get(field.type, "%d")
    return pattern, [(field.column, None)]


def _template_for(values, style):
    kind = values[AT["kind"]]
    present = tuple(field for field in FIELDS[kind] if has(field, values))
    return template_of(kind, present, values[AT["trail"]], style)


def text_of(values, style):
    """Text of one event, given as values of ``COLUMNS``."""
    template = _template_for(values, style)
    filled = (values[AT[name]] for name in template.columns)
    made = (
        value if maker is None else maker(value) for value, maker in zip(filled, template.makers, strict=True)
    )
    return template.text % tuple(made)


def lines_of(rows):
    """JSON of every row of an EVENT array, as a list of texts."""
    lines = np.empty(len(rows), object)
    for places in _same_shape(rows):
        group = rows[places]
        template = _template_for(group[0].item(), JSON)
        columns = [
            group[name].tolist() if maker is None else map(maker, group[name].tolist())
            for name, maker in zip(template.columns, template.makers, strict=True)
        ]
        filled = zip(*columns, strict=True) if columns else [()] * len(group)
        lines[places] = list(map(template.text.__mod__, filled))
    return lines.tolist()


def _same_shape(rows):
    """Yield the places of rows whose fields are the same."""
    shape = rows["kind"].astype(np.int64)
    shape = shape * 4 + (rows["marks"] & 3)
    shape = shape * 4 + rows["trail"]
    shape = shape * 2 + (rows["side"] == BOTH_SIDES)
    shape = shape * 2 + (rows["owner"] != 0)
    shape = shape * 2 + (rows["expiry"] != 0)
    for one in np.unique(shape):
        yield np.flatnonzero(shape == one)
