"""Who does something to accounts and tokens, as its entry says it."""

from dataclasses import dataclass
from typing import Self

from hub.operators.tokens import Caller
from hub.protocol.vocabulary import Role
from hub.transparency.log import COMMANDS, HUB


@dataclass(frozen=True, slots=True)
class Actor:
    """A pseudonym, and a role if it is an operator's or a machine's."""

    pseudonym: str
    role: Role | None = None
    operator: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> Self:
        """Return who calls."""
        return cls(caller.pseudonym, caller.role, caller.operator)


BY_COMMAND = Actor(COMMANDS)
BY_HUB = Actor(HUB)
