"""Bans of units"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "ban",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "false_material",
                "sample_differs",
                "subsidy_fraud",
                "discredit",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "declined",
                "active",
                "lift_proposed",
                "lifted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("lift_proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("lift_proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state != 'declined' OR answer IS NOT NULL", name=op.f("ck_ban_declined")),
        sa.CheckConstraint("state != 'lifted' OR lifted_by_id IS NOT NULL", name=op.f("ck_ban_lifted")),
        sa.CheckConstraint("state = 'proposed' OR decided_by_id IS NOT NULL", name=op.f("ck_ban_decided")),
        sa.CheckConstraint(
            "state NOT IN ('lift_proposed', 'lifted') OR (lift_reason IS NOT NULL AND lift_proposed_by_id IS NOT NULL)",
            name=op.f("ck_ban_lift"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id != proposed_by_id", name=op.f("ck_ban_two_persons")
        ),
        sa.CheckConstraint(
            "lifted_by_id IS NULL OR lifted_by_id != lift_proposed_by_id", name=op.f("ck_ban_lifted_by_two")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_ban_order")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_ban_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["lift_proposed_by_id"], ["user.id"], name=op.f("fk_ban_lift_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["user.id"], name=op.f("fk_ban_lifted_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_ban_organization_id")
        ),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_ban_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ban")),
    )
    op.create_index(op.f("ix_ban_organization_id"), "ban", ["organization_id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_ban_organization_id"), table_name="ban")
    op.drop_table("ban")
