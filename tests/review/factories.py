"""`make` for the review: experts, panels and sheets, made through the services where they can be."""

from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.models import Application, NodeKind, Role, State, TaxonomyNode, User
from review import panels, seats, sheets
from review.models import Assignment, Expert, ExpertKind, Panel, PanelState, ScoreSheet

_serial = count(1)


class ReviewMake:
    """The part of `Make` that knows the review."""

    session: Session
    user: Any
    application: Any

    def expert(self, *, user: User | None = None, **values: Any) -> Expert:
        """Return an expert of the pool, technical and of every field unless told, of an institution of its own."""
        serial = next(_serial)
        user = user or self.user(Role.EXPERT, display_name=f"示例专家{serial}")
        fields = self.session.scalars(select(TaxonomyNode.code).where(TaxonomyNode.kind == NodeKind.FIELD))
        values = {
            "kind": ExpertKind.TECHNICAL, "institution": f"示例研究所{serial}", "title": "教授级高工",
            "fields": sorted(fields), **values,
        }  # fmt: skip
        expert = Expert(user_id=user.id, created_at=clock.now(), **values)
        self.session.add(expert)
        self.session.flush()
        expert.user = user
        return expert

    def experts(self, technical: int = 10, user: int = 3, finance: int = 3) -> list[Expert]:
        """Return a pool from which panels can be drawn."""
        counts = {ExpertKind.TECHNICAL: technical, ExpertKind.USER: user, ExpertKind.FINANCE: finance}
        return [self.expert(kind=kind) for kind, count in counts.items() for _ in range(count)]

    def panel(self, *applications: Application, state: PanelState = PanelState.REVIEWING) -> Panel:
        """Return a panel brought to a state through the services, by a lead of its own, with all members declared.

        Of one accepted application unless told, drawn from `experts()` unless somebody is in the pool.
        """
        lead = self.user(Role.SECRETARIAT_LEAD)
        if not self.session.scalar(select(func.count()).select_from(Expert)):
            self.experts()
        products = applications or (self.application(state=State.ACCEPTED),)
        panel = panels.whole(
            self.session,
            panels.prepare(self.session, lead, products, secret="0" * 64, salt="0" * 64).id,
            lock=True,
        )
        if state is PanelState.PREPARED:
            return panel
        panels.draw_lot(self.session, panel, lead, public_value="271828")
        if state is PanelState.DRAWN:
            return panel
        panels.form(self.session, panel, lead)
        if state is PanelState.FORMED:
            return panel
        for seat in list(panel.assignments):
            seats.declare(self.session, seats.own(self.session, seat.expert.user, seat.id), seat.expert.user)
        panels.begin(self.session, panel, lead)
        return panel

    def locked_sheet(self, seat: Assignment, **values: Any) -> ScoreSheet:
        """Return a seat's sheet, locked through the service: 80 of 100 points and recommended unless told.

        `points` gives every criterion by its key, `share` the share of every maximum instead.
        """
        seat = seats.own(self.session, seat.expert.user, seat.id)
        rubric = sheets.rubric(seat.panel.round, seat.application)
        share = Decimal(values.pop("share", "0.8"))
        given = values.pop("points", None) or {one.key: str(one.weight * share) for one in rubric}
        reasons = values.pop("reasons", None) or dict.fromkeys(given, "示例理由" * 5)
        typed = sheets.Typed(given, reasons, recommends=values.pop("recommends", True), **values)
        version = current.version_id if (current := sheets.current(self.session, seat)) else None
        return sheets.lock(self.session, seat, seat.expert.user, typed=typed, version=version)
