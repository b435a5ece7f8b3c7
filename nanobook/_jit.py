"""How nanobook compiles: the only file that names numba options, each with its reason.

``kernel``
    For kernels that work on state they are given. ``cache``: no compilation in the next process.
    ``nogil``: threads may run other books meanwhile. ``error_model="numpy"``: a division needs no
    branch that raises; kernels return codes instead. ``_nrt=False``: the compiled function has no
    reference counting, so passing a tuple of arrays to a helper costs nothing, and an allocation
    inside a kernel is a compile error. It is a private option of numba: ``tests/test_jit.py``
    asserts that it exists, still forbids allocation and still pays. Without it every result is the
    same, only slower.
``helper``
    A kernel that exists to be read on its own and is always inlined into its callers.
``exact_sums``
    A kernel over integers carried in float64. Below 2**53 such sums are exact in any order, so the
    one fast-math flag that permits another order (``reassoc``) cannot change a result and lets the
    loop vectorise. ``tests/kernels/test_backtest.py`` holds the identity.
"""

from functools import partial

from numba import config, njit, types
from numba.extending import intrinsic

JIT = not config.DISABLE_JIT

kernel = partial(njit, cache=True, nogil=True, error_model="numpy", _nrt=False)
helper = partial(kernel, forceinline=True)
exact_sums = partial(kernel, fastmath={"reassoc"})


if JIT:

    @intrinsic
    def highest_bit(typingctx, word):
        """Index (0-63) of the highest set bit of a non-zero uint64."""

        def codegen(context, builder, signature, args):
            zero_is_poison = context.get_constant(types.boolean, True)
            leading = builder.ctlz(args[0], zero_is_poison)
            return builder.sub(context.get_constant(types.int64, 63), leading)

        return types.int64(types.uint64), codegen

    @intrinsic
    def as_pointer(typingctx, address):
        """Turn an integer address into a pointer that ``carray`` accepts."""

        def codegen(context, builder, signature, args):
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return types.voidptr(types.int64), codegen

else:

    def highest_bit(word):
        """Index (0-63) of the highest set bit of a non-zero uint64."""
        return int(word).bit_length() - 1
