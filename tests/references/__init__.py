"""What others compute: every figure of ours that a library of the field computes, too, beside it.

``comparison`` says what a row is; each other file has the rows of one area. ``ROWS`` are all of them; the
tests compare their values and ``asv_bench/benchmarks/references.py`` their times. Indicators have a table of
their own shape, made from the product's.
"""

from . import covariance, metrics, optimisers, statistics, validation, volatility

AREAS = (statistics, metrics, volatility, covariance, optimisers, validation)
ROWS = {row.label: row for area in AREAS for row in area.ROWS}
