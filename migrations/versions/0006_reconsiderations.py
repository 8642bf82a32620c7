"""Reconsiderations asked for by units"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = (
    "draft", "submitted", "formal_review", "correction_required", "accepted", "not_accepted", "panel_ready",
    "under_review", "scored", "not_selected", "committee_pending", "approved", "rejected", "deferred", "in_notice",
    "objection_hold", "listed", "withdrawn",
)  # fmt: skip


def upgrade() -> None:
    """Apply the change."""
    op.add_column("application", sa.Column("reconsideration_due_on", sa.Date(), nullable=True))
    op.create_table(
        "reconsideration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*STATES, name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "granted",
                "refused",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'asked' OR (decided_by_id IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_reconsideration_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_reconsideration_application_id")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_reconsideration_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_reconsideration_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconsideration")),
        sa.UniqueConstraint("application_id", "since", name=op.f("uq_reconsideration_application_id_since")),
    )
    op.create_index(
        op.f("ix_reconsideration_application_id"), "reconsideration", ["application_id"], unique=False
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_reconsideration_application_id"), table_name="reconsideration")
    op.drop_table("reconsideration")
    op.drop_column("application", "reconsideration_due_on")
