"""BENCH: planted rings, rivals and measures, for the 9x notebooks; nothing else needs it."""
