"""The page of a run: one HTML file that loads nothing, and the same as PDF."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .._errors import CallError, FollowbackError

_PAGE = Path(__file__).parent / "page"
_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def write_page(made: Path, record: dict[str, Any]) -> None:
    """Write ``report.html``: prose and outputs, no code.

    The page's policy lets two scripts run, told by their hashes: the one that sorts
    tables and the ring explorer. Any other, wherever it came from, does not run.
    """
    import nbformat
    from nbconvert import HTMLExporter

    from .._explorer import script

    exporter = HTMLExporter(
        template_name="page", extra_template_basedirs=[str(_PAGE.parent)], exclude_input=True
    )
    sorts = text_of("page.js")
    resources = {
        "run": record,
        "style": text_of("style.css"),
        "script": sorts,
        "allowed": " ".join(script_hash(code) for code in (sorts, script())),
    }
    html, _ = exporter.from_notebook_node(
        nbformat.read(made / "executed.ipynb", as_version=4), resources=resources
    )
    (made / "report.html").write_text(_with_contents(html), encoding="utf-8")


def write_pdf(page: Path, target: Path) -> Path:
    """Print a page to PDF with an installed Chromium.

    Raises
    ------
    CallError
        No Chromium, Chrome or Edge is installed.
    FollowbackError
        It made no PDF.
    """
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None and Path(_MAC).is_file():
        browser = _MAC
    if browser is None:
        raise CallError("a PDF needs Chromium, Chrome or Edge, and none is installed; install one")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="followback-") as folder:
        draft = Path(folder) / "page.pdf"
        command = [
            browser, "--headless", "--disable-gpu", "--no-pdf-header-footer",
            "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", *(["--no-sandbox"] if root else []),
            f"--print-to-pdf={draft}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603
        except subprocess.SubprocessError as error:
            raise FollowbackError(
                f"{browser} could not print {page}; open it and print it"
            ) from error
        if not draft.is_file():
            raise FollowbackError(f"{browser} made no PDF of {page}; open the page and print it")
        shutil.move(draft, target)
    return target


def script_hash(code: str) -> str:
    """Return the name of a script in a content security policy.

    >>> script_hash("1")
    "'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def text_of(name: str) -> str:
    """Return one of the page's parts: style and scripts."""
    return (_PAGE / name).read_text(encoding="utf-8")


def _with_contents(html: str) -> str:
    """Give every heading an id of its own and list them at the top."""
    taken: set[str] = set()
    entries = []

    def marked(match: re.Match[str]) -> str:
        level, inside = match.group(1), match.group(3)
        inside = re.sub(r"<a class=.anchor-link.*?</a>", "", inside)
        text = re.sub(r"<[^>]*>", "", inside).strip()
        name = re.sub(r"\W+", "-", text.lower()).strip("-") or "section"
        while name in taken:
            name += "-"
        taken.add(name)
        entries.append(f"<li class='level-{level}'><a href='#{name}'>{text}</a></li>")
        return f"<h{level} id='{name}'>{inside}</h{level}>"

    body = re.sub(r"<h([23])(\s[^>]*)?>(.*?)</h\1>", marked, html, flags=re.DOTALL)
    return body.replace("<!-- contents -->", f"<ol>{''.join(entries)}</ol>", 1)
