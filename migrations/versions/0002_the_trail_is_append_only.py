"""The trail is append-only

Trail lines and daily roots can neither be changed nor deleted; a detail can be deleted (personal data), never
changed. Never batch-alter these tables on SQLite: a rebuilt table loses its triggers silently.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDED = (("trail_line", "UPDATE"), ("trail_line", "DELETE"), ("trail_root", "UPDATE"), ("trail_root", "DELETE"), ("trail_detail", "UPDATE"))


def upgrade() -> None:
    """Guard the tables by triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for table, verb in GUARDED:
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$"
    )
    for table, verb in GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION trail_is_append_only()"
        )
    for table in ("trail_line", "trail_root"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()"
        )


def downgrade() -> None:
    """Take the guards away."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, verb in GUARDED:
        op.execute(f"DROP TRIGGER {table}_no_{verb.lower()}" + ("" if sqlite else f" ON {table}"))
    if not sqlite:
        for table in ("trail_line", "trail_root"):
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION trail_is_append_only()")
