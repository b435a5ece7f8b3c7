"""Pictures of weights and frontiers."""

import numpy as np

from ..plot import ASK, BID, INK, finish, new_figure, put_legend

MOST = 30  # bars that can be read


def weights_chart(frame, title, ax=None):
    """Draw weights other than 0, and beside them parts of risk, the largest first.

    Parameters
    ----------
    frame : DataFrame
        Columns ``weight`` and, if known, ``risk_contribution``; one row an asset.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    size = frame["weight"].abs()
    held = int((size > 0.0).sum())
    shown = frame.iloc[np.argsort(-size.to_numpy(), kind="stable")[: min(held, MOST)]].iloc[::-1]
    if ax is None:
        ax = new_figure((7, 1.2 + 0.26 * len(shown))).subplots()
    place = np.arange(len(shown))
    parts = [(name, color) for name, color in (("weight", BID), ("risk_contribution", ASK)) if name in shown]
    height = 0.8 / len(parts)
    for k, (name, color) in enumerate(parts):
        at = place + (len(parts) - 1 - 2 * k) * height / 2.0
        ax.barh(at, shown[name], height, color=color, label=name.replace("_", " "))
    finish(ax)
    ax.set_yticks(place, [str(name) for name in shown.index])
    left = "" if held == len(frame) else f"; {held} of {len(frame)} assets"
    cut = "" if len(shown) == held else f"; the largest {len(shown)}"
    ax.set_title(f"{title}{left}{cut}", loc="left", fontsize=10)
    ax.axvline(0.0, color=INK, linewidth=0.8)
    put_legend(ax)
    return ax.figure


def frontier_chart(frontier, ax=None, year=None):
    """Draw return over volatility along a frontier, and below it how the weights change.

    Parameters
    ----------
    frontier : Frontier
    ax : matplotlib.axes.Axes, optional
        Draws the curve alone.
    year : float, optional
        Periods in one, to draw return and volatility a year.

    Returns
    -------
    matplotlib.figure.Figure
    """
    below = None
    if ax is None:
        ax, below = new_figure((8, 6)).subplots(2, 1, height_ratios=(3, 2))
    many, span = (1.0, "period") if year is None else (year, "year")
    risks, gains = frontier.volatilities * np.sqrt(many), frontier.expected_returns * many
    ax.plot(risks, gains, "o-", color=BID, markersize=3.5, linewidth=1.4)
    ax.set_xlabel(f"Volatility per {span}")
    ax.set_ylabel(f"Expected return per {span}")
    finish(ax)
    if below is not None:
        draw_weights(below, frontier)
    return ax.figure


def draw_weights(ax, frontier):
    """Draw the weights of each point as bars, purchases up and shorts down; the ten largest are named."""
    weights = np.asarray(frontier.weights)
    order = np.argsort(-np.abs(weights).max(axis=0), kind="stable")
    point, bottoms = np.arange(len(weights)), np.zeros((2, len(weights)))
    from matplotlib import colormaps

    colors = colormaps["tab20"]
    for k, i in enumerate(order):
        if not weights[:, i].any():
            continue
        row = (weights[:, i] < 0.0).astype(int)
        label = str(frontier.symbols[i]) if k < 10 else None
        ax.bar(point, weights[:, i], 1.0, bottoms[row, point], color=colors(k % 20), label=label, linewidth=0)
        bottoms[row, point] += weights[:, i]
    finish(ax)
    ax.set_xlabel("Point")
    ax.set_ylabel("Weight")
    ax.margins(x=0.0)
    # From the top down, as the bars lie.
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), reverse=True)
