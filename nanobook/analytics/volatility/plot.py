"""Pictures of volatility."""

import numpy as np

from .model import distribution_of, title

INK = "#1f4e79"
RISK = "#b03a2e"
FAINT = "0.55"


def draw(result, periods_per_year, ahead=None):
    """Draw returns in a band of two conditional standard deviations, above the volatility.

    Parameters
    ----------
    result : GarchResult
    periods_per_year : float
    ahead : DataFrame, optional
        A forecast, which is drawn behind the last periods: five times as many as it has, at least 60.

    Returns
    -------
    matplotlib.figure.Figure
    """
    frame = result.to_frame()
    frame = frame if ahead is None else frame.iloc[-max(60, 5 * len(ahead)) :]
    places = places_of(frame.index)
    figure = new_figure((9, 5.4))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    upper.plot(places, frame["returns"], color=FAINT, linewidth=0.5, label="returns")
    draw_band(upper, places, 0.0, frame["volatility"], "-", "two standard deviations")
    upper.set_ylabel("Return a period")
    upper.set_title(
        f"{title(result.model)}, {distribution_of(result.model)}   persistence {result.persistence:.3f}   "
        f"log-likelihood {result.loglikelihood:,.1f}",
        loc="left",
        fontsize=10,
    )
    year = np.sqrt(periods_per_year)
    lower.plot(places, frame["volatility"] * year, color=INK, linewidth=1.0, label="conditional")
    if np.isfinite(result.unconditional_volatility):
        level = result.unconditional_volatility * year
        lower.axhline(level, color="0.6", linewidth=0.8, linestyle=(0, (4, 4)))
    if ahead is not None:
        later = places_behind(places, len(ahead))
        draw_band(upper, later, ahead["mean"], ahead["volatility"], ":", None)
        lower.plot(later, ahead["volatility"] * year, color=RISK, linewidth=1.4, label="forecast")
        lower.legend(frameon=False, fontsize=8, loc="upper left", ncols=2)
    upper.legend(frameon=False, fontsize=8, loc="upper left", ncols=2)
    lower.set_ylabel("Volatility a period" if periods_per_year == 1.0 else "Volatility a year")
    lower.set_ylim(bottom=0.0)
    lower.set_xlabel(frame.index.name or "")
    lower.margins(x=0.01)
    return finish(figure)


def draw_band(axes, places, centre, volatility, style, label):
    """Draw two standard deviations on both sides."""
    for sign, named in ((1.0, label), (-1.0, None)):
        edge = centre + sign * 2.0 * volatility
        axes.plot(places, edge, color=RISK, linewidth=0.8, linestyle=style, label=named)


def places_of(index):
    """Where the periods of an index stand on an axis: at times or numbers, else at their rows."""
    if hasattr(index, "to_timestamp"):
        return index.to_timestamp()
    return np.arange(len(index)) if index.dtype.kind not in "iufMm" else index


def places_behind(places, count):
    """Where as many further periods stand, as far from each other as those before on average."""
    step = (places[-1] - places[0]) / max(len(places) - 1, 1)
    return places[-1] + step * np.arange(1, count + 1)


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
    places = places_of(frame.index)
    axes.plot(places, frame["variance"], color=FAINT, linewidth=0.6, label="realised")
    axes.plot(places, frame["fitted"], color=INK, linewidth=1.0, label="from the periods before")
    axes.set_ylabel("Volatility a period")
    axes.set_title(f"HAR {result.lags}   R squared {result.rsquared:.3f}", loc="left", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    axes.set_ylim(bottom=0.0)
    axes.margins(x=0.01)
    return finish(figure)
