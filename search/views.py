"""The home page and the search page."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from catalog import visibility
from catalog.certificates import numbers
from catalog.queries import editions
from catalog.views.files import SUFFIXES
from registry import policy, terms
from registry.models import ListCode, NodeKind
from registry.paging import Page
from registry.web import actor, db_session, public, settings
from search import asking, operators, parameters, queries
from search.parameters import NONE, Asked, ParameterError, Taxonomy, written
from search.query import FACETS, Request, Result, Value
from search.usage import saved, tally

bp = Blueprint("search", __name__)

EXAMPLES = ("手术机器人", "超声", "工业软件", "传感器")  # common needs, found in any full catalog
NEWEST_EDITIONS = 3


@bp.route("/")
@public
def home() -> ResponseReturnValue:
    """Show what the catalog holds, and the way in."""
    session = db_session()
    scopes = visibility.scopes(session, actor())
    known = asking.labels()
    facets = asking.search(Request(scopes=_named(scopes), per_page=1)).facets
    listed: dict[Value, int] = dict(facets["list"])
    target = policy.parameter(session, "target.catalog")
    supported = policy.parameter(session, "target.supported_per_year")
    return render_template(
        "search/home.html",
        totals={
            "cumulative": session.scalar(queries.products_in(ListCode.CX, active_only=False)),
            "active": session.scalar(queries.products_in(ListCode.CX, active_only=True)),
            "target": target.value,
            "target_basis": target.basis_document,
        },
        supports=[{"list": code, "target": number} for code, number in supported.value.items()],
        target_year_basis=supported.basis_document,
        lists=[{"code": code.value, "count": listed.get(code.value, 0)} for code in ListCode],
        groups=_groups(known, dict(facets["field"])),
        editions=session.scalars(editions(scopes).limit(NEWEST_EDITIONS)).all(),
        examples=tally.popular(session) or EXAMPLES,
    )


@bp.route("/catalog/")
@public
def product_list() -> ResponseReturnValue:
    """Search the catalog."""
    known = asking.labels()
    scopes = _named(visibility.scopes(db_session(), actor()))
    try:
        asked = parameters.parse(request.args.to_dict(flat=False), known, scopes)
    except ParameterError as problem:
        empty: dict[str, Any] = {
            "q": "",
            "sort": "relevance",
            "result": None,
            "page": None,
            "clear_url": None,
        }
        lists: dict[str, Any] = {"kept": [], "facets": [], "chips": [], "sorts": [], "labels": {}}
        typed = {"q": request.args.get("q", "")}
        return render_template(
            "search/product_list.html", problem=problem.sentence, **empty | lists | typed
        ), problem.status
    result = asking.search(asked.request)
    if asked.request.page == 1 and not asked.filters:  # a filter may be what leaves nothing over
        tally.note(settings().data_dir, asked.request.q, result.total)
    page = Page(result.hits, number=asked.request.page, per_page=asked.request.per_page, total=result.total)
    sort = asked.request.sort
    return render_template(
        "search/product_list.html",
        unknown_fields=operators.unknown_fields(asked.request.q),
        problem=None,
        q=asked.request.q,
        is_certificate=numbers.looks_like(asked.request.q),
        sort=sort,
        kept=[(name, value) for name, values in asked.filters.items() for value in values]
        + ([("sort", sort)] if "sort" in request.args else []),
        result=result,
        page=page,
        facets=_facets(asked, result, known),
        chips=_chips(asked, known),
        clear_url=_url(asked, {}),
        sorts=[
            {
                "label": terms.TERMS[f"sort.{name}"].label,
                "url": _url(asked, sort=name),
                "chosen": name == sort,
            }
            for name in parameters.SORTS
        ],
        address=saved.address_of(asked),
        suffixes=SUFFIXES,
        labels={kind.value: labels for kind, labels in known.items()},
    )


def _named(scopes: Any) -> frozenset[str]:
    return frozenset(scope.value for scope in scopes)


def _groups(known: Taxonomy, counts: dict[Value, int]) -> list[dict[str, Any]]:
    """Return the fields under the groups of the scheme, in its order."""
    labels = known[NodeKind.FIELD]
    groups: dict[str, list[dict[str, Any]]] = {}
    for code, label in labels.by_code.items():
        url = url_for(".product_list", field=code)
        field = {"code": code, "label": label, "count": counts.get(code, 0), "url": url}
        groups.setdefault(labels.groups[code] or "", []).append(field)
    return [{"label": label, "fields": fields} for label, fields in groups.items()]


def _facets(asked: Asked, result: Result, known: Taxonomy) -> list[dict[str, Any]]:
    facets = []
    for name in FACETS:
        options = []
        for value, count in _in_order(name, result.facets[name]):
            text, chosen = written(value), asked.filters.get(name, ())
            others = tuple(each for each in chosen if each != text)
            url = _url(asked, {**asked.filters, name: others if text in chosen else (*chosen, text)})
            label = asking.value_label(known, name, value)
            options.append(
                {"value": text, "label": label, "count": count, "chosen": text in chosen, "url": url}
            )
        if all(option["value"] == NONE and not option["chosen"] for option in options):
            continue  # nothing of it is recorded
        facets.append({"name": name, "label": terms.TERMS[f"facet.{name}"].label, "options": options})
    return facets


def _in_order(name: str, counts: list[tuple[Value, int]]) -> list[tuple[Value, int]]:
    """Return years newest first; other facets stay most frequent first."""
    if name != "year":
        return counts
    return sorted(counts, key=lambda item: (item[0] is None, -int(item[0] or 0)))


def _chips(asked: Asked, known: Taxonomy) -> list[dict[str, str]]:
    return [
        {
            "label": asking.value_label(known, name, value),
            "url": _url(
                asked,
                {
                    **asked.filters,
                    name: tuple(each for each in asked.filters[name] if each != written(value)),
                },
            ),
        }
        for name, values in asked.request.filters.items()
        for value in values
    ]


def _url(asked: Asked, filters: Any = None, *, sort: str | None = None) -> str:
    """Write the address of this search with other filters or another order, on its first page."""
    arguments: dict[str, Any] = {
        name: list(values) for name, values in (asked.filters if filters is None else filters).items()
    }
    sort = sort or asked.request.sort
    if asked.request.q:
        arguments["q"] = asked.request.q
    if sort != "relevance":
        arguments["sort"] = sort
    return url_for(".product_list", **arguments)
