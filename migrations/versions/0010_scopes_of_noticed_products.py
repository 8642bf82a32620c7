"""Scopes of noticed products"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change; what was noticed before was public. Written out: SQLite adds a constraint with its column only."""
    op.execute(
        "ALTER TABLE notice_item ADD COLUMN scope VARCHAR(40) DEFAULT 'public' NOT NULL "
        "CONSTRAINT ck_notice_item_scope CHECK (scope IN ('public', 'verified_buyers', 'not_published'))"
    )
    op.add_column("notice_item", sa.Column("scope_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("notice_item", "scope_reason")
    op.drop_column("notice_item", "scope")
