"""One HTML file that needs nothing else: text, tables and pictures on a page that prints well."""

import base64
import io
from html import escape
from typing import NamedTuple

from .files import atomic_write

STYLE = """
:root { color-scheme: light; --paper: #fff; --ink: #24292f; --label: #57606a; --note: #656d76;
  --rule: #e6e8eb; --head: #d0d7de; --row: #f0f2f4; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
h1 { font-size: 2rem; font-weight: 300; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; font-weight: 400; margin: 0 0 .75rem; }
section { margin-top: 2.5rem; padding-top: 1.5rem; border-top: 1px solid var(--rule); }
p { margin: 0 0 .9rem; max-width: 44rem; }
figure { margin: 1.25rem 0; }
img { display: block; width: 100%; height: auto; }
figcaption { margin-top: .4rem; color: var(--note); font-size: .85rem; }
.table { overflow-x: auto; margin: 1.25rem 0; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .32rem 1.6rem .32rem 0; text-align: right; font-weight: 400; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; color: var(--label); }
th { color: var(--label); border-bottom: 1px solid var(--head); }
tbody td { border-bottom: 1px solid var(--row); }
tr > :last-child { padding-right: 0; }
footer { margin-top: 2.5rem; padding-top: 1.25rem; border-top: 1px solid var(--rule); color: var(--note);
  font-size: .8rem; line-height: 1.5; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 0; }
footer dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 34rem) {
  th, td { padding-right: .8rem; }
  footer dl { display: block; }
  footer dd { margin-bottom: .5rem; }
}
@media print { main { max-width: none; padding: 0; } section { break-inside: avoid-page; } }
"""


class Section(NamedTuple):
    """A part of a page.

    Attributes
    ----------
    heading : str
        Plain text; an empty one is left out.
    parts : sequence of str
        Pieces of HTML: from ``paragraph``, ``table`` and ``picture``.
    """

    heading: str
    parts: tuple


def html_page(title, sections, provenance=(), style=""):
    """Make a page.

    Parameters
    ----------
    title : str
        Plain text.
    sections : iterable of Section
        The first one without a rule above it.
    provenance : iterable of (str, str)
        What the figures were made with, for the foot of the page: name and value, plain text.
    style : str
        CSS that comes after the page's own.

    Returns
    -------
    str
        A whole HTML document that refers to nothing outside itself.

    Examples
    --------
    >>> from nanobook.report import Section, html_page, paragraph
    >>> page = html_page("Costs & fills", [Section("", (paragraph("None."),))])
    >>> "<h1>Costs &amp; fills</h1>" in page
    True
    """
    first, *rest = sections
    body = "".join(map(section, rest))
    foot = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>\n" for name, value in provenance)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{content(first)}{body}"
        + (f"<footer>\n<dl>\n{foot}</dl>\n</footer>\n" if foot else "")
        + "</main>\n</body>\n</html>\n"
    )


def section(part):
    """Make one ``<section>``."""
    return f"<section>\n{content(part)}</section>\n"


def content(part):
    """Make what stands inside a section."""
    heading = f"<h2>{escape(part.heading)}</h2>\n" if part.heading else ""
    return heading + "".join(f"{piece}\n" for piece in part.parts)


def paragraph(text):
    """Make a paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def table(header, rows):
    """Make a table; cells are plain text, all but the first of a row stand to the right.

    Parameters
    ----------
    header : sequence of str
        Empty for none.
    rows : iterable of sequence of str
    """
    head = f"<thead>{row_of('th', header)}</thead>" if header else ""
    body = "".join(row_of("td", row) for row in rows)
    return f'<div class="table"><table>{head}<tbody>{body}</tbody></table></div>'


def row_of(tag, cells):
    """Make one row of a table."""
    return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>\n"


def picture(figure, caption):
    """Make a ``<figure>`` that holds a Matplotlib figure as SVG inside the page.

    As an image of its own, so that the names inside two pictures do not clash.
    """
    data = base64.b64encode(figure_to_svg(figure).encode()).decode()
    return (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def figure_to_svg(figure):
    """Draw a Matplotlib figure as SVG.

    Returns
    -------
    str
        Equal for equal figures: without the date, and with names that do not change from run to run.
    """
    from matplotlib import rc_context

    out = io.StringIO()
    with rc_context({"svg.hashsalt": "nanobook"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def write_whole(path, text):
    """Write a text file whole or not at all: into a new file beside it, which then takes its place.

    Parameters
    ----------
    path : str or path-like
        Its folder must exist; a file of this name is replaced, a link is followed.
    text : str
        Written as UTF-8.

    Raises
    ------
    OSError
        The file cannot be written; what was there is unchanged.
    """
    data = text.encode()
    with atomic_write(path) as file:
        file.write(data)
