"""The questions of the lessons 20 to 22: what is counted, what a file holds, what is returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._errors import CallError
from ..audits import accounts
from ..mutuals import as_follow_graph, mutual, reciprocity
from .judge import Question, Slips, choice, distinct, is_count, number

if TYPE_CHECKING:
    import pandas as pd

    from ..graph import FollowGraph


def same_count(graph: FollowGraph) -> pd.DataFrame:
    """Return two accounts with the same number of followers and the most different follow-back.

    Both have 15 followers or more.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    pandas.DataFrame
        Two rows, columns as of `followback.accounts`.

    Raises
    ------
    CallError
        No two accounts have the same number.

    Examples
    --------
    >>> from followback._workshop.classes import classes
    >>> two = same_count(classes()["class-2-ring"].graph)
    >>> len(two), two["followers"].nunique()
    (2, 1)
    """
    people = accounts(graph)
    people = people[people["followers"] >= 15]
    people = people[people.duplicated("followers", keep=False)]
    if people.empty:
        raise CallError(
            "no two accounts of this graph have the same number of followers, 15 or more; take "
            "another graph"
        )
    gaps = people.groupby("followers")["mutual"].agg(lambda mutual: mutual.max() - mutual.min())
    level = people[people["followers"] == gaps.idxmax()].sort_values(["mutual", "account"])
    return level.iloc[[0, -1]].sort_values("account", ignore_index=True)


def _most(graph: FollowGraph, column: str) -> list[Any]:
    """Return the accounts with the most of something; where they tie, all of them."""
    people = accounts(graph)
    most: list[Any] = people.loc[people[column] == people[column].max(), "account"].tolist()
    return most


def _most_options(graph: FollowGraph) -> list[Any]:
    top = accounts(graph).nlargest(3, "followers")["account"].tolist()
    return sorted({*top, _most(graph, "following")[0], _most(graph, "mutual")[0]})


def _fault_most(answer: Any, graph: FollowGraph) -> str:
    told = {
        "followers": "",  # right, whichever of those that tie it is
        "following": "This account follows the most others. Look at who is followed.",
        "mutual": "This one has the most mutual follows, not the most followers.",
    }
    known = [(name, said) for column, said in told.items() for name in _most(graph, column)]
    return choice(answer, None, known, "Read down the column 'followers' for the largest.")


def _fault_one_way(answer: Any, graph: FollowGraph) -> str:
    two = same_count(graph)
    more = two.loc[two["mutual"].idxmin(), "account"]
    return choice(
        answer, more, [],
        "Take 'mutual' from 'followers' in each row: what is left follows without being followed back.",
    )  # fmt: skip


def _followed_back(graph: FollowGraph, shown: int) -> tuple[int, int, int]:
    """Count of those with most mutual follows who follows back over half, over a fifth; all."""
    share = accounts(graph).nlargest(shown, "mutual")["follow_back"]
    return int((share > 0.5).sum()), int((share >= 0.2).sum()), len(share)


def _followed_back_options(graph: FollowGraph, shown: int) -> list[int]:
    half, fifth, every = _followed_back(graph, shown)
    return sorted({half, fifth, every - half, every})


def _fault_followed_back(answer: Any, graph: FollowGraph, shown: int) -> str:
    half, fifth, every = _followed_back(graph, shown)
    slips = [
        (every - half, "These are the ones that follow back half or less."),
        (
            fifth,
            "That counts every account with a fifth or more; the question asks for more than half.",
        ),
    ]
    return choice(answer, half, slips, "Count the rows whose 'follow back' is above 50%.")


def _only(graph: FollowGraph, *, follows: bool) -> list[Any]:
    """Return the accounts that only follow, or those that are only followed."""
    people = accounts(graph)
    silent, wanted = ("followers", "following") if follows else ("following", "followers")
    chosen: list[Any] = people.loc[(people[silent] == 0) & (people[wanted] > 0), "account"].tolist()
    return chosen


def _fault_direction(answer: Any, graph: FollowGraph) -> str:
    turned = (
        "This account is followed and follows nobody: the arrow reads the other way, "
        "'source follows target'."
    )
    slips = [(name, turned) for name in _only(graph, follows=False)]
    right = [(name, "") for name in _only(graph, follows=True)]  # there may be several
    cure = "Look for a name that stands in the column 'source' and never in 'target'."
    return choice(answer, None, [*right, *slips], cure)


_STILL = (
    "Something still counts that is no new follow: one that stands there twice, or an account "
    "that follows itself."
)


def _kept_slips(graph: FollowGraph) -> Slips:
    read = graph.dropped
    return [
        (read["rows"], "These are the rows of the file; some say nothing new, or nothing at all."),
        (read["rows"] - read["self_follows"], _STILL),
        (read["rows"] - read["duplicates"], _STILL),
    ]


def _fault_kept(answer: Any, graph: FollowGraph) -> str:
    cure = "Cross out repeats and self-follows on paper, then count the arrows that are left."
    return number(answer, graph.n_follows, _kept_slips(graph), cure)


def cut_lists(graph: FollowGraph, keep: int) -> FollowGraph:
    """Return the graph as a file would hold it that lists only the first follows of each account.

    Parameters
    ----------
    graph
        The follower graph.
    keep
        Follows kept of each account, 1 or more.

    Raises
    ------
    CallError
        ``keep`` is no whole number, 1 or more; or the graph is none.

    Examples
    --------
    >>> import followback as fb
    >>> cut_lists(fb.FollowGraph.from_pairs([("ann", "bob"), ("ann", "cem")]), 1).n_follows
    1
    """
    from ..sources import read

    if not is_count(keep):
        raise CallError(f"keep is {keep!r}; give a whole number, 1 or more")
    arrows = as_follow_graph(graph).to_table().to_pandas()
    return read(arrows.groupby("source").head(keep)[["source", "target"]])


def _fault_cut(answer: Any, graph: FollowGraph, keep: int) -> str:
    whole, cut = (float(reciprocity(g)["arc"].iloc[0]) for g in (graph, cut_lists(graph, keep)))
    truth = "lower" if cut < 0.9 * whole else "higher" if cut > 1.1 * whole else "about the same"
    cure = (
        f"In the whole file {whole:.3f} of the follows are returned, in the cut one {cut:.3f}. A mutual "
        "follow needs both of its rows; a cut list easily loses one."
    )
    return choice(answer, truth, [], cure)


def _shares(graph: FollowGraph) -> dict[str, float]:
    row, m = reciprocity(graph).iloc[0], mutual(graph).n_mutual
    return {
        "arc": float(row["arc"]),
        "dyad": float(row["dyad"]),
        "half": m / graph.n_follows,
        "rest": 1 - float(row["arc"]),
    }


def _fault_arc(answer: Any, graph: FollowGraph) -> str:
    shares = _shares(graph)
    slips = [
        (shares["dyad"], "This is dyad reciprocity: pairs. Here follows are counted, and a mutual "
         "follow is two of them."),
        (shares["half"], "Each mutual follow was counted once; it is two follows, one each way."),
        (shares["rest"], "This is the share that is not returned."),
    ]  # fmt: skip
    return number(answer, shares["arc"], slips, "Divide returned follows by all follows.")


def _fault_dyad(answer: Any, graph: FollowGraph) -> str:
    shares = _shares(graph)
    slips = [
        (shares["arc"], "This is arc reciprocity: follows. Here pairs are counted, mutual or not."),
        (shares["half"], "Below the line stand follows; count connected pairs, each once."),
        (shares["rest"], "This is the share of follows that is not returned; count pairs."),
        (1 - shares["dyad"], "This is the share of pairs in which one side alone follows."),
    ]
    return number(answer, shares["dyad"], slips, "Divide mutual pairs by pairs with any follow.")


def _times(graph: FollowGraph) -> float:
    row = reciprocity(graph).iloc[0]
    return float(row["arc"] / row["expected"])


def _fault_random(answer: Any, graph: FollowGraph) -> str:
    times = _times(graph)
    truth = "more" if times > 1.5 else "less" if times < 1 / 1.5 else "about as many"
    cure = f"Compare 'arc' with 'expected' in the table: one is {times:.1f} times the other."
    return choice(answer, truth, [], cure)


def _fault_follow_back(answer: Any, graph: FollowGraph) -> str:
    row = accounts(graph).nlargest(1, ["mutual", "followers"]).iloc[0]
    slips = [
        (row["followed_back"], "This divides by the accounts it follows; follow-back divides by its "
         "followers."),
        (row["overlap"], "This is the overlap, which divides by the shorter list."),
        (row["mutual"], "This is a number of accounts; divide it by the followers."),
        (1 - row["follow_back"], "This is the share of followers that it does not follow back."),
    ]  # fmt: skip
    cure = f"For {row['account']}, divide 'mutual' by 'followers'."
    return number(answer, float(row["follow_back"]), slips, cure)


QUESTIONS: dict[str, Question] = {
    "most followers": Question(
        "Which account has the most followers?", _fault_most,
        "That is the number on a profile. It says nothing yet of who these people are.",
        _most_options,
    ),
    "one-way audience": Question(
        "Which of the two has more followers that it does not follow back?", _fault_one_way,
        "Same count, different audience: these came without getting a follow in return.",
        lambda graph: same_count(graph)["account"].tolist(),
    ),
    "followed back": Question(
        "How many of these accounts follow back more than half of their followers?",
        _fault_followed_back,
        "Following back is common among those with most mutual follows; of the others this says nothing.",
        _followed_back_options, needs=("shown",),
    ),
    "direction": Question(
        "Who follows somebody and is followed by nobody?", _fault_direction,
        "'source follows target': an arrow points at who is followed.",
        lambda graph: graph.accounts.tolist(),
    ),
    "follows kept": Question(
        "How many different follows are in these rows?", _fault_kept,
        "A follow counts once however often it is written, and nobody follows themselves.",
        lambda graph: sorted({int(n) for n, _ in _kept_slips(graph)} | {graph.n_follows}),
    ),
    "cut lists": Question(
        "With cut lists, does the share of returned follows come out lower, higher or about the same?",
        _fault_cut,
        "A file that lacks rows makes people look less mutual than they are.",
        lambda _, **_keep: ["lower", "about the same", "higher"], needs=("keep",),
    ),
    "arc reciprocity": Question(
        "What share of the follows is returned (arc reciprocity)?", _fault_arc,
        "Returned follows over all follows; a mutual follow is two follows.",
        lambda graph: distinct(_shares(graph).values()),
    ),
    "dyad reciprocity": Question(
        "What share of the connected pairs is mutual (dyad reciprocity)?", _fault_dyad,
        "Mutual pairs over connected pairs; never larger than arc reciprocity.",
        lambda graph: distinct(_shares(graph).values()),
    ),
    "random graph": Question(
        "Are more follows returned here than in a random graph with as many follows?", _fault_random,
        "People who know each other follow each other: more than chance is no sign of anything.",
        lambda _: ["less", "about as many", "more"],
    ),
    "follow-back": Question(
        "Which share of its followers does the account with the most mutual follows follow back?",
        _fault_follow_back, "Mutual follows over followers.",
    ),
}  # fmt: skip
