"""Who asked for a batch of certificates takes the request back while nobody has decided"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = ("requested", "refused", "issuing", "complete")


def upgrade() -> None:
    """Know the new state; like a request that waits, nobody has decided it."""
    _know((*BEFORE, "withdrawn"), "(state IN ('requested', 'withdrawn')) = (decided_by_id IS NULL)")


def downgrade() -> None:
    """Forget the new state, and with it the requests that were taken back."""
    withdrawn = "SELECT id FROM certificate_batch WHERE state = 'withdrawn'"
    op.execute(f"DELETE FROM certificate_batch_line WHERE batch_id IN ({withdrawn})")  # noqa: S608 - constants
    op.execute("DELETE FROM certificate_batch WHERE state = 'withdrawn'")
    _know(BEFORE, "(state = 'requested') = (decided_by_id IS NULL)")


def _know(states: tuple[str, ...], decided: str) -> None:
    with op.batch_alter_table("certificate_batch") as table:
        table.drop_constraint(op.f("ck_certificate_batch_state"), type_="check")
        table.create_check_constraint(
            op.f("ck_certificate_batch_state"), f"state IN ({', '.join(map(repr, states))})"
        )
        table.drop_constraint(op.f("ck_certificate_batch_decided"), type_="check")
        table.create_check_constraint(op.f("ck_certificate_batch_decided"), decided)
