"""What the account owns, and what that is worth."""

from __future__ import annotations

import logging

from ...exact import cents_of, exact, in_steps, plus, times
from ...hints import listing
from ..types import Account, BrokerPosition
from .payloads import given, items, number, text

_LOG = logging.getLogger("nanobook.broker.binance")


class Holdings:
    """Balances, valued at the middle of bid and ask.

    Parameters
    ----------
    client : Client
    quote_asset : str

    Attributes
    ----------
    unpriced : tuple of str
        Coins, seen last, that have no price in the quote asset.
    """

    def __init__(self, client, quote_asset):
        self._client, self._quote_asset = client, quote_asset
        self.unpriced = ()

    def ask(self):
        """Ask for the account, without the coins of which there is nothing."""
        return self._client.call("account", omitZeroBalances="true")

    def coins(self):
        """Give the names of the coins that are owned."""
        return [text(entry, "asset") for entry in items(given(self.ask(), "balances"))]

    def positions(self):
        """Give the coins that trade against the quote asset; ``unpriced`` names the others."""
        return self._held(_balances(self.ask()))

    def account(self):
        """Sum up: what is worth nothing that we know of is named by ``unpriced``."""
        told = self.ask()
        owned = _balances(told)
        free, locked = owned.get(self._quote_asset, (0, 0))
        cash = cents_of("cash", exact("cash", plus(free, locked)))
        gross = sum(position.market_value_cents for position in self._held(owned))
        equity = exact("equity", plus(cash, gross))
        uid = str(told.get("uid", ""))
        return Account(equity, cents_of("free", free), cash, gross, uid, self._quote_asset)

    def _held(self, owned):
        mids = self._mids()
        held, unpriced = [], []
        for coin, (free, locked) in owned.items():
            quantity = exact(coin, plus(free, locked))
            if coin == self._quote_asset or quantity <= 0:
                continue
            if not mids.get(coin):
                unpriced.append(coin)
            if coin in mids:  # else it cannot be traded here, and is no position to be closed
                worth = in_steps(times(quantity, mids[coin]), 1)
                held.append(BrokerPosition(coin, quantity, 0, worth, 0))
        self._tell(tuple(sorted(unpriced)))
        return held

    def _mids(self):
        """Give the middle of all pairs with the quote asset, in cents, by coin; 0 without a price."""
        found = {}
        for book in items(self._client.call("book_tickers")):
            pair = text(book, "symbol")
            coin = pair.removesuffix(self._quote_asset)
            prices = [price for price in (number(book, "bidPrice"), number(book, "askPrice")) if price > 0]
            if coin not in ("", pair):
                found[coin] = times(plus(prices[0], prices[-1]), 50) if prices else 0
        return found

    def _tell(self, unpriced):
        """Name the coins without a price, once."""
        if unpriced and unpriced != self.unpriced:
            told = listing(unpriced)
            _LOG.warning("no price in %s for %s: counted as nothing", self._quote_asset, told)
        self.unpriced = unpriced


def _balances(account):
    """Give (free, locked) of each coin."""
    return {
        text(entry, "asset"): (number(entry, "free"), number(entry, "locked"))
        for entry in items(given(account, "balances"))
    }
