"""Tests of nanobook.portfolio."""
