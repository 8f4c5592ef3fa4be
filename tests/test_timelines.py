"""TIME: who followed first, how soon back, bursts, churn, snapshots; each against a slow twin."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback import timelines as times
from followback.kernels.returns import returned_by

from . import exports as ex
from .conftest import arcs

T0 = 1_700_000_000_000
HOUR = 3_600_000


def timed(*rows):
    frame = pd.DataFrame(rows, columns=["source", "target", "time"])
    frame["time"] = [None if at is None else T0 + at for at in frame["time"]]
    return fb.read(frame.astype({"time": "Int64"}))


@given(arcs())
def test_returned_by_finds_the_follow_back(pairs):
    pairs = [p for p in pairs if p[0] != p[1]]
    if not pairs:
        return
    g = fb.FollowGraph.from_pairs(pairs)
    follows = list(zip(g.sources().tolist(), g.following.indices.tolist(), strict=True))
    place = {pair: k for k, pair in enumerate(follows)}
    expected = [place.get((v, u), -1) for u, v in follows]
    assert returned_by(*g.following).tolist() == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.none() | st.integers(0, 9)), max_size=30
    )
)
def test_delays_are_those_of_a_slow_twin(rows):
    rows = list({(u, v): (u, v, at) for u, v, at in rows if u != v}.values())
    if not rows:
        return
    g = timed(*rows)
    at = {(u, v): t for u, v, t in rows if t is not None}
    expected = sorted(
        (u, v, at[v, u] - t)
        for (u, v), t in at.items()
        if (v, u) in at and (t < at[v, u] or (t == at[v, u] and u < v))
    )
    found = times.delays(g)
    assert sorted(zip(found["first"], found["second"], found["delay_ms"], strict=True)) == expected
    assert times.tempo(g)["pairs"].item() == len(expected)


def test_tempo_and_the_measures_of_accounts():
    g = timed(("ann", "bob", 0), ("bob", "ann", HOUR // 2), ("cem", "ann", 0),
              ("ann", "cem", 30 * HOUR), ("dot", "ann", 5))  # fmt: skip
    row = times.tempo(g).iloc[0]
    assert (row["pairs"], row["within_hour"], row["within_day"]) == (2, 0.5, 0.5)
    assert row["median_delay_hours"] == 15.25
    table = fb.accounts(g).set_index("account")
    assert table.loc["ann", "follow_back_hours"] == 30
    assert table.loc["ann", "followed_first"] == 0.5
    assert table.loc["cem", "followed_first"] == 1
    assert np.isnan(table.loc["dot", "followed_first"])


def test_growth_marks_a_burst_and_counts_every_day():
    day = times.DAY
    rows = [(f"a{k}", "ann", k * day) for k in range(20)]
    rows += [(f"b{k}", "ann", 7 * day + k) for k in range(12)]
    days = times.growth(timed(*rows, ("x", "ann", None)), "ann")
    assert len(days) == 20
    assert days["total"].iloc[-1] == 32
    assert days[days["burst"]].index.tolist() == [7]
    assert times.growth(fb.FollowGraph.from_pairs([(1, 2)]), 2).empty


def test_group_growth_counts_ties_when_they_are_whole():
    day = times.DAY
    g = timed(
        ("a", "b", 0),
        ("b", "a", 2 * day),
        ("a", "c", 0),
        ("c", "a", 0),
        ("a", "d", 0),
        ("d", "a", 0),
    )
    assert times.group_growth(g, ["a", "b", "c"])["gained"].tolist() == [1, 0, 1]


def test_churn_tells_follow_then_unfollow(tmp_path):
    rows = [
        ex.v1("ann", "create", ex.tid(ex.MOMENT), "bob"),
        ex.v1("bob", "create", ex.tid(ex.MOMENT + 1), "ann"),
        ex.v1("ann", "delete", ex.tid(ex.MOMENT), at=ex.MOMENT + 3 * times.DAY),
        ex.v1("cem", "create", "k", "bob"),
        ex.v1("cem", "delete", "k"),
    ]
    (tmp_path / "a.jsonl").write_text(ex.lines(rows))
    g = fb.read(tmp_path / "a.jsonl")
    table = times.churn(g).set_index("account")
    assert table.loc[ex.DID["ann"], ["took_back", "after_return"]].tolist() == [1, 1]
    assert table.loc[ex.DID["ann"], "median_days"] == pytest.approx(3, abs=0.01)
    assert table.loc[ex.DID["bob"], "lost"] == 2
    assert times.churn(fb.FollowGraph.from_pairs([(1, 2)])).empty

    # as of the day between, ann still followed bob
    then = fb.as_of(g, ex.MOMENT + times.DAY)
    assert fb.mutual(then).n_mutual == 1
    assert fb.mutual(g).n_mutual == 0


def test_as_of_leaves_out_what_came_later_and_says_what_has_no_time():
    g = timed((1, 2, 0), (2, 1, times.DAY), (3, 1, None))
    then = fb.as_of(g, T0 + 5)
    assert then.n_follows == 1
    assert then.accounts.equals(g.accounts)
    assert "1 follows without a time" in then.collection.notes[-1]
    assert fb.as_of(g, "2023-11-15").n_follows == 2  # a bare date means its end
    with pytest.raises(fb.FollowbackError, match="no time of any follow"):
        fb.as_of(fb.FollowGraph.from_pairs([(1, 2)]), "2024-01-01")
    with pytest.raises(fb.CallError, match="'soon' is no date"):
        fb.as_of(g, "soon")


@given(arcs(6), arcs(6))
def test_diff_is_the_difference_of_two_sets(old, new):
    old, new = ({p for p in pairs if p[0] != p[1]} for pairs in (old, new))
    if not old or not new:
        return
    for change in (int, str):
        graphs = [
            fb.FollowGraph.from_pairs([(change(u), change(v)) for u, v in sorted(s)])
            for s in (old, new)
        ]
        if change is str:
            graphs[1] = fb.FollowGraph.from_pairs(sorted(new))
        table = fb.diff(*graphs)
        found = {(int(u), int(v), c) for u, v, c in table.iloc[:, :3].itertuples(index=False)}
        assert found == {(*p, "made") for p in new - old} | {(*p, "taken back") for p in old - new}
        twins = {"made": new, "taken back": old}
        for u, v, c, both in table.itertuples(index=False):
            assert both == ((int(v), int(u)) in twins[c])
