"""Registrations of the public, attached pictures, and what stays of a home that was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the tables up to this version."""
    op.create_table(
        "registrations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("site", sa.String(length=20), nullable=False),
        sa.Column("cameras", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=True),
        sa.Column("link_ends", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("link"),
    )
    op.create_index("ix_registrations_state", "registrations", ["state"], unique=False)
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("look", sa.String(length=64), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("home", sa.String(length=64), nullable=False),
        sa.Column("looked_by", sa.String(length=40), nullable=False),
        sa.Column("attached_by", sa.String(length=40), nullable=False),
        sa.Column("attached", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("still", sa.String(length=10), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=43), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("look"),
    )
    op.create_index("ix_pictures_home", "pictures", ["home"], unique=False)
    op.create_index("ix_pictures_incident", "pictures", ["incident"], unique=False)
    op.add_column("consents", sa.Column("digest", sa.String(length=43), nullable=True))
    op.add_column("incidents", sa.Column("charged", sa.DateTime(timezone=True), nullable=True))
    op.add_column("homes", sa.Column("deleted", sa.DateTime(timezone=True), nullable=True))
