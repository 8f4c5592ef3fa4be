"""TIME: delays, bursts and first moves, by hand."""

import pandas as pd
import pytest

import followback as fb
from followback.sets import as_sets
from followback.times import DAY, pace, tie_times

START = 1_700_000_000_000
HOUR = DAY // 24


def timed(rows):
    """Build a graph from (source, target, hours after the start or None)."""
    frame = pd.DataFrame(rows, columns=["source", "target", "time"])
    frame["time"] = [None if h is None else START + h * HOUR for h in frame["time"]]
    return fb.read(frame)


STORY = [
    ("ann", "bob", 0), ("bob", "ann", 2),
    ("ann", "cem", 1), ("cem", "ann", 5),
    ("ann", "dot", 0), ("dot", "ann", 100),
    ("bob", "cem", 3), ("cem", "bob", None),
]  # fmt: skip


def test_delays_are_told_from_both_sides():
    g = timed(STORY)
    m = fb.mutual(g)
    times = tie_times(g, m)
    rows = m.ties
    told = {
        (g.accounts[i], g.accounts[j]): times.delay[e] // HOUR
        for i in range(4)
        for e, j in zip(range(rows.indptr[i], rows.indptr[i + 1]), rows.of(i), strict=True)
        if times.known[e]
    }
    assert told == {
        ("ann", "bob"): 2, ("bob", "ann"): 2, ("ann", "cem"): 4, ("cem", "ann"): 4,
        ("ann", "dot"): 100, ("dot", "ann"): 100,
    }  # fmt: skip


def test_pace_by_hand():
    g = timed(STORY)
    sets = as_sets([g.positions(["ann", "bob", "cem"]).astype("int32")])
    found = {name: column[0] for name, column in pace(g, fb.mutual(g), sets).items()}
    assert found["delay_inside"] == 3  # of 2 and 4 hours, each seen from both sides
    assert found["delay_outside"] == 100
    assert found["within_day_inside"] == 1
    assert found["within_day_outside"] == 0
    assert found["busiest_day"] == 1
    assert found["first_share"] == 1  # ann began both of those whose times are known


def test_a_burst_is_the_busiest_day():
    rows = [(i, j, 0 if i < 3 and j < 3 else 50 * (i + j)) for i in range(5) for j in range(5)]
    g = timed([row for row in rows if row[0] != row[1]])
    (share,) = pace(g, fb.mutual(g), as_sets([g.positions(range(5)).astype("int32")]))[
        "busiest_day"
    ]
    assert share == pytest.approx(6 / 20)


def test_without_times_there_is_no_pace(story):
    m = fb.mutual(story)
    assert tie_times(story, m) is None
    assert pace(story, m, as_sets([])) == {}
    assert "delay_inside" not in fb.find_rings(story).table
