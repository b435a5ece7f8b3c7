"""A portfolio to look at."""

from ..errors import NotAvailable
from .portfolio import Portfolio


class PortfolioView(Portfolio):
    """The live portfolio of a backtest, which a strategy may look at but not change.

    Its ``copy`` is a portfolio of its own, to try things out with.
    """

    def __init__(self, portfolio) -> None:
        self.__dict__ = portfolio.__dict__  # shared, so that looking costs nothing and is up to date

    def copy(self):
        """Return a portfolio that goes its own way from here."""
        mine = Portfolio.__new__(Portfolio)
        mine.__dict__ = self.__dict__
        return mine.copy()

    def rebalance_simple(self, targets, prices, volumes=None):
        """Refuse: weights are what a strategy returns."""
        raise NotAvailable(FORBIDDEN)

    def rebalance_lob(self, targets, exchange):
        """Refuse: weights are what a strategy returns."""
        raise NotAvailable(FORBIDDEN)

    def record_return(self, prices):
        """Refuse: the backtest records its periods."""
        raise NotAvailable(FORBIDDEN)

    def accrue(self):
        """Refuse: the backtest pays for its nights."""
        raise NotAvailable(FORBIDDEN)


FORBIDDEN = "portfolio: a strategy only looks at it; return weights, or try things out on portfolio.copy()"
