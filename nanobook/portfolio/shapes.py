"""Other shapes of schedules: dicts by date or by symbol, and rows of bars, become the common ones."""

from ..errors import InvalidValue, ShapeError, WrongType


def unfold(weight_schedule, price_schedule, tables):
    """Bring schedules of other shapes into DataFrames or rows.

    Parameters
    ----------
    weight_schedule, price_schedule
        As given: weights may be a dict of {symbol: weight} by date, prices a dict of (date, price) pairs or
        a Series by symbol, or rows of (symbol, BarPrices) pairs.
    tables : dict
        Open, high, low and volume as given.

    Returns
    -------
    weight_schedule, price_schedule, tables
    """
    if isinstance(price_schedule, (list, tuple)):
        from .rows import split_bars

        parts = split_bars(price_schedule)
        if parts is not None:
            given = [name for name in ("open", "high", "low") if tables[name] is not None]
            if given:
                raise InvalidValue(f"{given[0]}: price_schedule holds bars already; leave it out")
            tables = {**tables, **dict(zip(("open", "high", "low"), parts[:3], strict=True))}
            price_schedule = parts[3]
    if isinstance(price_schedule, dict):
        price_schedule = by_symbol("price_schedule", price_schedule)
        tables = {
            name: by_symbol(name, table) if isinstance(table, dict) else table
            for name, table in tables.items()
        }
    if isinstance(weight_schedule, dict):
        weight_schedule = by_date(weight_schedule, price_schedule)
    return weight_schedule, price_schedule, tables


def by_symbol(name, given):
    """Make a DataFrame of a dict that has pairs of a date and a number, or a Series, for each symbol."""
    import pandas as pd

    columns = {}
    for symbol, values in given.items():
        if not isinstance(values, pd.Series):
            try:
                dates, numbers = zip(*values, strict=True)
            except (TypeError, ValueError):
                raise WrongType(
                    f"{name}: {symbol} has {type(values).__name__}, needs a list of (date, price) pairs"
                ) from None
            values = pd.Series(numbers, index=pd.Index(dates))
        if values.index.has_duplicates:
            raise InvalidValue(f"{name}: {symbol} has a date twice; keep one price of each")
        columns[symbol] = values
    if not columns:
        raise ShapeError(f"{name}: empty, needs at least one symbol")
    frame = pd.DataFrame(columns).sort_index()
    whole = all(column.dtype.kind in "iu" for column in columns.values())
    return frame.fillna(0).astype("int64") if whole else frame  # 0 is no price


def by_date(given, prices):
    """Make a DataFrame of a dict that has {symbol: weight} for each date, with the prices' columns."""
    import pandas as pd

    if not isinstance(prices, pd.DataFrame):
        raise WrongType(
            "weight_schedule: a dict by date needs prices with dates: a DataFrame, or a dict by symbol"
        )
    for date, row in given.items():
        if not isinstance(row, dict):
            raise WrongType(f"weight_schedule: {date!r} has {type(row).__name__}, needs a dict of weights")
    named = {symbol: None for row in given.values() for symbol in row}
    columns = [*prices.columns, *(symbol for symbol in named if symbol not in prices.columns)]
    table = [[row.get(symbol, 0.0) for symbol in columns] for row in given.values()]
    return pd.DataFrame(table, index=pd.Index(list(given)), columns=columns)
