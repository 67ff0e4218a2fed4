"""What a benchmark reports, and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that DESIGN.md section 7 sets on a number."""

    value: float
    bound: float
    text: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Tell whether the number keeps the bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured thing beside its reference, both written with their units."""

    what: str
    ours: str
    reference: str = ""
    ratio: float | None = None
    goal: Goal | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the columns as text."""
        return (
            self.what,
            self.ours,
            self.reference,
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.goal is None else self.goal.text,
            "" if self.goal is None else "yes" if self.goal.met else "NO",
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The rows of one benchmark, and what a reader must know beside them."""

    rows: Sequence[Row]
    notes: Sequence[str] = ()


_HEAD = ("what", "ours", "reference", "ratio", "goal", "met")


def markdown(rows: Sequence[Row]) -> str:
    """Return the table as aligned Markdown, which reads well on a terminal as well."""
    lines = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )
