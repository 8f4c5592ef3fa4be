"""INTERESTS: shared unreturned follows, beside a slow twin, and what they do to the verdict."""

from itertools import combinations
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback.interests import shared_interests
from followback.sets import as_sets

ROWS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=40)


def twin(pairs, members):
    """Count by sets of pairs, every outsider one by one."""
    single = {(u, v) for u, v in pairs if u != v and (v, u) not in pairs}
    outsiders = {v for _, v in single} - set(members)
    out = {i: {v for u, v in single if u == i and v in outsiders} for i in members}
    seen = sum(len(out[i] & out[j]) for i, j in combinations(members, 2))
    expected = 0.0
    for v in {v for _, v in single}:
        share = sum(w == v for _, w in single) / len(single)
        follows = [1 - exp(-len(out[i]) * share) for i in members]
        expected += sum(a * b for a, b in combinations(follows, 2))
    return (seen + 1) / (expected + 1)


@given(ROWS, st.sets(st.integers(0, 7), min_size=2, max_size=5))
def test_shared_interests_are_those_of_a_slow_twin(rows, members):
    kept = [(u, v) for u, v in rows if u != v] or [(0, 1)]
    names = sorted({name for pair in kept for name in pair})
    here = [name for name in sorted(members) if name in names]
    g = fb.FollowGraph.from_pairs(kept)
    found = shared_interests(g, fb.mutual(g), as_sets([g.positions(here).astype(np.int32)]))
    assert found[0] == pytest.approx(twin(set(kept), here))


def company(alike, seed=1):
    """Plant a ring of 60 into a network; its members follow 30 outsiders, the same or any."""
    base = fb.synth.follow_network(3_000, 40_000, seed=seed)
    g, truth = fb.synth.plant_rings(base, [(60, 0.8)], mutual_share=0.95, seed=seed)
    rng = np.random.default_rng(seed)
    others = np.setdiff1d(np.arange(g.n_accounts), truth["account"])
    popular = rng.choice(others, 60)
    rows = [np.column_stack([g.sources(), g.following.indices])]
    for account in truth["account"]:
        targets = rng.choice(popular if alike else others, 30, replace=False)
        rows.append(np.column_stack([np.full(30, account), targets]))
    return fb.FollowGraph.from_pairs(np.vstack(rows).tolist())


def test_colleagues_who_look_at_the_same_people_are_not_strong():
    strangers, colleagues = (fb.find_rings(company(alike)).table.iloc[0] for alike in (False, True))
    assert (strangers["verdict"], colleagues["verdict"]) == ("strong", "moderate")
    assert strangers["shared_interests"] < 2 < colleagues["shared_interests"]
