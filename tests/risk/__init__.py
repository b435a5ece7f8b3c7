"""Tests of risk limits and checks."""
