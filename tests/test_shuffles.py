"""KERNELS of the null model, each beside a slow twin."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from followback.kernels.shuffles import enter_ties, pair_slot, swap_ends, wrong_ties

ACCOUNT = st.integers(0, 8)
TIES = st.lists(st.tuples(ACCOUNT, ACCOUNT), min_size=1, max_size=30)


def table(a, b):
    keys, counts = np.full(128, -1, np.int64), np.zeros(128, np.int32)
    enter_ties(a, b, 9, keys, counts)
    return keys, counts


def standing(a, b):
    return Counter(tuple(sorted(tie)) for tie in zip(a.tolist(), b.tolist(), strict=True))


@given(TIES)
def test_twin_of_the_table_is_a_counter(ties):
    a, b = np.array(ties, np.int32).T.copy()
    keys, counts = table(a, b)
    seen = standing(a, b)
    for u in range(9):
        for v in range(9):
            key, slot = pair_slot(u, v, 9, keys)
            assert key == min(u, v) * 9 + max(u, v)
            assert counts[slot] == seen[min(u, v), max(u, v)]


@given(TIES)
def test_twin_of_wrong_ties(ties):
    a, b = np.array(ties, np.int32).T.copy()
    seen = standing(a, b)
    slow = [e for e, (u, v) in enumerate(ties) if u == v or seen[min(u, v), max(u, v)] > 1]
    assert wrong_ties(a, b, 9, np.arange(len(a)), *table(a, b)).tolist() == slow


@given(TIES, st.randoms(use_true_random=False))
def test_twin_of_swapped_ends(ties, rng):
    a, b = np.array(ties, np.int32).T.copy()
    wrong = [rng.randrange(len(a)) for _ in range(9)]
    partner = [rng.randrange(len(a)) for _ in range(9)]
    slow = b.copy()
    for e, f in zip(wrong, partner, strict=True):
        if a[e] == slow[e] or standing(a, slow)[tuple(sorted((int(a[e]), int(slow[e]))))] > 1:
            slow[e], slow[f] = slow[f], slow[e]
    keys, counts = table(a, b)
    swap_ends(a, np.array(wrong), np.array(partner), 9, b, keys, counts)
    assert b.tolist() == slow.tolist()
    left = standing(a, b)
    assert {k: c for k, c in zip(keys.tolist(), counts.tolist(), strict=True) if c} == {
        u * 9 + v: c for (u, v), c in left.items()
    }


@pytest.mark.parametrize("n_accounts", [40, 400])
def test_dense_and_sparse_nulls_keep_every_degree(n_accounts):
    import followback as fb

    g = fb.synth.follow_network(n_accounts, n_accounts * 9, seed=2)
    null = fb.nulls.null_graph(g, seed=1)
    assert (null.following.degrees == g.following.degrees).all()
    assert (null.followers.degrees == g.followers.degrees).all()
    assert (fb.mutual(null).ties.degrees == fb.mutual(g).ties.degrees).all()
