"""Interleaved rounds: what is compared takes turns, so that a busy machine hits all alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence


def interleaved[Name: str](
    rounds: int, measured: Mapping[Name, Callable[[], float]]
) -> dict[Name, list[float]]:
    """Call each in turn, `rounds` times over, and return what each of them returned."""
    results: dict[Name, list[float]] = {name: [] for name in measured}
    for turn in range(rounds):
        names = list(measured)
        for name in names if turn % 2 == 0 else reversed(names):
            results[name].append(measured[name]())
    return results


def median_ratio(ours: Sequence[float], reference: Sequence[float]) -> float:
    """Return the median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(ours, reference, strict=True))


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the sample below which `share` (0 to 1) of all lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
