"""What the measuring commands share: figures are printed as they come, a mistake ends in its sentence."""

from collections.abc import Iterable


def told(lines: Iterable[str]) -> int:
    """Print a line for each figure; return the exit code, 2 where a ``ValueError`` says why there are no more."""
    try:
        for line in lines:
            print(line, flush=True)
    except ValueError as error:
        print(error)
        return 2
    return 0
