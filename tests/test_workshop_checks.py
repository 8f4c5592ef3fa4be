"""The workshop's checks: right answers pass, wrong ones get a hint, nothing ends in an error."""

import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import followback as fb
from followback import CallError, FollowbackError, report, workshop
from followback._workshop import classes, counts, judge, rings
from followback._workshop.rings import _by_chance
from followback.kernels.rows import ties_inside

from .conftest import follows

ROOT = Path(__file__).parents[1]
TOY = follows("ann>bob bob>ann cem>ann cem>ann ann>ann ann>dot bob>dot")
TOYS = {"direction", "follows kept", "arc reciprocity", "dyad reciprocity"}
HARD = {"fair sentence", "exchange or team", "earned interval", "against peers", "report"}


@pytest.fixture(scope="module")
def made():
    return workshop.classes()


def graph_for(question, made):
    if question in TOYS:
        return fb.read(pd.DataFrame(TOY, columns=["source", "target"]))
    return made["class-3-mixed" if question in HARD else "class-2-ring"].graph


def given_for(question):
    return {"followed back": {"shown": 30}, "cut lists": {"keep": 3}}.get(question, {})


@pytest.mark.parametrize("question", list(workshop.questions()))
def test_no_answer_ends_in_an_error_and_nonsense_never_passes(question, made):
    graph = graph_for(question, made)
    for nonsense in (None, ..., "a text", float("nan"), [], object(), graph, True, [[1, 2]]):
        result = workshop.check(question, nonsense, graph, **given_for(question))
        assert not result, nonsense
        assert len(result.message) > 20


def test_of_the_answers_on_offer_one_is_right_and_the_others_get_a_hint(made):
    for question, asked in (counts.QUESTIONS | rings.QUESTIONS).items():
        if asked.options is not None:
            graph, given = graph_for(question, made), given_for(question)
            options = asked.options(graph, **given)
            results = [workshop.check(question, o, graph, **given) for o in options]
            assert sum(map(bool, results)) == 1, question
            assert len(results) > 1
    with pytest.raises(CallError, match="in writing"):
        workshop.choose("report", graph)


@pytest.mark.parametrize(
    ("question", "answer", "hint"),
    [
        ("arc reciprocity", 0.25, "This is dyad reciprocity"),
        ("arc reciprocity", 40, "not per cent"),
        ("arc reciprocity", 0.9, "too large"),
        ("dyad reciprocity", 0.4, "This is arc reciprocity"),
        ("dyad reciprocity", 0.6, "follows that is not returned"),
        ("follows kept", 7, "rows of the file"),
        ("direction", "dot", "the other way"),
        ("ring accounts", ["nobody"], "24 of the 24 members are missing and 1 accounts"),
        ("random groups", [0] * 20_000, "hold 0.00 mutual follows"),
        ("random groups", [3] * 5, "groups of 23 would hold as many"),
        ("random groups", [1, 1, 1, 1, 1, 2] * 4_000, "standard deviation is 0.4"),
        ("random groups", [0] * 19_400 + [40] * 600, "Draw every group anew"),
        ("random groups", [1.2] * 200, "whole number"),
        ("random groups", ["1"] * 200, "whole number"),
        ("random groups", [True] * 200, "whole number"),
        ("random groups", [[1, 2]] * 200, "whole number"),
        ("random groups", (n for n in range(9)), "A list of counts"),
        ("strong sets", True, "this is of type bool"),
        ("strong sets", np.array([1]), "this is of type ndarray"),
        ("direction", np.array(["cem"]), "this is of type ndarray"),
        ("arc reciprocity", True, "A number is wanted"),
        ("earned interval", (9, 2), "wrong way round"),
        ("earned interval", ("2", "9"), "Two numbers"),
        ("earned interval", (True, 9), "Two numbers"),
        ("earned interval", "29", "Two numbers"),
        ("earned interval", {2: "low", 9: "high"}, "Take 'low'"),
        ("report", "There are 12 or so.", "both ends"),
    ],
)
def test_a_usual_slip_gets_its_own_hint(question, answer, hint, made):
    assert hint in workshop.check(question, answer, graph_for(question, made)).message


@pytest.fixture(scope="module")
def reported(made):
    """Check a text about the account that is audited; LOW and HIGH stand for the ends."""
    graph = graph_for("report", made)
    row = fb.audit(graph, workshop.subject(graph))["earned_followers"]
    low, high = (f"{row[end]:.0f}" for end in ("low", "high"))
    assert low != high

    def check(text):
        return workshop.check("report", text.replace("LOW", low).replace("HIGH", high), graph)

    return check


FAIR = [
    "LOW to HIGH are earned. Why anybody follows, the data cannot say.",
    "Between LOW and HIGH; the follows do not show why.",
    "LOW–HIGH followers. I can't say why they came.",
    "LOW–HIGH followers. Who meant it, we can not tell.",
    "LOW to HIGH. The file doesn’t tell us why.",
    "Of them LOW to HIGH are earned; why people follow is not known.",
    "LOW to HIGH are earned, the rest is consistent with follow-for-follow.",
    "From LOW to HIGH. Follows say nothing about reasons.",
    "The earned followers lie between LOW and HIGH. Nothing in the list shows a reason.",
    "LOW to HIGH; whether any were paid for, a list of follows cannot show.",
    "LOW to HIGH. If somebody is fake, nobody can tell from follows.",
    "LOW to HIGH are really all that is left; it remains open why.",
    "LOW to HIGH. Why remains unclear.",
    "LOW to HIGH. We are unable to say why.",
    "LOW to HIGH. We cannot determine whether they are real or bought.",
]
UNFAIR = {
    "LOW to HIGH are earned, the others are fakes; why, I cannot say.": "'fakes'",
    "LOW to HIGH. The data cannot say why you cheated.": "'cheated'",
    "LOW to HIGH. These are frauds, as the data do not show otherwise.": "'frauds'",
    "LOW to HIGH. You paid for the rest, but I cannot tell whom.": "'paid'",
    "LOW to HIGH. I cannot tell whether it rains, but they are bots.": "'bots'",
    "LOW to HIGH. I cannot say why. If you ask me, they are bots.": "'bots'",
    "LOW to HIGH. How many are fake, the data cannot say.": "'fake'",
    "LOW to HIGH are real followers. The data do not show why.": "'real'",
    "LOW to HIGH were not bought. The data do not show why.": "'bought'",
    "LOW to HIGH are earned, the others are fakes and I cannot say if they sleep.": "'fakes'",
    "LOW to HIGH. I cannot say whether they are bots, they are fakers.": "'fakers'",
    "LOW to HIGH. The rest are worthless ghosts, and why the data cannot say.": "'worthless'",
    "LOW to HIGH are not human. I cannot tell why.": "'not human'",
    "LOW to HIGH. I cannot tell who are the fakes.": "'fakes'",
    "LOW to HIGH are earned.": "do not show",
    "LOW to HIGH are earned, and the data show why.": "do not show",
    "LOW% to HIGH% are earned. The data cannot say why.": "both ends",
    "LOW are earned at least. The data cannot say why.": "both ends",
    "Some are earned. The data cannot say why.": "both ends",
}


@pytest.mark.parametrize("text", FAIR)
def test_a_fair_report_passes(text, reported):
    assert reported(text)


@pytest.mark.parametrize("text", UNFAIR)
def test_a_report_that_says_more_or_less_than_is_known_is_told_so(text, reported):
    assert UNFAIR[text] in reported(text).message
    assert not reported(text)


def test_the_ends_of_the_interval_may_come_in_any_list_of_numbers(made):
    graph = graph_for("earned interval", made)
    row = fb.audit(graph, workshop.subject(graph))["earned_followers"]
    ends = [row["low"], row["high"]]
    for answer in (ends, tuple(ends), np.array(ends), pd.Series(ends), row[["low", "high"]]):
        assert workshop.check("earned interval", answer, graph), answer


def blindly(graph, size, n, rng):
    """Count the mutual follows in random groups."""
    groups = [np.sort(rng.choice(graph.n_accounts, size, replace=False)) for _ in range(n)]
    starts = np.arange(n + 1) * size
    inside = ties_inside(*fb.mutual(graph).ties, starts, np.concatenate(groups).astype(np.int32))
    return inside.reshape(n, size).sum(axis=1) // 2


@pytest.mark.parametrize("name", ["class-2-ring", "class-3-mixed"])
def test_groups_drawn_blindly_pass_whatever_the_draw_and_others_do_not(name, made):
    graph = made[name].graph
    size, rng = len(fb.find_rings(graph)[0]), np.random.default_rng(0)
    for _ in range(4):
        assert workshop.check("random groups", blindly(graph, size, 20_000, rng), graph)
        for wrong in (size - 1, size + 1):
            said = workshop.check(
                "random groups", blindly(graph, wrong, 20_000, rng), graph
            ).message
            assert "Draw as many as the ring has members" in said
    doubled = 2 * blindly(graph, size, 20_000, rng)
    assert "hold" in workshop.check("random groups", doubled, graph).message


def test_on_other_data_the_lesson_draws_enough():
    """They tell less: in the sample groups one account too small or too large can pass, two cannot."""
    graph = fb.read(ROOT / "data" / "sample.csv.gz")
    draws = report.parameters(ROOT / "notebooks" / "23-rings-and-chance.ipynb")["draws"].default
    size, rng = len(fb.find_rings(graph)[0]), np.random.default_rng(0)
    mean, spread = _by_chance(graph, size)
    for errors, passes in ((3, True), (5, False)):  # by how many standard errors they are off
        close = blindly(graph, size, draws, rng)
        close[: round(draws * mean + errors * spread * draws**0.5) - close.sum()] += 1
        assert bool(workshop.check("random groups", close, graph)) is passes
    said = workshop.check("random groups", blindly(graph, size, draws - 1, rng), graph).message
    assert f"Draw at least {draws:,} groups of {size}." in said
    for wrong in (size - 2, size + 2):
        said = workshop.check("random groups", blindly(graph, wrong, draws, rng), graph).message
        assert "Draw as many as the ring has members" in said


def test_few_groups_are_told_how_many_it_takes(made):
    graph = made["class-2-ring"].graph
    said = workshop.check("random groups", [1] * 12_000, graph).message
    assert said.startswith("12,000 groups are too few: groups of 23 would hold")
    assert "Draw at least 13,000 groups of 24." in said


def test_the_members_of_another_ring_are_named(made):
    graph = made["class-2-ring"].graph
    other = fb.find_rings(graph)[2]
    assert other.number == 3
    said = workshop.check("ring accounts", list(other.accounts), graph).message
    assert said == "These are the members of ring 3: rings[2] is ring 3, rings[0] is ring 1."


def test_whichever_of_those_that_tie_has_the_most_followers():
    graph = fb.FollowGraph.from_pairs(
        follows("ann>cem ann>dot bob>cem bob>dot cem>ann dot>bob ann>bob bob>eve ann>eve")
    )
    people = fb.accounts(graph).set_index("account")
    assert people["followers"].to_dict() == {"ann": 1, "bob": 2, "cem": 2, "dot": 2, "eve": 2}
    right = [name for name in people.index if workshop.check("most followers", name, graph)]
    assert right == ["bob", "cem", "dot", "eve"]
    assert "follows the most others" in workshop.check("most followers", "ann", graph).message


def test_of_those_with_most_mutual_follows_the_one_with_most_followers_is_asked_about():
    back = [("ann", "x"), ("x", "ann"), ("bob", "y"), ("y", "bob")]
    graph = fb.FollowGraph.from_pairs([*back, ("z", "bob"), ("u", "bob"), ("v", "bob")])
    assert workshop.check("follow-back", 1 / 4, graph)
    assert not workshop.check("follow-back", 1.0, graph)


@pytest.mark.parametrize("question", ["by chance", "report", "exchange or team"])
def test_a_class_without_a_ring_is_told(question, made):
    graph = made["class-1-calm"].graph
    assert "class 1 is calm on purpose, take class 2 or 3" in str(
        workshop.check(question, "x", graph)
    )
    with pytest.raises(CallError, match="the graph has 0 rings; class 1 is calm"):
        workshop.subject(graph)
    with pytest.raises(IndexError, match=r"no ring is listed, so there is no rings\[0\]"):
        fb.find_rings(graph)[0]


@pytest.mark.parametrize("shown", [1, 5, 30, 10_000])
def test_the_table_that_is_asked_about_is_as_long_as_the_lesson_says(shown, made):
    graph = made["class-2-ring"].graph
    top = fb.accounts(graph).nlargest(shown, "mutual")
    half = int((top["follow_back"] > 0.5).sum())
    chosen = workshop.choose("followed back", graph, shown=shown)
    chosen.buttons.value = half
    assert workshop.check("followed back", chosen, graph, shown=shown)
    assert "Right." in chosen.told.value
    assert max(chosen.options) == len(top)


def test_what_a_question_depends_on_is_asked_for(made):
    graph = made["class-2-ring"].graph
    with pytest.raises(CallError, match="'followed back' needs shown=shown beside the graph"):
        workshop.choose("followed back", graph)
    with pytest.raises(CallError, match="'direction' needs nothing beside the graph, not keep"):
        workshop.check("direction", "ann", graph, keep=3)
    for wrong in (0, -3, "x", 2.0, True, None):
        for asked, given in (("cut lists", "keep"), ("followed back", "shown")):
            said = f"{given} is {wrong!r}; give a whole number, 1 or more"
            with pytest.raises(CallError, match=said):
                workshop.choose(asked, graph, **{given: wrong})
            with pytest.raises(CallError, match=said):
                workshop.check(asked, "lower", graph, **{given: wrong})
        with pytest.raises(CallError, match=f"keep is {wrong!r}; give a whole number"):
            workshop.cut_lists(graph, wrong)
    assert workshop.check("cut lists", "about the same", graph, keep=10_000)


@pytest.mark.parametrize("question", [[], None, 3])
def test_what_is_no_name_is_no_question(question, made):
    with pytest.raises(CallError, match="there is no question"):
        workshop.check(question, 1, made["class-1-calm"].graph)


def test_a_graph_of_networkx_will_do_and_what_is_none_is_refused():
    graph = fb.FollowGraph.from_pairs(follows("ann>bob bob>ann cem>ann")).to_networkx()
    assert workshop.check("arc reciprocity", 2 / 3, graph)
    assert workshop.choose("direction", graph).options == ["ann", "bob", "cem"]
    with pytest.raises(CallError, match="a int is no follower graph"):
        workshop.check("direction", "ann", 5)
    with pytest.raises(CallError, match="no two accounts"):
        workshop.choose("one-way audience", graph)
    for asks in (workshop.same_count, workshop.subject, workshop.sentences):
        with pytest.raises(CallError, match="a NoneType is no follower graph"):
            asks(None)
    with pytest.raises(CallError, match="a NoneType is no follower graph"):
        workshop.cut_lists(None, 1)
    assert workshop.cut_lists(graph, 1).n_follows == 3


@pytest.mark.parametrize("wrong", [5, None, b"pack"])
def test_what_is_no_folder_is_refused(wrong):
    for asks in (workshop.environment, workshop.build, workshop.measure):
        with pytest.raises(CallError, match=f"is {wrong!r}; give a folder as text or as a path"):
            asks(wrong)


@pytest.mark.parametrize("seed", [1.5, "3", -1])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(CallError, match="give"):
        workshop.classes(seed)


def test_a_click_says_at_once_whether_it_is_right(made):
    chosen = workshop.choose("most followers", made["class-2-ring"].graph)
    people = fb.accounts(made["class-2-ring"].graph)
    chosen.buttons.value = people.loc[people["following"].idxmax(), "account"]
    assert "follows the most others" in chosen.told.value
    again = "After another click, run this cell again."
    said = str(workshop.check("most followers", chosen, made["class-2-ring"].graph))
    assert (again in said, again in chosen.told.value) == (True, False)
    chosen.buttons.value = people.loc[people["followers"].idxmax(), "account"]
    assert "Right." in chosen.told.value


def test_what_is_not_answered_says_how_to_answer_it_here(made):
    graph = made["class-1-calm"].graph  # the same question, clicked in one cell, written in another
    assert (
        "Click"
        in workshop.check(
            "arc reciprocity", workshop.choose("arc reciprocity", graph), graph
        ).message
    )
    assert "Replace the dots" in workshop.check("arc reciprocity", ..., graph).message


def test_unknown_questions_are_named(made):
    with pytest.raises(CallError, match="no question 'worth'; there are most followers"):
        workshop.check("worth", 1, made["class-1-calm"].graph)


def test_without_buttons_it_is_said_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "followback._workshop.choices", raising=False)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    graph = fb.FollowGraph.from_pairs([("ann", "bob")])
    with pytest.raises(CallError, match=r"without ipywidgets: pip install .*restart the kernel"):
        workshop.choose("direction", graph)


def test_a_question_can_be_read_where_nothing_can_be_clicked():
    graph = fb.read(pd.DataFrame(TOY, columns=["source", "target"]))
    shown = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("IPython.display.display", lambda *a, **_: shown.extend(a))
        workshop.choose("direction", graph)._ipython_display_()
    html, live = shown
    assert [html.data.count(f"☐ {name}<") for name in ("ann", "bob", "cem", "dot")] == [1] * 4
    assert "Who follows somebody" in html.data
    assert "application/vnd.jupyter.widget-view+json" in live


def test_a_seed_whose_ring_is_not_found_is_refused(monkeypatch):
    plan = classes.Plan("too loose", 300, 2_400, (("exchange", 8, 0.2),))
    monkeypatch.setattr(classes, "_PLANS", {"class-2-ring": plan})
    with pytest.raises(
        FollowbackError, match="the exchange of class-2-ring is not found; try another"
    ):
        workshop.classes(1)


@pytest.mark.parametrize(("found", "seen"), [(21, True), (20, False)])
def test_a_planted_set_is_seen_where_four_fifths_of_it_are(found, seen, monkeypatch):
    truth = pd.DataFrame({"kind": "exchange", "account": range(25)})
    monkeypatch.setattr(
        "followback.rings.find_rings", lambda _: [SimpleNamespace(accounts=range(found))]
    )
    one = {"a class": SimpleNamespace(graph=None, truth=truth)}
    if seen:
        classes.refuse_unseen(one, 3)
    else:
        with pytest.raises(FollowbackError, match="the exchange of a class is not found"):
            classes.refuse_unseen(one, 3)


def test_a_number_may_be_copied_with_three_digits():
    near = [judge.number(0.4 + off, 0.4, [], "no") for off in (0.0009, -0.0009, 0.0011, -0.0011)]
    assert near[:2] == ["", ""]
    assert near[2:] == ["0.4011 is too large. no", "0.3989 is too small. no"]


@pytest.mark.parametrize(
    ("value", "truth", "slips", "said"),
    [
        (0.67, 2 / 3, [], ""),
        (0.667, 2 / 3, [], ""),
        (-0.05, -0.0549, [], ""),
        (0.13, 0.125, [], ""),  # a half goes either way
        (0.12, 0.125, [], ""),
        (0.66, 2 / 3, [], "0.66 is too small. no"),
        (0.68, 2 / 3, [], "0.68 is too large. no"),
        (0.664, 2 / 3, [], "0.664 is too small. no"),  # three digits, and not these
        (0.7, 2 / 3, [], "0.7 is too large. no"),
        (1, 0.997, [], "1 is too large. no"),  # all, which is another thing to say
        (0, 0.004, [], "0 is too small. no"),
        (0.5, 0.4963, [(0.5, "half")], "0.5 is the answer in two digits, and a usual slip as well"),
        (0.5, 0.4963, [(0.5012, "near half")], "0.5 is the answer in two digits, and a usual slip"),
        (0.496, 0.4963, [(0.5, "half")], ""),
        (0.5, 0.4963, [(0.4964, "the same")], ""),  # a slip that comes to the same is none
        (0.33, 0.4, [(1 / 3, "a third")], "a third"),
        (0.33, 0.4, [(0.334, "far"), (0.33, "near")], "near"),
        (5.0, 5.004, [], "5 is too small. no"),  # no share
    ],
)
def test_a_share_may_be_rounded_to_two_digits_where_no_slip_looks_the_same(
    value, truth, slips, said
):
    told = judge.number(value, truth, slips, "no")
    assert told == said or (said and told.startswith(said))


def test_two_accounts_with_one_count_have_fifteen_followers_or_more():
    def followed(name, count, back):
        fans = [f"fan{n}" for n in range(count)]
        return [(fan, name) for fan in fans] + [(name, fan) for fan in fans[:back]]

    few = followed("ann", 14, 14) + followed("bob", 14, 0)  # these differ more, and are too small
    graph = fb.FollowGraph.from_pairs(few + followed("cem", 15, 3) + followed("dot", 15, 1))
    assert workshop.same_count(graph)["account"].tolist() == ["cem", "dot"]


def test_shares_in_place_of_the_earned_followers_are_told(made):
    graph = graph_for("earned interval", made)
    row = fb.audit(graph, workshop.subject(graph))["earned_share"]
    said = workshop.check("earned interval", (row["low"], row["high"]), graph).message
    assert "These are shares" in said
    for ends in ((row["low"], 0.9), (0.1, row["high"])):
        assert "These are shares" not in workshop.check("earned interval", ends, graph).message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.float32(0.4), ""), (np.array(0.4), ""), (pd.Series([0.4]), ""), (Decimal("0.4"), ""),
        (np.array([0.4, 0.4]), "A number is wanted"), (1j, "A number is wanted"),
        (np.complex64(0.4), "A number is wanted"), (b"0.4", "A number is wanted"),
        (np.datetime64("2026-01-01"), "A number is wanted"), (np.bool_(True), "A number is wanted"),
        (10**400, "inf is too large"), (-(10**400), "-inf is too small"),
    ],
)  # fmt: skip
def test_a_number_is_known_in_whatever_it_comes(answer, said):
    told = judge.number(answer, 0.4, [], "Divide.")
    assert told.startswith(said)
    assert bool(told) == bool(said)
