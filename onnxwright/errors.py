"""The root of the error families of all three packages."""

from .texts import clipped


class OnnxwrightError(Exception):
    """A mistake that the user can mend: one line for what is wrong, one for what to do.

    Each package has one family below this class. The command line prints the two lines and
    exits with 2; it never shows a traceback for them. Lines that are longer than an error may be
    lose their middle.

    >>> print(OnnxwrightError("dense 'head': w has 3 columns, needs 4", "transpose w?"))
    dense 'head': w has 3 columns, needs 4
    transpose w?
    """

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = clipped(problem)
        self.remedy = clipped(remedy)
        super().__init__(self.problem, self.remedy)

    def __str__(self) -> str:
        return f"{self.problem}\n{self.remedy}"
