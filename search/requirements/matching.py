"""Requirements against products. A verdict stands on words that the product has published; everything else is unknown."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from search.requirements import certifying, having
from search.requirements.comparing import Fit
from search.requirements.facts import Product
from search.requirements.findings import UNREAD, Finding
from search.requirements.measuring import measure
from search.requirements.parsing import Requirement, Says, Statement
from search.requirements.quantities import Kind


def match(requirement: Requirement, product: Product, *, today: date) -> Finding:
    """Judge a product by a line: it meets the line when it meets every statement, and exceeds it only in every number."""
    found = [(statement, _judge(statement, product, today)) for statement in requirement.statements]
    verdict = _together(found)
    sources = dict.fromkeys(source for _, finding in found for source in finding.sources)
    reasons = dict.fromkeys(finding.reason for _, finding in found if finding.reason)
    return Finding(verdict, tuple(sources), "；".join(reasons))


def _together(found: Iterable[tuple[Statement, Finding]]) -> Fit:
    pairs = [(statement, finding.verdict) for statement, finding in found]
    unread = {each.sentence for each, verdict in pairs if verdict is Fit.UNKNOWN and not _is_measured(each)}
    if any(verdict is Fit.FALLS_SHORT and each.sentence not in unread for each, verdict in pairs):
        return Fit.FALLS_SHORT
    if any(verdict in (Fit.FALLS_SHORT, Fit.UNKNOWN) for _, verdict in pairs):
        return Fit.UNKNOWN
    graded = {verdict for statement, verdict in pairs if statement.says in (Says.MEASURE, Says.PROTECTION)}
    return Fit.EXCEEDS if graded == {Fit.EXCEEDS} else Fit.MEETS


_PROVEN = frozenset({Says.PROTECTION, Says.STANDARD, Says.LICENCE, Says.LISTING, Says.DEVICE_FACT})


def _is_measured(statement: Statement) -> bool:
    """Return whether a clause asks for a measure and so names no part, condition or option that others are about."""
    quantity = statement.quantity
    if statement.says is not Says.MEASURE or quantity is None:
        return statement.says in _PROVEN
    is_bare = not (statement.text[: quantity.start] + statement.text[quantity.end :]).strip()
    return quantity.kind is not Kind.EXACTLY or is_bare


def _judge(statement: Statement, product: Product, today: date) -> Finding:
    if statement.says is Says.LICENCE:
        return certifying.licence(statement, product, today)
    found = _JUDGES[statement.says](statement, product)
    if found.verdict is Fit.UNKNOWN and (source := having.verbatim(statement.text, product)):
        return Finding(Fit.MEETS, (source,))
    return found


def _unread(_statement: Statement, _product: Product) -> Finding:
    return Finding(Fit.UNKNOWN, reason=UNREAD)


_JUDGES: Mapping[Says, Callable[[Statement, Product], Finding]] = {
    Says.MEASURE: measure,
    Says.PROTECTION: certifying.protection,
    Says.STANDARD: certifying.standard,
    Says.DEVICE_FACT: certifying.device_fact,
    Says.LISTING: certifying.listing,
    Says.FEATURE: having.feature,
    Says.USE: having.use,
    Says.NOTHING: _unread,
}
