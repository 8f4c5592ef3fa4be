"""`python -m followback` is the command line."""

from .cli import main

main()
