"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "clock_run",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clock_run")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "list",
            sa.Enum(
                "CX", "TZ", "PC", "RJ", name="list", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("import", "round", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("list", "year", "batch", name=op.f("uq_edition_list_year_batch")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=80), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("district", sa.String(length=12), nullable=True),
        sa.Column("special_area", sa.String(length=20), nullable=True),
        sa.Column("legal_representative", sa.String(length=60), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["organization.id"], name=op.f("fk_organization_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organization_credit_code")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "system_state",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_system_state")),
    )
    op.create_table(
        "taxonomy_node",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "field",
                "leaf",
                "district",
                "special_area",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("group_label", sa.String(length=60), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("basis_document", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_node")),
        sa.UniqueConstraint("kind", "scheme", "code", name=op.f("uq_taxonomy_node_kind_scheme_code")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_trail_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_head")),
    )
    op.create_table(
        "trail_line",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=60), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=True),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_trail_line")),
        sa.UniqueConstraint("hash", name=op.f("uq_trail_line_hash")),
    )
    op.create_index(op.f("ix_trail_line_action"), "trail_line", ["action"], unique=False)
    op.create_index("ix_trail_line_subject", "trail_line", ["subject", "subject_id"], unique=False)
    op.create_table(
        "trail_root",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_trail_root")),
    )
    op.create_table(
        "catalog_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("source_ref", sa.String(length=200), nullable=True),
        sa.Column(
            "scope",
            sa.Enum(
                "public",
                "verified_buyers",
                "not_published",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_catalog_entry_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_catalog_entry_code")),
    )
    op.create_index(
        op.f("ix_catalog_entry_organization_id"), "catalog_entry", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_catalog_entry_revision"), "catalog_entry", ["revision"], unique=False)
    op.create_table(
        "organization_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_organization_name_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_name")),
    )
    op.create_index(
        op.f("ix_organization_name_organization_id"), "organization_name", ["organization_id"], unique=False
    )
    op.create_table(
        "trail_detail",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["trail_line.seq"], name=op.f("fk_trail_detail_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_trail_detail")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_user_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("mobile", name=op.f("uq_user_mobile")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    op.create_index(op.f("ix_user_organization_id"), "user", ["organization_id"], unique=False)
    op.create_table(
        "buyer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "nature",
            sa.Enum(
                "government",
                "public_institution",
                "public_hospital",
                "private_hospital",
                "university",
                "city_soe",
                "central_soe",
                "private_enterprise",
                name="nature",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "applied",
                "verified",
                "disabled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_buyer_organization_id")
        ),
        sa.ForeignKeyConstraint(["verified_by_id"], ["user.id"], name=op.f("fk_buyer_verified_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyer")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_buyer_organization_id")),
    )
    op.create_table(
        "calendar_override",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("basis_document", sa.String(length=200), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_calendar_override_set_by_id")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_override")),
    )
    op.create_table(
        "call_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "announced",
                "open",
                "closed",
                "reviewing",
                "noticed",
                "published",
                "archived",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("policy", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'draft' OR policy IS NOT NULL", name=op.f("ck_call_round_frozen")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_call_round_period")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_call_round_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_round")),
        sa.UniqueConstraint("year", "batch", name=op.f("uq_call_round_year_batch")),
    )
    op.create_table(
        "entry_key",
        sa.Column(
            "kind",
            sa.Enum(
                "source",
                "number",
                "content",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_entry_key_entry_id")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_entry_key")),
    )
    op.create_index(op.f("ix_entry_key_entry_id"), "entry_key", ["entry_id"], unique=False)
    op.create_table(
        "entry_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("caption", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_entry_picture_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_picture")),
        sa.UniqueConstraint("entry_id", "position", name=op.f("uq_entry_picture_entry_id_position")),
    )
    op.create_table(
        "entry_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("organization_name", sa.Text(), nullable=True),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("field", sa.String(length=20), nullable=True),
        sa.Column("field_text", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("district", sa.String(length=20), nullable=True),
        sa.Column("district_text", sa.Text(), nullable=True),
        sa.Column("special_area", sa.String(length=20), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("kpis", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("device", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("hints", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_entry_version_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_version")),
        sa.UniqueConstraint("entry_id", "version", name=op.f("uq_entry_version_entry_id_version")),
    )
    op.create_table(
        "expert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "technical",
                "user",
                "finance",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_expert_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("user_id", name=op.f("uq_expert_user_id")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column(
            "proposed_role",
            sa.Enum(
                "applicant_operator",
                "applicant_signatory",
                "district_officer",
                "formal_reviewer",
                "secretariat_lead",
                "expert",
                "committee_member",
                "committee_chair",
                "publisher",
                "buyer_operator",
                "buyer_approver",
                "discipline_observer",
                "sys_admin",
                "security_admin",
                "audit_admin",
                name="proposed_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["invited_by_id"], ["user.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_invitation_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_invitation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column(
            "list",
            sa.Enum(
                "CX", "TZ", "PC", "RJ", name="list", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending_publication",
                "active",
                "suspended",
                "renewal_pending",
                "expired",
                "revoked",
                "withdrawn",
                "superseded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_on", sa.Date(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("recorded_year", sa.Integer(), nullable=True),
        sa.Column("recognised_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("first_on_market", sa.Boolean(), nullable=True),
        sa.Column("first_on_market_as_of", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('suspended', 'revoked', 'withdrawn') OR status_reason IS NOT NULL",
            name=op.f("ck_listing_reason"),
        ),
        sa.CheckConstraint("batch > 0", name=op.f("ck_listing_batch")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_listing_serial")),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_listing_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint(
            "list", "year", "batch", "serial", name=op.f("uq_listing_list_year_batch_serial")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_listing_number")),
    )
    op.create_index(op.f("ix_listing_entry_id"), "listing", ["entry_id"], unique=False)
    op.create_index("ix_listing_list_status", "listing", ["list", "status"], unique=False)
    op.create_index(op.f("ix_listing_valid_until"), "listing", ["valid_until"], unique=False)
    op.create_table(
        "national_listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("effect_document", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["catalog_entry.id"], name=op.f("fk_national_listing_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_listing")),
    )
    op.create_index(op.f("ix_national_listing_entry_id"), "national_listing", ["entry_id"], unique=False)
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_password_reset_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_reset_token_hash")),
    )
    op.create_index(op.f("ix_password_reset_user_id"), "password_reset", ["user_id"], unique=False)
    op.create_table(
        "policy_parameter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("basis_document", sa.String(length=200), nullable=False),
        sa.Column("source_note", sa.Text(), nullable=False),
        sa.Column("is_assumed", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to > effective_from", name=op.f("ck_policy_parameter_period")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_policy_parameter_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_parameter")),
        sa.UniqueConstraint("key", "effective_from", name=op.f("uq_policy_parameter_key_effective_from")),
    )
    op.create_table(
        "policy_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("basis_document", sa.String(length=200), nullable=False),
        sa.Column("source_note", sa.Text(), nullable=False),
        sa.Column("is_assumed", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "declined",
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
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'proposed' OR decided_by_id IS NOT NULL", name=op.f("ck_policy_proposal_decided")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id != proposed_by_id",
            name=op.f("ck_policy_proposal_two_persons"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_policy_proposal_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["user.id"], name=op.f("fk_policy_proposal_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_proposal")),
    )
    op.create_index(op.f("ix_policy_proposal_key"), "policy_proposal", ["key"], unique=False)
    op.create_table(
        "representative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("appointed_by_id", sa.Integer(), nullable=False),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_representative_period")),
        sa.ForeignKeyConstraint(
            ["appointed_by_id"], ["user.id"], name=op.f("fk_representative_appointed_by_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_representative_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative")),
    )
    op.create_index(op.f("ix_representative_unit"), "representative", ["unit"], unique=False)
    op.create_index(op.f("ix_representative_user_id"), "representative", ["user_id"], unique=False)
    op.create_index(
        "uq_representative_open",
        "representative",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "applicant_operator",
                "applicant_signatory",
                "district_officer",
                "formal_reviewer",
                "secretariat_lead",
                "expert",
                "committee_member",
                "committee_chair",
                "publisher",
                "buyer_operator",
                "buyer_approver",
                "discipline_observer",
                "sys_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["granted_by_id"], ["user.id"], name=op.f("fk_role_grant_granted_by_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["user.id"], name=op.f("fk_role_grant_revoked_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_role_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_user_id"), "role_grant", ["user_id"], unique=False)
    op.create_index(
        "uq_role_grant_active",
        "role_grant",
        ["user_id", "role"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "list",
            sa.Enum(
                "CX", "TZ", "PC", "RJ", name="list", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "formal_review",
                "correction_required",
                "accepted",
                "not_accepted",
                "panel_ready",
                "under_review",
                "scored",
                "not_selected",
                "committee_pending",
                "approved",
                "rejected",
                "deferred",
                "in_notice",
                "objection_hold",
                "listed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("draft_saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft_saved_by_id", sa.Integer(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("commitment_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commitment_signed_by_id", sa.Integer(), nullable=True),
        sa.Column("open_checks", sa.Integer(), nullable=False),
        sa.Column("failed_checks", sa.Integer(), nullable=False),
        sa.Column("correction_rounds", sa.Integer(), nullable=False),
        sa.Column("correction_due_on", sa.Date(), nullable=True),
        sa.Column("open_corrections", sa.Integer(), nullable=False),
        sa.Column("frozen_hash", sa.String(length=64), nullable=True),
        sa.Column("frozen_revision", sa.Integer(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("panel_size", sa.Integer(), nullable=False),
        sa.Column("min_panel", sa.Integer(), nullable=True),
        sa.Column("open_conflicts", sa.Integer(), nullable=False),
        sa.Column("locked_sheets", sa.Integer(), nullable=False),
        sa.Column("official_score", sa.Integer(), nullable=True),
        sa.Column("recommend_share", sa.Integer(), nullable=True),
        sa.Column("is_above_line", sa.Boolean(), nullable=True),
        sa.Column("motion_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "approved",
                "rejected",
                "deferred",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("is_on_agenda", sa.Boolean(), nullable=False),
        sa.Column("notice_closes_on", sa.Date(), nullable=True),
        sa.Column("leak_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_objections", sa.Integer(), nullable=False),
        sa.Column("publication_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("licence_valid_until", sa.Date(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state != 'correction_required' OR correction_due_on IS NOT NULL",
            name=op.f("ck_application_correction"),
        ),
        sa.CheckConstraint(
            "state != 'listed' OR (entry_id IS NOT NULL AND open_objections = 0)",
            name=op.f("ck_application_listed"),
        ),
        sa.CheckConstraint(
            "state != 'objection_hold' OR open_objections > 0", name=op.f("ck_application_held")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'withdrawn' OR revision > 0", name=op.f("ck_application_submitted")
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'panel_ready', 'under_review', 'scored', 'not_selected', 'committee_pending', 'approved', 'rejected', 'deferred', 'in_notice', 'objection_hold', 'listed') OR frozen_hash IS NOT NULL",
            name=op.f("ck_application_frozen"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'rejected', 'deferred') OR decision IS NOT NULL",
            name=op.f("ck_application_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('in_notice', 'objection_hold', 'listed') OR (notice_closes_on IS NOT NULL AND leak_scan_at IS NOT NULL AND decision = 'approved')",
            name=op.f("ck_application_noticed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('not_accepted', 'not_selected', 'rejected') OR reason_code IS NOT NULL",
            name=op.f("ck_application_reason"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('scored', 'not_selected', 'committee_pending', 'approved', 'rejected', 'deferred', 'in_notice', 'objection_hold', 'listed') OR official_score IS NOT NULL",
            name=op.f("ck_application_scored"),
        ),
        sa.ForeignKeyConstraint(
            ["commitment_signed_by_id"], ["user.id"], name=op.f("fk_application_commitment_signed_by_id")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_application_created_by_id")),
        sa.ForeignKeyConstraint(
            ["draft_saved_by_id"], ["user.id"], name=op.f("fk_application_draft_saved_by_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_application_entry_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_application_organization_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["call_round.id"], name=op.f("fk_application_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("number", name=op.f("uq_application_number")),
    )
    op.create_index(op.f("ix_application_organization_id"), "application", ["organization_id"], unique=False)
    op.create_index("ix_application_round_state", "application", ["round_id", "state"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "LR",
                "YL",
                "GQ",
                "GX",
                "ZF",
                "QY",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("entry_version", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("short_code", sa.String(length=12), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "issued",
                "revoked",
                "superseded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status = 'issued' OR status_reason IS NOT NULL", name=op.f("ck_certificate_reason")
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["buyer.id"], name=op.f("fk_certificate_buyer_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_certificate_entry_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["user.id"], name=op.f("fk_certificate_issued_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("kind", "year", "serial", name=op.f("uq_certificate_kind_year_serial")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("request_key", name=op.f("uq_certificate_request_key")),
    )
    op.create_index(op.f("ix_certificate_buyer_id"), "certificate", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_certificate_entry_id"), "certificate", ["entry_id"], unique=False)
    op.create_table(
        "edition_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("entry_version_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_edition_item_span")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_edition_item_edition_id")),
        sa.ForeignKeyConstraint(
            ["entry_version_id"], ["entry_version.id"], name=op.f("fk_edition_item_entry_version_id")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_edition_item_listing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_item")),
    )
    op.create_index(op.f("ix_edition_item_listing_id"), "edition_item", ["listing_id"], unique=False)
    op.create_index(
        "uq_edition_item_current",
        "edition_item",
        ["edition_id", "listing_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "expert_affiliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "employment",
                "office",
                "shareholder",
                "kin",
                "test_report",
                "other",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on IS NULL OR until_on >= from_on",
            name=op.f("ck_expert_affiliation_period"),
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_affiliation_expert_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_expert_affiliation_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_expert_affiliation_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_affiliation")),
    )
    op.create_index(
        op.f("ix_expert_affiliation_expert_id"), "expert_affiliation", ["expert_id"], unique=False
    )
    op.create_index(
        op.f("ix_expert_affiliation_organization_id"), "expert_affiliation", ["organization_id"], unique=False
    )
    op.create_table(
        "listing_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_version_listing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_version")),
        sa.UniqueConstraint("listing_id", "version", name=op.f("uq_listing_version_listing_id_version")),
    )
    op.create_table(
        "panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "drawn",
                "formed",
                "reviewing",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pool", sa.JSON(), nullable=False),
        sa.Column("pool_hash", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("public_source", sa.String(length=200), nullable=False),
        sa.Column("public_value", sa.String(length=80), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("prepared_by_id", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("formed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('prepared', 'cancelled') OR (seed IS NOT NULL AND public_value IS NOT NULL)",
            name=op.f("ck_panel_drawn"),
        ),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["user.id"], name=op.f("fk_panel_prepared_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["call_round.id"], name=op.f("fk_panel_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
    )
    op.create_index(op.f("ix_panel_round_id"), "panel", ["round_id"], unique=False)
    op.create_table(
        "public_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("methods", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "open", "closed", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (opens_on IS NOT NULL AND closes_on IS NOT NULL)",
            name=op.f("ck_public_notice_period"),
        ),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_public_notice_order")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_public_notice_created_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("fk_public_notice_opened_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["call_round.id"], name=op.f("fk_public_notice_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
    )
    op.create_index(op.f("ix_public_notice_round_id"), "public_notice", ["round_id"], unique=False)
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "drafted",
                "checked",
                "signed",
                "published",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=True),
        sa.Column("issuer", sa.String(length=100), nullable=True),
        sa.Column("document_number", sa.String(length=60), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state != 'published' OR (issuer IS NOT NULL AND document_number IS NOT NULL AND published_on IS NOT NULL)",
            name=op.f("ck_publication_document"),
        ),
        sa.CheckConstraint(
            "state = 'drafted' OR checked_by_id IS NOT NULL", name=op.f("ck_publication_checked")
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'checked') OR signed_by_id IS NOT NULL", name=op.f("ck_publication_signed")
        ),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR checked_by_id != drafted_by_id", name=op.f("ck_publication_two_persons")
        ),
        sa.CheckConstraint(
            "signed_by_id IS NULL OR (signed_by_id != drafted_by_id AND signed_by_id != checked_by_id)",
            name=op.f("ck_publication_three_persons"),
        ),
        sa.ForeignKeyConstraint(["checked_by_id"], ["user.id"], name=op.f("fk_publication_checked_by_id")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["user.id"], name=op.f("fk_publication_drafted_by_id")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["user.id"], name=op.f("fk_publication_published_by_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["call_round.id"], name=op.f("fk_publication_round_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_publication_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("document_number", name=op.f("uq_publication_document_number")),
    )
    op.create_index(op.f("ix_publication_round_id"), "publication", ["round_id"], unique=False)
    op.create_table(
        "round_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("closed_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("extended_by_id", sa.Integer(), nullable=False),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["extended_by_id"], ["user.id"], name=op.f("fk_round_extension_extended_by_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["call_round.id"], name=op.f("fk_round_extension_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_extension")),
    )
    op.create_index(op.f("ix_round_extension_round_id"), "round_extension", ["round_id"], unique=False)
    op.create_table(
        "sitting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opinion_round", "meeting", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "called",
                "voting",
                "closed",
                "sealed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("prepared_by_id", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("minutes_by_id", sa.Integer(), nullable=True),
        sa.Column("sealed_hash", sa.String(length=64), nullable=True),
        sa.Column("sealed_by_id", sa.Integer(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind != 'meeting' OR (held_at IS NOT NULL AND place IS NOT NULL)", name=op.f("ck_sitting_held")
        ),
        sa.CheckConstraint("kind != 'opinion_round' OR due_on IS NOT NULL", name=op.f("ck_sitting_due")),
        sa.CheckConstraint("state != 'cancelled' OR reason IS NOT NULL", name=op.f("ck_sitting_reason")),
        sa.CheckConstraint(
            "state != 'sealed' OR (sealed_hash IS NOT NULL AND minutes IS NOT NULL)",
            name=op.f("ck_sitting_sealed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'sealed') OR closed_at IS NOT NULL", name=op.f("ck_sitting_closed")
        ),
        sa.CheckConstraint(
            "sealed_by_id IS NULL OR sealed_by_id != minutes_by_id", name=op.f("ck_sitting_two_persons")
        ),
        sa.ForeignKeyConstraint(["minutes_by_id"], ["user.id"], name=op.f("fk_sitting_minutes_by_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["user.id"], name=op.f("fk_sitting_prepared_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["call_round.id"], name=op.f("fk_sitting_round_id")),
        sa.ForeignKeyConstraint(["sealed_by_id"], ["user.id"], name=op.f("fk_sitting_sealed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
        sa.UniqueConstraint("round_id", "kind", "number", name=op.f("uq_sitting_round_id_kind_number")),
    )
    op.create_index(op.f("ix_sitting_round_id"), "sitting", ["round_id"], unique=False)
    op.create_table(
        "support_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("contracts", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=100), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0 AND contracts >= amount", name=op.f("ck_support_decision_amount")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_support_decision_listing_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_support_decision_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_decision")),
        sa.UniqueConstraint("listing_id", "document", name=op.f("uq_support_decision_listing_id_document")),
    )
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "carried",
                "not_carried",
                "vetoed",
                "put_off",
                "no_quorum",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("tally", sa.JSON(none_as_null=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "approved",
                "rejected",
                "deferred",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision IS NULL OR (outcome IS NOT NULL AND decided_by_id IS NOT NULL AND ended_at IS NOT NULL)",
            name=op.f("ck_agenda_item_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_agenda_item_application_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_agenda_item_decided_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_agenda_item_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint(
            "sitting_id", "application_id", name=op.f("uq_agenda_item_sitting_id_application_id")
        ),
    )
    op.create_index(op.f("ix_agenda_item_application_id"), "agenda_item", ["application_id"], unique=False)
    op.create_index(
        "uq_agenda_item_open",
        "agenda_item",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "application_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_revision_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["user.id"], name=op.f("fk_application_revision_submitted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_revision")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_application_revision_application_id_number")
        ),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "drawn",
                "notified",
                "declared",
                "scoring",
                "locked",
                "recused",
                "declined",
                "lapsed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "relation",
            sa.Enum(
                "employment",
                "office",
                "shareholder",
                "kin",
                "test_report",
                "other",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_appointed", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state != 'recused' OR reason IS NOT NULL", name=op.f("ck_assignment_reason")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_assignment_application_id")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_assignment_expert_id")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_assignment_panel_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["user.id"], name=op.f("fk_assignment_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "panel_id",
            "application_id",
            "expert_id",
            name=op.f("uq_assignment_panel_id_application_id_expert_id"),
        ),
    )
    op.create_index(op.f("ix_assignment_application_id"), "assignment", ["application_id"], unique=False)
    op.create_index(op.f("ix_assignment_expert_id"), "assignment", ["expert_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "restricted",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_attachment_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_attachment_organization_id")
        ),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["user.id"], name=op.f("fk_attachment_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_application_id"), "attachment", ["application_id"], unique=False)
    op.create_index(op.f("ix_attachment_organization_id"), "attachment", ["organization_id"], unique=False)
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False)
    op.create_table(
        "certificate_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_check_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_check")),
    )
    op.create_index(
        op.f("ix_certificate_check_certificate_id"), "certificate_check", ["certificate_id"], unique=False
    )
    op.create_table(
        "certificate_file",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_file_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_file")),
    )
    op.create_table(
        "certificate_listing",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_listing_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_certificate_listing_listing_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "listing_id", name=op.f("pk_certificate_listing")),
    )
    op.create_index(
        op.f("ix_certificate_listing_listing_id"), "certificate_listing", ["listing_id"], unique=False
    )
    op.create_table(
        "correction_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_correction_letter_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["user.id"], name=op.f("fk_correction_letter_issued_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_letter")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_correction_letter_application_id_number")
        ),
    )
    op.create_table(
        "formal_review_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "open",
                "passed",
                "failed",
                "waived",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict != 'waived' OR note IS NOT NULL", name=op.f("ck_formal_review_item_waiver")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_formal_review_item_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["user.id"], name=op.f("fk_formal_review_item_judged_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formal_review_item")),
        sa.UniqueConstraint("application_id", "key", name=op.f("uq_formal_review_item_application_id_key")),
    )
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_inbox_message_application_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_inbox_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
    )
    op.create_index(
        op.f("ix_inbox_message_application_id"), "inbox_message", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_inbox_message_user_id"), "inbox_message", ["user_id"], unique=False)
    op.create_table(
        "move_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "submit",
                "return_to_draft",
                "begin_formal_review",
                "require_correction",
                "answer_correction",
                "lapse",
                "accept",
                "refuse",
                "reconsider",
                "form_panel",
                "begin_review",
                "aggregate",
                "refer",
                "not_select",
                "approve",
                "reject",
                "defer",
                "resume",
                "open_notice",
                "hold",
                "release",
                "reject_on_objection",
                "order_new_panel",
                "list",
                "withdraw",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id != proposed_by_id",
            name=op.f("ck_move_proposal_two_persons"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_move_proposal_application_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_move_proposal_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["user.id"], name=op.f("fk_move_proposal_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_proposal")),
    )
    op.create_index(
        op.f("ix_move_proposal_application_id"), "move_proposal", ["application_id"], unique=False
    )
    op.create_index(
        "uq_move_proposal_open",
        "move_proposal",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "notice_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.JSON(), nullable=False),
        sa.Column("cleared", sa.JSON(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_notice_item_application_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_notice_item_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_item")),
        sa.UniqueConstraint(
            "notice_id", "application_id", name=op.f("uq_notice_item_notice_id_application_id")
        ),
    )
    op.create_index(op.f("ix_notice_item_application_id"), "notice_item", ["application_id"], unique=False)
    op.create_table(
        "panel_item",
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_panel_item_application_id")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_item_panel_id")),
        sa.PrimaryKeyConstraint("panel_id", "application_id", name=op.f("pk_panel_item")),
    )
    op.create_index(
        "uq_panel_item_open",
        "panel_item",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "participation",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "capacity",
            sa.Enum(
                "formal_reviewer",
                "expert",
                "committee_member",
                name="capacity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_participation_application_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_participation_user_id")),
        sa.PrimaryKeyConstraint("application_id", "user_id", name=op.f("pk_participation")),
    )
    op.create_table(
        "review_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("recommend_share", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("vetoes", sa.JSON(), nullable=False),
        sa.Column("means", sa.JSON(), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column(
            "failing",
            sa.Enum(
                "below_mark",
                "below_share",
                "vetoed",
                name="failing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("is_wide", sa.Boolean(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=True),
        sa.Column("motion", sa.Text(), nullable=True),
        sa.Column("computed_by_id", sa.Integer(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_review_result_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["computed_by_id"], ["user.id"], name=op.f("fk_review_result_computed_by_id")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_review_result_panel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_result")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_review_result_application_id_number")),
    )
    op.create_index(op.f("ix_review_result_panel_id"), "review_result", ["panel_id"], unique=False)
    op.create_table(
        "correction_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["correction_letter.id"], name=op.f("fk_correction_item_letter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_item")),
    )
    op.create_index(op.f("ix_correction_item_letter_id"), "correction_item", ["letter_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "individual",
                "unit",
                "anonymous",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "filed",
                "inadmissible",
                "investigating",
                "upheld",
                "dismissed",
                "lead",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("gist", sa.Text(), nullable=True),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state != 'investigating' OR gist IS NOT NULL", name=op.f("ck_objection_gist")),
        sa.CheckConstraint(
            "state NOT IN ('inadmissible', 'upheld', 'dismissed') OR reason IS NOT NULL",
            name=op.f("ck_objection_reason"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('upheld', 'dismissed') OR decided_by_id != reported_by_id",
            name=op.f("ck_objection_two_persons"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('upheld', 'dismissed') OR report IS NOT NULL", name=op.f("ck_objection_report")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_objection_decided_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["notice_item.id"], name=op.f("fk_objection_item_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["user.id"], name=op.f("fk_objection_judged_by_id")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["user.id"], name=op.f("fk_objection_registered_by_id")
        ),
        sa.ForeignKeyConstraint(["reported_by_id"], ["user.id"], name=op.f("fk_objection_reported_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_item_id"), "objection", ["item_id"], unique=False)
    op.create_table(
        "publication_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("notice_item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_publication_item_application_id")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_publication_item_listing_id")),
        sa.ForeignKeyConstraint(
            ["notice_item_id"], ["notice_item.id"], name=op.f("fk_publication_item_notice_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_publication_item_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_item")),
        sa.UniqueConstraint("application_id", name=op.f("uq_publication_item_application_id")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_publication_item_listing_id")),
    )
    op.create_index(
        op.f("ix_publication_item_publication_id"), "publication_item", ["publication_id"], unique=False
    )
    op.create_table(
        "score_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("vetoes", sa.JSON(), nullable=False),
        sa.Column("recommends", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("replaced_reason", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "locked_at IS NULL OR (total IS NOT NULL AND recommends IS NOT NULL AND hash IS NOT NULL)",
            name=op.f("ck_score_sheet_locked"),
        ),
        sa.CheckConstraint(
            "replaced_at IS NULL OR replaced_reason IS NOT NULL", name=op.f("ck_score_sheet_replaced")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_score_sheet_assignment_id")
        ),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["user.id"], name=op.f("fk_score_sheet_replaced_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
        sa.UniqueConstraint("assignment_id", "number", name=op.f("uq_score_sheet_assignment_id_number")),
    )
    op.create_index(
        "uq_score_sheet_current",
        "score_sheet",
        ["assignment_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "sitting_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("remit", sa.String(length=40), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("is_on_paper", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "answered_at IS NULL OR answered_by_id IS NOT NULL", name=op.f("ck_sitting_unit_answered")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_sitting_unit_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_sitting_unit_attachment_id")
        ),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_sitting_unit_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_unit")),
        sa.UniqueConstraint("sitting_id", "unit", name=op.f("uq_sitting_unit_sitting_id_unit")),
    )
    op.create_index(op.f("ix_sitting_unit_unit"), "sitting_unit", ["unit"], unique=False)
    op.create_table(
        "unit_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "verification",
                "claim",
                "signatory",
                "merge",
                "rename",
                "buyer",
                "membership",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "filed",
                "approved",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("filed_by_id", sa.Integer(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state != 'refused' OR reason IS NOT NULL", name=op.f("ck_unit_request_reason")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'refused') OR decided_by_id IS NOT NULL",
            name=op.f("ck_unit_request_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_unit_request_attachment_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_unit_request_decided_by_id")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["user.id"], name=op.f("fk_unit_request_filed_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_unit_request_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_request")),
    )
    op.create_index(
        op.f("ix_unit_request_organization_id"), "unit_request", ["organization_id"], unique=False
    )
    op.create_index(
        "uq_unit_request_filed",
        "unit_request",
        ["organization_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("state = 'filed'"),
        postgresql_where=sa.text("state = 'filed'"),
    )
    op.create_table(
        "ballot",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "vote",
            sa.Enum(
                "agree",
                "disagree",
                "object",
                "defer",
                "abstain",
                "recuse",
                name="vote",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_veto", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cast_by_id", sa.Integer(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("NOT is_veto OR vote IN ('disagree', 'object')", name=op.f("ck_ballot_veto")),
        sa.CheckConstraint("vote = 'agree' OR reason != ''", name=op.f("ck_ballot_reason")),
        sa.ForeignKeyConstraint(["cast_by_id"], ["user.id"], name=op.f("fk_ballot_cast_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_ballot_item_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["sitting_unit.id"], name=op.f("fk_ballot_unit_id")),
        sa.PrimaryKeyConstraint("item_id", "unit_id", name=op.f("pk_ballot")),
    )
    op.create_table(
        "objection_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_objection_file_objection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection_file")),
    )
    op.create_index(op.f("ix_objection_file_objection_id"), "objection_file", ["objection_id"], unique=False)
    op.create_table(
        "objector_identity",
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_objector_identity_objection_id")
        ),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objector_identity")),
    )
    op.create_table(
        "score_item",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["score_sheet.id"], name=op.f("fk_score_item_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "criterion", name=op.f("pk_score_item")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("score_item")
    op.drop_table("objector_identity")
    op.drop_index(op.f("ix_objection_file_objection_id"), table_name="objection_file")
    op.drop_table("objection_file")
    op.drop_table("ballot")
    op.drop_index(
        "uq_unit_request_filed",
        table_name="unit_request",
        sqlite_where=sa.text("state = 'filed'"),
        postgresql_where=sa.text("state = 'filed'"),
    )
    op.drop_index(op.f("ix_unit_request_organization_id"), table_name="unit_request")
    op.drop_table("unit_request")
    op.drop_index(op.f("ix_sitting_unit_unit"), table_name="sitting_unit")
    op.drop_table("sitting_unit")
    op.drop_index(
        "uq_score_sheet_current",
        table_name="score_sheet",
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_table("score_sheet")
    op.drop_index(op.f("ix_publication_item_publication_id"), table_name="publication_item")
    op.drop_table("publication_item")
    op.drop_index(op.f("ix_objection_item_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_correction_item_letter_id"), table_name="correction_item")
    op.drop_table("correction_item")
    op.drop_index(op.f("ix_review_result_panel_id"), table_name="review_result")
    op.drop_table("review_result")
    op.drop_table("participation")
    op.drop_index(
        "uq_panel_item_open",
        table_name="panel_item",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("panel_item")
    op.drop_index(op.f("ix_notice_item_application_id"), table_name="notice_item")
    op.drop_table("notice_item")
    op.drop_index(
        "uq_move_proposal_open",
        table_name="move_proposal",
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_index(op.f("ix_move_proposal_application_id"), table_name="move_proposal")
    op.drop_table("move_proposal")
    op.drop_index(op.f("ix_inbox_message_user_id"), table_name="inbox_message")
    op.drop_index(op.f("ix_inbox_message_application_id"), table_name="inbox_message")
    op.drop_table("inbox_message")
    op.drop_table("formal_review_item")
    op.drop_table("correction_letter")
    op.drop_index(op.f("ix_certificate_listing_listing_id"), table_name="certificate_listing")
    op.drop_table("certificate_listing")
    op.drop_table("certificate_file")
    op.drop_index(op.f("ix_certificate_check_certificate_id"), table_name="certificate_check")
    op.drop_table("certificate_check")
    op.drop_index(op.f("ix_attachment_sha256"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_organization_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_application_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(op.f("ix_assignment_expert_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_application_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("application_revision")
    op.drop_index(
        "uq_agenda_item_open",
        table_name="agenda_item",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_agenda_item_application_id"), table_name="agenda_item")
    op.drop_table("agenda_item")
    op.drop_table("support_decision")
    op.drop_index(op.f("ix_sitting_round_id"), table_name="sitting")
    op.drop_table("sitting")
    op.drop_index(op.f("ix_round_extension_round_id"), table_name="round_extension")
    op.drop_table("round_extension")
    op.drop_index(op.f("ix_publication_round_id"), table_name="publication")
    op.drop_table("publication")
    op.drop_index(op.f("ix_public_notice_round_id"), table_name="public_notice")
    op.drop_table("public_notice")
    op.drop_index(op.f("ix_panel_round_id"), table_name="panel")
    op.drop_table("panel")
    op.drop_table("listing_version")
    op.drop_index(op.f("ix_expert_affiliation_organization_id"), table_name="expert_affiliation")
    op.drop_index(op.f("ix_expert_affiliation_expert_id"), table_name="expert_affiliation")
    op.drop_table("expert_affiliation")
    op.drop_index(
        "uq_edition_item_current",
        table_name="edition_item",
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.drop_index(op.f("ix_edition_item_listing_id"), table_name="edition_item")
    op.drop_table("edition_item")
    op.drop_index(op.f("ix_certificate_entry_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_buyer_id"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_index("ix_application_round_state", table_name="application")
    op.drop_index(op.f("ix_application_organization_id"), table_name="application")
    op.drop_table("application")
    op.drop_index(
        "uq_role_grant_active",
        table_name="role_grant",
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(op.f("ix_role_grant_user_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(
        "uq_representative_open",
        table_name="representative",
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.drop_index(op.f("ix_representative_user_id"), table_name="representative")
    op.drop_index(op.f("ix_representative_unit"), table_name="representative")
    op.drop_table("representative")
    op.drop_index(op.f("ix_policy_proposal_key"), table_name="policy_proposal")
    op.drop_table("policy_proposal")
    op.drop_table("policy_parameter")
    op.drop_index(op.f("ix_password_reset_user_id"), table_name="password_reset")
    op.drop_table("password_reset")
    op.drop_index(op.f("ix_national_listing_entry_id"), table_name="national_listing")
    op.drop_table("national_listing")
    op.drop_index(op.f("ix_listing_valid_until"), table_name="listing")
    op.drop_index("ix_listing_list_status", table_name="listing")
    op.drop_index(op.f("ix_listing_entry_id"), table_name="listing")
    op.drop_table("listing")
    op.drop_table("invitation")
    op.drop_table("expert")
    op.drop_table("entry_version")
    op.drop_table("entry_picture")
    op.drop_index(op.f("ix_entry_key_entry_id"), table_name="entry_key")
    op.drop_table("entry_key")
    op.drop_table("call_round")
    op.drop_table("calendar_override")
    op.drop_table("buyer")
    op.drop_index(op.f("ix_user_organization_id"), table_name="user")
    op.drop_table("user")
    op.drop_table("trail_detail")
    op.drop_index(op.f("ix_organization_name_organization_id"), table_name="organization_name")
    op.drop_table("organization_name")
    op.drop_index(op.f("ix_catalog_entry_revision"), table_name="catalog_entry")
    op.drop_index(op.f("ix_catalog_entry_organization_id"), table_name="catalog_entry")
    op.drop_table("catalog_entry")
    op.drop_table("trail_root")
    op.drop_index("ix_trail_line_subject", table_name="trail_line")
    op.drop_index(op.f("ix_trail_line_action"), table_name="trail_line")
    op.drop_table("trail_line")
    op.drop_table("trail_head")
    op.drop_table("throttle")
    op.drop_table("taxonomy_node")
    op.drop_table("system_state")
    op.drop_index(
        "ix_outbox_message_due",
        table_name="outbox_message",
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.drop_table("outbox_message")
    op.drop_table("organization")
    op.drop_table("lease")
    op.drop_table("edition")
    op.drop_table("counter")
    op.drop_table("clock_run")
