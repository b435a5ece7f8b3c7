"""Errors: every one is a ``NanobookError`` and also the builtin that Python would raise.

A message names the parameter, shows the value and says what to do instead. State is unchanged
wherever one is raised.
"""


class NanobookError(Exception):
    """Base of every error that nanobook raises on purpose."""


class InvalidValue(NanobookError, ValueError):
    """A value outside what the parameter allows."""


class WrongType(NanobookError, TypeError):
    """A value of a type that the parameter does not take."""


class ValidationError(InvalidValue):
    """A price or quantity that ``try_submit_limit`` does not take."""


class ShapeError(InvalidValue):
    """Inputs whose lengths, shapes or labels do not fit each other."""


class NonFiniteError(InvalidValue):
    """A NaN or an infinity where a number is needed."""


class TooFewObservations(ShapeError):
    """Fewer periods than the figure or the estimate takes."""


class SingularCovariance(InvalidValue):
    """A covariance that is not positive definite; shows the smallest eigenvalue or names the assets."""


class InfeasibleError(InvalidValue):
    """Constraints that no weights satisfy together; names those that clash."""


class UnboundedError(InvalidValue):
    """An objective without an optimum, since nothing bounds the weights."""


class SolverError(NanobookError, RuntimeError):
    """A solver that ended without an optimum that can be vouched for; shows its status."""


class MissingPriceError(NonFiniteError):
    """No price where a position is held or traded."""


class InvalidSide(InvalidValue):
    """A side that is neither buy nor sell."""


class InvalidTimeInForce(InvalidValue):
    """A time in force that is none of gtc, ioc, fok, day, gtd, or that its order cannot have."""


class InvalidPolicy(InvalidValue):
    """A self-trade prevention policy that there is not."""


class InvalidTrail(InvalidValue):
    """A way to trail that there is not, or a distance that cannot be one."""


class TrailNotFinite(InvalidTrail, NonFiniteError):
    """A trail value that is NaN or infinite."""


class TrailType(InvalidTrail, WrongType):
    """A distance to trail by that is not a number."""


class OutOfRange(InvalidValue, OverflowError):
    """A whole number that the parameter cannot hold."""


class InvalidPrice(InvalidValue):
    """A price that no order may have."""


class PriceType(InvalidPrice, WrongType):
    """A price that is not an integer number of ticks."""


class PriceOutOfRange(InvalidPrice, OverflowError):
    """A price outside int64."""


class InvalidQuantity(InvalidValue):
    """A quantity that no order may have."""


class QuantityType(InvalidQuantity, WrongType):
    """A quantity that is not an integer number of lots."""


class QuantityOutOfRange(InvalidQuantity, OverflowError):
    """A quantity below zero or above the bound."""


class NotionalOverflow(InvalidValue, OverflowError):
    """A price times quantity, or a sum of lots, outside int64."""


class InvalidOrderId(InvalidValue):
    """An order id that cannot be one."""


class OrderIdType(InvalidOrderId, WrongType):
    """An order id that is not an integer."""


class OrderIdOutOfRange(InvalidOrderId, OverflowError):
    """An order id below zero or outside int64."""


class InvalidSymbol(InvalidValue):
    """A text that cannot be a symbol."""


class SymbolType(InvalidSymbol, WrongType):
    """A symbol that is not text."""


class SymbolEncoding(InvalidSymbol, UnicodeEncodeError):
    """A symbol with half a surrogate pair, which UTF-8 cannot write."""


class UnknownSymbol(NanobookError, KeyError):
    """A symbol without a book; names the nearest one that has one."""

    __str__ = Exception.__str__  # that of KeyError would put the message into quotes


class CapacityError(NanobookError, MemoryError):
    """More orders, trades or levels than the buffers can address."""


class CorruptFile(InvalidValue):
    """A file that is not what its format says; names the offset."""


class CorruptLine(CorruptFile):
    """A line of a text file that cannot be read.

    Attributes
    ----------
    line : int
        Its number, counted from 1 over all lines.
    """

    def __init__(self, text, line):
        super().__init__(text)
        self.line = line

    def __reduce__(self):
        return type(self), (*self.args, self.line)


class CorruptState(CorruptFile, OSError):
    """A saved state that cannot be read, or that contradicts itself."""


class NotAvailable(NanobookError, NotImplementedError):
    """Something that this version does not do yet."""


class NotComputed(NanobookError, AttributeError):
    """A part of a result that the call was asked to leave out."""


class TruncatedInput(CorruptFile, OSError):
    """Input that ends within a message, or a compressed file that is cut.

    Attributes
    ----------
    offset : int
        Where the message begins that is not whole, in bytes of the stream.
    need, have : int
        Bytes that it takes from there on, as far as is known, and bytes that there are.
    """

    def __init__(self, message, offset=None, need=None, have=None):
        super().__init__(message)
        self.offset, self.need, self.have = offset, need, have


class CorruptMessage(CorruptFile, OSError):
    """A message that cannot be one of its format; ``offset`` is where it begins in the stream."""

    def __init__(self, message, offset=None):
        super().__init__(message)
        self.offset = offset


class FeedFault(CorruptFile):
    """More faults in a feed than were allowed."""


class IncompleteSweep(NanobookError, RuntimeError):
    """A sweep whose workers were lost.

    Attributes
    ----------
    result : SweepResult or list
        Of what was done, from the first path on without a gap.
    """

    def __init__(self, message, result=None):
        super().__init__(message)
        self.result = result

    def __reduce__(self):
        return type(self), (*self.args, self.result)


class PriceJumpWarning(UserWarning):
    """Prices that change in one period by more than prices usually do."""


class Interrupted(UserWarning):
    """A sweep that was stopped by Ctrl-C: its result holds what was done."""


class EmptyInput(UserWarning):
    """Input without a single message."""


class ClockBackwards(UserWarning):
    """Timestamps that fall from one message to the next."""


class UndefinedStatistic(UserWarning):
    """A statistic that the data do not define, given as NaN."""


class AssumedObservations(UserWarning):
    """A number of observations that was not given, and that something else stands for."""


class StrategyError(NanobookError, RuntimeError):
    """A strategy that cannot be compiled, or that raised while it ran.

    Attributes
    ----------
    details : str
        What the compiler said, where it was that which refused.
    """

    details = ""


class NotConverged(NanobookError, RuntimeError):
    """A fit that stopped before its optimum.

    Attributes
    ----------
    result : object
        What was reached, to look at.
    """

    def __init__(self, message, result=None):
        super().__init__(message)
        self.result = result

    def __reduce__(self):
        return type(self), (*self.args, self.result)


class ConvergenceWarning(UserWarning):
    """Some of many fits that stopped before their optimum."""


class ScaleWarning(UserWarning):
    """Returns of a size that returns do not have."""
