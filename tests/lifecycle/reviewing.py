"""The moves of the review: a panel is drawn, declares and scores."""

from review import outcomes, panels, results, seats
from review.committee import recalling
from review.models import Assignment, Expert, Panel, Relation
from tests.lifecycle.cast import Cast


class Reviewing(Cast):
    """The moves of the review: a panel is drawn, declares and scores."""

    def ready_form_panel(self) -> None:
        """Draw a panel from a pool with new people in it: who sat before is left out."""
        for expert in self.make.experts(technical=4, user=1, finance=1):
            self._keep(expert)
        made = panels.prepare(self.session, self.lead, [self.application])
        self.records["panel"] = made.id
        panels.draw_lot(self.session, self._panel(), self.lead, public_value=str(next(self.serial)))

    def form_panel(self) -> None:
        panels.form(self.session, self._panel(), self.lead)

    def ready_begin_review(self) -> None:
        """Let one expert decline, the next of the lot follow, and all declare."""
        first = self._own(self._panel().assignments[0])
        seats.decline(self.session, first, first.expert.user, reason="另有公务")
        self._declare()

    def begin_review(self) -> None:
        panels.begin(self.session, self._panel(), self.lead)

    def ready_aggregate(self) -> None:
        self._score()

    def aggregate(self) -> None:
        results.aggregate(self.session, self.application.id, self.lead)

    def ready_refer(self) -> None:
        self._settle()
        if not self.application.is_above_line:
            outcomes.move_below_line(self.session, self.application.id, self.lead, reason="填补国内空白")

    def refer(self) -> None:
        outcomes.refer(self.session, self.application.id, self.lead)

    def ready_not_select(self) -> None:
        self._settle()

    def not_select(self) -> None:
        outcomes.not_select(self.session, self.application.id, self.lead, comments="依据不足")

    def ready_recall(self) -> None:
        """Let an expert find out late that there is a conflict."""
        seat = self._own(results.case(self.session, self.application.id).locked[0])
        seats.recuse(self.session, seat, seat.expert.user, relation=Relation.KIN, reason="亲属任职")

    def recall(self) -> None:
        recalling.recall(self.session, self.application.id, self.lead)

    def _keep(self, expert: Expert) -> Expert:
        """Keep an expert's account in sight with its roles: a session forgets what nobody holds."""
        self.experts.append(expert.user)
        return expert

    def _panel(self) -> Panel:
        return panels.whole(self.session, self.records["panel"], lock=True)

    def _own(self, seat: Assignment) -> Assignment:
        return seats.own(self.session, seat.expert.user, seat.id)

    def _declare(self) -> None:
        for seat in results.case(self.session, self.application.id).waiting:
            if seat.declared_at is None:
                seats.declare(self.session, self._own(seat), seat.expert.user)

    def _score(self) -> None:
        for seat in results.case(self.session, self.application.id).waiting:
            self.make.locked_sheet(seat, share="0.8" if self.is_good else "0.6")

    def _settle(self) -> None:
        """Settle what a recall left open: go on with those who remain, or with one appointed by hand."""
        this = results.case(self.session, self.application.id)
        for seat in (left := this.recusals):
            if self.application.panel_size < this.panel.rule["least"]:
                another = self._keep(self.make.expert())
                seats.appoint(
                    self.session, this.panel, self.application, self.lead, expert=another, reason="序列用尽"
                )
            seats.settle(self.session, seat, self.lead, refilling=False, reason="人数符合规定")
        if left:
            self._declare()
            self._score()
            results.aggregate(self.session, self.application.id, self.lead)
