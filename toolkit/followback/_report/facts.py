"""What a run's kernel tells of itself: called in the kernel, after the notebook's last cell."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

RUN_FOLDER = "FOLLOWBACK_RUN_FOLDER"  # environment variable: where a run keeps what it makes
_THREADS = ("PYTHONHASHSEED", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def tell() -> None:
    """Write down the packages, the NetworkX backend and the memory of this process."""
    note(
        python=platform.python_version(),
        installed={d.name: d.version for d in sorted(metadata.distributions(), key=_name)},
        networkx=_networkx(),
        environment={name: os.environ[name] for name in _THREADS if name in os.environ},
        peak_memory_bytes=peak_memory(),
    )


def note(**told: Any) -> None:
    """Add to what the run will know: beside the run's folder, read when the kernel is gone."""
    if folder := os.environ.get(RUN_FOLDER):
        file = Path(folder).parent / "facts.json"
        known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        file.write_text(json.dumps({**known, **told}), encoding="utf-8")


def _name(distribution: metadata.Distribution) -> str:
    return distribution.name.lower()


def _networkx() -> dict[str, Any]:
    """Return the backends that NetworkX may send calls to, in order; none is NetworkX itself."""
    if "networkx" not in sys.modules:
        return {"backend_priority": [], "backends": []}
    import networkx as nx

    return {
        "backend_priority": list(nx.config.backend_priority.algos),
        "backends": sorted(nx.utils.backends.backends),
    }


def peak_memory() -> int | None:
    """Return the most memory that this process held, in bytes, where the system tells."""
    status = Path("/proc/self/status")
    if status.is_file():  # ru_maxrss would start with that of the process that made this one
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
