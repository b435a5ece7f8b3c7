"""How nanobook compiles: the only file that names numba options, each with its reason.

``kernel``
    For kernels that work on state they are given. ``cache``: no compilation in the next process.
    ``nogil``: threads may run other books meanwhile. ``error_model="numpy"``: a division needs no
    branch that raises; kernels return codes instead. ``_nrt=False``: the compiled function has no
    reference counting, so passing a tuple of arrays to a helper costs nothing, and an allocation
    inside a kernel is a compile error. It is a private option of numba: ``tests/test_jit.py``
    asserts that it exists, still forbids allocation and still pays. Without it every result is the
    same, only slower.
``call_kernel``
    A kernel that Python enters once a message: as ``kernel``, but it keeps the interpreter lock,
    whose release and return would cost 30 ns.
``helper``
    A kernel that exists to be read on its own and is always inlined into its callers.
``part``
    A kernel that is a paragraph of its only callers: numba copies it into them before it infers types.
    A call that hands on eighty arrays would take longer to compile than what it does (a backtest with
    options: 14 s with it, 19 s without).
``exact_sums``
    A kernel over integers carried in float64. Below 2**53 such sums are exact in any order, so the
    one fast-math flag that permits another order (``reassoc``) cannot change a result and lets the
    loop vectorise. ``tests/kernels/test_backtest.py`` holds the identity.

``fma(a, b, c)`` is ``a * b + c`` rounded once, in one instruction: the loop of a moving average waits for
nothing but its own last value, and one step of it takes 4 cycles instead of 7.
"""

import sys
from fractions import Fraction
from functools import partial
from importlib import import_module
from threading import active_count
from types import ModuleType

from llvmlite import ir
from numba import config, njit, typeof, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numpy import array as new_array
from numpy import float64, int64, isfinite, uint32

JIT = not getattr(config, "DISABLE_JIT")  # noqa: B009 - numba sets it at run time

BLAS = ("scipy.linalg", "scipy.linalg.cython_blas")


def _load_without_blas():
    """Let numba load its array functions without SciPy's linear algebra: 27 % of the time to a first call.

    Numba imports it there only to see that it is installed, which nanobook requires; code that uses it
    imports it when it is compiled. Another thread might meet the empty modules, so not beside one.
    """
    if active_count() > 1:
        return
    absent = [name for name in BLAS if name not in sys.modules]
    sys.modules.update({name: ModuleType(name) for name in absent})
    try:
        import_module("numba.np.arraymath")
    finally:
        for name in absent:
            del sys.modules[name]


if JIT:
    _load_without_blas()

kernel = partial(njit, cache=True, nogil=True, error_model="numpy", _nrt=False)
call_kernel = partial(njit, cache=True, error_model="numpy", _nrt=False)
helper = partial(kernel, forceinline=True)
part = partial(kernel, inline="always")
exact_sums = partial(kernel, fastmath={"reassoc"})


@helper
def index(number):
    """A number known to be a slot or a row, so that no code is made for negative indices."""
    return int64(uint32(number))


@intrinsic
def _highest_bit(typingctx, word):
    def codegen(context, builder, signature, args):
        zero_is_poison = context.get_constant(types.boolean, True)
        leading = builder.ctlz(args[0], zero_is_poison)
        return builder.sub(context.get_constant(types.int64, 63), leading)

    return types.int64(types.uint64), codegen


@intrinsic
def _prefetch(typingctx, array, row):
    def codegen(context, builder, signature, args):
        struct = context.make_array(signature.args[0])(context, builder, args[0])
        byte = ir.IntType(8).as_pointer()
        step = builder.mul(args[1], struct.itemsize)
        address = builder.gep(builder.bitcast(struct.data, byte), [step])
        number = ir.IntType(32)
        name, kind = "llvm.prefetch.p0", ir.FunctionType(ir.VoidType(), [byte] + [number] * 3)
        hint = cgutils.get_or_insert_function(builder.module, kind, name)
        builder.call(hint, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), codegen


@intrinsic
def _fma(typingctx, a, b, c):
    def codegen(context, builder, signature, args):
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), codegen


def _plain_fma(a, b, c):
    """Product and sum rounded once, in exact fractions."""
    if not isfinite((a, b, c)).all():
        return a * b + c
    return float64(float(Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))))


def _plain_highest_bit(word):
    """Index (0-63) of the highest set bit of a non-zero uint64."""
    return int(word).bit_length() - 1


def _plain_prefetch(array, row):
    """Ask for the cache line of ``array[row]``: a hint, without compilation nothing."""


highest_bit = _highest_bit if JIT else _plain_highest_bit
prefetch = _prefetch if JIT else _plain_prefetch
fma = _fma if JIT else _plain_fma


def entry_point(function, count):
    """Compile a kernel for ``count`` int64 arguments; its C entry point, 80 ns a call."""
    function.compile((types.int64,) * count)
    (compiled,) = function.overloads.values()
    return compiled.entry_point


# Without compilation a tuple of arrays itself stands for its address, and the plain functions take it.


def describe(arrays):
    """Descriptor of a tuple of 1-D arrays, to be kept as long as its address is used."""
    if not JIT:
        return arrays
    return new_array([number for one in arrays for number in (one.ctypes.data, one.size)], int64)


def handle_of(descriptor):
    """First argument of every entry point that takes a tuple of arrays."""
    return descriptor.ctypes.data if JIT else descriptor


def tuple_at(sample):
    """Make the compiled function that finds a tuple of 1-D arrays by the address of their descriptor.

    The descriptor is an int64 array with the address and the length of each array in turn. The types
    are those of ``sample``.
    """
    kind = typeof(sample)

    @intrinsic
    def arrays_at(typingctx, address):
        def codegen(context, builder, signature, args):
            word = ir.IntType(64)
            descriptor = builder.inttoptr(args[0], word.as_pointer())
            arrays = []
            for n, array in enumerate(kind.types):
                where, size = (builder.load(builder.gep(descriptor, [word(2 * n + part)])) for part in (0, 1))
                arrays.append(_array_at(context, builder, array, where, size))
            return context.make_tuple(builder, kind, arrays)

        return kind(types.int64), codegen

    return arrays_at


def _array_at(context, builder, kind, where, size):
    struct = context.make_array(kind)(context, builder)
    step = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    populate_array(
        struct,
        data=builder.inttoptr(where, struct.data.type),
        shape=[size],
        strides=[step],
        itemsize=step,
        meminfo=None,
    )
    return struct._getvalue()
