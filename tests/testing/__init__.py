"""Tests of nanobook.testing."""
