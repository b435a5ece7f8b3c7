"""How nanobook compiles: the options that are private to numba, and the intrinsics."""

import numba
import numpy as np
import pytest
from numba.core.errors import NumbaError

from nanobook import _jit
from nanobook.kernels.book import tape
from nanobook.kernels.book.state import new_book
from nanobook.types import RESULT
from tests.kernels.test_book import columns_of
from tests.tapes import flow

compiled = pytest.mark.skipif(not _jit.JIT, reason="there is nothing to see without compilation")


def without(option, function):
    """Compile a function as a kernel without one option; never from the cache."""
    options = {name: value for name, value in _jit.kernel.keywords.items() if name not in (option, "cache")}
    return numba.njit(**options)(function)


def text_of(dispatcher):
    """LLVM text of the one signature of a compiled function."""
    (text,) = dispatcher.inspect_llvm().values()
    return text


def test_the_options_are_as_documented():
    assert _jit.kernel.func is numba.njit
    assert _jit.kernel.keywords == {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    shared = {name: _jit.kernel.keywords[name] for name in ("nogil", "error_model", "_nrt")}
    assert _jit.helper.keywords.items() >= (shared | {"forceinline": True}).items()
    assert "nogil" not in _jit.call_kernel.keywords
    assert _jit.call_kernel.keywords | {"nogil": True} == _jit.kernel.keywords
    assert _jit.exact_sums.keywords == _jit.kernel.keywords | {"fastmath": {"reassoc"}}


@compiled
def test_without_reference_counts_nothing_can_be_allocated():
    """The private option still exists and still forbids; without it the same function compiles."""

    def allocate(n):
        return np.zeros(n).sum()

    with pytest.raises(NumbaError):
        without("cache", allocate)(3)
    assert without("_nrt", allocate)(3) == 0.0


@compiled
def test_the_option_still_pays():
    """A function that hands a record on in a loop counts references unless it is told not to."""

    def walk(rows, first):
        n = 0
        while first:
            row = rows[first]
            first = row.next if row.left > 5 else row.prev
            n += 1
        return n

    texts = []
    for option in ("cache", "_nrt"):
        dispatcher = without(option, walk)
        assert dispatcher(new_book().orders, 0) == 0
        texts.append(text_of(dispatcher))
    lean, counting = texts
    assert "NRT_" not in lean
    assert "NRT_decref" in counting


@compiled
def test_the_loop_of_the_tape_counts_no_references_and_without_the_option_does_the_same():
    columns, books, rows = columns_of(flow(600, 1)), [], []
    for option in ("cache", "_nrt"):
        dispatcher = without(option, tape.run.py_func)
        books.append(new_book(orders=2000, trades=4000, levels=2000, nodes=4000))
        rows.append(np.zeros(600, RESULT).view(np.recarray))
        assert dispatcher(books[-1], columns, rows[-1], 0, False) == 600
        assert ("NRT_" in text_of(dispatcher)) == (option == "_nrt")
    np.testing.assert_array_equal(*rows)
    for name, one, other in zip(books[0]._fields, *books, strict=True):
        assert one.tobytes() == other.tobytes(), name


def test_highest_bit():
    find = kernel_of(lambda word: _jit.highest_bit(word))
    for bit in range(64):
        for word in (1 << bit, (1 << bit) | (1 << bit) >> 1 | 1, (2 << bit) - 1):
            assert find(np.uint64(word)) == bit
    assert [_jit._plain_highest_bit(word) for word in (1, 2, 3, 2**63, 2**64 - 1)] == [0, 1, 1, 63, 63]


def kernel_of(function):
    """Compile a function if functions are compiled at all."""
    return without("cache", function) if _jit.JIT else function


@pytest.mark.parametrize("row", [0, 5, 9, 10, -1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63)])
def test_prefetch_may_name_any_row(row):
    def hint(array, row):
        _jit.prefetch(array, row)
        return array[0]

    for array in (
        np.arange(10),
        np.zeros(10, RESULT).view(np.recarray)["filled"].copy(),
        np.arange(10, dtype=np.uint32),
    ):
        before = array.copy()
        assert kernel_of(hint)(array, np.int64(row)) == before[0]
        np.testing.assert_array_equal(array, before)


def test_prefetch_takes_records():
    def hint(rows, row):
        _jit.prefetch(rows, row)
        return rows.size

    assert kernel_of(hint)(new_book().orders, 2**50) == 1025
    assert _jit._plain_prefetch(None, 0) is None


@pytest.mark.parametrize("number", [0, 1, 2**31 - 1, 2**31, 2**32 - 1])
def test_index_leaves_slots_alone(number):
    find = kernel_of(lambda number: _jit.index(number))
    assert find(np.int64(number)) == number
    assert find(np.uint32(number)) == number


@compiled
def test_a_tuple_is_found_by_the_addresses_of_its_arrays():
    arrays = (np.arange(5), np.arange(3, dtype=np.uint32), np.zeros(0))
    descriptor = np.array([number for a in arrays for number in (a.ctypes.data, a.size)], np.int64)
    tuple_at = _jit.tuple_at(arrays)

    def sums(address):
        first, second, third = tuple_at(address)
        first[0] = 100
        return first.sum(), second[1], first.size, second.size, third.size

    assert without("cache", sums)(descriptor.ctypes.data) == (110, 1, 5, 3, 0)
    assert arrays[0][0] == 100


@compiled
def test_an_entry_point_takes_and_gives_integers():
    @numba.njit(error_model="numpy", _nrt=False)
    def less(a, b):
        return a - b

    enter = _jit.entry_point(less, 2)
    assert enter(7, 2**63 - 1) == 7 - (2**63 - 1)
    with pytest.raises(OverflowError):
        enter(2**63, 0)
    with pytest.raises(TypeError):
        enter(None, 0)
