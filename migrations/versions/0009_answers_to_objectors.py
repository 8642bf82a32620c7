"""Answers go out to objectors"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change; whoever was answered before was told by the office."""
    op.add_column("objector_identity", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("objection", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE objection SET told_at = answered_at WHERE answered_at IS NOT NULL")


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("objection", "told_at")
    op.drop_column("objector_identity", "email")
