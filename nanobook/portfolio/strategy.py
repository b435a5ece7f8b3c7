"""What decides the weights of a period."""

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class WeightStrategy(Protocol):
    """An object that `run_backtest` asks for target weights; a plain function of the same arguments will do.

    Examples
    --------
    >>> from nanobook import WeightStrategy
    >>> class Half:
    ...     def compute_weights(self, bar_index, prices, portfolio):
    ...         return {"SPY": 0.5} if bar_index == 0 else None  # bought once, then held
    >>> isinstance(Half(), WeightStrategy)
    True
    """

    def compute_weights(self, bar_index: int, prices: dict[str, Any], portfolio: Any) -> Any:
        """Decide the weights of one period.

        Parameters
        ----------
        bar_index : int
            Number of the period, from 0.
        prices : dict
            Its prices by symbol, as they were given: ints are cents, floats currency units.
        portfolio : Portfolio
            The live portfolio, for looking only.

        Returns
        -------
        list of (str, float), dict, Series, array of shape (N,), or None
            Target fractions of equity; what is not named is sold, ``{}`` and ``[]`` sell all. None holds.
        """
        ...


class EqualWeight:
    """The strategy that holds every symbol that has a price in the same part of equity.

    Examples
    --------
    >>> from nanobook import EqualWeight
    >>> EqualWeight().compute_weights(0, {"A": 100, "B": 200}, None)
    [('A', 0.5), ('B', 0.5)]
    """

    def compute_weights(self, bar_index, prices, portfolio):
        """Weigh each symbol by one over their number."""
        return [(symbol, 1.0 / len(prices)) for symbol in prices]

    __call__ = compute_weights

    def __repr__(self):
        return "EqualWeight()"
