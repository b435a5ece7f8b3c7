"""The page: nothing outside itself, nothing unescaped, written whole or not at all."""

import base64
import doctest
import os
import re
import stat
import sys
from html.parser import HTMLParser

import pytest

from nanobook import report
from nanobook.report import (
    Section,
    figure_to_svg,
    html_page,
    paragraph,
    picture,
    table,
    write_whole,
)

VOID = {"meta", "img"}


class Outline(HTMLParser):
    """Checks that tags are closed in order, and keeps them and their attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        """Open a tag."""
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close the innermost tag."""
        assert self.open.pop() == tag


@pytest.fixture
def figure():
    Figure = pytest.importorskip("matplotlib.figure").Figure
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot([1, 2, 4])
    axes.scatter([0, 1], [1, 3], rasterized=True)
    return figure


@pytest.fixture
def page(figure):
    return html_page(
        "Costs & fills <1>",
        [
            Section("", (paragraph("first & last"),)),
            Section("A <b>", (table(("", "x"), [("<i>", 1)]), picture(figure, 'a "line"'))),
        ],
        [("Seed", "7 < 8")],
    )


def test_a_page_is_well_formed_and_escapes_what_it_is_told(page):
    tags = [tag for tag, _ in Outline(page).seen]
    assert tags.count("section") == 1  # the first stands under the title without a rule
    assert {"b", "i", "script", "link"}.isdisjoint(tags)
    for text in ("Costs &amp; fills &lt;1&gt;", "A &lt;b&gt;", "&lt;i&gt;", "7 &lt; 8", "&quot;line&quot;"):
        assert text in page


def test_a_page_refers_to_nothing_outside_itself(page):
    seen = Outline(page).seen
    references = [attrs[name] for _, attrs in seen for name in ("src", "href", "srcset") if name in attrs]
    assert len(references) == 1
    head, data = references[0].split(",", 1)
    assert head == "data:image/svg+xml;base64"
    svg = base64.b64decode(data).decode()
    assert all(link.startswith(("#", "data:image/png;")) for link in re.findall(r'href="([^"]*)"', svg))
    assert "@import" not in page
    assert "url(" not in page


def test_without_header_and_provenance_there_is_neither(page):
    bare = html_page("T", [Section("", (table((), [("a", "b")]),))])
    assert "<thead>" not in bare
    assert "<footer>" not in bare
    assert "<thead>" in page
    assert "<footer>" in page


def test_equal_figures_make_equal_svg(figure):
    first = figure_to_svg(figure)
    assert first == figure_to_svg(figure)
    assert first.rstrip().endswith("</svg>")


def test_drawing_leaves_matplotlib_as_it_was(figure):
    from matplotlib import rcParams

    def settings():  # without the backend, which asking for would choose
        return {name: rcParams[name] for name in rcParams if name != "backend"}

    before, pyplot = settings(), "matplotlib.pyplot" in sys.modules
    picture(figure, "")
    assert settings() == before
    assert ("matplotlib.pyplot" in sys.modules) == pyplot


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    write_whole(path, "new: ü\n")
    assert path.read_bytes() == "new: ü\n".encode()
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and links")
def test_a_file_has_the_usual_permissions_and_links_are_followed(tmp_path):
    (tmp_path / "plain").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    target = tmp_path / "target"
    assert target.read_text() == "text"
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


@pytest.mark.parametrize("place", ["write", "sync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, place):
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail(*args):
        raise KeyboardInterrupt if place == "sync" else OSError(28, "No space left on device")

    if place != "write":
        monkeypatch.setattr(os, {"sync": "fsync", "replace": "replace"}[place], fail)
    text = "half\ud800" if place == "write" else "new"  # a lone surrogate is no UTF-8
    with pytest.raises((OSError, KeyboardInterrupt, UnicodeEncodeError)):
        write_whole(path, text)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "no" / "report.html", "text")


def test_the_examples_are_true():
    assert doctest.testmod(report).failed == 0
