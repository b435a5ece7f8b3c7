"""Run a schedule with options through the kernels of `nanobook.kernels.bars`."""

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidValue, MissingPriceError
from .actions import common_scale
from .bar_tables import BarTables
from .fill_policy import FILLS, MISSING
from .inputs import readonly
from .outcome import SLACK, Outcome
from .refusals import cells, refusal, refuse_prices
from .rules import kernel_rules
from .stops import carry, more_room, new_stops, true_ranges, written_part

RATE = 10_000_000  # of a payout
CURVES = 5
MOST_ROWS = 2**22  # of fills at first: memory that is not written to costs nothing
EXTRA = ("interest", "borrowing", "dividends", "gross")


@dataclass(frozen=True)
class Extras:
    """Tables beside weights and closes; ``actions`` is None where there are none."""

    bars: BarTables
    actions: np.ndarray | None = None


def run_bars(inputs, cash, settings, extras):
    """Run a schedule with every option; raise where the kernel refuses.

    Parameters
    ----------
    inputs : Inputs
    cash : int
        Cents.
    settings : Settings
    extras : Extras

    Returns
    -------
    Outcome
    """
    from ..kernels.account.state import ROWS, new_account, new_fills
    from ..kernels.bars import play, state

    refuse_prices(inputs)
    refuse_gaps(settings, extras.bars)
    periods, count = inputs.prices.shape
    rules = kernel_rules(
        settings.cost_model, settings.rules, settings.financing, settings.periods_per_year, inputs.units
    )
    actions = np.zeros(0, state.ACTION) if extras.actions is None else extras.actions
    stops = make_stops(inputs, settings.stops, extras.bars, actions)
    account = new_account(cash * inputs.units, count)
    if inputs.labels.symbols is not None:  # what is traded first does not depend on the order of columns
        account.order[:] = sorted(range(count), key=lambda i: str(inputs.labels.symbols[i]))
    written = new_written(periods, 0 if settings.lean else periods, count)
    orders = new_orders(inputs, cash, settings, actions)
    path = state.Path(new_bars(inputs, extras.bars, rules.per_share), orders, new_memory(count), written)
    room = min(periods * count, MOST_ROWS) + 8 * count + len(actions)
    fills = new_fills(0 if settings.lean else room)
    code, period = state.FULL, 0
    while code == state.FULL:
        code, period = play.run(path, account, rules, stops, fills, period)
        if code == state.FULL:
            stops = more_room(stops)
            fills = np.concatenate([fills, new_fills(len(fills))]).view(np.recarray)
    if code != state.DONE:
        raise why_stopped(inputs, code, period, path, account.quantity, settings)
    skipped = settings.fill != "close" and inputs.rows[-1] >= 0
    return Outcome(
        curves=np.array(written[:CURVES]),
        positions=None if settings.lean else written.quantities,
        panels=None if settings.lean else (written.holdings, written.symbol_returns),
        stopped=written_part(stops.events, stops.found[0]),
        fills=None if settings.lean else written_part(fills, account.money[ROWS]),
        per_share=rules.per_share,
        skipped=[periods - 1] if skipped else [],
        extra=dict(zip(EXTRA, written[CURVES : CURVES + len(EXTRA)], strict=True)),
    )


def refuse_gaps(settings, bars):
    """Refuse options whose tables are not there."""
    needs = {
        "fill='next_open'": (settings.fill == "next_open", ("open",)),
        "fill='next_typical'": (settings.fill == "next_typical", ("high", "low")),
        "stop_cfg['trigger']='intrabar'": (settings.stops.trigger == "intrabar", ("open", "high", "low")),
        "rules.max_participation": (settings.rules.max_participation is not None, ("volume",)),
    }
    for option, (wanted, tables) in needs.items():
        absent = [name for name in tables if getattr(bars, name) is None]
        if wanted and absent:
            raise InvalidValue(
                f"{option} needs {' and '.join(absent)}: tables of the shape of price_schedule"
            )


def make_stops(inputs, rules, bars, actions):
    """Make the stops: their ranges are those of high and low where given, and splits do not move them."""
    if not rules.atr_multiple:
        return new_stops(rules, inputs.prices)
    factor, base = common_scale(actions, inputs.prices)
    close = inputs.prices * factor
    if bars.high is None:
        return new_stops(rules, carry(close), scale=base)
    return new_stops(rules, close, true_ranges(bars.high * factor, bars.low * factor, close), base)


def new_bars(inputs, bars, per_share):
    """Make the kernel's bars; what is not there has no rows."""
    from ..kernels.bars.state import Bars

    none = readonly(np.zeros((0, inputs.prices.shape[1]), np.int64))
    volume = none if bars.volume is None else readonly(bars.volume * per_share)
    prices = (none if table is None else table for table in (bars.open, bars.high, bars.low))
    return Bars(*prices, inputs.prices, volume)


def new_orders(inputs, cash, settings, actions):
    """Make what the kernel is asked for."""
    from ..kernels.bars.state import Orders

    return Orders(
        inputs.weights,
        inputs.rows,
        readonly(actions).view(np.recarray),
        FILLS.index(settings.fill),
        MISSING.index(settings.missing),
        settings.max_age,
        round(settings.delist_value * RATE),
        float(cash * inputs.units),
        settings.max_leverage + SLACK,
        int(settings.stops.trigger == "intrabar"),
    )


def new_memory(count):
    """Make what the kernel remembers, before the first period."""
    from ..kernels.bars.state import Memory

    last = np.zeros(count, np.int64)
    return Memory(
        last=last,
        earlier=np.zeros(count),
        age=np.zeros(count, np.int64),
        totals=np.zeros(5, np.int64),
        paid=np.zeros(1, np.int64),
        prices=np.zeros(count, np.int64),
        volumes=np.zeros(count, np.int64),
        weights=np.zeros(count),
        held=np.zeros(count),
        seen=readonly(last),
    )


def new_written(periods, kept, count):
    """Make room for what the kernel writes: panels for ``kept`` periods."""
    from ..kernels.bars.state import Written

    return Written(
        *np.empty((CURVES + len(EXTRA), periods)),
        *np.empty((2, kept, count)),
        np.empty((kept, count), np.int64),
    )


def why_stopped(inputs, code, period, path, held, settings):
    """Build the error for a run that stopped."""
    from ..kernels.bars import state

    if code not in (state.TOO_OLD, state.NO_FILL):
        return refusal(inputs, code, period, held, settings.max_leverage)
    odd = np.zeros(inputs.prices.shape, bool)
    if code == state.TOO_OLD:
        odd[period] = (held != 0) & (path.memory.age > settings.max_age)
        return MissingPriceError(
            f"price_schedule: no price of what is held for more than max_age={settings.max_age} periods: "
            f"{cells(inputs, odd, inputs.given)}; raise max_age, sell before, or use missing='delist'"
        )
    wanted = inputs.spread_weights()[period - 1] != 0.0
    odd[period] = (inputs.prices[period] == 0) & (wanted | (held != 0))
    return MissingPriceError(
        f"price_schedule: no bar to fill the signal of {inputs.labels.period(period - 1)} where a position "
        f"is held or wanted: {cells(inputs, odd, inputs.given)}; give one, or use missing='carry' or 'delist'"
    )
