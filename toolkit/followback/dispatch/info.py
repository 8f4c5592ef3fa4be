"""What the backend can do, for ``import networkx`` to read: this module imports nothing."""

_DOCS = (
    "https://networkx.org/documentation/stable/reference/algorithms/generated/networkx.algorithms."
)
_UNWEIGHTED = "Without weights; with ``weight`` NetworkX's own function runs."
_KIND = "Returns a FollowGraph or MutualGraph where one was given."

# Dispatch name -> the module of its documentation, and what a reader should know.
FUNCTIONS = {
    "average_clustering": ("cluster", _UNWEIGHTED),
    "clustering": ("cluster", _UNWEIGHTED),
    "connected_components": ("components", ""),
    "core_number": ("core", ""),
    "degree_centrality": ("centrality", ""),
    "densest_subgraph": ("approximation.density", "The same set as NetworkX; no self-loops."),
    "in_degree_centrality": ("centrality", ""),
    "is_connected": ("components", ""),
    "is_isolate": ("isolate", ""),
    "is_strongly_connected": ("components", ""),
    "is_weakly_connected": ("components", ""),
    "isolates": ("isolate", ""),
    "k_core": ("core", _KIND),
    "k_shell": ("core", _KIND),
    "k_truss": ("core", _KIND),
    "number_connected_components": ("components", ""),
    "number_of_isolates": ("isolate", ""),
    "number_strongly_connected_components": ("components", ""),
    "number_weakly_connected_components": ("components", ""),
    "out_degree_centrality": ("centrality", ""),
    "overall_reciprocity": ("reciprocity", ""),
    "reciprocity": ("reciprocity", ""),
    "strongly_connected_components": (
        "components",
        "Each after all that it leads to; where that leaves a choice, the order may differ.",
    ),
    "transitivity": ("cluster", ""),
    "triadic_census": ("triads", "With ``nodelist``: no self-loops."),
    "triangles": ("cluster", ""),
    "weakly_connected_components": ("components", ""),
}


def get_info() -> dict[str, object]:
    """Return what NetworkX shows about the backend and its functions."""
    return {
        "backend_name": "followback",
        "project": "followback",
        "package": "followback",
        "short_summary": "Follower graphs on arrays: reciprocity, cores, triangles, components.",
        "functions": {
            name: {"url": f"{_DOCS}{module}.{name}.html", "additional_docs": note}
            for name, (module, note) in FUNCTIONS.items()
        },
    }
