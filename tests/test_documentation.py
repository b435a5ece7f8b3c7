"""What the documentation shows runs: every docstring example, every Python block of the README."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import nanobook

ROOT = Path(__file__).parent.parent
MODULES = [
    module.name
    for module in pkgutil.walk_packages(nanobook.__path__, "nanobook.")
    if not module.name.endswith("__main__")
]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_there_are_docstring_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(found) >= 8


@pytest.mark.parametrize("block", BLOCKS)
def test_readme_examples(block, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})
    for line in re.findall(r"print\(.*\)\s+# (\w+ \[.*)", block):
        assert line in capsys.readouterr().out


def test_the_readme_has_two_commands_and_seven_examples():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"```sh\n", text)) == 2
    assert len(BLOCKS) == 7


def test_every_public_name_loads_and_is_documented():
    for name in nanobook.__all__:
        value = getattr(nanobook, name)
        assert name == "__version__" or value.__doc__, name
    assert set(nanobook.__all__) <= set(dir(nanobook))
    with pytest.raises(AttributeError, match="no attribute 'Exchang'"):
        nanobook.Exchang  # noqa: B018
