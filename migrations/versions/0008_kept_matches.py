"""Tables of requirements by products are kept by buyers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "requirement_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_requirement_match_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_match")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_requirement_match_user_id_name")),
    )
    op.create_index(op.f("ix_requirement_match_user_id"), "requirement_match", ["user_id"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("requirement_match")
