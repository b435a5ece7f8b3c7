"""The original's keyword for the table of returns, beside ours."""

from functools import wraps

from ..errors import InvalidValue


def original_keyword(optimizer):
    """Let a function whose first parameter is ``returns`` take it as ``returns_matrix`` too."""

    @wraps(optimizer)
    def call(*arguments, **options):
        if "returns_matrix" in options:
            if arguments or "returns" in options:
                raise InvalidValue("returns, returns_matrix: give one of the two; they are the same")
            options["returns"] = options.pop("returns_matrix")
        return optimizer(*arguments, **options)

    return call
