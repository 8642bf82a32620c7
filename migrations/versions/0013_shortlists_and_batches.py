"""Buyers put products aside and ask for the certificates of all of them at once, two persons each time"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "shortlist_item",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_shortlist_item_entry_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_shortlist_item_user_id")),
        sa.PrimaryKeyConstraint("user_id", "entry_id", name=op.f("pk_shortlist_item")),
    )
    op.create_index(op.f("ix_shortlist_item_entry_id"), "shortlist_item", ["entry_id"])
    op.create_table(
        "certificate_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("state", _enum("state", "requested", "refused", "issuing", "complete"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("funds", _enum("funds", "fiscal", "state_owned", "self_raised"), nullable=False),
        sa.Column("object", _enum("object", "works", "works_related", "goods", "services"), nullable=False),
        sa.Column("project", _enum("project", "none", "major", "state_investment"), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'requested') = (decided_by_id IS NULL)", name=op.f("ck_certificate_batch_decided")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id != requested_by_id", name=op.f("ck_certificate_batch_two_persons")
        ),
        sa.CheckConstraint("state != 'refused' OR answer IS NOT NULL", name=op.f("ck_certificate_batch_answered")),
        sa.ForeignKeyConstraint(["buyer_id"], ["buyer.id"], name=op.f("fk_certificate_batch_buyer_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_certificate_batch_decided_by_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["user.id"], name=op.f("fk_certificate_batch_requested_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch")),
    )
    op.create_index(op.f("ix_certificate_batch_buyer_id"), "certificate_batch", ["buyer_id"])
    op.create_index(
        "uq_certificate_batch_open",
        "certificate_batch",
        ["request_hash"],
        unique=True,
        sqlite_where=sa.text("state IN ('requested', 'issuing')"),
        postgresql_where=sa.text("state IN ('requested', 'issuing')"),
    )
    op.create_table(
        "certificate_batch_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "done_at IS NULL OR certificate_id IS NOT NULL OR problem IS NOT NULL",
            name=op.f("ck_certificate_batch_line_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_batch_line_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_batch_line_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["catalog_entry.id"], name=op.f("fk_certificate_batch_line_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch_line")),
        sa.UniqueConstraint("batch_id", "entry_id", name=op.f("uq_certificate_batch_line_batch_id_entry_id")),
    )
    op.create_index(op.f("ix_certificate_batch_line_certificate_id"), "certificate_batch_line", ["certificate_id"])
    op.create_index(op.f("ix_certificate_batch_line_entry_id"), "certificate_batch_line", ["entry_id"])


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("certificate_batch_line")
    op.drop_table("certificate_batch")
    op.drop_table("shortlist_item")
