"""Tests of nanobook.broker."""

import pytest

pytest.register_assert_rewrite("tests.broker.contract")
