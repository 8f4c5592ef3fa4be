"""Whatever takes a follower graph takes a graph of NetworkX, and says the same of it."""

import pandas as pd
import pytest

import followback as fb
from followback import networks, nulls, plot_network, plot_time, snapshots, synth, timelines


@pytest.fixture(scope="module")
def both():
    """A graph with times and a ring, and the same as NetworkX has it."""
    made, truth = synth.plant_rings(synth.follow_network(300, 2_000, seed=1), [(12, 0.9)], seed=1)
    digraph = synth.with_times(made, truth, days=50, seed=1).to_networkx()
    return fb.FollowGraph.from_networkx(digraph), digraph


CALLS = {
    "accounts": fb.accounts,
    "as_of": lambda g: fb.as_of(g, "2024-01-20"),
    "audit": lambda g: fb.audit(g, 5)._repr_html_(),
    "audit_thread": lambda g: fb.audit_thread(g, range(8))._repr_html_(),
    "changes": lambda g: snapshots.changes(g, g),
    "churn": timelines.churn,
    "completeness": fb.completeness,
    "delay_curves": lambda g: plot_time.delay_curves(g, range(20)),
    "delays": fb.delays,
    "crawl_edge": networks.crawl_edge,
    "degree_tails": plot_network.degree_tails,
    "diff": lambda g: fb.diff(g, g),
    "follower_mix": lambda g: networks.follower_mix(g, fb.find_rings(g)),
    "group_growth": lambda g: timelines.group_growth(g, range(20)),
    "growth": lambda g: timelines.growth(g, 5),
    "health": lambda g: networks.health(g, fb.find_rings(g)),
    "in_both": lambda g: snapshots.in_both(g, g)[0],
    "null_graph": nulls.null_graph,
    "plant_rings": lambda g: synth.plant_rings(g, [(5, 1.0)])[0],
    "pseudonymise": lambda g: fb.pseudonymise(g, b"k" * 32),
    "raster": lambda g: plot_time.raster(g, range(20)),
    "tempo": timelines.tempo,
    "with_times": lambda g: synth.with_times(g, days=9),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_graph_of_networkx_will_do(call, both):
    ours, theirs = map(call, both)
    if isinstance(ours, pd.DataFrame):
        pd.testing.assert_frame_equal(ours, theirs)
    elif isinstance(ours, fb.FollowGraph | list | str):
        assert ours == theirs
    else:
        assert drawn(ours) == drawn(theirs) != []


def drawn(figure):
    """List the points of every line and of every collection of a figure."""
    lines = [line.get_xydata().tolist() for ax in figure.axes for line in ax.lines]
    return lines + [dots.get_offsets().tolist() for ax in figure.axes for dots in ax.collections]
