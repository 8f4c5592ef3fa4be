"""What can go wrong, in two kinds: the data are at fault, or the call is."""


class FollowbackError(Exception):
    """The data are at fault; the command line ends with exit code 1."""

    exit_code = 1


class CallError(FollowbackError):
    """The call is at fault: an argument, a parameter or a path; exit code 2."""

    exit_code = 2
