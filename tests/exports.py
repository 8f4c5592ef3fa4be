# ruff: noqa: E501, PLR0911 - a table of layouts reads best a row a layout
"""Exports of every platform in every published layout, made up here; no person is in them."""

import hashlib
import io
import json
import stat
import zipfile

DID = {name: f"did:plc:{name * 4}" for name in ("ann", "bob", "cem", "dot")}
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
MOMENT = 1_783_175_887_534  # milliseconds: 2026-07-04T14:38:07.534Z
ISO = "2026-07-04T14:38:07.396Z"
CODE = "app.bsky.graph.follow"


def tid(milliseconds, clock=0):
    """Return the record key of a moment."""
    value, letters = (milliseconds * 1000) << 10 | clock, ""
    for _ in range(13):
        letters = LETTERS[value % 32] + letters
        value //= 32
    return letters


def follow(subject, created=ISO, via=None):
    record = {"$type": CODE, "subject": DID[subject], "createdAt": created}
    return record | ({"via": {"uri": via, "cid": "x"}} if via else {})


def item(who, subject, at=MOMENT, **fields):
    uri = f"at://{DID[who]}/{CODE}/{tid(at)}"
    return {"uri": uri, "cid": "x", "value": follow(subject, **fields)}


def list_records(cursor=None):
    page = {"records": [item("ann", "bob", via="at://did:plc:x/app.bsky.graph.starterpack/1"),
                        item("ann", "cem", MOMENT + 1000)]}  # fmt: skip
    return page | ({"cursor": cursor} if cursor else {})


def page(side, subject, others, cursor=None, declared=None):
    about = {"did": DID[subject], "handle": f"{subject}.example"}
    if declared is not None:
        about["followersCount" if side == "followers" else "followsCount"] = declared
    out = {"subject": about, side: [{"did": DID[o], "handle": f"{o}.example"} for o in others]}
    return out | ({"cursor": cursor} if cursor else {})


def v1(who, operation, rkey, subject=None, at=MOMENT, collection=CODE):
    commit = {"rev": "r", "operation": operation, "collection": collection, "rkey": rkey}
    if subject:
        commit |= {"record": follow(subject), "cid": "x"}
    return {"did": DID[who], "time_us": at * 1000, "kind": "commit", "commit": commit}


def v2(who, operation, rkey, subject=None, seq=1, wrapped=False):
    event = {"seq": seq, "did": DID[who], "time": "2026-07-04T14:38:08.138000Z", "rev": "r",
             "operation": operation, "collection": CODE, "rkey": rkey}  # fmt: skip
    if subject:
        event |= {"record": follow(subject), "cid": "x"}
    return {"payload": event} if wrapped else event


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


# --- a repository -----------------------------------------------------------


def cbor(value):
    """Encode the little of DAG-CBOR that a repository uses."""
    head = lambda major, n: (  # noqa: E731
        bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 25]) + n.to_bytes(2)
    )
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, Cid):
        return b"\xd8\x2a" + cbor(b"\0" + value)
    if isinstance(value, bytes):
        return head(2, len(value)) + bytes(value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


class Cid(bytes):
    """The name of a block; a type of its own, since CBOR writes it with a tag."""

    __slots__ = ()


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def car(who="ann", subjects=("bob", "cem", "dot")):
    """Return a repository: a profile and follows, in a tree of two levels."""
    blocks = {}

    def put(value):
        block = cbor(value)
        cid = Cid(b"\x01\x71\x12\x20" + hashlib.sha256(block).digest())
        blocks[cid] = block
        return cid

    keys = [(f"{CODE}/{tid(MOMENT + 1000 * k)}", follow(s)) for k, s in enumerate(subjects)]
    keys = [("app.bsky.actor.profile/self", {"displayName": "A"}), *keys]
    leaf = put({"l": None, "e": entries(keys[2:], put)})
    top = entries(keys[:2], put)
    top[-1]["t"] = leaf
    commit = {"did": DID[who], "rev": "r", "data": put({"l": None, "e": top}), "prev": None,
              "version": 3, "sig": b"s" * 64}  # fmt: skip
    header = cbor({"roots": [put(commit)], "version": 1})
    body = b"".join(varint(len(cid) + len(block)) + cid + block for cid, block in blocks.items())
    return varint(len(header)) + header + body


def entries(keys, put):
    """Shorten each key by what it shares with the one before."""
    out, before = [], b""
    for key, record in keys:
        raw = key.encode()
        shared = next((k for k, (a, b) in enumerate(zip(raw, before, strict=False)) if a != b),
                      min(len(raw), len(before)))  # fmt: skip
        out.append({"p": shared, "k": raw[shared:], "v": put(record), "t": None})
        before = raw
    return out


# --- zip archives -----------------------------------------------------------


def zipped(files, link=None):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(
                name, content if isinstance(content, str | bytes) else json.dumps(content)
            )
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def ytd(kind, ids, part=0):
    rows = [
        {kind: {"accountId": i, "userLink": f"https://twitter.com/intent/user?user_id={i}"}}
        for i in ids
    ]
    return f"window.YTD.{kind}.part{part} = {json.dumps(rows)}"


X = {
    "data/account.js": 'window.YTD.account.part0 = [ {"account" : {"accountId" : "1", "username" : "ann"}} ]',
    "data/follower.js": ytd("follower", ["2", "3"]),
    "data/follower-part1.js": ytd("follower", ["4"], 1),
    "data/following.js": 'window.YTD.following.part0 = [ {"following" : '
    '{"userLink" : "https://twitter.com/intent/user?user_id=2"}} ]',
}  # fmt: skip


def insta(name, at=1_749_860_021):
    return {"title": "", "media_list_data": [],
            "string_list_data": [{"href": f"https://www.instagram.com/{name}", "value": name, "timestamp": at}]}  # fmt: skip


def insta_titled(name, at=1_749_860_021):
    return {
        "title": name,
        "string_list_data": [{"href": f"https://www.instagram.com/_u/{name}", "timestamp": at}],
    }


def insta_link(name, at=1_749_860_021):
    return {"string_list_data": [{"href": f"https://www.instagram.com/_u/{name}", "timestamp": at}]}


def insta_labels(name, at=1_749_860_021):
    return {
        "timestamp": at,
        "media": [],
        "label_values": [{"label": "URL", "value": "x"}, {"label": "Username", "value": name}],
    }


def insta_nested(name, at=1_749_860_021):
    return {
        "timestamp": at,
        "label_values": [{"dict": [{"dict": [{"label": "Username", "value": name}]}]}],
    }


FOLDER = "connections/followers_and_following/"
INSTA = {
    FOLDER + "followers_1.json": [insta("bob"), insta("cem")],
    FOLDER + "followers_2.json": [insta("dot")],
    FOLDER + "following.json": {"relationships_following": [insta_titled("bob")]},
    FOLDER + "recently_unfollowed_profiles.json": {"relationships_unfollowed_users": [insta_titled("eve", 1_749_870_000)]},
}  # fmt: skip


def fans(*names):
    return [{"Date": "2024-01-02 10:00:00", "UserName": name} for name in names]


TIKTOK_OLD = {"Activity": {"Follower List": {"FansList": fans("bob", "cem")},
                           "Following List": {"Following": fans("bob")}}}  # fmt: skip
TIKTOK_NEW = {"Profile And Settings": {
    "Follower": {"FansList": fans("bob", "cem")}, "Following": {"Following": fans("bob")},
    "Profile Info": {"ProfileMap": {"userName": "ann"}}}}  # fmt: skip
TIKTOK_TXT = "".join(
    f"Date: 2024-01-02 10:00:00 UTC\nUsername: {name}\n\n" for name in ("bob", "cem")
)

LINKEDIN = (
    'Notes:\n"When exporting your connection data, you may notice some are missing."\n\n'
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    'Bob,Secret,https://www.linkedin.com/in/bob,bob@secret.example,"Acme, Inc",Boss,16 Dec 2025\n'
    "Cem,Hidden,,,,,17 Dec 2025\n"
    "Dot,Secret,https://www.linkedin.com/in/dot,,Acme,,01 Jan 2026\n"
)  # fmt: skip
MASTODON = (
    "Account address,Show boosts,Notify on new posts,Languages\n"
    'bob@one.example,true,false,\ncem@two.example,true,false,"de, en"\n'
)  # fmt: skip


def twarc(side, users, more=False, flat=False):
    url = f"https://api.twitter.com/2/users/1/{side}?max_results=1000"
    about = {"url": url, "version": "2.14.0", "retrieved_at": "2023-01-01T00:00:00+00:00"}
    rows = [{"id": u, "username": f"u{u}", "created_at": "2010-01-01T00:00:00.000Z"} for u in users]
    if flat:
        return [row | {"__twarc": about} for row in rows]
    meta = {"result_count": len(rows)} | ({"next_token": "t"} if more else {})
    return [{"data": rows, "meta": meta, "__twarc": about}]


GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="label" attr.type="string"/>
<key id="d1" for="edge" attr.name="created_at" attr.type="long"/>
<graph edgedefault="directed">
<node id="n0"><data key="d0">ann</data></node><node id="n1"><data key="d0">bob</data></node>
<node id="n2"><data key="d0">cem</data></node>
<edge source="n0" target="n1"><data key="d1">1700000000000</data></edge>
<edge source="n1" target="n0"/><edge source="n2" target="n0" directed="true"/>
</graph></graphml>"""
GEXF = """<?xml version="1.0"?>
<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="directed">
<attributes class="edge"><attribute id="0" title="created_at" type="long"/></attributes>
<nodes><node id="0" label="ann"/><node id="1" label="bob"/><node id="2" label="cem"/></nodes>
<edges><edge id="0" source="0" target="1"><attvalues><attvalue for="0" value="1700000000000"/></attvalues></edge>
<edge id="1" source="1" target="0"/><edge id="2" source="2" target="0"/></edges></graph></gexf>"""
PAJEK = '*Vertices 3\n1 "ann" 0.1 0.2\n2 "bob"\n3 cem\n*Arcs\n1 2 1\n2 1\n*Arcslist\n3 1\n'
MATRIX = "%%MatrixMarket matrix coordinate pattern general\n% made here\n3 3 3\n1 2\n2 1\n3 1\n"
