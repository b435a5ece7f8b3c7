"""What users hand in, brought into one form: orders, positions, prices, weights, equity."""

from array import array
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isfinite

from ..errors import InvalidSymbol, InvalidValue, ShapeError, WrongType
from ..hints import listing
from ..names import side_name, symbol_name
from .amounts import LARGEST_INT, amount, is_missing, price_or_none, quantity_of, ratio

SIGNS = {"buy": 1, "sell": -1}
FEW = 8  # rows up to which one by one is as fast as a column at a time


def sign_of(side):
    """1 for a buy, -1 for a sell, in any spelling of theirs."""
    return SIGNS[side_name(side)]


def equity_of(equity):
    """Give equity in cents, told as a number or by an account."""
    return amount("equity_cents", getattr(equity, "equity_cents", equity))


def pairs_of(name, given, value):
    """Yield (symbol, value) of whatever holds them.

    A mapping or Series by symbol; a list of tuples or of records; a DataFrame with a column ``symbol`` or
    symbols as its index.
    """
    if given is None or isinstance(given, str) or not isinstance(given, Iterable):
        raise WrongType(f"{name}: {given!r} is a {type(given).__name__}; give (symbol, {value}) pairs")
    if hasattr(given, "columns"):
        given = _columns(name, given, value)
    if isinstance(given, Mapping) or hasattr(given, "items"):  # a Series, too
        given = given.items()
    for row in given:
        yield _pair(name, row, value)


def _columns(name, frame, value):
    """Give (symbol, value) rows of a DataFrame; one that is made of no records has no columns either."""
    if not len(frame):
        return ()
    if value not in frame.columns:
        raise InvalidValue(f"{name}: no column {value!r} among {listing(frame.columns)}")
    symbols = frame["symbol"] if "symbol" in frame.columns else frame.index
    return zip(symbols, frame[value], strict=True)


def _pair(name, row, value):
    """Give the symbol and the value of a row."""
    if hasattr(row, value):
        return row.symbol, getattr(row, value)
    if isinstance(row, Mapping):
        try:
            return row["symbol"], row[value]
        except KeyError as error:
            raise InvalidValue(f"{name}: {dict(row)!r} has no {error}") from None
    try:
        symbol, number = row
    except (TypeError, ValueError):
        raise WrongType(f"{name}: {row!r} is no (symbol, {value}) pair") from None
    return symbol, number


def holdings(positions):
    """Read positions.

    Returns
    -------
    held : dict
        Exact quantities by symbol, below 0 for shorts.
    marks : dict
        Prices that records of positions tell by their market values.
    """
    held, marks = {}, {}
    if type(positions) is dict:
        positions = list(positions.items())
    elif type(positions) is not list:
        positions = list(pairs_of("positions", positions, "quantity"))
    if len(positions) > FEW and (plain := _plain_holdings(positions)):
        return plain, marks
    for row in positions:
        symbol, quantity = row if type(row) is tuple and len(row) == 2 else _recorded(row, marks)
        if type(symbol) is not str or not symbol.isalnum():
            symbol = symbol_name(symbol, "positions")
        if type(quantity) is not int or not -LARGEST_INT <= quantity <= LARGEST_INT:
            quantity = amount(f"positions: {symbol}", quantity)
        held[symbol] = quantity
    if len(held) != len(positions):
        _refuse_twice("positions", positions)
    return held, marks


def _plain_holdings(rows):
    """Positions that are all plain: tuples of a symbol, each told once, and an int in range; else None.

    Checked a column at a time, which takes less than checking row by row.
    """
    if not {tuple}.issuperset(map(type, rows)):
        return None
    try:
        held = dict(rows)
    except (TypeError, ValueError):  # some symbol is a list, some row no pair
        return None
    numbers = held.values()
    is_plain = len(held) == len(rows) and {int}.issuperset(map(type, numbers)) and _are_names(held)
    return held if is_plain and -LARGEST_INT <= min(numbers) <= max(numbers) <= LARGEST_INT else None


def _recorded(row, marks):
    """Give a record's symbol and quantity; its market value tells a price."""
    symbol, quantity = _pair("positions", row, "quantity")
    symbol = symbol_name(symbol, "positions")
    quantity = amount(f"positions: {symbol}", quantity)
    told = row.get if isinstance(row, Mapping) else lambda name: getattr(row, name, None)
    value = told("market_value_cents")
    value = 0 if is_missing(value) else amount(f"positions: {symbol}: market_value_cents", value)
    if value and quantity:
        marks[symbol] = abs(Fraction(value) / Fraction(quantity))
    return symbol, quantity


def _refuse_twice(name, rows):
    """Refuse rows that name a symbol more than once."""
    symbols = [row[0] if type(row) is tuple else _pair(name, row, "quantity")[0] for row in rows]
    again = next(symbol for symbol in symbols if symbols.count(symbol) > 1)
    raise InvalidSymbol(f"{name}: {again!r} stands there twice; give each symbol once")


def add_marks(marks, prices):
    """Put the prices that are told before those that positions tell; what is none counts as not told."""
    pairs = prices.items() if type(prices) is dict else pairs_of("prices", prices, "price_cents")
    for symbol, price in pairs:
        if type(price) is not int or not 0 < price <= LARGEST_INT:
            price = price_or_none(f"prices: {symbol}", price)
        if type(symbol) is not str or not symbol.isalnum():
            symbol = symbol_name(symbol, "prices")
        if price is not None:
            marks[symbol] = price


def volumes_of(volumes):
    """Read average daily volumes."""
    if volumes is None:
        return {}
    pairs = pairs_of("volumes", volumes, "volume")
    return {
        symbol_name(symbol, "volumes"): price_or_none(f"volumes: {symbol}", volume)
        for symbol, volume in pairs
    }


def weights_of(targets):
    """Read target weights: finite, each symbol once.

    Returns
    -------
    dict
        Floats as they are, since those compare as the decimals that they print as; any other number as a
        Fraction.
    """
    rows = targets if type(targets) is list else list(pairs_of("target_weights", targets, "weight"))
    if not {tuple}.issuperset(map(type, rows)):
        rows = [row if type(row) is tuple else _pair("target_weights", row, "weight") for row in rows]
    try:
        weights = dict(rows)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"target_weights: give (symbol, weight) pairs; {error}") from None
    if len(weights) != len(rows):
        _refuse_twice("target_weights", rows)
    if not _are_names(weights):
        weights = {symbol_name(symbol, "target_weights"): weight for symbol, weight in weights.items()}
    if not {float}.issuperset(map(type, weights.values())) or not isfinite(sum(weights.values())):
        for symbol, weight in weights.items():
            if type(weight) is not float or not isfinite(weight):
                weights[symbol] = ratio(f"target_weights: {symbol}", weight)
    return weights


def order_rows(orders):
    """Give a batch of orders as a list of (symbol, side, quantity, price); a price of None is none."""
    if hasattr(orders, "columns"):
        orders = orders.to_dict("records")
    if orders is None or isinstance(orders, (str, Mapping)) or not isinstance(orders, Iterable):
        raise WrongType(f"orders: {type(orders).__name__}; give (symbol, side, quantity, price_cents) tuples")
    orders = list(orders)
    if {tuple}.issuperset(map(type, orders)):
        return orders
    return [row if type(row) is tuple else _order_row(row) for row in orders]


def _order_row(order):
    """Give an order's parts: a record's, a dictionary's or a sequence's."""
    if isinstance(order, Mapping):
        fields = dict(order)
    elif hasattr(order, "symbol"):
        names = ("symbol", "side", "quantity", *PRICES)
        fields = {name: getattr(order, name, None) for name in names}
    elif isinstance(order, Iterable) and not isinstance(order, str):
        return tuple(order)
    else:
        raise WrongType(f"orders: {order!r} is a {type(order).__name__}; {ORDER_PARTS}")
    try:
        parts = [fields[name] for name in ("symbol", "side", "quantity")]
    except KeyError as error:
        raise InvalidValue(f"orders: {order!r} has no {error}") from None
    return *parts, order_price(fields)


ORDER_PARTS = "give (symbol, side, quantity, price_cents)"
PRICES = ("price_cents", "limit_price_cents", "stop_price_cents")


def order_price(fields):
    """The price that an order names; None for a market order."""
    return next((fields[name] for name in PRICES if fields.get(name) is not None), None)


def record_parts(order):
    """Give (symbol, side, quantity, price) of an order given as a record."""
    if isinstance(order, str) or not (hasattr(order, "symbol") or isinstance(order, Mapping)):
        raise WrongType(f"symbol: {order!r} is a {type(order).__name__}; give a text, or an order")
    return _order_row(order)


def checked(symbol, side, quantity, price, zero=False):
    """Bring one order into exact form; the price 0 stands for none."""
    if is_missing(price):
        price = 0
    return (
        symbol_name(symbol),
        sign_of(side),
        quantity_of(quantity, zero),
        amount("price_cents", price),
    )


def columns_of(rows, marks):
    """Bring the orders of a batch into exact columns: symbols, signs, quantities, prices.

    Plain ones are checked a column at a time, which takes a tenth of the time. An order without a price has
    that of ``marks``.
    """
    if not rows:
        return (), (), (), ()
    try:
        symbols, sides, quantities, prices = zip(*rows, strict=True)
    except ValueError:
        row = next(row for row in rows if len(row) != 4)
        raise ShapeError(f"orders: {row!r}; {ORDER_PARTS}") from None
    if _are_plain(symbols, quantities, prices) and (signs := _plain_signs(sides)):
        return symbols, signs, quantities, prices
    exact = []
    for symbol, side, quantity, price in rows:
        if price is None and isinstance(symbol, str):
            price = marks.get(symbol)
        exact.append(checked(symbol, side, quantity, price, zero=True))
    return tuple(zip(*exact, strict=True))


def _are_plain(symbols, quantities, prices):
    """Whether these columns need no change: clean names without blanks, ints from 0 to ``LARGEST_INT``."""
    if not (set(map(type, quantities)) == set(map(type, prices)) == {int}):
        return False
    try:
        array("Q", quantities), array("Q", prices)  # 64 bits each: twice as fast as min and max
    except OverflowError:
        return False
    return _are_names(symbols)


def _are_names(symbols):
    """Whether all are clean names without blanks."""
    try:
        text = "".join(symbols)
    except TypeError:  # some symbol is no text
        return False
    return all(symbols) and " " not in text and text.isprintable()


def _plain_signs(sides):
    """The signs of sides that are all 'buy' or 'sell'; None if some is not."""
    try:
        return list(map(SIGNS.__getitem__, sides))
    except (KeyError, TypeError):  # some side is a list
        return None
