"""Pictures of statistics."""

import numpy as np

INK = "#1f4e79"
FALL = "#b03a2e"


def new_figure(rows, columns, size, **shape):
    """A figure that notebooks display, and its axes in the house's style."""
    import matplotlib.pyplot  # noqa: F401  notebooks learn from it how to display a figure
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, **shape)
    for axes in np.atleast_1d(grid).flat:
        axes.grid(color="0.9", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, grid


def draw_information(result, window):
    """Draw information coefficients above their running sum."""
    frame = result.to_frame()
    figure, (upper, lower) = new_figure(2, 1, (9, 5.4), sharex=True, height_ratios=(2, 1))
    mean = frame["ic"].rolling(window, min_periods=-(-window // 2)).mean()
    upper.plot(frame.index, frame["ic"], ".", color=INK, alpha=0.3, markersize=3, label="a period")
    upper.plot(frame.index, mean, color=INK, linewidth=1.4, label=f"mean of {window}")
    upper.axhline(result.mean, color=FALL, linewidth=0.9, linestyle=(0, (4, 4)), label="mean")
    upper.set_ylabel(f"{result.method.capitalize()} IC")
    upper.set_title(
        f"Mean {result.mean:.4f}   t {result.t_stat:.2f}   above 0 in {result.hit_rate:.0%} of "
        f"{result.periods:,} periods",
        loc="left",
        fontsize=10,
    )
    upper.legend(frameon=False, fontsize=8, ncols=3, loc="upper left")
    lower.plot(frame.index, frame["ic"].fillna(0.0).cumsum(), color=INK, linewidth=1.2)
    lower.set_ylabel("Sum")
    lower.set_xlabel(frame.index.name or "")
    return figure


def draw_overfitting(result):
    """Draw the distribution of logits beside the scores in and out of sample."""
    figure, (left, right) = new_figure(1, 2, (10, 4.2))
    width = (np.ptp(result.logits) or 10.0) / 40.0
    for sign, color in ((-1.0, FALL), (1.0, INK)):  # counted from 0, so that no bar is of both colours
        part = result.logits[(result.logits > 0.0) == (sign > 0.0)]
        bins = sign * np.arange(2 + int(np.abs(part).max(initial=0.0) / width)) * width
        left.hist(part, bins=np.sort(bins), color=color, alpha=0.75)
    left.axvline(0.0, color="0.3", linewidth=0.9)
    left.set_xlabel("Logit of the rank out of sample (0: the median)")
    left.set_ylabel("Splits")
    left.set_title(f"Probability of overfitting {result.pbo:.1%}", loc="left", fontsize=10)
    some = slice(None, None, -(-len(result) // 4000))  # more points than that make one blot
    right.scatter(result.in_sample[some], result.out_of_sample[some], s=5, color=INK, alpha=0.25, linewidth=0)
    ends = np.array([result.in_sample.min(), result.in_sample.max()])
    right.plot(ends, result.intercept + result.slope * ends, color=FALL, linewidth=1.3)
    right.axhline(0.0, color="0.3", linewidth=0.9)
    right.set_xlabel(f"{result.measure.capitalize()} in sample, a period")
    right.set_ylabel("Out of sample")
    right.set_title(
        f"Slope {result.slope:.2f}   below 0 in {result.probability_of_loss:.1%}", loc="left", fontsize=10
    )
    return figure
