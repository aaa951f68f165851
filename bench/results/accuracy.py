"""What the errors of a case's processes say together."""

from collections.abc import Sequence

from .measured import Errors


def worst(errors: Sequence[Errors]) -> Errors | None:
    """Return the errors of the process that is farthest off, None where none tells any.

    One over the budget comes before all others, one that was not judged after them.
    """
    return max(errors, key=_badness, default=None)


def _badness(errors: Errors) -> tuple[int, float]:
    judged = {False: 2, True: 1, None: 0}[errors.passed]
    # An error that is not known where it was judged is that of a NaN.
    unknown = float("inf") if errors.passed is False else 0.0
    return judged, unknown if errors.max_abs is None else errors.max_abs
