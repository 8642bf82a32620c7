"""Searches are counted by text and day, and kept by their owners"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "search_tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=60), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("without_result", sa.Integer(), nullable=False),
        sa.CheckConstraint("without_result <= searches", name=op.f("ck_search_tally_searches")),
        sa.PrimaryKeyConstraint("day", "text", name=op.f("pk_search_tally")),
    )
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_search_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_search_user_id_name")),
    )
    op.create_index(op.f("ix_saved_search_user_id"), "saved_search", ["user_id"])


def downgrade() -> None:
    """Take the two tables away."""
    op.drop_table("saved_search")
    op.drop_table("search_tally")
