"""The NetworkX backend: NetworkX's own functions, run on arrays.

`FollowGraph` and `MutualGraph` may be given to NetworkX as they are. Any other graph
is converted where asked, or always after
``nx.config.backend_priority.algos = ["followback"]``:

>>> import networkx as nx
>>> import followback as fb
>>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
>>> nx.core_number(fb.mutual(g))
{'ann': 1, 'bob': 1, 'cem': 0}
>>> nx.core_number(nx.path_graph(3), backend="followback")
{0: 1, 1: 1, 2: 1}

Every function has NetworkX's own meaning, order and errors, and so its
documentation; `info.FUNCTIONS` lists them. What NetworkX offers beyond runs there
after a conversion the other way, once ``nx.config.fallback_to_nx = True`` allows it.

NetworkX finds the backend by the entry points in pyproject.toml: `info` when
networkx is imported, which must be cheap; `interface` at the first call.
"""
