"""What pages and the API share: the deployment's engine, the taxonomy, and labels of facet values."""

from collections.abc import Callable
from typing import TypeVar

from catalog.entries import REVISION_COUNTER
from registry import counters, terms
from registry.models import ListCode
from registry.web import context, db_session, settings
from search import parameters, sync
from search.engine import SearchEngine
from search.index import IndexMissingError
from search.parameters import CLASSES, Taxonomy, written
from search.query import Request, Result, Suggestion, Value
from search.synonyms import Synonyms, table

T = TypeVar("T")


def search(request: Request) -> Result:
    """Answer a request; an index that is gone is made anew by the side where what is open is older than the database."""
    known = _synonyms()
    return _asking(lambda engine: engine.search(request, known))


def suggest(text: str, scopes: frozenset[str], limit: int) -> list[Suggestion]:
    """Suggest what to search for; see `SearchEngine.suggest`."""
    known = _synonyms()
    return _asking(lambda engine: engine.suggest(text, scopes, limit, known))


def labels() -> Taxonomy:
    """Return the labels of the classes that products are found by."""
    return parameters.labels(db_session())


def value_label(known: Taxonomy, facet: str, value: Value) -> str:
    """Return what a facet's value is called; a code no longer known stands for itself."""
    if value is None or isinstance(value, bool):
        key = "none" if value is None else f"{facet}.{written(value)}"
        return terms.TERMS[f"facet_value.{key}"].label
    if facet == "list":
        return terms.label(ListCode(str(value)))
    if facet in CLASSES:
        return known[CLASSES[facet]].of(str(value)) or str(value)
    return str(value)


def _synonyms() -> Synonyms:
    return table.table_at(settings().index_dir).current(db_session())


def _asking(ask: Callable[[SearchEngine], T]) -> T:
    engine = sync.engine_at(settings().index_dir)
    try:
        answer = ask(engine)
    except IndexMissingError:
        sync.catch_up(context())  # there is nothing to answer from
        return ask(engine)
    served = engine.reader.orphaned_at()
    if served is not None and served < counters.current(db_session(), REVISION_COUNTER):
        sync.catch_up_beside(context())
    return answer
