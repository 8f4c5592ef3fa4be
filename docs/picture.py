"""Draw the picture of the README from the sample: python docs/picture.py docs/rings.png."""

import sys
from pathlib import Path

import followback as fb

graph = fb.read(Path(__file__).parents[1] / "data" / "sample.csv.gz")
drawn = fb.plot.reciprocity_expected(fb.find_rings(graph), limit=6)
Path(sys.argv[1]).write_bytes(fb.plot.png(drawn))
