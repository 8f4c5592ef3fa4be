"""READ: one file a format, each ``(path) -> Follows``; `read` recognises which.

A reader yields record batches with the columns ``source`` and ``target`` (the
ids as they stand: text or integers) and, where times are known, ``created_at``
(milliseconds since 1970 UTC, null where unknown). What the ids mean, and which
rows are dropped, is settled once, in `_build`.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .._errors import CallError, FollowbackError
from .._progress import watched
from ._follows import Follows, mirrored

if TYPE_CHECKING:
    from ..graph import FollowGraph

# Format -> module and function of its reader. Those of OWNED take the owner's name,
# those of HEADED the head of the text.
_READERS = {
    "parquet": ("tables", "read_parquet"),
    "arrow": ("tables", "read_arrow"),
    "bluesky": ("bluesky", "read_bluesky"),
    "mastodon": ("mastodon", "read_mastodon"),
    "x": ("x", "read_x"),
    "twarc": ("twarc", "read_twarc"),
    "instagram": ("instagram", "read_instagram"),
    "tiktok": ("tiktok", "read_tiktok"),
    "github": ("github", "read_github"),
    "linkedin": ("linkedin", "read_linkedin"),
    "graphml": ("graphml", "read_graphml"),
    "gexf": ("gexf", "read_gexf"),
    "pajek": ("pajek", "read_pajek"),
    "matrixmarket": ("matrixmarket", "read_matrix_market"),
    "konect": ("edgelists", "read_konect"),
    "snap": ("edgelists", "read_snap"),
    "gephi": ("edgelists", "read_gephi"),
}
_OWNED = ("bluesky", "mastodon", "x", "twarc", "instagram", "tiktok", "github", "linkedin")
_FOLDERS = ("x", "instagram", "tiktok", "linkedin")  # whose exports may be unpacked
_HEADED = ("konect", "snap", "gephi")
_SEPARATORS = {"csv": ",", "tsv": "\t", "space": " "}
FORMATS = ("auto", *_SEPARATORS, "graph", *_READERS)

__all__ = ["FORMATS", "Follows", "read", "recognise"]


def read(
    source: Any,
    format: str | None = None,  # noqa: A002
    *,
    mutual: bool = False,
    owner: str = "",
    engine: str = "auto",
    master: str = "",
    budget: int | None = None,
) -> FollowGraph:
    """Read follows into a `FollowGraph`.

    Self-follows and duplicate follows are dropped, counted and reported in
    ``FollowGraph.dropped``; of duplicates the earliest time is kept. The
    follower is the column called ``source``, ``follower``, ``from`` …, the followed
    one ``target``, ``followed``, ``friend`` …; one such name is enough, and where no
    name tells, the first column follows the second. ``FollowGraph.read_as`` says which
    columns were taken. Ids of a text file are trimmed, and integers if all are
    written as integers; those of tables and graphs keep their type.

    Parameters
    ----------
    source
        A file: CSV, TSV or space-separated (a header or none, ``#`` and ``%``
        comments, plain or .gz, .bz2, .zst), Parquet, Arrow; what Bluesky, Mastodon, X,
        twarc, Instagram, TikTok, GitHub and LinkedIn export, as file, zip or folder;
        GraphML, GEXF, Pajek, Matrix Market, SNAP, KONECT, Gephi's and NodeXL's edge
        tables; a folder written by `FollowGraph.save`; or a table: pandas, polars,
        Arrow; or a `networkx.DiGraph`. ``data/codebook.md`` has a section on each.
    format
        One of ``followback.sources.FORMATS``; left out (or ``auto``), the content tells.
    mutual
        The file stores each mutual pair once: every row is taken for both directions,
        and the graph is marked, so that reciprocity is refused.
    owner
        The account whose export it is, where the file does not tell.
    engine
        What builds the graph, always the same one: ``memory``, ``duckdb`` or ``spark``;
        ``auto`` is memory, or disk where memory would not do. See `followback.engines`.
    master
        The Spark cluster, as in ``spark://host:7077``; left out, this machine.
    budget
        Bytes of memory to build the graph of one file in, over disk; left out, it is built
        over disk where memory would not do, in half of what is free.

    Returns
    -------
    FollowGraph

    Raises
    ------
    CallError
        No such file, no permission, an unknown format; an engine, master or budget as
        `followback.engines.build` refuses it.
    FollowbackError
        The content cannot be read as follows; the message says where and the cure.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> fb.read(pd.DataFrame({"source": [1, 2, 2], "target": [2, 1, 2]})).dropped
    {'rows': 3, 'self_follows': 1, 'duplicates': 0}
    """
    from ..engines import build

    return build(
        source,
        format=format,
        mutual=mutual,
        owner=owner,
        engine=engine,
        master=master,
        budget=budget,
    )


def opened(
    source: Any,
    format: str | None = None,  # noqa: A002
    *,
    mutual: bool = False,
    owner: str = "",
) -> Follows | FollowGraph:
    """Open what `read` reads as a stream of follows; a graph is returned as it is."""
    from ..graph import FollowGraph

    if format is not None and format not in FORMATS:
        raise CallError(f"no format is called {format!r}; choose one of {', '.join(FORMATS)}")
    if isinstance(source, FollowGraph) or hasattr(source, "is_directed"):
        from ..mutuals import as_follow_graph

        _no_pairs(mutual)
        return as_follow_graph(source)
    if not isinstance(source, str | Path):
        from .tables import read_table

        follows = read_table(source)
        return mirrored(follows) if mutual else follows

    path = _checked(Path(source))
    kind = recognise(path) if format in (None, "auto") else str(format)
    if kind == "graph":
        _no_pairs(mutual)
        return FollowGraph.load(path)
    if path.is_dir() and kind not in _FOLDERS:
        raise CallError(f"{path} is a folder; name the file of follows inside it")
    follows = _file(path, kind, owner)
    if mutual and not follows.collection.mutual_by_construction:
        follows = mirrored(follows)
    rows = watched(follows.batches, "rows read", "rows", lambda batch: batch.num_rows)
    return replace(follows, batches=rows)


def recognise(path: Path) -> str:
    r"""Tell the format of a file or folder from its content.

    >>> import tempfile, pathlib
    >>> p = pathlib.Path(tempfile.mkdtemp()) / "x"
    >>> _ = p.write_text("1,2\n")
    >>> recognise(p)
    'text'
    """
    from ._recognise import format_of

    return format_of(path)


def _file(path: Path, kind: str, owner: str) -> Follows:
    if kind in _READERS:
        module, name = _READERS[kind]
        reader = getattr(import_module(f".{module}", __name__), name)
        if kind in _HEADED:
            from ._recognise import head_of

            return cast("Follows", reader(path, head_of(path)))
        return cast("Follows", reader(path, owner) if kind in _OWNED else reader(path))

    from .text import read_text

    return read_text(path, _SEPARATORS.get(kind))


def _no_pairs(mutual: bool) -> None:  # noqa: FBT001
    if mutual:
        raise CallError(
            "mutual=True is for a file or table that stores each mutual pair once; a graph has "
            "its directions already"
        )


def _checked(path: Path) -> Path:
    """Return the path if something can be read there."""
    try:
        there, folder, usual = path.exists(), path.is_dir(), path.is_file()
        empty = usual and path.stat().st_size == 0
        if usual:
            path.open("rb").close()
    except PermissionError as error:
        raise CallError(f"no permission to read {path}; change its rights or copy it") from error
    except (OSError, ValueError) as error:
        raise CallError(f"cannot open {str(path)[:200]!r}: {error}; check the path") from error
    if not there:
        raise CallError(f"there is no file {path}; check the spelling and the folder")
    if not usual and not folder:
        raise CallError(f"{path} is neither a file nor a folder; save the follows to a file")
    if empty:
        raise FollowbackError(f"{path} is empty; it must hold one follow a row")
    return path
