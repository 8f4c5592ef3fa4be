"""TIME: two snapshots side by side, by hand."""

import pytest

import followback as fb
from followback import plot, plot_time, show_network, snapshots

from .conftest import everyone, follows

THEN = follows("ann>bob bob>ann cem>ann ann>cem dot>ann eva>dot")
NOW = follows("ann>bob bob>ann cem>ann dot>ann ann>dot fay>ann")


@pytest.fixture
def pair():
    return fb.FollowGraph.from_pairs(THEN), fb.FollowGraph.from_pairs(NOW)


@pytest.fixture(scope="module")
def timed():
    planted = fb.synth.plant_rings(
        fb.synth.follow_network(1_000, 8_000, seed=4), [(25, 0.8), (14, 0.9)], seed=4
    )
    return fb.synth.with_times(*planted, taken_back=0.1, seed=4), planted[1]


def test_what_changed_by_hand(pair):
    table = snapshots.changes(*pair).set_index("measure")
    columns = ["then", "now", "kept", "made", "taken_back"]
    assert table.loc["accounts", columns].tolist() == [5, 5, 4, 1, 1]
    assert table.loc["follows", columns].tolist() == [6, 6, 4, 2, 2]
    assert table.loc["mutual_follows", columns].tolist() == [2, 2, 1, 1, 1]
    assert table.loc["arc_reciprocity", ["then", "now"]].tolist() == [4 / 6, 4 / 6]
    assert table["unit"].tolist() == ["count"] * 3 + ["share"] * 2


def test_a_pair_that_ends_on_both_sides_is_one_mutual_follow_gone():
    then = fb.FollowGraph.from_pairs(follows("ann>bob bob>ann ann>cem"))
    now = fb.FollowGraph.from_pairs(follows("ann>cem bob>cem"))
    row = snapshots.changes(then, now).set_index("measure").loc["mutual_follows"]
    assert row[["then", "kept", "taken_back"]].tolist() == [1, 0, 1]


def test_accounts_of_one_snapshot_alone_are_left_out_of_both(pair):
    then, now = snapshots.in_both(*pair)
    assert list(then.accounts) == list(now.accounts) == ["ann", "bob", "cem", "dot"]
    assert (then.n_follows, now.n_follows) == (5, 5)
    numbers = fb.FollowGraph.from_pairs([(1, 2), (2, 3)])
    text = fb.FollowGraph.from_pairs([("1", "2"), ("x", "1")])
    assert [g.n_follows for g in snapshots.in_both(numbers, text)] == [1, 1]
    with pytest.raises(fb.CallError, match="no account is in both"):
        snapshots.in_both(numbers, fb.FollowGraph.from_pairs(THEN))


def test_times_and_what_is_known_stay_with_the_follows(timed):
    g, _ = timed
    half = g.to_table().to_pandas().query("source < 500 and target < 500")
    one, two = snapshots.in_both(g, fb.read(half))
    assert one.created_at.tolist() == two.created_at.tolist()
    assert one.collection is g.collection


def test_rings_come_stay_and_go(timed):
    g, _ = timed
    rings = fb.find_rings(g)
    early = fb.find_rings(fb.as_of(g, "2024-01-20"))
    assert len(early) == 0
    came = snapshots.ring_changes(early, rings)
    assert set(came["change"]) == {"came"}
    assert came["members_now"].tolist() == rings.table["size"].tolist()
    for ring, seen in zip(rings, came["mutual_then"], strict=True):  # the same accounts, before
        assert seen == early.mutual.to_networkx().subgraph(ring.accounts).number_of_edges()
    assert came["mutual_then"].max() > 0
    went = snapshots.ring_changes(rings, early)
    assert went["mutual_then"].tolist() == rings.table["mutual_follows"].tolist()
    assert went["mutual_now"].tolist() == came["mutual_then"].tolist()
    assert set(went["change"]) == {"went"}
    assert went["ring_then"].tolist() == rings.table["ring"].tolist()
    stayed = snapshots.ring_changes(rings, rings)
    assert stayed["jaccard"].eq(1).all()
    assert (stayed["ring_then"] == stayed["ring_now"]).all()
    assert snapshots.ring_changes(early, early).empty


def test_a_ring_that_grew_is_matched_and_a_stranger_is_not():
    """By the definition: a third of all members, each ring once."""
    background = fb.synth.follow_network(1_000, 8_000, cliques=0, seed=1)
    others = background.to_table().to_pandas().map(str).itertuples(index=False)
    others = [tuple(row) for row in others]
    small = [f"a{k}" for k in range(12)]
    then = fb.FollowGraph.from_pairs([*others, *everyone(small)])
    now = fb.FollowGraph.from_pairs([*others, *everyone([*small, "b", "c", "d"])])
    row = snapshots.ring_changes(fb.find_rings(then), fb.find_rings(now)).iloc[0]
    assert row[["change", "members_then", "members_now", "shared"]].tolist() == [
        "stayed",
        12,
        15,
        12,
    ]
    assert row["jaccard"] == 12 / 15
    assert row[["mutual_then", "mutual_now"]].tolist() == [66, 105]


def test_the_summary_counts_what_the_tables_hold(pair):
    empty = fb.find_rings(pair[0])
    rings = snapshots.ring_changes(empty, empty)
    said = " ".join(show_network.snapshot_lines(snapshots.changes(*pair), rings))
    assert "2 follows came and 2 follows went; 1 mutual follow came and 1 went" in said
    assert "0 stayed, 0 came and 0 went" in said


def test_of_two_files_the_page_says_which_is_earlier(pair):
    said = fb.show.obtained("june.csv", pair[0], "", "earlier").data
    assert "<p>The earlier follows come from the file june.csv. " in said
    assert (
        "The follows come from the file june.csv" in fb.show.obtained("june.csv", pair[0], "").data
    )


def test_the_page_says_which_columns_were_taken(tmp_path):
    (tmp_path / "x.csv").write_text("name,<b>,follows\nann,bob,cem\nbob,ann,cem\n")
    said = fb.show.obtained("x.csv", fb.read(tmp_path / "x.csv"), "").data
    assert "source = column &#x27;name&#x27;, target = column &#x27;&lt;b&gt;&#x27;" in said


def test_figures_are_the_same_bytes_and_none_where_nothing_is_known(timed, pair):
    g, truth = timed
    ring = truth.loc[truth["ring"] == 1, "account"]
    rings = fb.find_rings(g)
    changed = snapshots.ring_changes(rings, rings)
    for draw in (
        lambda: plot_time.raster(g, ring),
        lambda: plot_time.delay_curves(g, ring),
        lambda: plot_time.turnover(snapshots.changes(*pair)),
        lambda: plot_time.ring_sizes(changed),
    ):
        assert plot.png(draw()) == plot.png(draw())
    assert plot_time.raster(pair[0], ["ann", "bob"]) is None
    assert plot_time.delay_curves(pair[0], ["ann"]) is None
    assert plot_time.raster(g, g.accounts[:0]) is None
    assert plot_time.ring_sizes(changed.head(0)) is None


def test_a_raster_shows_each_follow_back_of_the_group_once(timed):
    g, truth = timed
    ring = truth.loc[truth["ring"] == 2, "account"]
    pairs = fb.delays(g)
    mine = pairs[pairs["second"].isin(ring)]
    among = int(mine["first"].isin(ring).sum())
    others, members = plot_time.raster(g, ring).axes[0].lines
    assert len(members.get_xdata()) == among
    assert len(others.get_xdata()) == len(mine) - among
