"""How a user's function is compiled and joined to the engine; with ``_jit`` the files that know numba.

A user's function becomes one compiled function of one integer, the address of a session's descriptor,
so that every strategy looks the same to the loop over sessions and that loop is compiled once. It is
linked to our kernels and kept in numba's cache beside the user's file under a key of ours: numba's own
key notices neither another version of our kernels nor a changed value of a global name.
"""

from contextlib import contextmanager, nullcontext
from inspect import signature
from threading import Lock

from llvmlite import ir
from numba import cloudpickle, config, get_num_threads, njit, set_num_threads, types
from numba import prange as prange
from numba.core import cgutils
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload
from numpy import errstate

from ._jit import JIT

FANOUT = {"cache": True, "parallel": True, "nogil": True, "error_model": "numpy"}
USERS = {"nogil": True, "error_model": "python", "boundscheck": True}
LEAN = {"nogil": True, "error_model": "numpy", "_nrt": False}
PARALLEL = Lock()  # held round every fanout: numba's simplest threading layer ends the process if two enter


def fanout(function):
    """Compile a loop over lanes that calls a serial kernel, for the types that it is first called with."""
    return njit(**FANOUT)(function)


def entry(kind):
    """Make the decorator of a function that compiled user code calls with a session and whole numbers.

    Without compilation, and from Python, the function is itself. In compiled code the types of the
    arguments are looked at where they are still known by name, so that a price in floats is refused in
    words and not truncated.

    Parameters
    ----------
    kind : type
        The NamedTuple that the first argument must be.
    """

    def decorate(function):
        names = list(signature(function).parameters)

        def typed(*arguments, **named):
            for name, given in (*zip(names, arguments, strict=False), *named.items()):
                check(function, kind, name, given)
            return function

        overload(function, strict=False, jit_options=LEAN)(typed)
        return function

    return decorate


def check(function, kind, name, given):
    """Refuse an argument of a type that an ``entry`` does not take."""
    if name == "session":
        if getattr(given, "instance_class", None) is not kind:
            raise TypingError(
                f"{REFUSED}{function.__name__}(session=...) got {given}; pass the session itself"
            )
    elif not isinstance(getattr(given, "literal_type", given), (types.Integer, types.Omitted)):
        raise TypingError(
            f"{REFUSED}{function.__name__}({name}=...) got {given}; use a whole number, as int(...) makes one"
        )


REFUSED = "nanobook: "


@intrinsic
def _copy_bytes(typingctx, target, source, count):
    def codegen(context, builder, signature, args):
        byte = ir.IntType(8).as_pointer()
        target, source = (builder.inttoptr(address, byte) for address in args[:2])
        cgutils.raw_memcpy(builder, target, source, args[2], 1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@intrinsic
def _call_at(typingctx, function, argument):
    def codegen(context, builder, signature, args):
        word = ir.IntType(64)
        pointer = builder.inttoptr(args[0], ir.FunctionType(word, [word]).as_pointer())
        return builder.call(pointer, [args[1]])

    return types.int64(types.int64, types.int64), codegen


def _plain_call_at(function, argument):
    """Call a function of one argument."""
    return function(argument)


copy_bytes = _copy_bytes
call_at = _call_at if JIT else _plain_call_at


class KeyedCache(FunctionCache):
    """Numba's cache of one function with more in the key."""

    def __init__(self, function, key):
        super().__init__(function)
        self._key = key

    def _index_key(self, signature, codegen):
        return (*super()._index_key(signature, codegen), self._key)


class Linked:
    """A compiled function of one address.

    Attributes
    ----------
    address : int
        Of its C entry point; valid while this object lives.
    from_cache, kept : bool
        Whether it was loaded instead of compiled, and whether the next process can load it.
    """

    def __init__(self, function, owner, key):
        dispatcher = njit(**USERS)(function)
        try:
            dispatcher._cache = KeyedCache(owner, key)
            self.kept = True
        except RuntimeError:  # numba has no place for what was typed at a prompt
            self.kept = False
        kind = (types.int64,)
        dispatcher.compile(kind)
        (compiled,) = dispatcher.overloads.values()
        self.from_cache = bool(dispatcher.stats.cache_hits)
        self._held = dispatcher
        self.address = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_cfunc_wrapper_name)


def inner(function):
    """Compile a user's function as part of its callers."""
    return njit(**USERS)(function)


def plain(function):
    """Python function behind a function that may be compiled already."""
    return function.py_func if isinstance(function, Dispatcher) else function


def to_bytes(function):
    """A function for another process: by name where that finds it there, else with its code."""
    return cloudpickle.dumps(function)


def from_bytes(data):
    """The function that ``to_bytes`` was given, here."""
    return cloudpickle.loads(data)


def thread_count():
    """How many threads parallel kernels use by default."""
    return get_num_threads()


@contextmanager
def threads(count):
    """Let parallel kernels use at most so many threads."""
    before = get_num_threads()
    set_num_threads(min(count, config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        set_num_threads(before)


def quiet():
    """Let integers wrap without a warning, as they do in compiled code."""
    return nullcontext() if JIT else errstate(over="ignore")
