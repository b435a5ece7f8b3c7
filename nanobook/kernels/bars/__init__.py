"""One path of a weight schedule with every option: fills, missing prices, actions, financing, limits."""
