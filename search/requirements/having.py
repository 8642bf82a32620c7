"""What products say that they have and what for: features, uses, and sentences that a requirement repeats."""

from search.requirements import features, indicators
from search.requirements.comparing import Fit
from search.requirements.facts import Product, Source
from search.requirements.findings import NOTHING, Finding
from search.requirements.parsing import Statement

VERBATIM_MIN, VERBATIM_MAX = 6, 120  # characters of a sentence that says something by itself


def verbatim(text: str, product: Product) -> Source | None:
    """Return the sentence of a product that says just what a statement asks for, in the same words."""
    if not VERBATIM_MIN <= len(text) <= VERBATIM_MAX:
        return None
    wanted = features.sentence(text)
    return next((source for said, source in product.said if said == wanted), None)


def use(statement: Statement, product: Product) -> Finding:
    """Judge what a product is to be used for: all that is asked for must be named together, or each of a list."""
    whole, *parts = statement.words
    for wanted in ((whole,), tuple(parts)):
        sources = [
            next((source for things, source in product.uses if each in things), None) for each in wanted
        ]
        if sources and None not in sources:
            return Finding(Fit.MEETS, tuple(dict.fromkeys(filter(None, sources))))
    return Finding(Fit.UNKNOWN, tuple(source for _, source in product.uses[:1]), "产品所写的用途不同或者不全")


def feature(statement: Statement, product: Product) -> Finding:
    found = [_thing(wanted, statement.before, product) for wanted in statement.words]
    verdicts = [finding.verdict for finding in found]
    if statement.is_any:
        best = next((each for each in found if each.verdict is Fit.MEETS), None)
        return best or next((each for each in found if each.verdict is Fit.UNKNOWN), found[0])
    sources = tuple(dict.fromkeys(source for finding in found for source in finding.sources))
    reasons = "；".join(dict.fromkeys(finding.reason for finding in found if finding.reason))
    for verdict in (Fit.FALLS_SHORT, Fit.UNKNOWN):
        if verdict in verdicts:
            return Finding(verdict, sources, reasons)
    return Finding(Fit.MEETS, sources)


def _thing(wanted: str, subject: str, product: Product) -> Finding:
    part = indicators.name(subject)
    is_of_product = not part.core or indicators.is_said_by(part.core, product.own)
    for name, source in product.denied:
        if is_of_product and name.core == indicators.name(wanted).core:
            return Finding(Fit.FALLS_SHORT, (source,))
    affirmed = [
        each
        for each in product.affirmed
        if is_of_product
        or (each.name is not None and indicators.likeness(part, each.name, product.own) == "same")
    ]
    for each in affirmed:
        if features.has(wanted, each.things):
            return Finding(Fit.MEETS, (each.source,))
    if affirmed and not is_of_product:
        return Finding(Fit.UNKNOWN, (affirmed[0].source,), "产品所列内容中没有全部所要求的")
    return Finding(Fit.UNKNOWN, reason=NOTHING)
