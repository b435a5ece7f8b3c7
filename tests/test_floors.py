"""The floors of the house: imports go down only, and kernels stay small.

A module that stands on no floor below fails here: give it one.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nanobook

HOUSE = Path(nanobook.__file__).parent
FLOOR_OF = {
    "errors": 1,
    "types": 1,
    "_jit": 1,
    "_link": 1,
    "_version": 1,
    "spellings": 1,
    "kernels": 2,
    "inside": 2,
    "buffers": 3,
    "checks": 3,
    "exchange": 3,
    "looking": 3,
    "rich": 3,
    "taping": 3,
    "multi": 3,
    "multi_tape": 3,
    "pane": 3,
    "plot": 3,
    "recording": 3,
    "results": 3,
    "snapshot": 3,
    "tape": 3,
    "values": 3,
    "events": 3,
    "journal": 3,
    "columnar": 3,
    "compiled": 3,
    "parallel": 3,
    "params": 3,
    "sweeps": 3,
    "files": 3,
    "hints": 3,
    "names": 3,
    "exact": 3,
    "clock": 3,
    "testing": 4,
    "report": 3,
    "feeds": 3,
    "sample": 3,
    "sessions": 3,
    "portfolio": 3,
    "optimize": 3,
    "analytics": 3,
    "risk": 3,
    "cli": 4,
    "broker": 4,
    "rebalancer": 4,
    "__init__": 5,
    "__main__": 5,
}
"""By the first name of a module below the package; what is in a room stands on its floor."""

HEAVY = {"pandas", "matplotlib", "tqdm", "skfolio", "scipy", "cvxpy", "ib_async", "polars"}
JIT_ONLY = {"numba", "llvmlite"}


def modules():
    """All modules of the package as dotted names below it, with their syntax trees."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        found[parts] = ast.parse(path.read_text(), str(path))
    return found


MODULES = modules()
every_module = pytest.mark.parametrize("parts", MODULES, ids=".".join)


def imports_of(parts, tree):
    """Yield (absolute dotted name, whether it is imported with the module itself)."""
    at_once = set()
    for node in toplevel(tree):
        at_once.add(node)
    package = ("nanobook", *parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node in at_once
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            if node.module and start not in PACKAGES:
                yield start, node in at_once
            else:
                for alias in node.names:
                    yield f"{start}.{alias.name}", node in at_once


PACKAGES = {".".join(("nanobook", *parts[:-1])) for parts in MODULES if parts[-1] == "__init__"}
PACKAGES.discard("nanobook")
PACKAGES.add("nanobook.")


def toplevel(tree):
    """Walk what is executed with the module: everything but the bodies of functions."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                waiting.append(child)


def floor_of(dotted):
    """Return the floor of one of our modules, given as nanobook.room.module."""
    room = dotted.split(".")[1] if "." in dotted else "__init__"
    if room not in FLOOR_OF:
        room = "__init__"  # a name that the package itself gives, as nanobook.Exchange
    return FLOOR_OF[room]


@every_module
def test_every_module_stands_on_a_floor(parts):
    assert parts[0] in FLOOR_OF, f"nanobook/{'/'.join(parts)}.py stands on no floor; give it one in FLOOR_OF"


@every_module
def test_imports_go_down_only(parts):
    """Also those inside functions."""
    floor = FLOOR_OF[parts[0]]
    for name, _ in imports_of(parts, MODULES[parts]):
        if name.split(".")[0] == "nanobook":
            assert floor_of(name) <= floor, f"{'.'.join(parts)}, on floor {floor}, imports {name}"


@every_module
def test_third_parties_come_in_where_they_may(parts):
    floor = FLOOR_OF[parts[0]]
    for name, at_once in imports_of(parts, MODULES[parts]):
        library = name.split(".")[0]
        told = f"{'.'.join(parts)} imports {name}"
        if library in JIT_ONLY:
            assert parts in {("_jit",), ("_link",)}, told
        elif library in HEAVY:
            assert floor >= 3, told
            assert not at_once, f"{told} outside a function"
        elif floor <= 2:
            assert library in {"numpy", "nanobook"} | set(sys.stdlib_module_names), told
        else:
            known = {"numpy", "nanobook"} | set(sys.stdlib_module_names)
            assert library in known or not at_once, f"{told} outside a function"


@every_module
def test_the_lowest_floors_know_little(parts):
    allowed = {
        1: {
            "nanobook.types",
            "nanobook.errors",
            "nanobook._jit",
            "nanobook._version",
            "numpy",
            "numba",
            "llvmlite",
        },
        2: {
            "nanobook.types",
            "nanobook.errors",
            "nanobook._jit",
            "nanobook._link",
            "nanobook.kernels",
            "numpy",
        },
    }
    standard = {
        1: {
            *("contextlib", "enum", "fractions", "functools", "importlib", "inspect", "sys", "threading"),
            *("types", "typing"),
        },
        2: {"functools", "math", "typing"},
    }
    floor = FLOOR_OF[parts[0]]
    if floor > 2:
        return
    for name, _ in imports_of(parts, MODULES[parts]):
        head = ".".join(name.split(".")[: 2 if name.startswith("nanobook") else 1])
        assert head in allowed[floor] | standard[floor], f"{'.'.join(parts)} imports {name}"


def test_this_test_reads_imports_as_python_does():
    tree = ast.parse(
        "import a.b\nfrom . import types\nfrom ..errors import X\nfrom .state import Y\n"
        "def f():\n    import pandas\nclass C:\n    import c\n"
    )
    found = set(imports_of(("kernels", "book"), tree))
    assert found == {
        ("a.b", True),
        ("nanobook.kernels.types", True),
        ("nanobook.errors", True),
        ("nanobook.kernels.state", True),
        ("pandas", False),
        ("c", True),
    }
    assert set(
        imports_of(("exchange",), ast.parse("from . import checks\nfrom .kernels.book import tape"))
    ) == {
        ("nanobook.checks", True),
        ("nanobook.kernels.book.tape", True),
    }


def loaded_by(statement):
    """Names of the libraries that a statement loads in a process of its own."""
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import nanobook; nanobook.__version__; dir(nanobook)") & (HEAVY | JIT_ONLY)


def test_the_words_load_no_compiler():
    loaded = loaded_by("from nanobook import Side, Outcome, NanobookError; import nanobook.checks")
    assert not loaded & (HEAVY | JIT_ONLY)


def test_an_exchange_loads_no_tables():
    """The compiler itself looks for scipy, so that one does not count."""
    loaded = loaded_by("from nanobook import Exchange; Exchange().submit_limit('buy', 1, 1)")
    assert not loaded & (HEAVY - {"scipy"})


# Kernels


def kernels():
    """Functions under the roof of the kernels, by where they stand."""
    return {
        f"{'/'.join(parts)}:{node.name}": node
        for parts, tree in MODULES.items()
        if parts[0] == "kernels"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def body_lines(function):
    """Lines of a function from the first statement on, its docstring left out."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_kernels_are_short():
    lengths = {name: body_lines(function) for name, function in kernels().items()}
    assert {name: n for name, n in lengths.items() if n > 80} == {}
    assert sum(n > 40 for n in lengths.values()) <= len(lengths) / 10


def test_kernels_take_few_parameters():
    crowded = {}
    for name, function in kernels().items():
        arguments = function.args
        count = len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs)
        assert (arguments.vararg, arguments.kwarg) == (None, None), name
        # What Python enters takes a call's numbers one by one: each costs 10 ns, a tuple of them 500.
        if count > (10 if name.startswith("kernels/book/call:") else 7):
            crowded[name] = count
    assert crowded == {}


def test_kernels_are_documented():
    assert [name for name, function in kernels().items() if ast.get_docstring(function) is None] == []
