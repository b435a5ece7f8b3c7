"""``MultiExchange``: one order book per symbol."""

from __future__ import annotations

from .errors import UnknownSymbol
from .exchange import Exchange
from .multi_tape import process_by_symbol
from .values import Symbol


class MultiExchange:
    """Order books by symbol, each with ids and a clock of its own.

    A symbol is text of at most 32 UTF-8 bytes; case matters. Its book is made by the first submission
    that is not refused with an error, or by ``get_or_create``. ``multi[symbol]`` is the book itself,
    with everything an ``Exchange`` can do; the methods here are those of the book, after the symbol.

    Parameters
    ----------
    **options
        What every book is made with: the keywords of ``Exchange``.

    Raises
    ------
    UnknownSymbol
        A ``KeyError``, by all that looks at a book that is not there; names the nearest symbol.
    InvalidSymbol
        By all that would make a book of a symbol that is too long or no text.

    Examples
    --------
    >>> from nanobook import MultiExchange
    >>> multi = MultiExchange()
    >>> multi.submit_limit("AAPL", "sell", 10050, 100)
    SubmitResult(order_id=1, status='New', filled=0, resting=100, cancelled=0, trades=0)
    >>> multi.submit_limit("MSFT", "buy", 40000, 5).order_id
    1
    >>> multi.best_prices()
    [('AAPL', None, 10050), ('MSFT', 40000, None)]
    >>> multi["AAPL"].best_ask()
    10050
    >>> multi
    MultiExchange(symbols=2)
    """

    def __init__(self, **options) -> None:
        Exchange(**options)  # refuses bad options now rather than at the first order
        self._options = options
        self._books: dict[str, Exchange] = {}

    # Books

    def get_or_create(self, symbol) -> Exchange:
        """Return the book of a symbol, the live one, made if there is none."""
        return self._keep(symbol, self._visit(symbol))

    def get(self, symbol) -> Exchange | None:
        """Return the live book of a symbol, None if there is none."""
        return self._books.get(symbol)

    get_mut = get

    def __getitem__(self, symbol) -> Exchange:
        book = self._books.get(symbol) if isinstance(symbol, str) else None
        if book is None:
            raise self._unknown(symbol)
        return book

    def symbols(self) -> list[str]:
        """Return all symbols in the order in which their books were made."""
        return list(self._books)

    def items(self):
        """Pairs of symbol and book, as of a dict."""
        return self._books.items()

    def best_prices(self):
        """List (symbol, best bid, best ask) of all books in ticks, each None where the side is empty."""
        return [(symbol, *book.best_bid_ask()) for symbol, book in self._books.items()]

    def is_empty(self):
        """Whether there are no books."""
        return not self._books

    def len(self):
        """Return the number of books."""
        return len(self._books)

    __len__ = len

    def __iter__(self):
        return iter(self._books)

    def __contains__(self, symbol):
        return isinstance(symbol, str) and symbol in self._books

    # Submissions: they make the book of a symbol unless they raise

    def submit_limit(self, symbol, side, price, quantity, tif="gtc", *owner, **options):
        """``Exchange.submit_limit`` on the book of a symbol."""
        return self._submit(symbol, Exchange.submit_limit, side, price, quantity, tif, *owner, **options)

    def submit_market(self, symbol, side, quantity, *owner, **options):
        """``Exchange.submit_market`` on the book of a symbol."""
        return self._submit(symbol, Exchange.submit_market, side, quantity, *owner, **options)

    def submit_stop_market(self, symbol, *order, **options):
        """``Exchange.submit_stop_market`` on the book of a symbol."""
        return self._submit(symbol, Exchange.submit_stop_market, *order, **options)

    def submit_stop_limit(self, symbol, *order, **options):
        """``Exchange.submit_stop_limit`` on the book of a symbol."""
        return self._submit(symbol, Exchange.submit_stop_limit, *order, **options)

    def submit_trailing_stop_market(self, symbol, *order, **options):
        """``Exchange.submit_trailing_stop_market`` on the book of a symbol."""
        return self._submit(symbol, Exchange.submit_trailing_stop_market, *order, **options)

    def submit_trailing_stop_limit(self, symbol, *order, **options):
        """``Exchange.submit_trailing_stop_limit`` on the book of a symbol."""
        return self._submit(symbol, Exchange.submit_trailing_stop_limit, *order, **options)

    def process(self, messages, *, client_ids=False, levels=0):
        """Apply a whole order flow of many symbols, one compiled call a symbol.

        Parameters
        ----------
        messages : DataFrame, structured array or mapping of columns
            As ``Exchange.process`` takes them, and a column ``symbol`` of text. Order ids count
            separately in each book.
        client_ids : bool
            As in ``Exchange.process``; each book has its own names.
        levels : int
            Record so many levels of the message's book after every message.

        Returns
        -------
        MultiTapeResult
            One row a message, in the order of the messages; ``result[symbol]`` is that of one book.

        Raises
        ------
        NanobookError
            Names the first row that may not reach a book; nothing is applied and no book made.

        Examples
        --------
        >>> from nanobook import MultiExchange
        >>> multi = MultiExchange()
        >>> result = multi.process(
        ...     {
        ...         "symbol": ["AAPL", "MSFT", "AAPL"],
        ...         "kind": ["limit", "limit", "market"],
        ...         "side": ["sell", "sell", "buy"],
        ...         "price": [10050, 40000, 0],
        ...         "quantity": [100, 5, 30],
        ...     }
        ... )
        >>> result.to_frame()
          symbol  order_id  status  filled  resting  cancelled
        0   AAPL         1     New       0      100          0
        1   MSFT         1     New       0        5          0
        2   AAPL         2  Filled      30        0          0
        """
        return process_by_symbol(self, messages, client_ids, levels)

    # Orders that are there: no book is made, without one nothing is found

    def cancel(self, symbol, order_id):
        """``Exchange.cancel`` on the book of a symbol; ``OrderNotFound`` without one."""
        return self._visit(symbol).cancel(order_id)

    def modify(self, symbol, order_id, new_price, new_quantity):
        """``Exchange.modify`` on the book of a symbol; ``OrderNotFound`` without one."""
        return self._visit(symbol).modify(order_id, new_price, new_quantity)

    def amend(self, symbol, order_id, new_quantity):
        """``Exchange.amend`` on the book of a symbol; ``OrderNotFound`` without one."""
        return self._visit(symbol).amend(order_id, new_quantity)

    # Looking

    def get_order(self, symbol, order_id):
        """``Exchange.get_order`` of a symbol."""
        return self[symbol].get_order(order_id)

    def get_stop_order(self, symbol, order_id):
        """``Exchange.get_stop_order`` of a symbol."""
        return self[symbol].get_stop_order(order_id)

    def best_bid_ask(self, symbol):
        """``Exchange.best_bid_ask`` of a symbol."""
        return self[symbol].best_bid_ask()

    def depth(self, symbol, levels=10):
        """``Exchange.depth`` of a symbol."""
        return self[symbol].depth(levels)

    def full_book(self, symbol):
        """``Exchange.full_book`` of a symbol."""
        return self[symbol].full_book()

    def trades(self, symbol):
        """``Exchange.trades`` of a symbol."""
        return self[symbol].trades()

    def last_trade_price(self, symbol):
        """``Exchange.last_trade_price`` of a symbol."""
        return self[symbol].last_trade_price()

    def to_frame(self):
        """Return a DataFrame with one row a symbol: best_bid, best_ask and spread in ticks."""
        import pandas as pd

        rows = [(*book.best_bid_ask(), book.spread()) for book in self._books.values()]
        index = pd.Index(self.symbols(), name="symbol", dtype=object)
        return pd.DataFrame(rows, index, ["best_bid", "best_ask", "spread"], dtype="Int64")

    def __eq__(self, other):
        """Whether both have the same symbols with books in equal states, and options."""
        if not isinstance(other, MultiExchange):
            return NotImplemented
        if (self._options, set(self)) != (other._options, set(other)):
            return False
        return all(book.digest() == other[symbol].digest() for symbol, book in self._books.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self):
        return f"MultiExchange(symbols={len(self._books)})"

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.to_frame()._repr_html_()}"

    # How a symbol finds its book

    def _submit(self, symbol, method, *order, **options):
        """Call a method on the book of a symbol; a new book is kept unless the call raises."""
        book = self._visit(symbol)
        result = method(book, *order, **options)
        self._keep(symbol, book)
        return result

    def _visit(self, symbol):
        """Return the book of a symbol; a new one, not kept yet, if there is none."""
        book = self._books.get(symbol) if isinstance(symbol, str) else None
        if book is None:
            Symbol(symbol)  # refuses what cannot be one
            book = Exchange(**self._options)
        return book

    def _keep(self, symbol, book):
        return self._books.setdefault(Symbol(symbol).as_str(), book) if symbol not in self._books else book

    def _unknown(self, symbol):
        from .hints import nearest

        hint = nearest(symbol, self._books) or f" among {len(self._books)}"
        return UnknownSymbol(f"symbol: no book of {symbol!r}{hint}; get_or_create makes one")
