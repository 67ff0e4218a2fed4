"""Registrations of the public, and pictures that an operator attached to an incident."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the tables up to this version."""
