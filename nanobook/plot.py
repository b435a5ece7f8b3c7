"""Pictures of books and tapes."""

from __future__ import annotations

import numpy as np

BID = "#1f6f8b"
ASK = "#b5483a"
INK = "#2b2b2b"
POINTS = 600  # a picture is some 600 points wide: more messages than that share a point
BARS = 150
CENTS = 100.0  # ticks in a unit of currency, as everywhere a price is shown


def depth_chart(snapshot, axes=None):
    """Draw lots waiting up to each price, bids and asks.

    Parameters
    ----------
    snapshot : BookSnapshot
    axes : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    if axes is None:
        axes = new_figure((8, 4)).subplots()
    for levels, color, name in ((snapshot.bids, BID, "bids"), (snapshot.asks, ASK, "asks")):
        if levels:
            price = np.array([level.price for level in levels]) / CENTS
            lots = np.cumsum([level.quantity for level in levels], dtype=float)
            # From nothing at the best price outward.
            price, lots = np.concatenate((price[:1], price)), np.concatenate(([0.0], lots))
            axes.fill_between(price, lots, step="post", color=color, alpha=0.18, linewidth=0)
            axes.step(price, lots, where="post", color=color, linewidth=1.4, label=name)
    if snapshot.mid_price() is not None:
        axes.axvline(snapshot.mid_price() / CENTS, color=INK, linewidth=0.8, linestyle=(0, (2, 3)))
        title = (
            f"mid {snapshot.mid_price() / CENTS:,.3f}   spread {snapshot.spread() / CENTS:,.2f}   "
            f"imbalance {snapshot.imbalance():+.2f}"
        )
        axes.set_title(title, loc="left", fontsize=10)
    elif not (snapshot.bids or snapshot.asks):
        say(axes, "empty book")
    axes.set_xlabel("Price [$]")
    axes.set_ylabel("Lots up to the price")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    finish(axes)
    if axes.get_legend_handles_labels()[0]:
        put_legend(axes)
    return axes.figure


def tape_chart(result):
    """Draw touch and mid, spread, and lots traded, all over the messages.

    Parameters
    ----------
    result : TapeResult
        With levels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = new_figure((9, 6))
    touch, spread, traded = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1, 1.2))
    if len(result):
        draw_touch(touch, result.levels, bin_ends(len(result), POINTS)[1:] - 1)
        draw_spread(spread, result.levels.spread(), bin_ends(len(result), POINTS))
        draw_trades(touch, traded, result, bin_ends(len(result), BARS))
        put_legend(touch)
    else:
        say(touch, "no messages")
    title = f"{len(result):,} messages   {len(result.trades):,} trades"
    touch.set_title(title, loc="left", fontsize=10)
    touch.set_ylabel("Price [$]")
    spread.set_ylabel("Spread [$]")
    traded.set_ylabel("Lots bought\nand sold")
    traded.set_xlabel("Message")
    traded.set_xlim(0, max(len(result), 1))
    for axes in (touch, spread, traded):
        finish(axes)
    figure.align_ylabels()
    return figure


def draw_touch(axes, levels, rows):
    """Draw best bid, best ask and what lies between, with the mid."""
    touch = levels.best_bid(), levels.best_ask(), levels.mid_price()
    bid, ask, mid = (column[rows] / CENTS for column in touch)
    axes.fill_between(rows, bid, ask, step="post", color="0.9", linewidth=0)
    axes.step(rows, ask, where="post", color=ASK, linewidth=0.9, label="ask")
    axes.step(rows, mid, where="post", color=INK, linewidth=0.9, label="mid")
    axes.step(rows, bid, where="post", color=BID, linewidth=0.9, label="bid")


def draw_spread(axes, spread, ends):
    """Draw the mean spread of each run of messages."""
    means = binned_mean(spread / CENTS, ends)
    axes.step(ends[:-1], means, where="post", color=INK, linewidth=1.0)
    axes.set_ylim(bottom=0)


def draw_trades(prices, lots, result, ends):
    """Draw lots bought and sold in each run of messages; single trades at their prices if they are few."""
    message, trades = result.trade_message(), result.trades
    bought = trades.aggressor_side == 0
    for chosen, color, sign, marker in ((bought, BID, 1, "^"), (~bought, ASK, -1, "v")):
        if len(trades) <= BARS:
            at = trades.price[chosen] / CENTS
            name = "bought" if sign > 0 else "sold"
            prices.plot(message[chosen], at, marker, color=color, markersize=4, label=name, linestyle="none")
        amount, _ = np.histogram(message[chosen], ends, weights=trades.quantity[chosen].astype(float))
        lots.bar(ends[:-1], sign * amount, width=0.9 * np.diff(ends), align="edge", color=color, linewidth=0)
    lots.axhline(0, color="0.4", linewidth=0.6)


def bin_ends(count, bins):
    """Edges of runs of about equally many messages, at most ``bins`` of them; int64."""
    return np.linspace(0, count, min(count, bins) + 1).astype(np.int64)


def binned_mean(column, ends):
    """Mean of each run of a column, leaving out NaN; NaN where there is nothing else."""
    there = ~np.isnan(column)
    sums = np.add.reduceat(np.where(there, column, 0.0), ends[:-1])
    counts = np.add.reduceat(there, ends[:-1], dtype=np.int64)
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)


def new_figure(size):
    """Make a figure that notebooks display."""
    import matplotlib.pyplot  # noqa: F401  notebooks learn from it how to display a figure
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def say(axes, text):
    """Write a word where there is nothing to draw."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="0.5")


def put_legend(axes):
    """Put the legend above the axes, where it hides nothing."""
    axes.legend(
        frameon=False, loc="lower right", bbox_to_anchor=(1, 0.99), ncols=5, fontsize=9, handlelength=1.2
    )


def finish(axes):
    """Give axes the look of all our pictures; numbers are written out."""
    from matplotlib.ticker import StrMethodFormatter

    axes.grid(color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
