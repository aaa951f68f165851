"""Do the intervals of ratios cover the truth as often as they say? A simulation over nine noises.

Both sides of a comparison take the same time apart from noise, so the true ratio is 1. A row
passes where the 95 % interval holds it in at least 94 % of the trials, and where at most 2.5 %
of the verdicts are `faster` or `slower`. The third table adds noise that a whole session shares,
which no interval over the processes of two sessions can see, the next has sessions as the unit,
and the last names the best of several.

    python -m tools.evidence.intervals [--trials 4000]
"""

import argparse
import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from onnxwright.bench.results.compare import FEWEST_SESSIONS
from onnxwright.bench.stats import Ratio, independent_ratio, judge, paired_ratio

Array = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int], Array]
"""The logs of as many processes' medians."""
SIZES = (6, 10, 20)
LEAST_COVERAGE, MOST_ALARMS = 0.94, 0.025
NOISES: dict[str, Noise] = {
    "normal": lambda random, n: random.normal(0, 0.02, n),
    "Laplace": lambda random, n: random.laplace(0, 0.02, n),
    "Student, 2 degrees": lambda random, n: 0.02 * random.standard_t(2, n),
    "Cauchy": lambda random, n: 0.02 * np.clip(random.standard_cauchy(n), -1e4, 1e4),
    "uniform": lambda random, n: random.uniform(-0.03, 0.03, n),
    "exponential": lambda random, n: random.exponential(0.02, n),
    "log-normal": lambda random, n: 0.02 * random.lognormal(size=n),
    "two modes": lambda random, n: (
        0.05 * (random.uniform(size=n) < 0.3) + random.normal(0, 0.005, n)
    ),
    "spikes": lambda random, n: 0.3 * (random.uniform(size=n) < 0.1) + random.normal(0, 0.01, n),
}
METHODS: dict[str, Callable[[Array, Array], Ratio]] = {
    "paired": paired_ratio,
    "independent": independent_ratio,
}


def simulate(
    method: str, noise: Noise, size: int, trials: int, session: float = 0.0
) -> tuple[float, float]:
    """Return the parts of trials whose interval holds 1, and whose verdict is a false alarm.

    `session` is the standard deviation, in logs, of what all processes of a side share.
    """
    random, held, alarms = np.random.default_rng(size), 0, 0
    for _ in range(trials):
        shared = random.normal(0, session, 2) if session else (0.0, 0.0)
        new, old = (np.exp(noise(random, size) + each) for each in shared)
        ratio = METHODS[method](new, old)
        held += ratio.low <= 1 <= ratio.high
        alarms += judge(ratio) in ("faster", "slower")
    return held / trials, alarms / trials


def print_table(method: str, trials: int, session: float = 0.0) -> bool:
    """Print one method's table of ``coverage / false alarms``; return whether it passes."""
    passed = True
    print(f"\n{method}, noise shared by a session: {session:.0%}\n")
    print("| noise | " + " | ".join(f"n = {size}" for size in SIZES) + " |")
    print("|---" * (len(SIZES) + 1) + "|")
    for name, noise in NOISES.items():
        found = [simulate(method, noise, size, trials, session) for size in SIZES]
        passed &= all(held >= LEAST_COVERAGE and bad <= MOST_ALARMS for held, bad in found)
        cells = (f"{held:.1%} / {bad:.1%}" for held, bad in found)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return passed


def print_replicates(trials: int) -> bool:
    """Print what ``compare --replicates`` gives: with sessions as the unit their noise is seen."""
    print("\nreplicates, noise shared by a session: 2%\n")
    print("| sessions a side | coverage / false alarms |\n|---|---|")
    passed = True
    for size in (4, 6, 10):
        random, held, alarms = np.random.default_rng(size), 0, 0
        for _ in range(trials):
            new, old = np.exp(random.normal(0, 0.02, (2, size)))
            ratio = independent_ratio(new, old)
            held += ratio.low <= 1 <= ratio.high
            alarms += judge(ratio, fewest=FEWEST_SESSIONS) in ("faster", "slower")
        print(f"| {size} | {held / trials:.1%} / {alarms / trials:.1%} |", flush=True)
        passed &= held / trials >= LEAST_COVERAGE and alarms / trials <= MOST_ALARMS
    return passed


def print_best(trials: int) -> bool:
    """Print how often one of several runtimes that are as fast is named the fastest."""
    print("\nruntimes that are as fast, 10 processes of each\n")
    print("| runtimes | one named fastest |\n|---|---|")
    passed = True
    for count in (2, 4, 8):
        random, named = np.random.default_rng(count), 0
        for _ in range(trials):
            times = np.exp(random.normal(0, 0.02, (count, 10)))
            best, *others = sorted(times, key=np.median)
            named += all(judge(paired_ratio(best, other)) == "faster" for other in others)
        print(f"| {count} | {named / trials:.1%} |", flush=True)
        passed &= named / trials <= MOST_ALARMS
    return passed


def main() -> int:
    """Print the tables; return 1 where one of the first two fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=4000)
    trials = parser.parse_args().trials
    passed = [print_table(method, trials) for method in METHODS]
    print_table("independent", trials, session=0.02)
    passed.append(print_replicates(trials))
    passed.append(print_best(trials))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
