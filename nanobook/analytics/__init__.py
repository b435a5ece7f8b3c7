"""Analytics of prices and returns."""
