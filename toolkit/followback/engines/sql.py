"""The reduction in plain SQL: one text, run by every engine that speaks it.

No transpiler stands between: only what DuckDB and Spark both understand and mean alike
is used. Text is compared by code point in both, so canonical order is the same.
"""

from __future__ import annotations

COUNTS = """
SELECT count(*) AS n_rows, count(source) AS sources, count(target) AS targets,
       count(CASE WHEN source = target THEN 1 END) AS self_follows
FROM follows
"""

# Every account in canonical order, those whose only follow is of themselves too.
ACCOUNTS = """
SELECT account FROM (SELECT source AS account FROM follows UNION SELECT target FROM follows) ends
ORDER BY account
"""

# Duplicates, self-follows and mutuality in one shuffle: rows of a pair meet, and it is
# mutual where both its ends follow.
MUTUAL = """
SELECT least(source, target) AS u, greatest(source, target) AS v FROM follows
WHERE source <> target
GROUP BY least(source, target), greatest(source, target) HAVING min(source) <> max(source)
"""


def follows(source: str, target: str, *, whole: bool, times: bool) -> str:
    """Name the columns of the table ``raw`` source, target and created_at; integers as int64."""
    ends = [f'"{name.replace(chr(34), chr(34) * 2)}"' for name in (source, target)]
    if whole:
        ends = [f"CAST({end} AS BIGINT)" for end in ends]
    more = ", created_at" if times else ""
    return f"SELECT {ends[0]} AS source, {ends[1]} AS target{more} FROM raw"  # noqa: S608


def arcs(*, times: bool) -> str:
    """Give every follow once, as positions, in the order of compressed rows.

    Of duplicates the earliest known time is kept: min() passes over what is null.
    """
    earliest = ", min(f.created_at) AS created_at" if times else ""
    return f"""
SELECT s.position AS source, t.position AS target{earliest}
FROM follows f JOIN places s ON f.source = s.account JOIN places t ON f.target = t.account
WHERE s.position <> t.position
GROUP BY s.position, t.position ORDER BY source, target
"""  # noqa: S608


def peeled(pairs: str, k: int) -> str:
    """Keep, of a table of pairs, those whose both ends stand in at least ``k`` of them.

    Rounds of it, until nothing more goes, end in the k-core.
    """
    return f"""
WITH keep AS (SELECT account FROM (SELECT u AS account FROM {pairs} UNION ALL SELECT v FROM {pairs}) ends
              GROUP BY account HAVING count(*) >= {int(k)})
SELECT e.u, e.v FROM {pairs} e JOIN keep a ON e.u = a.account JOIN keep b ON e.v = b.account
"""  # noqa: S608
