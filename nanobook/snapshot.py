"""What a book looked like: its levels at one moment."""

from __future__ import annotations

from typing import NamedTuple

from . import checks
from .results import dollars


class LevelSnapshot(NamedTuple):
    """One price level: price in ticks, lots, number of orders."""

    price: int
    quantity: int
    order_count: int

    @property
    def price_float(self):
        """Price in units of 100 ticks."""
        return self.price / 100

    def __repr__(self):
        return f"Level(price={dollars(self.price)}, qty={self.quantity}, orders={self.order_count})"


class BookSnapshot(NamedTuple):
    """Levels of both sides, best first. The formulas see only the levels that are in it.

    Examples
    --------
    >>> from nanobook import Exchange
    >>> book = Exchange()
    >>> _ = book.submit_limit("buy", 10000, 300), book.submit_limit("sell", 10200, 100)
    >>> shot = book.depth(5)
    >>> shot.mid_price(), shot.spread(), shot.imbalance(), shot.weighted_mid()
    (10100.0, 200, 0.5, 10150.0)
    """

    bids: list
    asks: list
    timestamp: int = 0

    def best_bid(self):
        """Highest bid in ticks, None without bids."""
        return self.bids[0].price if self.bids else None

    def best_ask(self):
        """Lowest ask in ticks, None without asks."""
        return self.asks[0].price if self.asks else None

    def spread(self):
        """Best ask minus best bid in ticks, None if a side is empty."""
        return self.asks[0].price - self.bids[0].price if self.bids and self.asks else None

    def mid_price(self):
        """Middle of the touch in ticks, None if a side is empty."""
        return (self.bids[0].price + self.asks[0].price) / 2.0 if self.bids and self.asks else None

    def weighted_mid(self):
        """Touch weighted by the opposite quantities, in ticks; None if a side is empty."""
        if not (self.bids and self.asks):
            return None
        bid, ask = self.bids[0], self.asks[0]
        weighted = float(ask.quantity) * float(bid.price) + float(bid.quantity) * float(ask.price)
        return weighted / float(ask.quantity + bid.quantity)

    def imbalance(self):
        """Bid lots minus ask lots over their sum, all levels; None if the book is empty."""
        bids, asks = self.total_bid_quantity(), self.total_ask_quantity()
        return float(bids - asks) / float(bids + asks) if bids + asks else None

    def total_bid_quantity(self):
        """Lots on all bid levels."""
        return sum(level.quantity for level in self.bids)

    def total_ask_quantity(self):
        """Lots on all ask levels."""
        return sum(level.quantity for level in self.asks)

    def sweep_price(self, side, quantity):
        """Mean price in ticks that a market order would pay here; None where there are too few lots.

        Parameters
        ----------
        side : str or Side
            Of the market order: ``buy`` takes asks, ``sell`` bids.
        quantity : int
            Lots.

        Examples
        --------
        >>> from nanobook import BookSnapshot, LevelSnapshot
        >>> shot = BookSnapshot([], [LevelSnapshot(100, 3, 1), LevelSnapshot(104, 5, 2)])
        >>> shot.sweep_price("buy", 4), shot.sweep_price("buy", 9)
        (101.0, None)
        """
        left = quantity = checks.as_quantity(quantity)
        value = 0
        for price, lots, _ in self.bids if checks.as_side(side) else self.asks:
            taken = min(lots, left)
            value += price * taken
            left -= taken
            if not left:
                return value / quantity
        return None

    def plot(self, ax=None):
        """Draw the depth chart: lots waiting up to each price, bids and asks.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure unless told.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ModuleNotFoundError
            Without matplotlib: ``pip install 'nanobook[plot]'``.
        """
        from .plot import depth_chart

        return depth_chart(self, ax)

    def to_frame(self):
        """Return a DataFrame with one row a level: side, price, quantity, order_count."""
        import pandas as pd

        rows = [("buy", *level) for level in self.bids] + [("sell", *level) for level in self.asks]
        return pd.DataFrame(rows, columns=["side", "price", "quantity", "order_count"])

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __repr__(self):
        return f"BookSnapshot(bids={len(self.bids)}, asks={len(self.asks)})"
