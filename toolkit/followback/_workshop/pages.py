"""The pages of the pack: Markdown as HTML that loads nothing and prints well."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_STYLE = """
@page { size: A4; margin: 12mm 18mm }
body { font: 11pt/1.5 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em; color: #222 }
h1, h2, h3 { font-family: "Helvetica Neue", Arial, sans-serif; line-height: 1.25 }
table { border-collapse: collapse; margin: 1em 0; font-size: 0.92em }
th, td { border-bottom: 1px solid #bbb; padding: 0.3em 1.2em 0.3em 0; text-align: left }
td { vertical-align: top }
td:first-child { white-space: nowrap }
code { font-size: 0.92em; white-space: nowrap } pre code { white-space: inherit }
pre { background: #f3f3f3; padding: 0.6em; white-space: pre-wrap }
table.dataframe { font-size: 0.82em; line-height: 1.25 }
.dataframe th, .dataframe td { text-align: right; padding: 0.15em 0 0.15em 1.4em }
.dataframe th:first-child, .dataframe td:first-child { padding-left: 0 }
figure { margin: 1em 0 } figcaption { font-size: 0.92em }
img { max-width: 100%; max-height: 5.6cm; width: auto; height: auto }
.pair { display: flex; gap: 2em } .pair > :first-child { flex: none }
.question { margin: 1em 0 } .question p { margin: 0.3em 0 }
.question ul { display: flex; flex-wrap: wrap; gap: 0.1em 2em; padding: 0; margin: 0.3em 0 }
.room { border: 1px dashed #999; min-height: 5.5cm; flex: 1; margin: 1em 0 }
.lines div { border-bottom: 1px solid #999; height: 0.75cm }
@media print {
  body { font: 10pt/1.3 Georgia, serif; margin: 0; padding: 0; max-width: none }
  p, ul, ol, table, pre, .question { margin: 0.6em 0 } h1 { margin: 0 } h2 { margin: 0.9em 0 0.4em }
  a { color: inherit } h2, h3 { break-after: avoid }
  figure, p, li, table, .tex2jax_ignore, .question, .pair, .lines { break-inside: avoid }
}
"""


def page(markdown: str) -> str:
    """Return Markdown as one page that loads nothing and prints well.

    >>> "<h1" in page("# Ethics") and "<title>Ethics</title>" in page("# Ethics")
    True
    """
    return framed(markdown.lstrip().splitlines()[0].lstrip("# "), prose(markdown))


def framed(title: str, body: str) -> str:
    """Return HTML as a whole page."""
    return (
        "<!doctype html>\n<html lang='en'>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width'>\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<main>\n{body}</main>\n</html>\n"
    )


def prose(markdown: str) -> str:
    r"""Return Markdown as HTML; tags in it are text.

    >>> prose("*one* <b>")
    '<p><em>one</em> &lt;b&gt;</p>\n'
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(markdown))


def markdown_table(frame: pd.DataFrame) -> str:
    """Return a table in Markdown.

    >>> import pandas as pd
    >>> print(markdown_table(pd.DataFrame({"class": ["calm"], "follows": [2400]})))
    | class | follows |
    |---|---|
    | calm | 2400 |
    """
    rows = [frame.columns, *frame.itertuples(index=False)]
    lines = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(frame.columns), *lines[1:]])
