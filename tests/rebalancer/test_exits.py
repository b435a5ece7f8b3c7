"""Exit codes: every error has one, and the stricter reason counts."""

import inspect

import pytest

from nanobook import errors
from nanobook.rebalancer.exits import CODES, MEANING, exit_code

MADE = {
    errors.KillSwitchOn: 8,
    errors.UnknownState: 7,
    errors.OrderUnknown: 7,
    errors.IntegrityError: 9,
    errors.AlreadyRunning: 4,
    errors.RiskRejected: 5,
    errors.AuditError: 3,
    errors.ConnectionFailed: 6,
    errors.NoQuote: 6,
    errors.OrderRejected: 6,
    errors.NotConnected: 6,
    errors.ConfigError: 2,
    errors.TargetError: 2,
    errors.InvalidValue: 2,
}


@pytest.mark.parametrize(("kind", "code"), MADE.items(), ids=lambda value: getattr(value, "__name__", value))
def test_code_of_each_error(kind, code):
    assert exit_code(kind("why")) == code


def test_other_errors():
    assert exit_code(OSError(28, "No space left on device")) == 3
    assert exit_code(KeyboardInterrupt()) == 130
    assert exit_code(ZeroDivisionError()) is None


def test_every_error_of_ours_has_a_code_with_a_meaning():
    ours = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.NanobookError)
    ]
    for kind in ours:
        code = next(code for one, code in CODES if issubclass(kind, one))
        assert MEANING[code]
