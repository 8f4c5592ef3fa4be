"""What the codebook, data/README.md, explains of a table."""

import re
from pathlib import Path

SECTIONS = (Path(__file__).parents[1] / "data" / "README.md").read_text().split("\n## ")


def explained(table):
    """Return the names told in the sections whose heads name a table: its file, or its maker."""
    told = [text for text in SECTIONS if table in re.split(r"[ ,:]+", text.partition("\n")[0])]
    rows = re.findall(r"^\| ([\w, ]+) \|.*$(?!\n\|---)", "\n".join(told), re.MULTILINE)
    return {*", ".join(rows).split(", ")} - {""}
