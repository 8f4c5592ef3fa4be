"""The choice among candidate sets, and what a verdict asks for, each at its edge."""

import math

import numpy as np

import followback as fb
from followback import evidence
from followback.habits import habits
from followback.organic import Reference
from followback.search import searched, selected
from followback.sets import as_sets, search_price

from .conftest import everyone


def choose(*candidates):
    """Choose among pairs of a score and a range of members; return their places."""
    scores, members = zip(*candidates, strict=True)
    sets = as_sets([np.array(group, np.int32) for group in members])
    chosen = np.arange(len(scores))
    return selected(sets, chosen, np.array(scores, float), 100).tolist()


def test_of_two_that_share_more_than_half_of_the_smaller_the_clearer_stays():
    assert choose((9, range(10)), (8, range(5, 15))) == [0, 1]  # half, and no more
    assert choose((9, range(10)), (8, range(4, 14))) == [0]
    assert choose((8, range(4, 14)), (9, range(10))) == [1]
    assert choose((50, range(40)), (9, range(37, 43))) == [0, 1]  # of the smaller, not the larger
    assert choose((50, range(40)), (9, range(36, 43))) == [0]


def test_the_clearer_is_who_has_more_score_for_its_size_to_the_three_quarters():
    worth = 10 * 2**0.75
    assert choose((10, range(10)), (worth - 0.1, range(20))) == [0]
    assert choose((10, range(10)), (worth + 0.1, range(20))) == [1]


def test_two_parts_that_say_more_together_stand_before_their_union():
    assert choose((20, range(20)), (9, range(10)), (11.5, range(10, 20))) == [1, 2]
    assert choose((21, range(20)), (9, range(10)), (11.5, range(10, 20))) == [0]


def test_parts_are_smaller_lie_inside_and_are_not_counted_twice():
    whole, half = (20, range(20)), (11, range(10))
    assert choose(whole, half) == [0]
    one = (21, [*range(8), 30, 31])  # alone it is none, and here another stands before it
    assert choose(whole, one, (30, [0, 30, 31])) == [0, 2]
    assert choose(whole, half, (10, range(3, 13))) == [0]  # the two share seven
    assert choose(whole, half, (11, range(12, 22))) == [1, 2]  # eight of ten lie inside
    assert choose(whole, half, (11, range(13, 23))) == [0]  # seven do not
    assert choose((28, range(20)), (16, range(16)), (13, range(12, 20))) == [1, 2]
    assert choose((28, range(20)), (16, range(17)), (13, range(12, 20))) == [0]  # nearly the whole


class Told:
    """Reference groups that say what the test wants."""

    def __init__(self, nats, groups):
        self.nats, self.groups = nats, groups

    def compare(self, sets, _own):
        n = len(sets.sizes)
        return np.full(n, self.nats), np.full(n, 0.5), np.full(n, self.groups)


def verdict(monkeypatch, nats, groups, fans=40, members=12, pairs_beside=0):
    """Weigh a clique whose members each have as many fans they do not follow back."""
    pairs = everyone(range(members))
    pairs += [(1_000 + fans * i + k, i) for i in range(members) for k in range(fans)]
    for i in range(9_000, 9_000 + 2 * pairs_beside, 2):
        pairs += everyone([i, i + 1])
    g = fb.FollowGraph.from_pairs(pairs)
    sets = as_sets([g.positions(range(members)).astype(np.int32)])
    monkeypatch.setattr(Reference, "of", lambda *_graphs, **_options: Told(nats, groups))
    found = evidence.beyond_habit(g, fb.mutual(g), sets, alpha=0.05, seed=0)
    return found["verdict"][0], found["habit_score"][0] * math.log(2)


def test_strong_asks_for_ten_groups_and_for_surprise_at_alpha_over_them(monkeypatch):
    enough = math.log(1 / 0.05)
    assert verdict(monkeypatch, enough + 0.01, 10)[0] == "strong"
    assert verdict(monkeypatch, enough - 0.01, 10)[0] == "moderate"
    assert verdict(monkeypatch, enough + 0.01, 9)[0] == "moderate"


def test_moderate_asks_for_one_group_and_for_odds_of_five(monkeypatch):
    assert verdict(monkeypatch, math.log(5) + 0.01, 1)[0] == "moderate"
    assert verdict(monkeypatch, math.log(5) - 0.01, 1)[0] == "weak"
    assert verdict(monkeypatch, math.log(5) + 0.01, 0)[0] == "weak"


def test_strong_pays_for_the_search_at_alpha_and_moderate_does_not(monkeypatch):
    """The same five among more and more who have mutual follows: the search grows dearer."""
    for pairs_beside, told in ((160, "strong"), (200, "moderate"), (300, "moderate")):
        found, habit = verdict(monkeypatch, 99.0, 10, members=5, pairs_beside=pairs_beside)
        price = search_price(np.array([5]), 5 + 2 * pairs_beside)[0]
        assert found == told
        assert (habit > price + math.log(1 / 0.05)) == (told == "strong")
        assert (habit > price) == (pairs_beside < 300)


def reference(*groups, tight=True):
    """Return reference groups of mutual share one half, each a range of members and a density."""
    n = len(groups)
    density = np.array([at for _, at in groups], float)
    design = np.column_stack([np.ones(n), density, np.zeros(n), np.zeros(n)])
    members = as_sets([np.array(group, np.int32) for group, _ in groups])
    return Reference(members, design, np.zeros(n), np.full(n, 0.1), np.full(n, tight), 0.0, 200)


def compared(known, members):
    """Hold a set of no follows against reference groups; its density has the least logit."""
    pairs = [(i, i + 1) for i in range(200)]
    g = fb.FollowGraph.from_pairs(pairs)
    sets = as_sets([np.array(members, np.int32)])
    return known.compare(sets, habits(g, fb.mutual(g), sets))


def test_a_group_that_shares_more_than_three_tenths_is_no_reference():
    mine, at = range(0, 20, 2), math.log(0.005 / 0.995)
    for shared, counts in ((3, 1), (4, 0)):
        theirs = [*range(0, 2 * shared, 2), *range(101, 115)][:10]
        assert compared(reference((theirs, at)), mine)[2].tolist() == [counts]


def test_only_dense_groups_of_like_density_are_counted():
    mine, at = range(0, 20, 2), math.log(0.005 / 0.995)
    apart = [(range(100, 110), at + 0.9), (range(110, 120), at + 1.1)]
    assert compared(reference(*apart), mine)[2].tolist() == [1]
    assert compared(reference(*apart, tight=False), mine)[2].tolist() == [0]


def test_a_group_that_overlaps_is_not_learnt_from():
    mine, at = range(0, 20, 2), math.log(0.005 / 0.995)
    predicted = []
    for members in (mine, range(100, 110)):
        for share in (0.0, 3.0):
            known = reference((members, at))
            known.share[:] = share
            predicted.append(compared(known, mine)[1][0])
    assert predicted[0] == predicted[1]
    assert abs(predicted[2] - predicted[3]) > 0.001


def test_who_has_no_mutual_follow_is_not_looked_at():
    g = fb.FollowGraph.from_pairs([(1, 2), (2, 1), (3, 1), (4, 5), (5, 4), (6, 4)])
    m = fb.mutual(g)
    who, ties, notes = searched(g, m)
    assert sorted(m.accounts[who]) == [1, 2, 4, 5]
    assert (ties.degrees.tolist(), notes) == ([1] * 4, [])
