"""Decide what each row of a batch means for the catalog; nothing is written here."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from catalog.importing.columns import DEVICE, NAME, NUMBER, SOURCE
from catalog.importing.hints import names_device
from catalog.importing.known import NO_CONTENT, Known, Lookup, Standing, first_facts
from catalog.importing.rows import SHOWN_MAX, Fault, Row
from catalog.numbers import ListingNumber
from registry.models import KeyKind, ListCode, PublicationScope

NO_DEVICE = "产品没有医疗器械的注册证号、备案号或管理类别，此格未采纳，该行其余内容已采纳"


class Refusal(Exception):
    """A row contradicts the catalog, or another row of its file."""

    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, str(value or "")[:SHOWN_MAX], reason


class Batch:
    """Judge rows one after the other, each against what the catalog and the rows before it say."""

    def __init__(
        self,
        lookup: Lookup,
        *,
        list_code: ListCode,
        year: int,
        batch: int,
        scope: PublicationScope,
        today: date,
        is_closed: Callable[[tuple[ListCode, int, int]], bool],
    ) -> None:
        """Keep what holds for rows that do not say it themselves; `is_closed` knows the rounds' editions."""
        self._lookup, self._list, self._year, self._batch = lookup, list_code, year, batch
        self._scope, self._today, self._is_closed = scope, today, is_closed
        self.notices: list[Fault] = []  # of rows that were taken, though not with every cell
        self.touched: dict[
            int, tuple[Known, Standing]
        ] = {}  # by the standing's identity, in the order of the file

    def judge(self, row: Row) -> str | Fault:
        """Return `created`, `changed` or `unchanged`, or why the row is refused."""
        try:
            return self._judge(row)
        except Refusal as refusal:
            return Fault(row.line, refusal.column, refusal.value, refusal.reason)

    def _judge(self, row: Row) -> str:
        known = self._find(row)
        is_new = known is None
        if known is None:
            known = Known(
                content=dict(NO_CONTENT), scope=self._scope, source_ref=row.source, content_changed=True
            )
        content = known.content | row.content
        content["device"], aside = _device(content, row)
        source_ref = known.source_ref or row.source
        national = known.national if row.national is None else row.national
        list_code = row.number.list_code if row.number else self._list
        standing = known.standings.get(list_code)
        said = (content, source_ref, national)
        is_other = said != (known.content, known.source_ref, known.national)
        if known.line is not None and is_other:
            raise Refusal(*_key_of(row), f"与第 {known.line} 行是同一产品，内容却不同")
        if standing is None:
            standing, is_listed = self._list_anew(row, known, list_code), True
        else:
            is_listed = self._relist(row, known, standing, is_other)
        if is_new:
            known.content, known.national = content, national
            known.national_changed = bool(national)
        elif is_other:
            known.content_changed = known.content_changed or content != known.content
            known.national_changed = known.national_changed or national != known.national
            known.source_changed = known.source_changed or source_ref != known.source_ref
            known.content, known.source_ref, known.national = said
        known.standings[list_code] = standing
        known.line = known.line or row.line
        self._remember(row, known)
        self.notices += aside
        if is_new or is_listed or is_other:
            self.touched[id(standing)] = (known, standing)
        return "created" if is_new else "changed" if is_listed or is_other else "unchanged"

    def _find(self, row: Row) -> Known | None:
        """Return the entry that the row names: by 来源编号, else 目录编号, else name, model and unit."""
        by_number = self._lookup.by_key.get((KeyKind.NUMBER, row.number_text or ""))
        if row.source:
            by_source = self._lookup.by_key.get((KeyKind.SOURCE, row.source))
            if by_number and by_number is not by_source and (by_source or by_number.source_ref):
                raise Refusal(NUMBER, row.number_text, f"此编号属于另一产品{_named(by_number)}")
            return by_source or by_number
        if row.number_text:
            return by_number
        return self._lookup.by_key.get((KeyKind.CONTENT, row.content_key))

    def _list_anew(self, row: Row, known: Known, list_code: ListCode) -> Standing:
        year = row.number.year if row.number else row.year or self._year
        batch = row.number.batch if row.number else row.batch or self._batch
        if row.number:
            _agree(row, row.number, known_year=None)
        self._refuse_closed(row, (list_code, year, batch))
        standing = Standing(
            list_code, year, batch, row.number.serial if row.number else None, first_facts(row, self._today)
        )
        standing.facts = standing.merged({}, self._today)
        _check_validity(standing.facts)
        return standing

    def _relist(self, row: Row, known: Known, standing: Standing, is_other: bool) -> bool:
        """Take over what the row says of a listing that stands; return whether that changes it."""
        number = standing.number
        if row.number:
            if number is None or row.number != number:
                shown = f" {number}" if number else ""
                raise Refusal(NUMBER, row.number_text, f"该产品在此目录中已有编号{shown}，编号不变")
            _agree(row, number, known_year=standing.facts["recorded_year"])
        if row.batch is not None and row.batch != standing.batch:
            raise Refusal("批次", row.batch, f"该产品已在第 {standing.batch} 批列入，编号不变")
        after = standing.merged(row.facts, self._today)
        is_changed = after != standing.facts
        if known.line is not None and is_changed:
            raise Refusal(*_key_of(row), f"与第 {known.line} 行是同一产品，列入信息却不同")
        if is_changed or is_other:
            self._refuse_closed(row, (standing.list_code, standing.year, standing.batch))
        _check_validity(after)
        if is_changed:
            standing.before, standing.facts = standing.facts, after
        return is_changed

    def _refuse_closed(self, row: Row, key: tuple[ListCode, int, int]) -> None:
        if self._is_closed(key):
            column, value = (NUMBER, row.number_text) if row.number else ("批次", key[2])
            raise Refusal(
                column, value, f"{key[0]}-{key[1]}-{key[2]:02} 已由申报批次发布，不能用导入添加或修改"
            )

    def _remember(self, row: Row, known: Known) -> None:
        keys = [(KeyKind.SOURCE, row.source)] if row.source else []
        if row.number_text:
            keys.append((KeyKind.NUMBER, row.number_text))
        if known.content_changed:
            keys.append((KeyKind.CONTENT, row.content_key))
        if row.number:
            known.keys.add((KeyKind.NUMBER, str(row.number)))  # the listing itself answers to it
        for key in keys:
            if self._lookup.by_key.setdefault(key, known) is known and key not in known.keys:
                known.keys.add(key)
                known.new_keys.append(key)


def _device(content: Mapping[str, Any], row: Row) -> tuple[dict[str, Any] | None, list[Fault]]:
    """Return a device's block with what a row says of it, and a notice for each cell that no device's row has."""
    stored, given, aside = content["device"] or {}, row.device, []
    device = stored | given
    number = device.get("registration_number") or content["registration_number"]
    if not device.get("management_class") and not names_device(number):
        # Otherwise an ordinary 适用范围 would make any product a device, which gets no certificate without a 注册证.
        for column, name in DEVICE.items():
            if (value := given.get(name)) is not None:
                shown = {True: "是", False: "否"}.get(value, value)
                aside.append(Fault(row.line, column, shown[:SHOWN_MAX], NO_DEVICE))
        device = stored | {name: None for name, value in given.items() if value is None}
    return {name: value for name, value in device.items() if value is not None} or None, aside


def _key_of(row: Row) -> tuple[str, str | None]:
    """Return the column and value by which the row names its product."""
    if row.source:
        return SOURCE, row.source
    return (NUMBER, row.number_text) if row.number_text else (NAME, row.content["name"])


def _agree(row: Row, number: ListingNumber, *, known_year: int | None) -> None:
    if row.year is not None and row.year not in (number.year, known_year):
        raise Refusal("年份", row.year, f"与目录编号 {number} 的年份不符")
    if row.batch is not None and row.batch != number.batch:
        raise Refusal("批次", row.batch, f"与目录编号 {number} 的批次不符")


def _check_validity(facts: dict[str, Any]) -> None:
    recognised_on, valid_until = facts["recognised_on"], facts["valid_until"]
    if recognised_on and valid_until and valid_until < recognised_on:
        raise Refusal("有效期至", valid_until, f"早于认定日期 {recognised_on}")


def _named(known: Known) -> str:
    return f" {known.code}" if known.code else f"（第 {known.line} 行）"
