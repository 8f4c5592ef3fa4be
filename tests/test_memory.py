"""Ten million rows of CSV are read within 1.5 GB, whatever the ids are."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pytest

_ROWS = 10_000_000
# NOTE: ru_maxrss would not do: a new process starts with that of the one that made it.
_READ = r"""
import re, sys
import followback as fb
graph = fb.read(sys.argv[1])
peak = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]
print(graph.n_accounts, graph.dropped["rows"], peak)
"""


def names(numbers):
    return pc.binary_join_element_wise("user_", pc.cast(pa.array(numbers), pa.string()), "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["integers with times", "every account once in each column"])
def test_ten_million_rows_are_read_within_memory(kind, tmp_path):
    rng = np.random.default_rng(0)
    if kind == "integers with times":
        columns = {name: rng.integers(0, 1_000_000, _ROWS) for name in ("source", "target")}
        columns["created_at"] = rng.integers(1_500_000_000, 1_700_000_000, _ROWS)
    else:
        columns = {"source": names(np.arange(_ROWS)), "target": names(rng.permutation(_ROWS))}
    path = tmp_path / "follows.csv"
    pcsv.write_csv(pa.table(columns), path, pcsv.WriteOptions(quoting_style="none"))
    del columns

    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    path.unlink()
    n_accounts, n_rows, kilobytes = map(int, run.stdout.split())
    assert n_rows == _ROWS
    assert n_accounts == (1_000_000 if kind == "integers with times" else _ROWS)
    assert kilobytes * 1024 < 1.5e9
