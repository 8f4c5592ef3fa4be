"""The workshop's classes of data: small graphs of invented people, with known truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .._errors import CallError, FollowbackError
from ..evidence import VERDICTS
from ..synth import follow_network, plant_rings
from . import SEED

if TYPE_CHECKING:
    from ..graph import FollowGraph

_RECIPROCITY = 0.15  # of follows outside the planted sets: low, so that a class shows much

_FIRST = (
    "amber autumn brave bright calm cedar clear clever coral cosy crimson dapper eager early emerald "
    "fair fern gentle glad golden happy hazel honest ivory jolly keen kind lively lucky mellow merry "
    "misty"
)
_LAST = (
    "badger beaver bison bunting crane curlew dipper dove eider falcon finch gannet grebe hare heron "
    "ibis kestrel kite lark linnet lynx marten merlin newt ocelot osprey otter owl plover puffin robin "
    "seal"
)


@dataclass(frozen=True)
class Plan:
    """How one class is made; each planted set is ``(kind, size, density)``."""

    says: str
    accounts: int
    follows: int
    planted: tuple[tuple[str, int, float], ...] = ()
    camouflage: int = 0


_PLANS = {
    "class-1-calm": Plan("people and groups of friends, no exchange", 300, 2_400),
    "class-2-ring": Plan("one exchange, easy to see", 500, 4_500, (("exchange", 24, 0.85),)),
    "class-3-mixed": Plan(
        "one exchange whose members also follow popular accounts, and the social media team of an "
        "invented hospital",
        800, 7_000, (("exchange", 24, 0.8), ("team", 18, 0.9)), camouflage=10,
    ),
}  # fmt: skip
NAMES = tuple(_PLANS)


@dataclass(frozen=True, eq=False)
class SchoolClass:
    """One class of data.

    Attributes
    ----------
    says
        What is in it, in words.
    graph
        The follower graph, with invented names.
    truth
        Who was planted: ``kind`` (exchange or team) and ``account``.
    """

    says: str
    graph: FollowGraph
    truth: pd.DataFrame


def classes(seed: int = SEED) -> dict[str, SchoolClass]:
    """Make the classes of data, from easy to hard, by name.

    Each is drawn by `followback.synth`; the names of the accounts are drawn from a
    list of words and name nobody. A planted set that the ring search does not find
    would leave a lesson without its subject, so such a seed is refused.

    Parameters
    ----------
    seed
        Of all random numbers.

    Returns
    -------
    dict of str and SchoolClass
        Each class by its name, the calm one first.

    Raises
    ------
    CallError
        The seed is no whole number, or negative.
    FollowbackError
        With this seed a planted set cannot be found.

    Examples
    --------
    >>> [(name, len(made.truth)) for name, made in classes().items()]
    [('class-1-calm', 0), ('class-2-ring', 24), ('class-3-mixed', 42)]
    """
    if not isinstance(seed, int | np.integer):
        raise CallError(f"seed is {seed!r}; give a whole number, 0 or more")
    made = {name: _made(plan, seed + k) for k, (name, plan) in enumerate(_PLANS.items())}
    refuse_unseen(made, seed)
    return made


def facts(made: Mapping[str, SchoolClass]) -> pd.DataFrame:
    """Count what each class holds and what the ring search lists: one row a class."""
    from ..mutuals import reciprocity
    from ..rings import find_rings

    rows = []
    for name, one in made.items():
        verdicts = find_rings(one.graph).table["verdict"].tolist()
        planted = one.truth["kind"].value_counts(sort=False)
        rows.append(
            {
                "class": name,
                "what is in it": one.says,
                "accounts": one.graph.n_accounts,
                "follows": one.graph.n_follows,
                "arc reciprocity": round(float(reciprocity(one.graph)["arc"].iloc[0]), 3),
                "planted": ", ".join(f"{k} of {n}" for k, n in planted.items()) or "nothing",
                "rings listed": _counted(verdicts) or "none",
            }
        )
    return pd.DataFrame(rows)


def _counted(verdicts: list[str]) -> str:
    seen = [(word, verdicts.count(word)) for word in VERDICTS]
    return ", ".join(f"{n} {word}" for word, n in seen if n)


def _made(plan: Plan, seed: int) -> SchoolClass:
    graph = follow_network(
        plan.accounts, plan.follows, reciprocity=_RECIPROCITY, cliques=12, seed=seed
    )
    sets = [(size, density) for _, size, density in plan.planted]
    graph, planted = plant_rings(
        graph, sets, camouflage=plan.camouflage, answered=0.1, seed=seed
    )  # fmt: skip
    kinds = np.array([kind for kind, _, _ in plan.planted], dtype=object)

    # labels last: what was drawn does not depend on how people are called
    names = _names(graph.n_accounts, seed)
    truth = pd.DataFrame(
        {"kind": kinds[planted["ring"] - 1], "account": names[planted["account"]]}
    ).sort_values(["kind", "account"], ignore_index=True)
    return SchoolClass(plan.says, _named(graph, names), truth)


def _names(count: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    every = np.array(
        [f"{first}_{last}" for first in _FIRST.split() for last in _LAST.split()], dtype=object
    )
    return np.random.default_rng(seed).permutation(every)[:count]


def _named(graph: FollowGraph, names: np.ndarray[tuple[int], np.dtype[np.object_]]) -> FollowGraph:
    from ..sources import read

    arrows = graph.to_table().to_pandas()[["source", "target"]]
    return read(arrows.apply(lambda column: names[column]))


def refuse_unseen(made: Mapping[str, SchoolClass], seed: int) -> None:
    """Raise FollowbackError where the ring search does not list most of a planted set."""
    from ..rings import find_rings

    for name, one in made.items():
        found = [set(ring.accounts) for ring in find_rings(one.graph)]
        for kind, group in one.truth.groupby("kind")["account"]:
            if not any(len(seen & set(group)) > 0.8 * len(seen | set(group)) for seen in found):
                raise FollowbackError(
                    f"with seed {seed} the {kind} of {name} is not found; try another seed"
                )
