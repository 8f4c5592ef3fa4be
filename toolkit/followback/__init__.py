"""Find reciprocal-follow rings in follower graphs, and weigh the evidence.

The data's way through the house, and its rooms::

    READ      sources/, collection, pseudonyms, downloads
    GRAPH     graph, saved, _rows, _build/, engines/ (larger than memory)
    MUTUAL    mutuals, times, kernels/ (on arrays), dispatch/ (under NetworkX's names)
    RINGS     rings, search, ordering, sets, _communities
    EVIDENCE  chance, habits, organic, interests, evidence, nulls, timelines, snapshots
    AUDIT     audits, account_audits, thread_audits, networks, lexicon, _measures
    REPORT    report, _report/, sentences, show*, plot*, _explorer, files, gephi
    besides   synth*, _plant, _giant (make graphs with known answers), bench/ (measures),
              cli, _cli/, __main__ (the command line), workshop, _workshop/ (the lessons)
    for all   _errors, _progress, _threads, _drafts, _html, _widgets

>>> import followback as fb
>>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
>>> g.n_accounts, g.n_follows, fb.mutual(g).n_mutual
(3, 3, 1)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import engines as engines
    from . import networks as networks
    from . import nulls as nulls
    from . import plot as plot
    from . import plot_network as plot_network
    from . import plot_time as plot_time
    from . import report as report
    from . import show as show
    from . import show_audits as show_audits
    from . import show_network as show_network
    from . import snapshots as snapshots
    from . import synth as synth
    from . import timelines as timelines
    from . import workshop as workshop
    from ._errors import CallError as CallError
    from ._errors import FollowbackError as FollowbackError
    from .audits import accounts as accounts
    from .audits import audit as audit
    from .audits import audit_thread as audit_thread
    from .collection import completeness as completeness
    from .graph import FollowGraph as FollowGraph
    from .lexicon import announces as announces
    from .mutuals import MutualGraph as MutualGraph
    from .mutuals import core_numbers as core_numbers
    from .mutuals import mutual as mutual
    from .mutuals import reciprocity as reciprocity
    from .pseudonyms import pseudonymise as pseudonymise
    from .rings import find_rings as find_rings
    from .sources import read as read
    from .timelines import as_of as as_of
    from .timelines import delays as delays
    from .timelines import diff as diff

# Public name -> the module it lives in. Nothing is imported before it is used:
# numpy, pandas, networkx and numba together cost more than a second.
_HOME = {
    "CallError": "_errors",
    "FollowbackError": "_errors",
    "FollowGraph": "graph",
    "MutualGraph": "mutuals",
    "accounts": "audits",
    "announces": "lexicon",
    "as_of": "timelines",
    "audit": "audits",
    "audit_thread": "audits",
    "completeness": "collection",
    "core_numbers": "mutuals",
    "delays": "timelines",
    "diff": "timelines",
    "find_rings": "rings",
    "mutual": "mutuals",
    "pseudonymise": "pseudonyms",
    "read": "sources",
    "reciprocity": "mutuals",
}
_MODULES = (
    "engines", "networks", "nulls", "plot", "plot_network", "plot_time", "report", "show", "show_audits",
    "show_network", "snapshots", "synth", "timelines", "workshop",
)  # fmt: skip

__all__ = [*_HOME, *_MODULES, "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("followback")
    elif name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    elif name in _MODULES:
        return import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module 'followback' has no attribute {name!r}")
    globals()[name] = value  # the next look-up is free
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
