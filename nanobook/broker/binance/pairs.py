"""Which pair a symbol means, and the rules of each pair, asked for once."""

from __future__ import annotations

from ...errors import UnknownInstrument
from ...hints import listing
from .answers import BAD_SYMBOL, Refused
from .payloads import given, items, text
from .rules import Rules

ILLEGAL_CHARACTERS = -1100


class Pairs:
    """The pairs that are paid in one asset.

    Parameters
    ----------
    client : Client
    quote_asset : str
    """

    def __init__(self, client, quote_asset):
        self._client, self.quote_asset = client, quote_asset
        self._by_symbol = {}
        self._by_pair = {}

    def of_symbol(self, symbol):
        """Give the rules of a symbol: the name of a coin, or of its pair with the quote asset.

        Raises
        ------
        UnknownInstrument
            There is no such pair; or the symbol is a coin and a pair.
        """
        if symbol not in self._by_symbol:
            names = [symbol + self.quote_asset]
            if symbol.endswith(self.quote_asset) and symbol != self.quote_asset:
                names.append(symbol)
            found = [rules for rules in map(self._asked, names) if rules is not None]
            if len(found) > 1:
                told = listing(rules.pair for rules in found)
                raise UnknownInstrument(f"{symbol} is a coin and a pair: {told}; give the other name")
            if not found:
                raise UnknownInstrument(f"Binance has no pair {' or '.join(names)}; give a coin, as 'BTC'")
            self._by_symbol[symbol] = found[0]
        return self._by_symbol[symbol]

    def of_pair(self, pair):
        """Give the rules of a pair that the exchange named; None if it is not paid in the quote asset."""
        return self.known(pair) or self._asked(pair)

    def known(self, pair):
        """Give the rules of a pair if they were asked for before."""
        return self._by_pair.get(pair)

    def symbol_of(self, pair):
        """Name a pair as callers do: by the coin, or in full if it is paid in another asset.

        Examples
        --------
        >>> from nanobook.broker.binance.pairs import Pairs
        >>> Pairs(None, "USDT").symbol_of("BTCUSDT"), Pairs(None, "USDT").symbol_of("ETHBTC")
        ('BTC', 'ETHBTC')
        """
        return pair.removesuffix(self.quote_asset) or pair

    def names(self):
        """Ask for the names of all pairs that are paid in the quote asset."""
        names = (text(book, "symbol") for book in items(self._client.call("book_tickers")))
        return [name for name in names if name.endswith(self.quote_asset) and name != self.quote_asset]

    def _asked(self, pair):
        """Ask for the rules of a pair; None if there is none that is paid in the quote asset."""
        try:
            info = self._client.call("exchange_info", symbol=pair)
        except Refused as refused:
            if refused.code in (BAD_SYMBOL, ILLEGAL_CHARACTERS):
                return None
            raise
        self._client.limits.learn(items(given(info, "rateLimits")))
        for entry in items(given(info, "symbols")):
            rules = Rules.of(entry)
            if rules.pair == pair and rules.quote == self.quote_asset:
                self._by_pair[pair] = rules
                return rules
        return None
