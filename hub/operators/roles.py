"""What each role may do at the hub, as one plain table (CJIS AC-5 and AC-6: separate duties)."""

from collections.abc import Mapping

from hub.operators.tokens import TokenScope
from hub.protocol.vocabulary import Role

_OFFICER = frozenset(
    {
        TokenScope.GRANTS_READ,
        TokenScope.INCIDENTS_READ,
        TokenScope.INCIDENTS_WRITE,
        TokenScope.LOOKS_WRITE,
        TokenScope.PICTURES_WRITE,
    }
)

SCOPES: Mapping[Role, frozenset[TokenScope]] = {
    Role.OFFICER: _OFFICER,
    Role.SUPERVISOR: _OFFICER
    | {TokenScope.APPROVALS_WRITE, TokenScope.REVIEWS_WRITE, TokenScope.REPORTS_READ},
    # No pictures, ever.
    Role.AUDITOR: frozenset(
        {TokenScope.INCIDENTS_READ, TokenScope.LOG_READ, TokenScope.REPORTS_READ}
    ),
    # No pictures and no looks.
    Role.ADMINISTRATOR: frozenset({TokenScope.OPERATORS_WRITE, TokenScope.REGISTRATIONS_WRITE}),
}
