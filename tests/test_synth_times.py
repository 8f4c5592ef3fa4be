"""SYNTH_TIMES: bursts inside rings, calm outside, and follows that are no more."""

import numpy as np
import pytest

import followback as fb
from followback import synth
from followback.times import DAY, delay_arrays

START = 1_704_067_200_000  # 1 January 2024


@pytest.fixture(scope="module")
def planted():
    return synth.plant_rings(synth.follow_network(1_500, 12_000, seed=1), [(40, 0.8)], seed=1)


@pytest.fixture(scope="module")
def timed(planted):
    return synth.with_times(*planted, days=100, taken_back=0.1, seed=1)


def test_the_follows_stay_and_every_time_lies_in_the_period(planted, timed):
    assert timed.to_table().drop(["created_at"]) == planted[0].to_table()
    assert timed.created_at.min() >= START
    assert timed.created_at.max() < START + 100 * DAY


def test_a_ring_is_made_in_a_burst_and_returned_fast(planted, timed):
    inside = np.zeros(timed.n_accounts, dtype=bool)
    inside[planted[1]["account"]] = True
    first, second, at, delay = delay_arrays(timed)
    ring = inside[first] & inside[second]
    days = delay / DAY
    assert 0.05 < np.median(days[ring]) < 0.2
    assert 2 < np.median(days[~ring]) < 4
    assert np.quantile(at[ring], 0.9) - at[ring].min() < 8 * DAY
    assert np.ptp(at[~ring]) > 90 * DAY
    assert 0.4 < (first < second).mean() < 0.6  # either of the two comes first


def test_follows_taken_back_were_there_and_are_not(timed):
    gone = timed.collection.removed.to_pandas()
    assert 0.08 * timed.n_follows < len(gone) <= 0.1 * timed.n_follows
    assert (gone["created_at"] < gone["removed_at"]).all()
    assert gone["removed_at"].max() < START + 100 * DAY
    pairs = gone[["source", "target"]].astype(int)
    assert not pairs.duplicated().any()
    now = timed.to_table().select(["source", "target"]).to_pandas()
    assert pairs.merge(now).empty
    assert 0.4 < fb.timelines.churn(timed)["after_return"].sum() / len(gone) < 0.6
    then = fb.as_of(timed, "2024-02-20")
    assert "taken back" in set(fb.diff(then, timed)["change"])


def test_the_same_seed_is_the_same_times_and_another_is_not(planted):
    one, same, other = (synth.with_times(*planted, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
    assert one.collection.removed.num_rows == 0
    quiet = synth.with_times(planted[0], days=1)
    assert fb.timelines.tempo(quiet)["within_day"].item() == 1
    empty = synth.with_times(synth.follow_network(20, 0), taken_back=1.0)
    assert (empty.n_follows, empty.collection.removed.num_rows) == (0, 0)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": 10**12}, {"taken_back": 2}, {"seed": -1}, {"start": "soon"}]
)
def test_impossible_wishes_are_refused(planted, wrong):
    with pytest.raises(fb.CallError):
        synth.with_times(planted[0], **wrong)


def test_the_command_writes_a_snapshot_or_says_what_is_missing(tmp_path, capsys):
    from followback.cli import main

    file = tmp_path / "x.csv"
    call = ["synth", str(file), "--accounts", "200", "--follows", "900", "--as-of", "2024-02-01"]
    with pytest.raises(SystemExit, match="2"):
        main(call)
    assert "give --days as well" in capsys.readouterr().err
    assert not file.exists()
    with pytest.raises(SystemExit, match="0"):
        main([*call, "--days", "60"])
    assert 300 < fb.read(file).n_follows < 650
