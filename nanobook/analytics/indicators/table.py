"""The indicators there are: what goes in, what comes out, where it begins and which kernel it is.

The public functions, streams, panels, the list of what is supported and the tests all follow from
``TABLE``.
"""

from ...kernels.indicators.kinds import rows_before
from ...kernels.indicators.moments import JOINT_ROOM
from .indicator import (
    AVERAGE,
    CYCLE_MEMORY,
    CYCLES,
    FAST_SLOW,
    KIND_MEMORY,
    MATHS,
    MOMENTUM,
    OVERLAP,
    PHASE_MEMORY,
    PRICE,
    STATISTIC,
    VOLATILITY,
    VOLUME,
    any_average,
    back,
    factor,
    none,
    one,
    period,
    recursive,
    remembers,
    row,
    span,
)


def _overlap():
    """Averages and bands over prices."""
    return [
        row("sma", OVERLAP, "averages.sma", "close", [period()], span, span, work=3),
        recursive("ema", OVERLAP, "averages.ema", "close", [period()], span, 3),
        row("wma", OVERLAP, "averages.wma", "close", [period()], span, span, work=5),
        recursive("dema", OVERLAP, "averages.dema", "close", [period()], lambda p: 2 * (p - 1), 6),
        recursive("tema", OVERLAP, "averages.tema", "close", [period()], lambda p: 3 * (p - 1), 6),
        row("trima", OVERLAP, "averages.trima", "close", [period()], span, span, work=4),
        recursive("rma", OVERLAP, "averages.rma", "close", [period()], span, 2),
        row(
            "kama",
            OVERLAP,
            "averages.kama",
            "close",
            [period(30, 2)],
            back,
            back,
            work=5,
            memory=remembers(2),
        ),
        recursive(
            "t3",
            OVERLAP,
            "averages.t3",
            "close",
            [period(5), factor("volume_factor", 0.7, 0.0, 1.0)],
            lambda p, v: 6 * (p - 1),
            12,
        ),
        row(
            "bollinger",
            OVERLAP,
            "statistics.bbands",
            "close",
            [period(20, 2), factor("num_std_up", 2.0), factor("num_std_dn", 2.0)],
            span,
            span,
            "upper middle lower",
            work=6,
            talib="BBANDS",
        ),
        row("midpoint", OVERLAP, "averages.midpoint", "close", [period(14)], span, span, work=5),
        row("midprice", OVERLAP, "averages.midprice", "high low", [period(14)], span, span, work=5),
        recursive(
            "sar",
            OVERLAP,
            "bars.sar",
            "high low",
            [factor("acceleration", 0.02, 0.0), factor("maximum", 0.2, 0.0)],
            one,
            7,
        ),
        recursive(
            "sarext",
            OVERLAP,
            "bars.sarext",
            "high low",
            [
                factor("start", 0.0),
                factor("offset", 0.0, 0.0),
                *(
                    factor(f"{name}_{side}", default, 0.0)
                    for side in ("long", "short")
                    for name, default in (("initial", 0.02), ("acceleration", 0.02), ("maximum", 0.2))
                ),
            ],
            one,
            7,
        ),
        *_adaptive(),
    ]


def _adaptive():
    """Averages that follow the dominant cycle, or are of any kind."""
    limits = (0.01, 0.99)
    return [
        row(
            "mama",
            OVERLAP,
            "cycles.mama",
            "close",
            [factor("fast_limit", 0.5, *limits), factor("slow_limit", 0.05, *limits)],
            lambda f, s: 32,
            lambda f, s: 9,
            "mama fama",
            work=4,
            memory=remembers(CYCLE_MEMORY),
        ),
        row(
            "ht_trendline",
            OVERLAP,
            "cycles.trendline",
            "close",
            [],
            lambda: 63,
            lambda: 52,
            work=6,
            memory=remembers(PHASE_MEMORY),
        ),
        row(
            "ma",
            OVERLAP,
            "kinds.ma",
            "close",
            [period(30), any_average()],
            rows_before,
            lambda p, a: max(p, 9),
            work=7,
            memory=remembers(KIND_MEMORY),
        ),
        row(
            "mavp",
            OVERLAP,
            "kinds.mavp",
            "close periods",
            [period(2, 2, "min_period"), period(30, 2, "max_period"), any_average()],
            lambda low, high, a: rows_before(high, a),
            lambda low, high, a: max(high, 9),
            work=11,
            memory=lambda low, high, a: (1 + (high - low + 1) * KIND_MEMORY, 0),
        ),
    ]


def _cycles():
    """The dominant cycle after Ehlers."""
    early, late = remembers(CYCLE_MEMORY), remembers(PHASE_MEMORY)
    return [
        row(
            name,
            CYCLES,
            f"cycles.{name.removeprefix('ht_')}",
            "close",
            [],
            lambda first=first: first,
            lambda lead=lead: lead,
            outputs,
            work=work,
            memory=memory,
        )
        for name, first, lead, outputs, work, memory in (
            ("ht_dcperiod", 32, 9, "value", 4, early),
            ("ht_dcphase", 63, 52, "value", 4, late),
            ("ht_phasor", 32, 9, "inphase quadrature", 4, early),
            ("ht_sine", 63, 52, "sine leadsine", 4, late),
            ("ht_trendmode", 63, 52, "value", 6, late),
        )
    ]


def _momentum():
    """Changes, strength and direction."""
    ten, fourteen = [period(10)], [period(14)]
    return [
        row("mom", MOMENTUM, "momentum.mom", "close", ten, back, back, work=1),
        row("roc", MOMENTUM, "momentum.roc", "close", ten, back, back, work=1, also=(100.0,)),
        row("rocp", MOMENTUM, "momentum.roc", "close", ten, back, back, work=1, also=(1.0,)),
        row("rocr", MOMENTUM, "momentum.rocr", "close", ten, back, back, work=1, also=(1.0,)),
        row("rocr100", MOMENTUM, "momentum.rocr", "close", ten, back, back, work=1, also=(100.0,)),
        recursive("rsi", MOMENTUM, "momentum.rsi", "close", fourteen, back, 5),
        recursive("cmo", MOMENTUM, "momentum.cmo", "close", fourteen, back, 5),
        *_gaps(),
        *_stands(),
        *_stochastic(),
        *_directional(),
    ]


def _gaps():
    """Averages beside each other."""
    return [
        recursive(
            "macd",
            MOMENTUM,
            "momentum.macd",
            "close",
            [*FAST_SLOW, period(9, 1, "signal_period")],
            lambda f, s, m: s + m - 2,
            9,
            outputs="macd signal histogram",
        ),
        row(
            "macdext",
            MOMENTUM,
            "kinds.macdext",
            "close",
            [
                *(period(12, 2, "fast_period"), any_average("fast_average")),
                *(period(26, 2, "slow_period"), any_average("slow_average")),
                *(period(9, 1, "signal_period"), any_average("signal_average")),
            ],
            lambda f, a, s, b, m, c: max(rows_before(f, a), rows_before(s, b)) + rows_before(m, c),
            lambda f, a, s, b, m, c: max(f, s, m, 9),
            outputs="macd signal histogram",
            work=11,
            memory=lambda f, a, s, b, m, c: (1 + 3 * KIND_MEMORY, max(m, 9)),
        ),
        recursive(
            "macdfix",
            MOMENTUM,
            "momentum.macdfix",
            "close",
            [period(9, 1, "signal_period")],
            lambda m: 24 + m,
            9,
            outputs="macd signal histogram",
        ),
        *(
            row(
                name,
                MOMENTUM,
                f"momentum.{name}",
                "close",
                [*FAST_SLOW, AVERAGE],
                lambda f, s, a: s - 1,
                lambda f, s, a: s - 1,
                work=5,
                memory=remembers(6),
            )
            for name in ("apo", "ppo")
        ),
        recursive("trix", MOMENTUM, "averages.trix", "close", [period(30)], lambda p: 3 * (p - 1) + 1, 7),
    ]


def _stands():
    """Where a price stands in its window, and what money flowed."""
    bar = "high low close"
    return [
        row("bop", MOMENTUM, "momentum.bop", "open high low close", [], none, none),
        row("willr", MOMENTUM, "oscillators.willr", bar, [period(14, 2)], span, span, work=6),
        row("cci", MOMENTUM, "oscillators.cci", bar, [period(14, 2)], span, span, work=5),
        row("mfi", MOMENTUM, "oscillators.mfi", f"{bar} volume", [period(14, 2)], back, back, work=8),
        row(
            "ultosc",
            MOMENTUM,
            "oscillators.ultosc",
            bar,
            [period(7, 1, "period1"), period(14, 1, "period2"), period(28, 1, "period3")],
            max,
            max,
            work=6,
            sorts=True,
        ),
        row(
            "aroon",
            MOMENTUM,
            "oscillators.aroon",
            "high low",
            [period(14, 2)],
            back,
            back,
            "down up",
            work=6,
        ),
        row("aroonosc", MOMENTUM, "oscillators.aroonosc", "high low", [period(14, 2)], back, back, work=6),
    ]


def _stochastic():
    """The three stochastic oscillators."""
    fast_k, slow_k = period(5, 1, "fastk_period"), period(3, 1, "slowk_period")
    slow_d, fast_d = period(3, 1, "slowd_period"), period(3, 1, "fastd_period")
    bar = "high low close"
    return [
        row(
            "stoch",
            MOMENTUM,
            "oscillators.stoch",
            bar,
            [fast_k, slow_k, slow_d],
            lambda k, s, d: k + s + d - 3,
            lambda k, s, d: k + s + d - 3,
            "slowk slowd",
            work=6,
        ),
        row(
            "stochf",
            MOMENTUM,
            "oscillators.stochf",
            bar,
            [fast_k, fast_d],
            lambda k, d: k + d - 2,
            lambda k, d: k + d - 2,
            "fastk fastd",
            work=6,
        ),
        row(
            "stochrsi",
            MOMENTUM,
            "oscillators.stochrsi",
            "close",
            [period(14, 1), fast_k, fast_d],
            lambda p, k, d: p + k + d - 2,
            lambda p, k, d: k + d - 2,
            "fastk fastd",
            work=7,
            memory=lambda p, k, d: (5, k + d - 2),
        ),
    ]


def _directional():
    """Movements after Wilder."""
    bar, fourteen = "high low close", [period(14, 2)]
    return [
        recursive("plus_dm", MOMENTUM, "directional.dm", "high low", fourteen, span, 8, also=(1.0,)),
        recursive("minus_dm", MOMENTUM, "directional.dm", "high low", fourteen, span, 8, also=(2.0,)),
        recursive("plus_di", MOMENTUM, "directional.di", bar, fourteen, back, 8, also=(1.0,)),
        recursive("minus_di", MOMENTUM, "directional.di", bar, fourteen, back, 8, also=(2.0,)),
        recursive("dx", MOMENTUM, "directional.dx", bar, fourteen, back, 9),
        recursive("adx", MOMENTUM, "directional.adx", bar, fourteen, lambda p: 2 * p - 1, 10),
        row(
            "adxr",
            MOMENTUM,
            "directional.adxr",
            bar,
            fourteen,
            lambda p: 3 * p - 2,
            span,
            memory=lambda p: (10, p - 1),
        ),
    ]


def _bars():
    """Volume, ranges and prices of a bar."""
    bar, traded, fourteen = "high low close", "high low close volume", [period(14)]
    return [
        recursive("obv", VOLUME, "bars.obv", "close volume", [], none, 3, work=2),
        recursive("ad", VOLUME, "bars.ad", traded, [], none, 1),
        recursive(
            "adosc",
            VOLUME,
            "bars.adosc",
            traded,
            [period(3, 2, "fast_period"), period(10, 2, "slow_period")],
            lambda f, s: s - 1,
            3,
        ),
        row("trange", VOLATILITY, "bars.trange", bar, [], one, one),
        recursive("wilder_atr", VOLATILITY, "bars.atr", bar, fourteen, back, 2, talib="ATR", work=2),
        recursive("natr", VOLATILITY, "bars.natr", bar, fourteen, back, 2, work=2),
        row("avgprice", PRICE, "bars.avgprice", "open high low close", [], none, none),
        row("medprice", PRICE, "bars.medprice", "high low", [], none, none),
        row("typprice", PRICE, "bars.typprice", bar, [], none, none),
        row("wclprice", PRICE, "bars.wclprice", bar, [], none, none),
    ]


def joined(name, parameters, lead):
    """Row of an indicator of two series side by side."""
    kernel = f"statistics.{name}"
    return row(name, STATISTIC, kernel, "x y", parameters, lead, lead, work=17, room=JOINT_ROOM)


def _statistics():
    """Moments, lines and extremes."""
    fourteen, thirty = [period(14, 2)], [period(30)]
    line = "statistics.line_at"
    return [
        row(
            "stddev",
            STATISTIC,
            "statistics.stddev",
            "x",
            [period(5), factor("num_std", 1.0)],
            span,
            span,
            work=6,
        ),
        row("var", STATISTIC, "statistics.var", "x", [period(5)], span, span, work=6),
        row("linearreg", STATISTIC, line, "x", fourteen, span, span, work=7, also=(0.5, 0.0)),
        row("tsf", STATISTIC, line, "x", fourteen, span, span, work=7, also=(0.5, 1.0)),
        row("linearreg_intercept", STATISTIC, line, "x", fourteen, span, span, work=7, also=(-0.5, 0.0)),
        row("linearreg_slope", STATISTIC, "statistics.slope", "x", fourteen, span, span, work=7),
        row("linearreg_angle", STATISTIC, "statistics.angle", "x", fourteen, span, span, work=7),
        joined("correl", [period(30)], span),
        joined("beta", [period(5)], back),
        row("rolling_max", MATHS, "statistics.highest", "x", thirty, span, span, work=3, talib="MAX"),
        row("rolling_min", MATHS, "statistics.lowest", "x", thirty, span, span, work=3, talib="MIN"),
        row("rolling_sum", MATHS, "averages.total", "x", thirty, span, span, work=3, talib="SUM"),
        row("minmax", MATHS, "statistics.both_extremes", "x", thirty, span, span, "min max", work=3),
        row(
            "maxindex",
            MATHS,
            "oscillators.index_of_extreme",
            "x",
            thirty,
            span,
            span,
            work=6,
            memory=remembers(1),
            also=(-1.0,),
        ),
        row(
            "minindex",
            MATHS,
            "oscillators.index_of_extreme",
            "x",
            thirty,
            span,
            span,
            work=6,
            memory=remembers(1),
            also=(1.0,),
        ),
    ]


TABLE = {
    indicator.name: indicator
    for indicator in [*_overlap(), *_momentum(), *_cycles(), *_bars(), *_statistics()]
}

VOUCHING = {
    *("rolling_max", "rolling_min", "minmax", "midpoint", "midprice", "kama", "mom", "ad", "adosc"),
    *("macd", "macdfix"),
    *("t3", "rma", "ultosc", "avgprice", "medprice", "typprice", "wclprice", "trange", "wilder_atr", "natr"),
}
"""Indicators whose kernels tell of a NaN or an infinite value, which costs less than looking for one."""

HIDING = {
    *("maxindex", "minindex", "stoch", "stochf", "willr", "aroon", "aroonosc", "sar", "rsi", "stochrsi"),
    *("plus_dm", "minus_dm", "plus_di", "minus_di", "dx", "adx", "adxr"),
    *("sarext", "ht_dcperiod", "ht_dcphase", "ht_sine", "ht_trendmode", "mavp"),
}
"""Other indicators that can be finite where an input is infinite."""
