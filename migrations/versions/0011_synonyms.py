"""Staff add synonyms to the shipped ones and take some out of use, two persons each time"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of changes."""
    op.create_table(
        "synonym_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum("add", "retire", name="act", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("same", "one_way", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("expressions", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("proposed", "confirmed", "declined", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id != proposed_by_id", name=op.f("ck_synonym_change_two_persons")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by_id IS NULL)", name=op.f("ck_synonym_change_decided")
        ),
        sa.CheckConstraint("state != 'declined' OR answer IS NOT NULL", name=op.f("ck_synonym_change_answered")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_synonym_change_decided_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_synonym_change_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_change")),
    )
    op.create_index(op.f("ix_synonym_change_state"), "synonym_change", ["state"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("synonym_change")
