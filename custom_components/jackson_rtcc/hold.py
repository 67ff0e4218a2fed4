"""The hold: how long an answer waits for the camera's candidates; a decision without a clock."""

QUIET_S = 0.2
"""No candidate for so long means that no other will come soon; go2rtc never says it is done."""
LONGEST_S = 1.0
LONGEST_FOR_RELAY_S = 3.0
"""Where nothing but a relay will do, an answer without one cannot play."""


def whole_at(
    answered: float, last: float | None, *, ended: bool, trickle: bool, relay_only: bool
) -> float:
    """Return when an answer is handed over: `last` is when the last candidate of use came.

    With `trickle` whoever gets it takes candidates later too.
    """
    if ended or trickle:
        return answered
    if last is None:
        return answered + (LONGEST_FOR_RELAY_S if relay_only else LONGEST_S)
    quiet = max(answered, last) + QUIET_S
    # A relay may have come later than the cap; then it is not worth another wait.
    return max(answered, min(quiet, max(answered + LONGEST_S, last)))
