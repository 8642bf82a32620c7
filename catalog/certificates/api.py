"""`/api/v1/certificates/<number>`: the check for programs."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from catalog.certificates import numbers
from catalog.certificates.verdicts import CheckDoor, CheckReason, Verdict
from catalog.certificates.views import bp
from catalog.certificates.views.verify import SECRET_PARAMETER, checked
from registry.api import describes
from registry.web import public


class CertificateQuery(BaseModel):
    """What may be sent along."""

    code: str = Field("", description="核验码，12 个字母；给出且相符时才返回 facts")


class CertificateAnswer(BaseModel):
    """The three verdicts on a certificate; `facts` is what it states, null without the right short code."""

    number: str
    integrity: Verdict
    status: Verdict
    issuer: Verdict
    reasons: list[CheckReason]
    issued_at: str | None
    as_of: str
    facts: dict[str, Any] | None


@bp.route("/api/v1/certificates/<number>")
@public
@describes(
    "核验一份证明",
    answer=CertificateAnswer,
    query=CertificateQuery,
    number="证明编号，例如 ZM-2026-LR-000123-53",
)
def certificate(number: str) -> ResponseReturnValue:
    """Check a certificate; the number is read as people type it."""
    answer = checked(number[: numbers.INPUT_LIMIT], request.args.get(SECRET_PARAMETER, ""), CheckDoor.API)
    body = CertificateAnswer(
        number=answer.number,
        integrity=answer.integrity,
        status=answer.status,
        issuer=answer.issuer,
        reasons=list(answer.reasons),
        issued_at=answer.issued_at.isoformat() if answer.issued_at else None,
        as_of=answer.as_of.isoformat(),
        facts=answer.facts.model_dump(mode="json") if answer.facts else None,
    )
    response = jsonify(body.model_dump(mode="json"))
    response.headers["Cache-Control"] = "no-store"
    return response
