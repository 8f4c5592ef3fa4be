"""ENGINES: the same graph from a file of follows, in memory, on disk or on a cluster."""
