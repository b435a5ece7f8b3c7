"""What indicators there are."""

from .table import TABLE

ALSO = {"bollinger": "bbands", "wilder_atr": "atr"}
"""Second names of functions."""


def list_supported_indicators():
    """List the indicators.

    Returns
    -------
    list of dict
        A row each: ``name``, ``category`` (as in TA-Lib), ``input_type`` (the inputs, joined by "_"),
        ``inputs``, ``outputs``, ``parameters`` (name to default, None where the caller must say),
        ``aliases``, ``talib`` (its name there), ``rust_fn`` (the name in the original's compiled module)
        and ``has_parity``: whether our tests compare it with TA-Lib.

    Examples
    --------
    >>> from nanobook import list_supported_indicators
    >>> [row["name"] for row in list_supported_indicators()][:3]
    ['sma', 'ema', 'wma']
    """
    return [describe(indicator) for indicator in TABLE.values()]


def describe(indicator):
    """Describe an indicator."""
    short = ALSO.get(indicator.name, indicator.name)
    return {
        "name": indicator.name,
        "category": indicator.category,
        "input_type": "_".join(indicator.inputs),
        "inputs": list(indicator.inputs),
        "outputs": list(indicator.outputs),
        "parameters": {parameter.name: parameter.default for parameter in indicator.parameters},
        "aliases": [ALSO[indicator.name]] if indicator.name in ALSO else [],
        "talib": indicator.talib,
        "rust_fn": f"py_{short}",
        "has_parity": True,
    }
