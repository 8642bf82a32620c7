"""Keys that sign certificates"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("document", "qr", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "revoked_at IS NULL OR revoked_reason IS NOT NULL", name=op.f("ck_signing_key_revoked_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_signing_key_fingerprint")),
    )
    with op.batch_alter_table("certificate_file") as table:
        table.add_column(sa.Column("signing_key_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_certificate_file_signing_key_id"), "signing_key", ["signing_key_id"], ["id"]
        )
    op.create_index(op.f("ix_certificate_file_sha256"), "certificate_file", ["sha256"], unique=False)
    op.create_index(
        op.f("ix_certificate_file_signing_key_id"), "certificate_file", ["signing_key_id"], unique=False
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_certificate_file_signing_key_id"), table_name="certificate_file")
    op.drop_index(op.f("ix_certificate_file_sha256"), table_name="certificate_file")
    with op.batch_alter_table("certificate_file") as table:
        table.drop_constraint(op.f("fk_certificate_file_signing_key_id"), type_="foreignkey")
        table.drop_column("signing_key_id")
    op.drop_table("signing_key")
