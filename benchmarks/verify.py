"""Verified grants per second and core beside bare Ed25519 checks of the same messages."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.grants import HUB, NOW, Signed, signed
from benchmarks.rounds import interleaved, median_ratio
from benchmarks.table import Goal, Report, Row
from hub.protocol.grant import verify
from hub.protocol.tokens import Token

TOKENS = 250
ROUNDS = 101
SHARE = 0.8

type Work = Callable[[Sequence[Signed]], None]


def run() -> Report:
    """Measure on one core by its CPU time, and on two threads by the clock on the wall."""
    grants = list(signed(TOKENS, cameras_each=4))
    messages = {id(one): Token.parse(one.token) for one in grants}

    def ours(part: Sequence[Signed]) -> None:
        for one in part:
            verify(one.token, one.verifier, one.home, one.camera, HUB, NOW)

    def bare(part: Sequence[Signed]) -> None:
        for one in part:
            message = messages[id(one)]
            one.verifier.key.verify(message.signature, message.signed)

    with ThreadPoolExecutor(2) as executor:
        halves = grants[::2], grants[1::2]

        def two_threads(work: Work) -> float:
            start = time.perf_counter()
            list(executor.map(work, halves))
            return TOKENS / (time.perf_counter() - start)

        rates = interleaved(
            ROUNDS,
            {
                "ours": lambda: _on_one_core(ours, grants),
                "bare": lambda: _on_one_core(bare, grants),
                "ours, 2 threads": lambda: two_threads(ours),
                "bare, 2 threads": lambda: two_threads(bare),
            },
        )
    share = median_ratio(rates["ours"], rates["bare"])
    both = median_ratio(rates["ours, 2 threads"], rates["bare, 2 threads"])
    length = statistics.median(len(one.token) for one in grants)
    return Report(
        [
            Row(
                what="verified grants a second, one core (CPU time)",
                ours=_rate(rates["ours"]),
                reference=f"{_rate(rates['bare'])} bare Ed25519",
                ratio=share,
                goal=Goal(share, SHARE, f"≥ {SHARE:.0%} of bare", at_least=True),
            ),
            Row(
                what="verified grants a second, two threads (wall)",
                ours=_rate(rates["ours, 2 threads"]),
                reference=f"{_rate(rates['bare, 2 threads'])} bare Ed25519",
                ratio=both,
            ),
        ],
        [f"Grants are tokens of {length:.0f} bytes."],
    )


def _on_one_core(work: Work, grants: Sequence[Signed]) -> float:
    start = time.thread_time()
    work(grants)
    return len(grants) / (time.thread_time() - start)


def _rate(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f}/s"
