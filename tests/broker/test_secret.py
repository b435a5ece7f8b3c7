"""Secrets: used, and never shown."""

import copy
import logging
import os
import pickle
import traceback

import pytest

from nanobook.broker.secret import Secret, read_secrets, secret_of
from nanobook.errors import ConfigError, WrongType

CANARY = "CANARY-9f83b1657ff1fc53"


def test_a_secret_shows_itself_to_whoever_sends_it_only():
    secret = Secret(CANARY, "MY_KEY")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, repr([secret])]  # noqa: UP031
    assert secret.reveal() == CANARY
    assert not [text for text in shown if CANARY in text]
    assert all("MY_KEY" in text for text in shown)


def test_a_secret_is_not_pickled():
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(WrongType, match="MY_KEY is a secret"):
            pickle.dumps(Secret(CANARY, "MY_KEY"), protocol)


def test_a_copy_is_the_secret_itself():
    secret = Secret(CANARY)
    assert copy.copy(secret) is copy.deepcopy([secret])[0] is secret
    assert Secret(secret) == secret != CANARY
    with pytest.raises(TypeError):
        hash(secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        CANARY + "\n",
        CANARY + " ",
        " " + CANARY,
        CANARY[:5] + "\t" + CANARY,
        CANARY + "\r\n",
        CANARY + "\x00",
    ],
    ids=repr,
)
def test_c072_what_cannot_be_a_key_is_refused_by_the_name_of_its_variable(text):
    with pytest.raises(ConfigError, match="MY_KEY") as caught:
        secret_of("MY_KEY", {"MY_KEY": text})
    assert CANARY not in whole_story(caught.value)


@pytest.mark.parametrize("value", [None, 5, b"bytes", ["x"]], ids=repr)
def test_c072_what_is_no_text_is_refused(value):
    with pytest.raises(WrongType, match="MY_KEY is no text"):
        Secret(value, "MY_KEY")


def test_c072_a_missing_variable_is_named():
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        secret_of("MY_KEY", {})


@pytest.fixture
def file(tmp_path):
    """A file of secrets as it should be."""
    path = tmp_path / "secrets"
    path.write_text(f"# keys\n\nMY_KEY={CANARY}\nOTHER = other\n".replace(" = ", "="))
    path.chmod(0o600)
    return path


def test_a_file_of_secrets(file):
    assert read_secrets(file)["MY_KEY"].reveal() == CANARY
    assert secret_of("OTHER", {}, file).reveal() == "other"
    assert secret_of("OTHER", {"OTHER": "mine"}, file).reveal() == "mine"
    with pytest.raises(ConfigError, match="ABSENT is neither set nor a line"):
        secret_of("ABSENT", {}, file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o700, 0o620])
def test_c067_a_file_that_others_may_read_is_refused(file, mode):
    file.chmod(mode)
    with pytest.raises(ConfigError, match=f"mode {mode:04o}"):
        read_secrets(file)


def test_c067_a_link_a_folder_a_pipe_and_nothing_are_refused(file, tmp_path):
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(file)
    os.mkfifo(pipe, 0o600)
    for path, told in ((link, "link"), (pipe, "no file"), (tmp_path, "no file"), (tmp_path / "x", "No such")):
        with pytest.raises(ConfigError, match=told):
            read_secrets(path)
    with pytest.raises(ConfigError, match="no file"):
        read_secrets("/dev/zero")


def test_c067_a_file_of_somebody_else_is_refused(file, monkeypatch):
    real = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: real + 1)
    with pytest.raises(ConfigError, match="belongs to user"):
        read_secrets(file)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (CANARY, "line 1 is not NAME=value"),
        (f"A=b\n{CANARY}\n", "line 2 is not NAME=value"),
        (f"A={CANARY}\nA={CANARY}", "line 2: A comes twice"),
        (f"A={CANARY} \n", "A holds a newline or a blank"),
        ("A=\n", "A is empty"),
        (f"A={CANARY}é", "plain ASCII"),
        (f"A={CANARY * 400}", "longer than 4096"),
    ],
)
def test_c072_a_file_of_another_form_is_refused_without_showing_it(tmp_path, content, told):
    path = tmp_path / "secrets"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=told) as caught:
        read_secrets(path)
    assert CANARY not in whole_story(caught.value)


def test_a_log_shows_no_secret(caplog):
    logging.getLogger("test").warning("key %s and %r", Secret(CANARY), {"key": Secret(CANARY)})
    assert CANARY not in caplog.text


def whole_story(error):
    """All that a careless handler would print of an error: the chain, and the variables of our frames.

    Left out are the frames of the test, which gave the secret away in the first place.
    """
    parts = []
    while error is not None:
        parts += [str(error), repr(error)]
        for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
            if "nanobook/" in frame.filename and "/tests/" not in frame.filename:
                parts += [str(value) for name, value in (frame.locals or {}).items() if name != "environ"]
        error = error.__cause__ or error.__context__
    return "\n".join(parts)
