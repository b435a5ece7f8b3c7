"""The command line itself: help without heavy imports, exit codes, errors on stderr."""

import subprocess
import sys

import pytest

import nanobook
from nanobook import cli
from nanobook.cli import demo, main
from nanobook.errors import InvalidValue

HEAVY = ("numba", "numpy", "pandas", "matplotlib", "skfolio", "tqdm")


def python(*args):
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, timeout=60)


def exit_of(capsys, *argv):
    with pytest.raises(SystemExit) as stop:
        main(list(argv))
    return stop.value.code, capsys.readouterr()


def fail_with(monkeypatch, error):
    def fail(args):
        raise error

    monkeypatch.setattr(demo, "run", fail)


def test_help_lists_the_commands(capsys):
    code, told = exit_of(capsys, "--help")
    assert code == 0
    assert "demo" in told.out
    assert "conformance" in told.out
    assert told.err == ""


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["demo", "--help"], ["conformance", "--help"]])
def test_help_and_version_import_nothing_heavy(argv):
    code = (
        "import sys\n"
        "from nanobook.cli import main\n"
        f"try:\n    main({argv!r})\n"
        f"finally:\n    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = python("-c", code)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


def test_version(capsys):
    code, told = exit_of(capsys, "--version")
    assert (code, told.out) == (0, f"nanobook {nanobook.__version__}\n")


def test_the_package_runs_as_a_module():
    done = python("-m", "nanobook", "--version")
    assert (done.returncode, done.stdout) == (0, f"nanobook {nanobook.__version__}\n")


@pytest.mark.parametrize("argv", [[], ["deme"], ["demo", "--fast"], ["demo", "extra"], ["conformance"]])
def test_arguments_that_make_no_command_exit_with_2(capsys, argv):
    code, told = exit_of(capsys, *argv)
    assert code == 2
    assert told.out == ""
    assert "usage: nanobook" in told.err


def test_an_error_of_ours_is_told_on_stderr(capsys, monkeypatch):
    fail_with(monkeypatch, InvalidValue("price=-1: must be above 0"))
    assert main(["demo"]) == 2
    assert capsys.readouterr() == ("", "nanobook: error: price=-1: must be above 0\n")


def test_a_missing_optional_package_names_the_command_that_brings_it(capsys, monkeypatch):
    fail_with(monkeypatch, ModuleNotFoundError("No module named 'skfolio'", name="skfolio"))
    assert main(["demo"]) == 2
    told = capsys.readouterr()
    assert told.err == "nanobook: error: skfolio is not installed; run: pip install 'nanobook[demo]'\n"


@pytest.mark.parametrize("name", ["nanobook.kernels.nothing", None])
def test_a_missing_module_of_our_own_is_a_bug(monkeypatch, name):
    fail_with(monkeypatch, ModuleNotFoundError("No module", name=name))
    with pytest.raises(ModuleNotFoundError):
        main(["demo"])


def test_a_file_that_is_not_there_is_told(capsys, tmp_path):
    path = tmp_path / "no.bin"
    assert main(["conformance", str(path)]) == 2
    assert capsys.readouterr().err == f"nanobook: error: {path}: No such file or directory\n"


def test_an_error_of_the_system_without_a_file_is_a_bug(monkeypatch):
    fail_with(monkeypatch, OSError("odd"))
    with pytest.raises(OSError, match="odd"):
        main(["demo"])


def test_ctrl_c_exits_with_130(capsys, monkeypatch):
    fail_with(monkeypatch, KeyboardInterrupt())
    assert main(["demo"]) == cli.INTERRUPTED == 130
    assert capsys.readouterr().err == "nanobook: interrupted\n"
