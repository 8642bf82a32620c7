"""A product comes back from the committee

The move `recall` joins the actions that a proposal may name.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = (
    "submit", "return_to_draft", "begin_formal_review", "require_correction", "answer_correction", "lapse", "accept",
    "refuse", "reconsider", "form_panel", "begin_review", "aggregate", "refer", "not_select", "approve", "reject", "defer",
    "resume", "open_notice", "hold", "release", "reject_on_objection", "order_new_panel", "list", "withdraw",
)


def upgrade() -> None:
    """Let a proposal name the new action."""
    _name_only((*BEFORE, "recall"))


def downgrade() -> None:
    """Let a proposal name the old actions only."""
    _name_only(BEFORE)


def _name_only(actions: tuple[str, ...]) -> None:
    condition = f"action IN ({', '.join(repr(action) for action in actions)})"
    with op.batch_alter_table("move_proposal") as table:
        table.drop_constraint(op.f("ck_move_proposal_action"), type_="check")
        table.create_check_constraint(op.f("ck_move_proposal_action"), condition)
