"""READ a repository: the blocks of a CAR file, and the tree of records within.

A CAR file is a header and blocks, each named by the hash of its bytes (CID), which
is checked. The header's root is a commit; it names a tree (MST) whose entries hold
a key, shortened by what it shares with the one before, and a record.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

from ._archive import bounded, opened

_LIMIT = 64  # CBOR within CBOR; a record is far flatter
_KEY = 1024  # bytes: a collection's name has at most 317, a record's own key 512


def is_car(head: bytes) -> bool:
    """Say whether a file that begins like this is a CAR file."""
    return b"eroots" in head[:80] and b"gversion" in head[:128]


def follow_records(path: Path) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """Return a repository's account and its follow records with their keys, in key order."""
    with opened(path) as stream:
        root, blocks = _blocks(bounded(stream, path))
    commit = _decoded(blocks[root])
    found = []
    for key, cid in _entries(blocks, commit["data"]):
        kind, _, rkey = key.partition("/")
        if kind == "app.bsky.graph.follow":
            found.append((rkey, _decoded(blocks[cid])))
    return str(commit["did"]), found


def _blocks(content: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    size, at = _varint(content, 0)
    header, _ = _value(content[at : at + size], 0, 0)
    at += size
    blocks = {}
    while at < len(content):
        size, at = _varint(content, at)
        section = content[at : at + size]
        if size <= 36 or len(section) != size:
            raise ValueError("a block is cut short")
        cid, block = section[:36], section[36:]
        if cid[:2] not in (b"\x01\x71", b"\x01\x55") or cid[2:4] != b"\x12\x20":
            raise ValueError("a block is named in a way that is not known")
        if hashlib.sha256(block).digest() != cid[4:]:
            raise ValueError("a block does not fit its hash")
        blocks[bytes(cid)] = bytes(block)
        at += size
    return header["roots"][0], blocks


def _entries(blocks: dict[bytes, bytes], root: bytes | None) -> list[tuple[str, bytes]]:
    """Walk the tree from left to right without recursion; a node met twice is refused."""
    found: list[tuple[str, bytes]] = []
    waiting: list[tuple[str, Any]] = [("node", root)]
    met = set()
    while waiting:
        what, item = waiting.pop()
        if what == "entry":
            found.append(item)
            continue
        if item is None:
            continue
        if item in met:
            raise ValueError("the tree of records runs in a circle")
        met.add(item)
        node = _decoded(blocks[item])
        steps, key = [("node", node["l"])], b""
        for entry in node["e"]:
            key = key[: entry["p"]] + entry["k"]
            if len(key) > _KEY:
                raise ValueError("a record's key is longer than 1 kB")
            steps += [("entry", (key.decode(), entry["v"])), ("node", entry["t"])]
        waiting += reversed(steps)
    return found


def _decoded(block: bytes) -> Any:
    value, end = _value(block, 0, 0)
    if end != len(block):
        raise ValueError("a block holds more than one value")
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 63:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("a length has no end")


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:  # noqa: C901, PLR0911 - a case a type
    """Decode one DAG-CBOR value at a place; return it and the place behind it."""
    if depth > _LIMIT:
        raise ValueError("a block is nested too deeply")
    major, small = data[at] >> 5, data[at] & 31
    if major == 7:
        return _simple(data, at, small)
    size, at = _argument(data, at + 1, small)
    if major == 0:
        return size, at
    if major == 1:
        return -1 - size, at
    if major in (2, 3):
        raw = data[at : at + size]
        if len(raw) != size:
            raise ValueError("a block is cut short")
        return (raw if major == 2 else raw.decode()), at + size
    if major == 6:
        raw, at = _value(data, at, depth + 1)
        if size != 42 or raw[:1] != b"\0":
            raise ValueError("a block holds a tag that is not known")
        return raw[1:], at
    if size > len(data) - at:
        raise ValueError("a block is cut short")
    if major == 4:
        items = []
        for _ in range(size):
            item, at = _value(data, at, depth + 1)
            items.append(item)
        return items, at
    pairs = {}
    for _ in range(size):
        key, at = _value(data, at, depth + 1)
        pairs[key], at = _value(data, at, depth + 1)
    return pairs, at


def _argument(data: bytes, at: int, small: int) -> tuple[int, int]:
    if small < 24:
        return small, at
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(small)
    if width is None or at + width > len(data):
        raise ValueError("a block is cut short")
    return int.from_bytes(data[at : at + width]), at + width


def _simple(data: bytes, at: int, small: int) -> tuple[Any, int]:
    if small == 27:
        return struct.unpack(">d", data[at + 1 : at + 9])[0], at + 9
    if small not in (20, 21, 22):
        raise ValueError("a block holds a value that is not known")
    return {20: False, 21: True, 22: None}[small], at + 1
