"""Tests of nanobook.events."""
