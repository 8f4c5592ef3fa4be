"""`python -m followback` and `followback` are the command line."""

from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; an interrupt while it is still imported ends in one line too."""
    try:
        from .cli import main as command_line
    except KeyboardInterrupt:
        import sys

        print("followback: interrupted; no file is half-written", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    command_line()


if __name__ == "__main__":
    main()
