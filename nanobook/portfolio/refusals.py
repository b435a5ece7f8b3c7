"""Why the engine refused a period, in words: the parameter, the cell, the value and the remedy."""

import math

import numpy as np

from ..errors import InvalidValue, MissingPriceError, NonFiniteError, NotionalOverflow
from ..hints import MOST
from .inputs import CENTS, MAX_AMOUNT


def refusal(inputs, code, period, held, max_leverage):
    """Build the error for a run that stopped.

    Problems of the input are looked for everywhere, so that the message counts them all.

    Parameters
    ----------
    inputs : Inputs
    code : int
        What the kernel returned: one of its codes beside DONE.
    period : int
        Where it stopped.
    held : float64 array, shape (N,)
        Shares held before that period.
    max_leverage : float

    Returns
    -------
    NanobookError
    """
    from ..kernels import backtest as engine

    if code == engine.TOO_LARGE:
        return too_large(inputs, period)
    if code == engine.OVER_LEVERAGED:
        return over_leveraged(inputs, period, max_leverage)
    return bad_cell(inputs, period, held)


def bad_cell(inputs, period, held):
    """Build the error for a weight or a price that cannot be used."""
    weights, prices = inputs.spread_weights(), inputs.prices
    odd = ~np.isfinite(weights)
    if odd.any():
        return NonFiniteError(
            f"weight_schedule: {cells(inputs, odd, weights)}; a weight is a finite number, 0 for none"
        )
    refuse_prices(inputs)
    odd = (prices == 0) & (weights != 0.0)
    if odd.any():
        return MissingPriceError(
            "price_schedule: no price where weight_schedule asks for a position: "
            f"{cells(inputs, odd, inputs.given)}{rounded_away(inputs, odd)}; give a price, or a weight "
            "of 0 while there is none"
        )
    odd = np.zeros(prices.shape, bool)
    odd[period] = (prices[period] == 0) & (held != 0.0)
    if not odd.any():  # finite weights whose sum is not
        return too_large(inputs, period)
    return MissingPriceError(
        f"price_schedule: no price where a position is held: {cells(inputs, odd, inputs.given)}"
        f"{rounded_away(inputs, odd)}; give a price, or a weight of 0 in the last period that has one"
    )


def refuse_prices(inputs):
    """Raise for prices that cannot be any, wherever they are."""
    prices = inputs.prices
    odd = prices < 0
    if odd.any():
        raise InvalidValue(f"price_schedule: {cells(inputs, odd, inputs.given)}; a price must be above 0")
    odd = prices >= MAX_AMOUNT
    if odd.any():
        kind = NonFiniteError if np.isinf(inputs.given[odd]).any() else NotionalOverflow
        raise kind(f"price_schedule: {cells(inputs, odd, inputs.given)}; a price must be below 2**53 units")


def too_large(inputs, period):
    """Build the error for amounts that would no longer be exact."""
    return NotionalOverflow(
        f"{inputs.labels.period(period)}: what is held and traded reaches 2**53 units, where amounts "
        "stop being exact; lower initial_cash, prices, price_scale or leverage"
    )


def cells(inputs, odd, values):
    """Write the first odd cells with their values, and how many there are."""
    places = np.argwhere(odd)
    text = ", ".join(f"{inputs.labels.cell(t, i)} is {values[t, i]}" for t, i in places[:MOST])
    return text if len(places) <= MOST else f"{text}, ... ({len(places)} in all)"


def rounded_away(inputs, odd):
    """Hint at a price that is there but rounds to zero units."""
    if not (inputs.given[odd] > 0).any():
        return ""
    return f" (rounds to 0 at price_scale={inputs.units * CENTS}; a larger one keeps it)"


def over_leveraged(inputs, period, max_leverage):
    """Build the error for a row whose absolute weights sum to too much."""
    row = inputs.weights[inputs.rows[period]]
    largest = np.argsort(-np.abs(row), kind="stable")[:3]
    names = ", ".join(f"{inputs.labels.symbol(i)} {row[i]:.6g}" for i in largest)
    hint = "; weights are fractions, not percent" if abs(row[largest[0]]) > 1.0 else ""
    return InvalidValue(
        f"weight_schedule: absolute weights of {inputs.labels.period(period)} sum to "
        f"{math.fsum(np.abs(row)):.6f}, more than max_leverage={max_leverage:g}; largest: {names}{hint}; "
        "scale them down or raise max_leverage"
    )
