"""The products API: JSON for anyone, of public products with a listing in force, whoever asks."""

import time

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from registry.api import describes
from registry.errors import NotFoundError
from registry.web import db_session, public
from search import asking, parameters, queries, sync
from search.answers import (
    CountAnswer,
    ItemAnswer,
    ProductAnswer,
    ProductsAnswer,
    ProductsQuery,
    SuggestAnswer,
    SuggestionAnswer,
    SuggestQuery,
)
from search.documents import PUBLIC

bp = Blueprint("products", __name__, url_prefix="/api/v1")

SUGGESTIONS = SuggestQuery().limit


@bp.route("/products")
@public
@describes("检索产品", answer=ProductsAnswer, query=ProductsQuery)
def products() -> ResponseReturnValue:
    """Search public products."""
    known = asking.labels()
    asked = parameters.parse(request.args.to_dict(flat=False), known, PUBLIC).request
    started = time.perf_counter()
    result = asking.search(asked)
    items = [ItemAnswer.of(hit, known) for hit in result.hits]
    nearest = [ItemAnswer.of(hit, known) for hit in result.nearest]
    answer = ProductsAnswer(
        total=result.total,
        page=asked.page,
        per_page=asked.per_page,
        took_ms=round((time.perf_counter() - started) * 1000, 1),
        strictness=result.strictness,
        corrected=result.corrected,
        items=items,
        nearest=nearest,
        facets={
            name: [
                CountAnswer(value=value, label=asking.value_label(known, name, value), count=count)
                for value, count in counts
            ]
            for name, counts in result.facets.items()
        },
    )
    return jsonify(answer.model_dump(mode="json"))


@bp.route("/products/<code>")
@public
@describes("一个产品", answer=ProductAnswer, code="产品代码，如 P000001")
def product(code: str) -> ResponseReturnValue:
    """Return one public product as it stands now."""
    session = db_session()
    row = session.execute(queries.public_entry(code.upper())).one_or_none()
    document = sync.document_of(row, session.execute(queries.active_listings([row.id]))) if row else None
    if not document:
        raise NotFoundError("没有这个产品，或者它当前不在目录中。", parameter="code")
    return jsonify(ProductAnswer.of_document(document, asking.labels()).model_dump(mode="json"))


@bp.route("/suggest")
@public
@describes("输入提示", answer=SuggestAnswer, query=SuggestQuery)
def suggest() -> ResponseReturnValue:
    """Suggest products, units and categories."""
    asked = request.args.to_dict(flat=False)
    text, limit = parameters.text(asked), parameters.limit(asked, default=SUGGESTIONS)
    found = asking.suggest(text, PUBLIC, limit)
    answer = SuggestAnswer(
        suggestions=[SuggestionAnswer(text=each.text, kind=each.kind, code=each.code) for each in found]
    )
    return jsonify(answer.model_dump(mode="json"))
