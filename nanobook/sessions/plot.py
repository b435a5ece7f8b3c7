"""Pictures of a simulation."""

import numpy as np

INK = "#1f4e79"


def new_figure(size):
    """A figure that notebooks display, and its axes."""
    import matplotlib.pyplot  # noqa: F401  notebooks learn from it how to display a figure
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots()


def draw_map(x, y, value, names):
    """Draw the mean of ``value`` over a grid of the values of ``x`` and ``y``."""
    across, column = np.unique(x, return_inverse=True)
    up, row = np.unique(y, return_inverse=True)
    sums = np.zeros((up.size, across.size))
    counts = np.zeros_like(sums)
    known = ~np.isnan(value.astype(float))
    np.add.at(sums, (row[known], column[known]), value[known])
    np.add.at(counts, (row[known], column[known]), 1)
    mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)

    figure, axes = new_figure((1.6 + 0.42 * max(across.size, 8), 1.2 + 0.34 * max(up.size, 6)))
    told = mean[~np.isnan(mean)]
    both = told.size and told.min() < 0 < told.max()
    bound = float(told.max()) if told.size else 1.0  # deep losses would leave all gains white
    colours = {"cmap": "RdBu", "vmin": -bound, "vmax": bound} if both else {"cmap": "viridis"}
    image = axes.imshow(mean, origin="lower", aspect="auto", **colours)
    label(axes.set_xticks, across, 12)
    label(axes.set_yticks, up, 16)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.set_title(f"Mean {names[2]}", loc="left", fontsize=10)
    figure.colorbar(image, ax=axes, extend="min" if both else "neither")
    return figure


def label(set_ticks, values, most):
    """Name at most so many of the values of an axis."""
    step = -(-values.size // most)
    places = np.arange(0, values.size, step)
    set_ticks(places, [f"{value:g}" for value in values[places]])


def draw_line(x, value, name, value_name):
    """Draw ``value`` against ``x``, with the mean at each ``x``."""
    across, column = np.unique(x, return_inverse=True)
    figure, axes = new_figure((8, 4))
    axes.scatter(x, value, s=8, color=INK, alpha=0.35, linewidth=0)
    mean = np.bincount(column, value) / np.bincount(column)
    axes.plot(across, mean, color=INK, linewidth=1.5, label="mean")
    axes.set_xlabel(name)
    axes.set_ylabel(value_name)
    axes.grid(color="0.9", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure
