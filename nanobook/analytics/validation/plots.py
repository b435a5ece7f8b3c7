"""The picture of a walk-forward optimisation."""

import numpy as np

from ...portfolio.labels import spell
from ..statistics.plots import FALL, INK, new_figure


def draw_walk(result):
    """Draw the compounded returns of the tests above the scores of each window."""
    figure, (upper, lower) = new_figure(2, 1, (9, 5.4), height_ratios=(2, 1))
    values = np.asarray(result.returns)
    across = np.arange(values.size) if result.index is None else result.returns.index
    upper.plot(across, np.cumprod(1.0 + values), color=INK, linewidth=1.3)
    upper.axhline(1.0, color="0.6", linewidth=0.8, linestyle=(0, (4, 4)))
    starts = np.cumsum([0, *(window.returns.size for window in result.windows[:-1])])
    for start in starts.tolist():
        upper.axvline(across[start], color="0.85", linewidth=0.8, zorder=0)
    upper.set_ylabel("Growth of 1, tests alone")
    upper.set_title(
        f"Sharpe {result.metrics.sharpe:.2f}   deepest drawdown {result.metrics.max_drawdown:.1%}   "
        f"{len(result)} windows",
        loc="left",
        fontsize=10,
    )
    names = [spell(result.label(window.test[0])) for window in result.windows]
    places = np.arange(len(result))
    for shift, scores, color, label in (
        (-0.2, [window.train_score for window in result.windows], "0.7", "training"),
        (0.2, [window.test_score for window in result.windows], FALL, "test"),
    ):
        lower.bar(places + shift, scores, 0.4, color=color, label=label)
    step = -(-len(result) // 8)
    lower.set_xticks(places[::step], names[::step], fontsize=8)
    lower.set_ylabel(result.metric)
    lower.set_xlabel("Start of the test")
    lower.legend(frameon=False, fontsize=8, ncols=2)
    return figure
