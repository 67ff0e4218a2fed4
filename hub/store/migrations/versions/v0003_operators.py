"""Operators: their accounts, invitations, passkeys and sessions; when a token was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the tables up to this version."""
    op.add_column("api_tokens", sa.Column("last_used", _MOMENT, nullable=True))
    op.create_table(
        "operators",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("disabled", _MOMENT, nullable=True),
        sa.Column("disabled_why", sa.String(length=200), nullable=True),
        sa.Column("locked", _MOMENT, nullable=True),
        sa.Column("last_used", _MOMENT, nullable=True),
        sa.Column("login", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("home_lat", sa.Float(), nullable=True),
        sa.Column("home_lon", sa.Float(), nullable=True),
        sa.Column("home_radius_m", sa.Float(), nullable=True),
        sa.Column("shift", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
        sa.UniqueConstraint("pseudonym"),
        sa.UniqueConstraint("subject"),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("used", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_invitations_operator", "invitations", ["operator"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("last_used", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_passkeys_operator", "passkeys", ["operator"], unique=False)
    op.create_table(
        "challenges",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("bound", sa.String(length=64), nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_challenges_expires", "challenges", ["expires"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("authenticated", _MOMENT, nullable=False),
        sa.Column("used", _MOMENT, nullable=False),
        sa.Column("locked", _MOMENT, nullable=True),
        sa.Column("ended", _MOMENT, nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_sessions_operator", "sessions", ["operator"], unique=False)
    op.create_table(
        "failures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_failures_operator", "failures", ["operator"], unique=False)
