"""Tests of nanobook.broker."""
