"""What is planned is counted as price times quantity: anything that is worth more or less is refused."""

from __future__ import annotations

from ...errors import MultiplierError
from ...hints import listing, printable


def check_multipliers(instruments, symbols):
    """Refuse to weigh contracts of which a unit is worth other than its price.

    Parameters
    ----------
    instruments : mapping of str to Instrument
        What is not among them is a share or a coin.
    symbols : iterable of str
        All that is held or targeted: what is left alone counts in equity and in the limits, too.

    Raises
    ------
    MultiplierError
        Names each with its multiplier.

    Examples
    --------
    >>> from nanobook.broker import Instrument
    >>> from nanobook.rebalancer.planning.multipliers import check_multipliers
    >>> check_multipliers({"ESZ6": Instrument("ESZ6", multiplier=50)}, ["AAPL", "ESZ6"])
    Traceback (most recent call last):
        ...
    nanobook.errors.MultiplierError: ESZ6 has the multiplier 50: the rebalancer weighs shares and coins, of \
which one is worth its price; hold such contracts in another account, or close them by hand, and take them \
out of the target
    """
    others = [
        f"{printable(symbol)} has the multiplier {instruments[symbol].multiplier}"
        if instruments[symbol].multiplier is not None
        else f"{printable(symbol)} has a multiplier that the broker does not tell"
        for symbol in dict.fromkeys(symbols)
        if symbol in instruments and instruments[symbol].multiplier != 1
    ]
    if others:
        raise MultiplierError(
            f"{listing(others)}: the rebalancer weighs shares and coins, of which one is worth its price; "
            "hold such contracts in another account, or close them by hand, and take them out of the target"
        )
