"""One session: a book, a background flow and a strategy that act on it in turn."""
