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


class BrokerError(NanobookError, RuntimeError):
    """What a broker, or the way to it, answered instead of what was asked for."""


class ConnectionFailed(BrokerError, ConnectionError):
    """A broker that cannot be reached, or a connection that was lost."""

    def __init__(self, reason):
        super().__init__(f"connection error: {reason}")
        self.reason = reason

    def __reduce__(self):
        return type(self), (self.reason,)


class NotConnected(BrokerError):
    """A question to a broker before ``connect`` or after ``disconnect``."""

    def __init__(self, message="not connected"):
        super().__init__(message)


class AuthenticationFailed(BrokerError):
    """Keys or an account that the broker does not accept; never shows a key."""

    def __init__(self, reason):
        super().__init__(f"authentication error: {reason}")
        self.reason = reason

    def __reduce__(self):
        return type(self), (self.reason,)


class RateLimited(BrokerError):
    """Too many requests.

    Attributes
    ----------
    retry_after : float or None
        Seconds to wait, as the broker said.
    banned : bool
        Whether the broker has shut us out: nothing may be sent any more.
    """

    def __init__(self, reason="", retry_after=None, banned=False):
        super().__init__(f"rate limit exceeded{': ' if reason else ''}{reason}")
        self.reason, self.retry_after, self.banned = reason, retry_after, banned

    def __reduce__(self):
        return type(self), (self.reason, self.retry_after, self.banned)


class UnknownInstrument(BrokerError, KeyError):
    """A symbol that the broker does not trade, or that names several things; lists the candidates."""

    __str__ = Exception.__str__

    def __init__(self, reason):
        super().__init__(f"invalid symbol: {reason}")
        self.reason = reason

    def __reduce__(self):
        return type(self), (self.reason,)


class NoQuote(BrokerError):
    """No price that an order may be made from: none, one side only, crossed or stale."""


class OrderError(BrokerError, InvalidValue):
    """An order that cannot be sent as it is; it was not sent."""

    def __init__(self, reason):
        super().__init__(f"order error: {reason}")
        self.reason = reason

    def __reduce__(self):
        return type(self), (self.reason,)


class OrderRejected(OrderError):
    """An order that the broker refused: nothing of it lives there.

    Attributes
    ----------
    code : str
        One word for why: 'funds', 'short', 'margin', 'halted', 'closed', 'lot', 'tick', 'notional',
        'duplicate', 'price', 'symbol', 'permission' or 'other'.
    client_order_id : str or None
    """

    def __init__(self, reason, code="other", client_order_id=None):
        super().__init__(reason)
        self.code, self.client_order_id = code, client_order_id

    def __reduce__(self):
        return type(self), (self.reason, self.code, self.client_order_id)


class OrderUnknown(BrokerError):
    """An order that was sent and not answered: it may live at the broker, and must be looked for.

    Attributes
    ----------
    client_order_id : str or None
    """

    def __init__(self, reason, client_order_id=None):
        super().__init__(f"order state unknown: {reason}")
        self.reason, self.client_order_id = reason, client_order_id

    def __reduce__(self):
        return type(self), (self.reason, self.client_order_id)


class CancelRejected(OrderError):
    """An order that cannot be cancelled, since the broker does not have it or it has ended."""


class ConfigError(InvalidValue):
    """A configuration that cannot be used; lists all that is wrong, with the path of each key."""


class MultiplierError(InvalidValue):
    """Something held or targeted of which one is worth other than its price; names its multiplier."""


class TargetError(InvalidValue):
    """Target weights that cannot be used; lists all that is wrong."""


class RiskRejected(NanobookError, RuntimeError):
    """Orders that the limits do not let out.

    Attributes
    ----------
    report : RiskReport or None
    """

    def __init__(self, message, report=None):
        super().__init__(message)
        self.report = report

    def __reduce__(self):
        return type(self), (*self.args, self.report)


class AlreadyRunning(NanobookError, RuntimeError):
    """A second run beside one that lives; names its process and when it began."""


class KillSwitchOn(NanobookError, RuntimeError):
    """The kill switch is on: no order leaves until a person clears it."""


class UnknownState(NanobookError, RuntimeError):
    """What is so at the broker cannot be told, or is not what it should be: a person must look."""


class ClockSkew(BrokerError):
    """The broker's clock and ours differ by more than orders may be sent with."""


class RunStopped(NanobookError, RuntimeError):
    """A run that was asked to stop, and did, between two orders; what it had not done can be done later."""


class AuditError(NanobookError, OSError):
    """A record that could not be made durable; nothing may be sent after it."""


class IntegrityError(CorruptFile):
    """An audit trail that was changed.

    Attributes
    ----------
    record : int or None
        Number of the first record that is wrong, counted from 1.
    """

    def __init__(self, message, record=None):
        super().__init__(message)
        self.record = record

    def __reduce__(self):
        return type(self), (*self.args, self.record)


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
