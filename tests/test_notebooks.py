"""Every notebook runs through papermill on the sample, and keeps what it says it keeps."""

import re
from pathlib import Path

import pytest

from followback import report

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample.csv.gz"

# Small parameters for each notebook; one without an entry runs with its own.
SMALL = {
    "07-twins": {"accounts": 300, "follows": 3_000},
    "10-ring-report": {"follows": SAMPLE, "shown": 3},
    "90-ring-benchmark": {
        "follows": SAMPLE, "n_seeds": 2, "n_rival_seeds": 1, "n_density_seeds": 1, "n_nulls": 3,
        "plants": "small", "sizes": "20,40",
    },
    "91-scale-benchmark": {
        "n_follows": 100_000, "n_networkx": 20_000, "largest": 100_000, "runs": 1,
        "contenders": "scipy",
    },
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda p: p.stem)
def test_every_notebook_runs(path, tmp_path):
    run = report.run(path, SMALL.get(path.stem, {}), out=tmp_path)
    page = (run / "report.html").read_text()
    shown = re.findall(
        r'fb\.show\.(?:table|figure)\([^"]*"([\w-]+)"', path.read_text().replace('\\"', '"')
    )
    kept = {file.stem for file in [*(run / "tables").iterdir(), *(run / "figures").iterdir()]}
    assert {name for name in shown if not name.startswith("ring-")} <= kept
    assert "Traceback" not in page
