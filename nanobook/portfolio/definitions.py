"""What each figure is: its label, its unit and its formula, in one table.

``r`` are the returns a period that are known, ``n`` their number, ``sd`` their standard deviation with
``ddof`` 1, ``rf`` the risk-free return a *period*, ``P`` the periods in a year, ``b`` a benchmark's returns.
"""

import math
from typing import NamedTuple


class Definition(NamedTuple):
    """A figure.

    Attributes
    ----------
    label : str
    unit : {'%', '% a year', '% a period', 'a year', 'ratio', 'count'}
        ``%`` shows a fraction times 100; ``a year`` is a ratio that was annualised.
    formula : str
    """

    label: str
    unit: str
    formula: str


DEFINITIONS = {
    "total_return": Definition("Total return", "%", "product of (1 + r), less 1"),
    "cagr": Definition("CAGR", "% a year", "(1 + total return) ^ (P / n) - 1; -100 % once all is lost"),
    "volatility": Definition("Volatility", "% a year", "sd x sqrt(P), ddof 1; 0 for one period"),
    "sharpe": Definition("Sharpe ratio", "a year", "(mean - rf) / sd x sqrt(P), ddof 1; 0 where sd is 0"),
    "sortino": Definition(
        "Sortino ratio", "a year", "(mean - rf) / sqrt(sum of min(r - rf, 0)^2 / (n - 1)) x sqrt(P)"
    ),
    "max_drawdown": Definition(
        "Deepest drawdown", "%", "largest fall of the compounded curve below its peak, as part of the peak"
    ),
    "calmar": Definition("Calmar ratio", "a year", "CAGR / deepest drawdown; 0 without one"),
    "num_periods": Definition("Periods", "count", "n"),
    "winning_periods": Definition("Winning periods", "count", "number of r > 0"),
    "losing_periods": Definition("Losing periods", "count", "number of r < 0"),
    "cvar_95": Definition(
        "CVaR 95 %", "% a period", "mean of the r below mean - 1.645 sd (ddof 1); the lowest r if none is"
    ),
    "win_rate": Definition("Win rate", "%", "winning periods / n"),
    "profit_factor": Definition("Profit factor", "ratio", "sum of r > 0 over -sum of r < 0"),
    "payoff_ratio": Definition("Payoff ratio", "ratio", "mean of r > 0 over -mean of r < 0"),
    "kelly": Definition("Kelly fraction", "ratio", "win rate - (1 - win rate) / payoff ratio"),
    "alpha": Definition("Alpha", "% a year", "(1 + mean(r - rf - beta (b - rf))) ^ P - 1"),
    "beta": Definition("Beta", "ratio", "cov(r, b) / var(b)"),
    "correlation": Definition("Correlation", "ratio", "cov(r, b) / (sd(r) sd(b))"),
    "r_squared": Definition("R squared", "ratio", "correlation ^ 2"),
    "tracking_error": Definition("Tracking error", "% a year", "sd(r - b) x sqrt(P), ddof 1"),
    "information_ratio": Definition(
        "Information ratio", "a year", "mean(r - b) / sd(r - b) x sqrt(P), ddof 1"
    ),
    "up_capture": Definition("Up capture", "%", "CAGR over the periods of b > 0, over that of b"),
    "down_capture": Definition("Down capture", "%", "CAGR over the periods of b < 0, over that of b"),
    "excess_cagr": Definition("CAGR above benchmark", "% a year", "CAGR of r less CAGR of b"),
}
"""Every figure of `Metrics`, and of `RelativeMetrics` but those that mean the same as one of `Metrics`."""


def spell_label(name):
    """Write a figure's label, with the span that it is for."""
    label, unit, _ = DEFINITIONS[name]
    return f"{label} a {f' {unit}'.rpartition(' a ')[2]}" if " a " in f" {unit}" else label


def spell_figure(name, value):
    """Write a figure; what its unit says of a span stands in its label."""
    unit = DEFINITIONS[name].unit
    if value is None or math.isnan(value):
        return "n/a"
    if unit == "count":
        return f"{value:,.0f}"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return percent(value) if unit.startswith("%") else f"{value:,.2f}"


def percent(value, digits=2):
    """Write a fraction in percent."""
    return "n/a" if math.isnan(value) else f"{100.0 * value:,.{digits}f} %"
