"""Numbers out of prices and returns: indicators, volatility, statistics, validation."""
