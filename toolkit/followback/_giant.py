"""Synthetic graphs of Twitter's shape and of any size, a block of accounts at a time.

A block draws the connected pairs of its own accounts from a stream of random numbers of
its own, so memory is bounded by a block and the rows do not depend on how many blocks
are made at a time. No pair is drawn twice: inside a block repeats are dropped; of a pair
between two blocks a hash says which of its two ends may draw it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, count
from math import gcd, isqrt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from ._errors import CallError
from ._plant import check_memory, check_rings, check_seed, check_shares, ring_follows
from ._progress import bar
from ._threads import ahead, cores
from .files import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pairs = NDArray[np.int64]  # two columns: who follows, who is followed

_BLOCK = 1 << 16  # accounts; part of what the graph is, never changed by a setting
_POPULARITY = 0.62  # the account at rank r is followed in proportion to r ** -0.62
_ACTIVITY = 1.2  # standard deviation of the logarithm of how many an account follows
_NEAR = 0.5  # share of pairs within a community
_CLIQUES = 125  # accounts for each friend clique
_CLIQUE = (5, 13)  # sizes of friend cliques: from 5 to 12 accounts
_CLIQUE_DENSITY = 0.7
_CLIQUE_MUTUAL = 0.8
_FRIENDLY = 200  # times likelier than others are friends mutual
_TRIES = 60
_MOST = isqrt(2**61 - 1)  # accounts: four times a pair of them as one number has 63 bits


class Shape(NamedTuple):
    """What every block needs to know of the whole graph."""

    n_accounts: int
    n_follows: int
    n_pairs: int
    seed: int

    @property
    def n_blocks(self) -> int:
        """Blocks, of equal size within one account."""
        return max(1, round(self.n_accounts / _BLOCK))

    def cut(self, total: int, block: int) -> tuple[int, int]:
        """Return the block's part of 0 … total, so that all parts make up the whole."""
        return total * block // self.n_blocks, total * (block + 1) // self.n_blocks

    @property
    def step(self) -> int:
        """What a place is multiplied by to scatter it; without a common divisor with n."""
        near = int(0.618 * self.n_accounts)
        return next(k for k in count(near) if gcd(k, self.n_accounts) == 1)

    def scattered(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Permute places, so that neighbours in a community are none by id."""
        return (place * self.step + self.n_accounts // 3) % self.n_accounts


def giant(  # noqa: PLR0913 as many as `synth.plant_rings` and `follow_network` take
    target: Path,
    n_accounts: int,
    n_follows: int,
    rings: Sequence[tuple[int, float]] = (),
    *,
    reciprocity: float = 0.3621,
    mutual_share: float = 0.95,
    camouflage: int = 0,
    answered: float = 0.15,
    new_accounts: float = 0.5,
    seed: int = 0,
    answers: Path | None = None,
) -> pd.DataFrame:
    """Write a follower graph of Twitter's shape with planted rings to Parquet.

    What accounts are followed by, and follow, has heavy tails (a power law of exponent
    2.6, a log-normal law); half of the pairs lie within communities of power-law
    sizes; friend cliques are organic groups that a detector must not take for rings.
    The follows before rings are exactly as many as asked, none twice, and so is their
    reciprocity. Two old members of a ring who followed each other before stand twice.

    Parameters
    ----------
    target
        The Parquet file, columns ``source`` and ``target``; it appears whole or not at all.
    n_accounts, n_follows
        Before rings are planted; accounts are 0 … n - 1, new members come after.
    rings, mutual_share, camouflage, answered, new_accounts
        As `followback.synth.plant_rings` takes them.
    reciprocity
        Arc reciprocity; 0.3621 is Twitter's in 2009, a dyad reciprocity of 0.2211.
    seed
        Of all random numbers.
    answers
        A CSV file for the truth; it stands there before ``target`` does.

    Returns
    -------
    pandas.DataFrame
        The truth: columns ``ring`` (from 1) and ``account``.

    Raises
    ------
    CallError
        A parameter is out of range, or a ring or a block does not fit into memory.
    FollowbackError
        The file would not fit on its disk.

    Examples
    --------
    >>> import tempfile, followback as fb
    >>> path = Path(tempfile.mkdtemp()) / "small.parquet"
    >>> truth = giant(path, 2_000, 20_000, [(30, 0.8)], seed=1)
    >>> len(truth), fb.read(path).n_accounts
    (30, 2015)
    """
    check_rings(rings, mutual_share, answered, new_accounts, camouflage)
    check_seed(seed)
    check_shares(reciprocity=reciprocity)
    if n_accounts > _MOST:
        raise CallError(f"{n_accounts:,} accounts are too many; give {_MOST:,} or fewer")
    if n_accounts < 20 or not 0 < n_follows <= n_accounts * (n_accounts - 1) // 4:
        raise CallError(
            f"{n_accounts} accounts and {n_follows} follows do not go together; give 20 accounts "
            "or more, and at most a quarter of all possible follows"
        )
    shape = Shape(n_accounts, n_follows, n_follows - round(reciprocity * n_follows / 2), seed)
    kind = pa.int32() if n_accounts < 2**30 else pa.int64()
    _check_room(shape, target, [size for size, _ in rings], camouflage, kind)
    rng = np.random.default_rng([seed, shape.n_blocks])
    groups = _members(shape, [size for size, _ in rings], new_accounts, rng)
    parts = [
        ring_follows(group, density, mutual_share, rng)
        for group, (_, density) in zip(groups, rings, strict=True)
    ]
    everyone = np.concatenate([*groups, np.zeros(0, np.int64)])
    parts.append(_to_outsiders(shape, everyone, camouflage, answered, rng))

    ring = np.repeat(np.arange(1, len(rings) + 1), [len(group) for group in groups])
    truth = pd.DataFrame({"ring": ring, "account": everyone})
    with whole(target) as draft:
        blocks = ahead(lambda block: _block(shape, block), range(shape.n_blocks))
        _write(draft, kind, chain(chain.from_iterable(blocks), parts), n_follows)
        if answers is not None:
            with whole(answers) as table:
                truth.to_csv(table, index=False, lineterminator="\n")
    return truth


def _check_room(
    shape: Shape, target: Path, sizes: list[int], camouflage: int, kind: pa.DataType
) -> None:
    """Refuse what memory, or the disk, would not hold; rings are drawn whole, the rest by blocks."""
    from .engines._room import check_room

    blocks = shape.n_pairs * min(cores() + 2, shape.n_blocks) // shape.n_blocks  # at a time
    rings = sum(int(size) ** 2 // 2 + int(size) * camouflage for size in sizes)
    check_memory(rings + blocks, "smaller rings, less camouflage or more accounts")
    size = (shape.n_follows + 2 * rings) * 2 * kind.bit_width // 8  # at most
    check_room(f"{target}, {shape.n_follows:,} follows", [("them", target, size)], "ask for fewer")


def _write(file: Path, kind: pa.DataType, parts: Iterable[Pairs], n_follows: int) -> None:
    """Write the pairs part by part."""
    import pyarrow.parquet as pq

    schema = pa.schema([("source", kind), ("target", kind)])
    with (
        pq.ParquetWriter(file, schema) as writer,
        bar("follows drawn", "follows", n_follows) as done,
    ):
        for pairs in parts:
            if len(pairs):
                ends = [pa.array(end, kind) for end in pairs.T]
                writer.write_table(pa.table(ends, schema=schema))
                done(len(pairs))


def _block(shape: Shape, block: int) -> tuple[Pairs, Pairs]:
    """Draw a block's pairs: (follower, followed) by id, and apart those that are returned."""
    from .kernels.draws import waiting_times

    rng = np.random.default_rng([shape.seed, block])
    first, last = shape.cut(shape.n_accounts, block)
    low, high = shape.cut(shape.n_pairs, block)
    keys = _distinct(shape, first, last, high - low, rng)

    # which are mutual: those of the least waiting times (Efraimidis and Spirakis 2006)
    low, high = shape.cut(shape.n_follows - shape.n_pairs, block)
    times = waiting_times(
        keys, shape.n_accounts, _FRIENDLY, _CLIQUE_MUTUAL, shape.seed, _stream(rng)
    )
    returned = np.argpartition(times, min(high - low, len(times) - 1))[: high - low]
    pairs = np.column_stack(np.divmod(keys >> 2, shape.n_accounts))
    turned = (keys & 1).astype(bool)
    pairs[turned] = pairs[turned][:, ::-1]
    back = pairs[np.sort(returned)][:, ::-1]

    # who follows stands together, as in a file of somebody's crawl
    own = np.argsort((pairs[:, 0] - first).astype(np.uint32), kind="stable")
    return shape.scattered(pairs[own]), shape.scattered(back)


def _distinct(
    shape: Shape, first: int, last: int, wanted: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw as many distinct pairs as wanted; keys as of `kernels.draws.draw_pairs`."""
    from .kernels.draws import draw_pairs

    n = shape.n_accounts
    bounds = _communities(last - first, rng)
    activity = np.cumsum(rng.lognormal(0, _ACTIVITY, last - first))
    activity /= activity[-1]
    low, high = np.sort(first + _friends(bounds, rng), axis=1).T
    keys = _thinned(np.unique(4 * (low * n + high)[low < high]), wanted // 2, rng)
    for _ in range(_TRIES):
        if len(keys) >= wanted:
            return keys
        size = int((wanted - len(keys)) * 1.15) + 100
        ends = (activity * size).astype(np.int64)
        quota = np.asarray(np.diff(ends, prepend=0), np.int64)
        power = 1 / (1 - _POPULARITY)
        fresh = draw_pairs(
            quota, first, n, shape.step, bounds, _NEAR, power, shape.seed, _stream(rng)
        )
        both = np.sort(np.concatenate([keys, fresh]))
        new = np.ones(len(both), bool)
        np.not_equal(both[1:] >> 2, both[:-1] >> 2, out=new[1:])
        keys = _thinned(both[new], wanted, rng)
    raise CallError(
        f"only {len(keys):,} of {wanted:,} connected pairs fit among {last - first:,} accounts; "
        "ask for fewer follows or more accounts"
    )


def _stream(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 62))


def _thinned(keys: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Take keys away at random, until at most so many are left."""
    if len(keys) <= most:
        return keys
    return np.delete(keys, rng.choice(len(keys), len(keys) - most, replace=False, shuffle=False))


def _communities(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return where communities of power-law sizes begin, 0 first and n last."""
    sizes = (150 * (1 - rng.random(n // 100 + 1)) ** (-1 / 1.2)).astype(np.int64)
    ends = np.cumsum(np.minimum(sizes, max(n // 5, 150)))
    return np.concatenate([[0], ends[ends < n - 20], [n]])


def _friends(bounds: NDArray[np.int64], rng: np.random.Generator) -> Pairs:
    """Draw the connected pairs of friend cliques, each within one community."""
    n = max(1, int(bounds[-1]) // _CLIQUES)
    home = np.searchsorted(bounds, rng.integers(bounds[-1], size=n), "right") - 1
    size = rng.integers(*_CLIQUE, size=n)
    who = bounds[home, None] + rng.integers(
        (bounds[home + 1] - bounds[home])[:, None], size=(n, 12)
    )
    a, b = np.triu_indices(12, 1)
    kept = (b < size[:, None]) & (rng.random((n, len(a))) < _CLIQUE_DENSITY)
    return np.column_stack([who[:, a][kept], who[:, b][kept]])


def _members(
    shape: Shape, sizes: list[int], new_accounts: float, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Choose the members of each ring: old accounts drawn at random, and new ones."""
    new = [round(size * new_accounts) for size in sizes]
    old = [size - fresh for size, fresh in zip(sizes, new, strict=True)]
    if sum(old) > shape.n_accounts // 2:
        raise CallError(f"the rings need {sum(old)} accounts; give at least twice as many in all")
    drawn = rng.choice(shape.n_accounts, sum(old), replace=False)
    numbers = shape.n_accounts + np.arange(sum(new))
    cuts = [np.cumsum(part, dtype=np.int64)[:-1] for part in (old, new)]
    parts = zip(np.split(drawn, cuts[0]), np.split(numbers, cuts[1]), strict=True)
    return [np.sort(np.concatenate(pair)) for pair in parts][: len(sizes)]


def _to_outsiders(
    shape: Shape,
    members: NDArray[np.int64],
    camouflage: int,
    answered: float,
    rng: np.random.Generator,
) -> Pairs:
    """Draw the members' follows to accounts outside every ring, by popularity."""
    source = np.repeat(members, camouflage)
    rank = (rng.random(len(source)) ** (1 / (1 - _POPULARITY)) * shape.n_accounts).astype(np.int64)
    pairs = np.column_stack([source, shape.scattered(shape.scattered(rank))])
    pairs = np.unique(pairs[~np.isin(pairs[:, 1], members)], axis=0)
    returned = pairs[rng.random(len(pairs)) < answered][:, ::-1]
    return np.vstack([pairs, returned])
