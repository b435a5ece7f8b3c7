"""Every kernel is compiled for one signature: runs last, when the suite has called them all."""

import importlib
import pkgutil

import pytest

import nanobook.kernels
from nanobook._jit import JIT

pytestmark = pytest.mark.skipif(not JIT, reason="without compilation there are no signatures")


def kernels():
    """All compiled functions under ``nanobook.kernels``, by name."""
    found = {}
    for module in pkgutil.walk_packages(nanobook.kernels.__path__, "nanobook.kernels."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if hasattr(value, "signatures") and value.py_func.__module__ == module.name:
                found[f"{module.name}.{name}"] = value
    return found


STATES = ("Book(", "Books(")


def state_of(signature):
    """Which tuple of arrays a kernel works on: what serves one book serves those of a feed, too.

    And how many rows: an average serves alone, and with the scratch rows of what is made of it.
    """
    books = [str(kind) for kind in signature if str(kind).startswith(STATES)]
    return books + [len(kind) for kind in signature if str(kind).startswith("UniTuple(array")]


def test_no_kernel_has_two_signatures():
    """For one state: the ladder and what looks at it also serve the books of a feed."""
    several = {
        name: kernel.signatures
        for name, kernel in kernels().items()
        if len(kernel.signatures) > len({tuple(state_of(signature)) for signature in kernel.signatures})
    }
    assert not several


ENTERED = (
    "account.call.count_unpriced_at",
    "account.call.equity_at",
    "account.call.lay_out_at",
    "account.call.rebalance_at",
    "account.fill.fill",
    "account.fill.fill_at",
    "account.fill.settle",
    "account.plan.plan",
    "account.rebalance.rebalance",
    "account.value.accrue",
    "account.value.equity",
    "backtest.count_beyond",
    "backtest.run_full",
    "backtest.run_lean",
    "bars.play.run",
    "bootstrap.resample_all",
    "book.call.cancel_at",
    "book.call.modify_at",
    "book.call.show_at",
    "book.call.submit_at",
    "book.call.submit_market_at",
    "book.desk.run",
    "book.desk.run_recording",
    "book.desk.scan",
    "book.depth.walk",
    "book.ids.fill_table",
    "book.ids.find",
    "book.tape.faulty",
    "book.tape.run",
    "book.tape.run_recording",
    "book.tape.scan",
    "garch.fit.fit",
    "garch.lanes.fit_lanes",
    "garch.lanes.look",
    "garch.lanes.slope",
    "journal.clean",
    "journal.pack",
    "journal.pack_wide",
    "itch.to_columns",
    "itch.to_records",
    "feed.apply.run",
    "feed.keep.list_slots",
    "feed.keep.refill_table",
    "feed.keep.refine",
    "feed.record.run_recording",
    "feed.record.snapshot",
    "lobster.explain",
    "lobster.read_table",
    "metrics.figures",
    "indicators.run.describe",
    "indicators.run.describe_rows",
    "indicators.run.run_all",
    "indicators.run.run_block",
    "indicators.run.transpose_all",
    "money.to_units",
    "overfitting.split_all",
    "ranks.correlate_ranks",
    "ranks.correlate_values",
    "ranks.spreads",
    "session.lanes.run_lane",
    "session.lanes.run_lanes",
    "session.play.begin_at",
    "sweep.run_schedules",
    "sweep.run_strategies",
    "sweep.run_strategy",
    "sweep.run_tables",
    "windows.compounds",
    "windows.drawdowns",
    "windows.falls",
    "windows.moments",
    "windows.slopes",
    "volatility.deviations",
    "volatility.fixed_forecast",
    "volatility.smooth",
    "volatility.window_means",
    "volatility.window_variances",
)


def test_every_kernel_that_python_enters_has_exactly_one(request):
    """The others show none where their caller came from the cache."""
    if len({item.path.name for item in request.session.items}) < 10:
        pytest.skip("only a part of the suite ran, which need not enter every kernel")
    found = kernels()
    assert {name: len(found[f"nanobook.kernels.{name}"].signatures) for name in ENTERED} == dict.fromkeys(
        ENTERED, 1
    )


def test_kernels_are_found():
    assert len(kernels()) > 50
