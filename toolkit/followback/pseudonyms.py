"""Pseudonyms: ids replaced by a keyed hash, so that a graph can travel without names.

A pseudonym is ``p`` and the first 16 hex digits of HMAC-SHA256(key, id): the same
key gives the same pseudonyms, in every graph and report; without the key nobody can
try out ids. The follows stay as they are, and who knows part of a graph can find people
in it again: this protects names, it does not make anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ._errors import CallError, FollowbackError
from .collection import Collection
from .files import naming
from .graph import FollowGraph, Rows

if TYPE_CHECKING:
    import networkx as nx

_BYTES = 32
_DIGITS = 16
_PACK = re.compile(r"^at://([^/]+)/(.*)$")


def pseudonymise(graph: FollowGraph | nx.DiGraph, key: bytes) -> FollowGraph:
    """Replace every id by a keyed hash of it; who follows whom stays.

    The same id and key give the same pseudonym in every graph, so graphs can be
    joined. A pseudonymised graph is still personal data: who someone is can show in
    whom they follow.

    Parameters
    ----------
    graph
        The follower graph.
    key
        At least 32 bytes, kept apart from the graph; see `read_key`.

    Returns
    -------
    FollowGraph
        In the canonical order of the pseudonyms. Notes of the collection, which may
        hold names, are dropped.

    Raises
    ------
    CallError
        The key is too short.
    FollowbackError
        Two accounts got the same pseudonym.

    Examples
    --------
    >>> import followback as fb
    >>> g = pseudonymise(fb.FollowGraph.from_pairs([("ann", "bob")]), b"k" * 32)
    >>> g.n_follows, "ann" in g.accounts
    (1, False)

    References
    ----------
    RFC 2104, HMAC: Keyed-Hashing for Message Authentication.
    """
    from .mutuals import as_follow_graph

    graph = as_follow_graph(graph)
    if len(key) < _BYTES:
        raise CallError(f"the key is shorter than {_BYTES} bytes; give so many random ones")
    names = [pseudonym(name, key) for name in graph.accounts]
    if len(set(names)) < len(names):
        raise FollowbackError("two accounts got the same pseudonym; use another key")
    order = np.argsort(np.array(names), kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))

    # the same follows, rows and neighbours in the new order
    source, target = place[graph.sources()], place[graph.following.indices]
    by_row = np.lexsort((target, source))
    indptr = np.concatenate([[0], np.cumsum(graph.following.degrees[order])]).astype(np.int64)
    times = None if graph.created_at is None else graph.created_at[by_row]
    labels = pa.array([names[k] for k in order], pa.large_string())
    collection = _hidden(graph.collection, key)
    rows = Rows(indptr, target[by_row])
    return FollowGraph(labels, rows, times, graph.dropped, collection=collection)


def pseudonym(account: Any, key: bytes) -> str:
    """Return the pseudonym of an id.

    >>> pseudonym(4711, b"k" * 32) == pseudonym("4711", b"k" * 32)
    True
    """
    digest = hmac.new(key, str(account).encode(), hashlib.sha256).hexdigest()
    return f"p{digest[:_DIGITS]}"


def read_key(path: Path, outside: Path) -> bytes:
    """Read the key kept in a file, or make one there that only this user can read.

    Parameters
    ----------
    path
        The key's file; ``~`` is the home folder.
    outside
        What is written with pseudonyms, a file or a folder; the key may not lie in it.

    Raises
    ------
    CallError
        The key lies in what is written, or is too short.
    """
    file = path.expanduser().resolve()
    if file.is_relative_to(outside.resolve()):
        raise CallError(f"the key {file} lies in {outside}; keep it in another folder")
    if not file.exists():
        _make_key(file)
    key = file.read_bytes().strip()
    if len(key) < _BYTES:
        raise CallError(
            f"the key {file} is shorter than {_BYTES} bytes; name a file that is not there"
        )
    return key


def _make_key(file: Path) -> None:
    """Make a key file that appears whole; of several processes the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    with naming(file, draft):
        try:
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_text(secrets.token_hex(_BYTES) + "\n", encoding="ascii")
            _link(draft, file)
        finally:
            draft.unlink(missing_ok=True)


def _link(draft: Path, file: Path) -> None:
    """Give a draft its name unless that is taken; a renaming would take it away."""
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    except OSError:  # a file system without links, as memory sticks have
        draft.rename(file)


def _hidden(collection: Collection, key: bytes) -> Collection:
    """Replace every id that the collection holds, also those within starter packs."""

    def hide(name: str | None) -> str | None:
        return pseudonym(name, key) if name else name

    def pack(uri: str | None) -> str | None:
        found = _PACK.match(uri or "")
        return f"at://{pseudonym(found.group(1), key)}/{found.group(2)}" if found else hide(uri)

    def mapped(table: pa.Table) -> pa.Table:
        for name in ("account", "source", "target", "via"):
            if name in table.schema.names:
                at = table.schema.get_field_index(name)
                change = pack if name == "via" else hide
                column = [change(cell) for cell in table[name].to_pylist()]
                table = table.set_column(
                    at, table.schema.field(at), pa.array(column, pa.large_string())
                )
        return table

    return replace(
        collection,
        owner=hide(collection.owner) or "",
        lists=mapped(collection.lists),
        clocks=mapped(collection.clocks),
        removed=mapped(collection.removed),
        notes=(),
    )
