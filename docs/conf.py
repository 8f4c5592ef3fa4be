"""How the documentation is built: `make docs`, offline, into build/docs.

Three pages of the reference are written here from the code itself, so that no name,
command or notebook can be missing: see `PAGES`.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from typer.testing import CliRunner

import followback as fb
from followback.cli import app as commands
from followback.report import notebooks_folder, parameters

project = "followback"
author = "The followback authors"
project_copyright = "2026, the followback authors"
version = release = fb.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
default_role = "py:obj"  # `find_rings` in a docstring is a link where it can be
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"followback {version}"
html_math_renderer = "mathml"  # MathJax would be asked of another host
html_static_path, html_css_files = ["_static"], ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids among files
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0072B2", "color-brand-content": "#0072B2"},
    "dark_css_variables": {"color-brand-primary": "#56B4E9", "color-brand-content": "#56B4E9"},
}

ORDER = ("sources", "graph", "mutuals", "rings", "audits", "account_audits", "thread_audits")
ALSO = {  # not at the top, but asked for
    "account_audits", "chance", "engines", "evidence", "files", "habits", "interests", "lexicon", "nulls",
    "rings", "thread_audits",
}  # fmt: skip


def public_names() -> Iterator[str]:
    """Document what `followback` offers at the top by home, then its modules."""
    top = {name: getattr(fb, name) for name in fb.__all__ if name != "__version__"}
    homes: dict[str, list[str]] = {}
    for name, thing in top.items():
        if callable(thing):
            homes.setdefault(thing.__module__.removeprefix("followback."), []).append(name)
    for home in sorted(homes, key=lambda home: (*ORDER, home).index(home)):
        yield f"## {_title(home)}"
        for name in homes[home]:
            kind = "autoclass" if isinstance(top[name], type) else "autofunction"
            members = "\n   :members:\n" if kind == "autoclass" else ""
            yield _rst(f".. {kind}:: followback.{name}{members}")
    yield "## Modules"
    for name in sorted({*top} - {n for names in homes.values() for n in names} | ALSO):
        yield f"### followback.{name}"
        twice = f"\n   :exclude-members: {', '.join(homes[name])}" if name in homes else ""
        yield _rst(f".. automodule:: followback.{name}\n   :members:{twice}")


def _title(home: str) -> str:
    first = str(import_module(f"followback.{home}").__doc__).split("\n")[0]
    return first.rstrip(".").replace("``", "`")


def _rst(text: str) -> str:
    return f"```{{eval-rst}}\n{text}\n```"


def command_helps() -> Iterator[str]:
    """Show what each command's --help prints."""
    for command in _commands(typer.main.get_command(commands), ()):
        said = CliRunner(env={"COLUMNS": "90"}).invoke(
            commands, [*command, "--help"], prog_name="followback"
        )
        yield f"## followback {' '.join(command)}\n\n```text\n{said.output.strip()}\n```"


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    if not below:
        yield path
    for name, inner in below.items():
        yield from _commands(inner, (*path, name))


def notebook_parameters() -> Iterator[str]:
    """Show each notebook's title, first sentence and parameters."""
    import nbformat

    for path in sorted(notebooks_folder().glob("*.ipynb")):
        title, _, text = nbformat.read(path, as_version=4).cells[0].source.partition("\n")
        about = text.strip().split("\n\n")[0]
        yield f"## {path.stem}\n\n*{title.lstrip('# ')}*\n\n{about}\n"
        yield "| parameter | meaning | type | default |\n|---|---|---|---|"
        for name, one in parameters(path).items():
            default = f"`{one.default}`" if one.default not in ("", None) else ""
            yield f"| {name} | {one.help} | {one.type} | {default} |"


PAGES = {
    "reference/python": public_names,
    "reference/commands": command_helps,
    "reference/notebooks": notebook_parameters,
}


def fill(_: Sphinx, page: str, content: list[str]) -> None:
    """Add to a page what its function in `PAGES` tells."""
    if page in PAGES:
        separator = "\n" if page.endswith("notebooks") else "\n\n"
        content[0] += separator.join(PAGES[page]()) + "\n"


def visit_math(writer: Any, node: nodes.Element) -> None:
    """Write a formula as MathML, which browsers draw themselves."""
    writer.body.append(tex2mathml(node.astext(), as_block=isinstance(node, nodes.math_block)))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Tell Sphinx of the pages and of the formulas."""
    app.connect("source-read", fill)
    both = (visit_math, None)
    app.add_html_math_renderer("mathml", inline_renderers=both, block_renderers=both)
