"""COMPRESS: rows from follows in any order, beside a slow twin of dicts and sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from followback import _threads
from followback._build import compression as _compress
from followback._build.compression import compress
from followback.graph import UNKNOWN_TIME
from followback.kernels import COMPILED, edges

ACCOUNT = st.integers(0, 39)
TIME = st.sampled_from([UNKNOWN_TIME, 3, 5, 8])


def chunked(follows, size):
    cut = [follows[k : k + size] for k in range(0, len(follows), size)]
    chunks = [tuple(np.array([f[end] for f in part], np.int32) for end in (0, 1)) for part in cut]
    return chunks, [np.array([f[2] for f in part], np.int64) for part in cut]


@given(st.lists(st.tuples(ACCOUNT, ACCOUNT, TIME), max_size=80), st.booleans(), st.integers(1, 30))
@pytest.mark.parametrize("buckets", [0, 1, 7, 40])  # 0 is numpy's sort, without numba
@pytest.mark.parametrize("n", [40, 2**31 - 1])  # keys of 32 and of 64 bits
def test_twin_of_compress(n, buckets, follows, timed, size):
    earliest = {}
    for source, target, at in follows:
        if source != target:
            known = [t for t in (at, earliest.get((source, target))) if t not in (None, -(2**63))]
            earliest[source, target] = min(known, default=UNKNOWN_TIME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _compress, "rows_in_bucket", lambda n, _: (max(n - 1, 0) // buckets).bit_length()
        )
        patch.setattr(_compress, "COMPILED", buckets > 0)
        chunks, times = chunked(follows, size)
        found = compress(chunks, n, times if timed else None, last=40)

    pairs = sorted(earliest)
    sources = np.repeat(np.arange(40), found.rows.degrees)
    assert list(zip(sources.tolist(), found.rows.indices.tolist(), strict=True)) == pairs
    assert found.rows.indices.dtype == np.int32
    stamps = [earliest[pair] for pair in pairs]
    known = timed and any(at != UNKNOWN_TIME for at in stamps)
    assert (found.created_at is not None) == known
    assert not known or found.created_at.tolist() == stamps
    n_own = sum(source == target for source, target, _ in follows)
    assert (found.self_follows, found.duplicates) == (n_own, len(follows) - n_own - len(pairs))


def test_a_range_of_accounts_is_the_same_rows_of_the_whole():
    rng = np.random.default_rng(1)
    source, target = rng.integers(0, 3_000, (2, 200_000)).astype(np.int32)
    whole = compress([(source, target)], 3_000).rows
    inside = (source >= 1_000) & (source < 1_700)
    part = compress([(source[inside], target[inside])], 3_000, first=1_000, last=1_700).rows
    low, high = whole.indptr[1_000], whole.indptr[1_700]
    assert (part.indptr == whole.indptr[1_000:1_701] - low).all()
    assert (part.indices == whole.indices[low:high]).all()


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_same_on_any_number_of_cores(cores, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: cores)
    rng = np.random.default_rng(2)
    source, target = rng.integers(0, 500, (2, 100_000)).astype(np.int32)
    times = rng.integers(0, 9, 100_000)
    cut = np.arange(0, 100_000, 9_000)[1:]
    chunks = list(zip(np.split(source, cut), np.split(target, cut), strict=True))
    found = compress(chunks, 500, np.split(times, cut))
    order = np.lexsort((times, target, source))
    order = order[source[order] != target[order]]
    keys = source[order].astype(int) * 500 + target[order]
    assert (found.rows.indices == np.unique(keys) % 500).all()
    assert (found.created_at == times[order][np.unique(keys, return_index=True)[1]]).all()


@pytest.mark.skipif(not COMPILED, reason="no numba, no compiled kernels")
def test_no_kernel_is_compiled_twice_for_arrays_that_may_be_written_to_and_those_that_may_not():
    for mine in (True, False):
        chunks, _ = chunked([(1, 2, 0), (2, 1, 0)], 1)
        for end in (end for chunk in chunks for end in chunk):
            end.flags.writeable = mine
        compress(chunks, 3)
    kinds = {str(kind[:2]) for kind in edges.count_buckets.signatures}
    assert len(kinds) == 1
