"""Names that every order bears, checked: its symbol and its side. Knows no arrays, so it loads at once."""

from .errors import InvalidSide, InvalidSymbol, WrongType

SIDES = {"buy": "buy", "b": "buy", "sell": "sell", "s": "sell"}


def side_name(side):
    """Give 'buy' or 'sell' for a side in any of its spellings."""
    name = getattr(side, "name", side)  # nanobook.Side
    if not isinstance(name, str):
        raise WrongType(f"side: {side!r} is a {type(side).__name__}; use 'buy' or 'sell'")
    try:
        return SIDES[name.lower()]
    except KeyError:
        raise InvalidSide(f"Invalid side '{side}'. Use 'buy' or 'sell'.") from None


def symbol_name(symbol, name="symbol"):
    """Check a symbol: some text, all printable, without blanks at the ends; ``name`` says where it stands."""
    if not isinstance(symbol, str):
        raise WrongType(f"{name}: {symbol!r} is a {type(symbol).__name__}; give a text")
    if not symbol or not symbol.isprintable() or symbol != symbol.strip():
        raise InvalidSymbol(f"{name}: {symbol!r}; give its name, printable, without blanks at the ends")
    return str(symbol)
