"""Traits of products"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add whether a product is green, digital, small and quick."""
    op.add_column("entry_version", sa.Column("traits", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take the traits away."""
    with op.batch_alter_table("entry_version") as batch:
        batch.drop_column("traits")
