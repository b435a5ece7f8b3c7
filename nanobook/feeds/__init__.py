"""Feeds: files of market data into message columns, and back."""
