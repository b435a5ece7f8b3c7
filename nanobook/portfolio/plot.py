"""The picture of a backtest."""

INK = "#1f4e79"
FALL = "#b03a2e"


def draw(frame, metrics, initial_cash):
    """Draw equity above drawdown.

    Parameters
    ----------
    frame : DataFrame
        With columns ``equity`` (cents) and ``drawdown`` (positive fraction), one row a period.
    metrics : Metrics
    initial_cash : int
        Cents; drawn as a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot  # noqa: F401  notebooks learn from it how to display a figure
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, PercentFormatter

    figure = Figure(figsize=(9, 5.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot(frame.index, frame["equity"] / 100.0, color=INK, linewidth=1.3)
    upper.axhline(initial_cash / 100.0, color="0.6", linewidth=0.8, linestyle=(0, (4, 4)))
    upper.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    upper.set_ylabel("Equity [currency units]")
    upper.set_title(
        f"Return {metrics.total_return:.1%}   Sharpe {metrics.sharpe:.2f}   "
        f"volatility {metrics.volatility:.1%} a year   deepest drawdown {metrics.max_drawdown:.1%}",
        loc="left",
        fontsize=10,
    )
    lower.fill_between(frame.index, -frame["drawdown"], 0.0, color=FALL, alpha=0.35, linewidth=0)
    lower.plot(frame.index, -frame["drawdown"], color=FALL, linewidth=0.8)
    lower.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    lower.set_ylabel("Drawdown")
    lower.set_ylim(top=0.0)
    lower.set_xlabel(frame.index.name or "")
    lower.margins(x=0.01)
    for axes in (upper, lower):
        axes.grid(color="0.9", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    return figure
