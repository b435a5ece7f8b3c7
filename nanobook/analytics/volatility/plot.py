"""Pictures of volatility."""

import numpy as np

from .model import distribution_of, title

INK = "#1f4e79"
RISK = "#b03a2e"
FAINT = "0.55"


def draw(result, periods_per_year):
    """Draw returns in a band of two conditional standard deviations, above the volatility.

    Returns
    -------
    matplotlib.figure.Figure
    """
    frame = result.to_frame()
    figure = new_figure((9, 5.4))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    band = 2.0 * frame["volatility"]
    upper.plot(frame.index, frame["returns"], color=FAINT, linewidth=0.5, label="returns")
    upper.plot(frame.index, band, color=RISK, linewidth=0.8, label="two standard deviations")
    upper.plot(frame.index, -band, color=RISK, linewidth=0.8)
    upper.set_ylabel("Return a period")
    upper.legend(frameon=False, fontsize=8, loc="upper left", ncols=2)
    upper.set_title(
        f"{title(result.model)}, {distribution_of(result.model)}   persistence {result.persistence:.3f}   "
        f"log-likelihood {result.loglikelihood:,.1f}",
        loc="left",
        fontsize=10,
    )
    year = np.sqrt(periods_per_year)
    lower.plot(frame.index, frame["volatility"] * year, color=INK, linewidth=1.0)
    if np.isfinite(result.unconditional_volatility):
        lower.axhline(
            result.unconditional_volatility * year, color="0.6", linewidth=0.8, linestyle=(0, (4, 4))
        )
    lower.set_ylabel("Volatility a period" if periods_per_year == 1.0 else "Volatility a year")
    lower.set_ylim(bottom=0.0)
    lower.set_xlabel(frame.index.name or "")
    lower.margins(x=0.01)
    return finish(figure)


def draw_spread(fits):
    """Draw a histogram of each parameter over the series.

    Returns
    -------
    matplotlib.figure.Figure
    """
    frame = fits.params
    figure = new_figure((2.6 * frame.shape[1], 2.8))
    for axes, (name, values) in zip(
        figure.subplots(1, frame.shape[1], squeeze=False)[0], frame.items(), strict=True
    ):
        axes.hist(values, bins="auto" if len(values) < 10_000 else 100, color=INK)
        axes.set_title(name, loc="left", fontsize=10)
        axes.set_ylabel("series")
    return finish(figure)


def new_figure(size):
    """Make a figure that a notebook displays."""
    import matplotlib.pyplot  # noqa: F401  notebooks learn from it how to display a figure
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def finish(figure):
    """Give all axes their looks."""
    for axes in figure.axes:
        axes.grid(color="0.9", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def draw_har(result):
    """Draw realised volatility and what the regression said the period before.

    Returns
    -------
    matplotlib.figure.Figure
    """
    frame = np.sqrt(result.to_frame().clip(lower=0.0))
    figure = new_figure((9, 3.6))
    axes = figure.subplots()
    axes.plot(frame.index, frame["variance"], color=FAINT, linewidth=0.6, label="realised")
    axes.plot(frame.index, frame["fitted"], color=INK, linewidth=1.0, label="from the periods before")
    axes.set_ylabel("Volatility a period")
    axes.set_title(f"HAR {result.lags}   R squared {result.rsquared:.3f}", loc="left", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    axes.set_ylim(bottom=0.0)
    axes.margins(x=0.01)
    return finish(figure)
