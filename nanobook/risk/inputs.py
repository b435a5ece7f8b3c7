"""What users hand in, brought into one form: orders, positions, prices, weights, equity."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from ..errors import InvalidSymbol, InvalidValue, ShapeError, WrongType
from ..hints import listing
from ..names import side_name, symbol_name
from .amounts import LARGEST_INT, amount, price_or_none, quantity_of, ratio

SIGNS = {"buy": 1, "sell": -1}


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
    """Give (symbol, value) rows of a DataFrame."""
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
    """
    held = {}
    for row in positions if type(positions) is list else pairs_of("positions", positions, "quantity"):
        symbol, quantity = row if type(row) is tuple else _pair("positions", row, "quantity")
        if type(quantity) is not int or not -LARGEST_INT <= quantity <= LARGEST_INT:
            quantity = amount(f"positions: {symbol}", quantity)
        if symbol in held:
            raise InvalidSymbol(f"positions: {symbol!r} stands there twice; give each symbol once")
        held[symbol] = quantity
    return held


def values_of(positions):
    """Read the prices that records of positions tell by their market values."""
    marks = {}
    if isinstance(positions, Iterable) and not hasattr(positions, "items"):
        for row in positions:
            if type(row) is tuple:
                continue
            value, quantity = getattr(row, "market_value_cents", 0), getattr(row, "quantity", 0)
            if value and quantity:
                marks[row.symbol] = Fraction(value) / Fraction(quantity)
    return marks


def marks_of(positions, prices):
    """Read the prices of holdings: of ``prices``, else of the positions' own market values."""
    marks = values_of(positions)
    if prices is not None:
        for symbol, price in pairs_of("prices", prices, "price_cents"):
            marks[symbol] = price_or_none(f"prices: {symbol}", price)
    return {symbol: price for symbol, price in marks.items() if price is not None and price > 0}


def volumes_of(volumes):
    """Read average daily volumes."""
    if volumes is None:
        return {}
    pairs = pairs_of("volumes", volumes, "volume")
    return {symbol: price_or_none(f"volumes: {symbol}", volume) for symbol, volume in pairs}


def weights_of(targets):
    """Read target weights: finite, each symbol once.

    Returns
    -------
    dict
        Floats or ints as they are, since those compare as the decimals that they print as; any other
        number as a Fraction.
    """
    weights = {}
    for symbol, weight in pairs_of("target_weights", targets, "weight"):
        if symbol in weights:
            raise InvalidSymbol(f"target_weights: {symbol!r} stands there twice; give each symbol once")
        if type(weight) is not float or weight - weight != 0:
            weight = ratio(f"target_weights: {symbol}", weight)
        weights[symbol] = weight
    return weights


def order_rows(orders):
    """Give a batch of orders as a list of (symbol, side, quantity, price); a price of None is none."""
    if hasattr(orders, "columns"):
        orders = orders.to_dict("records")
    if orders is None or isinstance(orders, (str, Mapping)) or not isinstance(orders, Iterable):
        raise WrongType(f"orders: {type(orders).__name__}; give (symbol, side, quantity, price_cents) tuples")
    rows = [row if type(row) is tuple else _order_row(row) for row in orders]
    if set(map(len, rows)) - {4}:
        row = next(row for row in rows if len(row) != 4)
        raise ShapeError(f"orders: {row!r}; give (symbol, side, quantity, price_cents)")
    return rows


def _order_row(order):
    """Give an order's parts: a record's, a dictionary's or a sequence's."""
    if isinstance(order, Mapping):
        fields = dict(order)
    elif hasattr(order, "symbol"):
        names = ("symbol", "side", "quantity", *PRICES)
        fields = {name: getattr(order, name, None) for name in names}
    else:
        return tuple(order)
    try:
        parts = [fields[name] for name in ("symbol", "side", "quantity")]
    except KeyError as error:
        raise InvalidValue(f"orders: {order!r} has no {error}") from None
    return *parts, order_price(fields)


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
    if price is None or price != price:
        price = 0
    return (
        symbol_name(symbol),
        sign_of(side),
        quantity_of(quantity, zero),
        amount("price_cents", price),
    )
