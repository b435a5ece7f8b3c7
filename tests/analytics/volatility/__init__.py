"""Tests of volatility."""
