"""The editions API: JSON for anyone, of the public lines, whoever asks."""

from datetime import date

from flask import Blueprint, jsonify, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from catalog import queries
from catalog.models import Edition
from catalog.views.files import SUFFIXES
from registry.api import describes
from registry.models import ListCode, PublicationScope
from registry.web import db_session, public, settings

bp = Blueprint("editions", __name__, url_prefix="/api/v1")


class EditionAnswer(BaseModel):
    """One published edition."""

    id: str = Field(description="目录版本编号，如 CX-2026-01")
    list: ListCode
    year: int
    batch: int
    published_on: date | None
    document: str | None
    count: int = Field(description="公开的产品数")
    files: dict[str, str] = Field(description="下载地址，按格式")

    @classmethod
    def of(cls, edition: Edition, count: int) -> "EditionAnswer":
        """Describe an edition with its number of public lines."""
        return cls(
            id=edition.slug,
            list=edition.list_code,
            year=edition.year,
            batch=edition.batch,
            published_on=edition.published_on,
            document=edition.document,
            count=count,
            files={
                suffix: settings().base_url
                + url_for("catalog.edition_file", slug=edition.slug, suffix=suffix)
                for suffix in SUFFIXES
            },
        )


class EditionsAnswer(BaseModel):
    """All published editions, newest first."""

    editions: list[EditionAnswer]


@bp.route("/editions")
@public
@describes("目录版本", answer=EditionsAnswer)
def editions() -> ResponseReturnValue:
    """List the published editions."""
    rows = db_session().execute(queries.editions({PublicationScope.PUBLIC}))
    answer = EditionsAnswer(editions=[EditionAnswer.of(edition, count) for edition, count in rows])
    return jsonify(answer.model_dump(mode="json"))
