"""What can go wrong, in two kinds: the data are at fault, or the call is."""

import re


class FollowbackError(Exception):
    """The data are at fault; the command line ends with exit code 1."""

    exit_code = 1


class CallError(FollowbackError):
    """The call is at fault: an argument, a parameter or a path; exit code 2."""

    exit_code = 2


def install(extra: str) -> str:
    """Return the command that installs what an extra needs and this Python lacks.

    followback itself is in no index of packages, so the packages are named one by one.

    Parameters
    ----------
    extra
        As in the metadata: report, workshop, fetch, duckdb, spark.

    Returns
    -------
    str
        A command for the shell; where nothing is missing, for all of the extra.

    Examples
    --------
    >>> install("fetch")
    'pip install pooch'
    """
    from importlib.metadata import distributions, requires

    ours = [line for line in requires("followback") or [] if f"extra == '{extra}'" in line]
    needed = [re.split(r"[^\w.-]", line)[0] for line in ours]
    there = {one.name.lower() for one in distributions()}
    return f"pip install {' '.join([name for name in needed if name not in there] or needed)}"
