"""Run a schedule without options through the fast kernels."""

import numpy as np

from .outcome import SLACK, Outcome
from .refusals import refusal
from .stops import more_room, new_stops, true_ranges, written_part


def run_plain(inputs, cash, settings, bars):
    """Run a schedule over fresh output arrays; raise where the kernel refuses.

    Parameters
    ----------
    inputs : Inputs
    cash : int
        Cents.
    settings : Settings
    bars : BarTables
        High and low, if given, are the ranges of stops.

    Returns
    -------
    Outcome
    """
    from ..kernels import backtest as engine

    periods, count = inputs.prices.shape
    schedule = engine.Schedule(inputs.weights, inputs.prices, inputs.rows)
    limit = settings.max_leverage
    terms = engine.Terms(float(cash * inputs.units), float(settings.bps), limit + SLACK)
    curves = np.empty((len(engine.Curves._fields), periods))
    if settings.lean:
        positions, panels = np.zeros((2, count)), None
    else:
        # One block: freed whole, it is handed out again with its pages (3.1 ms a run of 2,520 x 500
        # against 6-7 ms with three).
        block = np.empty((3 * periods + 1, count))
        positions, panels = (
            block[: periods + 1],
            engine.Panels(*block[periods + 1 :].reshape(2, periods, count)),
        )
        positions[0] = 0.0
    ranges = None
    if settings.stops.atr_multiple and bars.high is not None:
        ranges = true_ranges(bars.high, bars.low, inputs.prices)
    stops = new_stops(settings.stops, inputs.prices, ranges)
    code, period = engine.FULL, 0
    while code == engine.FULL:
        state = schedule, terms, engine.Curves(*curves), positions
        if panels is None:
            code, period = engine.run_lean(*state, stops, period)
        else:
            code, period = engine.run_full(*state, panels, stops, period)
        if code == engine.FULL:
            stops = more_room(stops)
    if code != engine.DONE:
        raise refusal(inputs, code, period, positions[period % len(positions)], limit)
    stopped = written_part(stops.events, stops.found[0])
    if panels is None:
        return Outcome(curves, None, None, stopped)
    return Outcome(curves, positions[1:], tuple(panels), stopped)
