"""How long a stream may run, so that another hub can end it, and how long it ran."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring the tables up to this version."""
    op.add_column("looks", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("looks", sa.Column("seconds", sa.Integer(), nullable=True))
