"""The table of synonyms as staff keep it: one proposes a group, or to retire one, another confirms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry import clock, counters, trail
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import ProposalState, User
from registry.permissions import require
from registry.statements import stated
from registry.terms import label
from search.analysis import compact, fold
from search.synonyms import Group, Synonyms, shipped
from search.synonyms.models import SynonymAct, SynonymChange, SynonymKind

REVISION_COUNTER = "search.synonyms"
EXPRESSIONS_MOST = 12
EXPRESSION_CHARACTERS = 40
REASON_CHARACTERS = 2_000
LOOK_SECONDS = 1.0  # how long a process may miss what another confirmed


@dataclass(frozen=True, slots=True)
class Held:
    """A group in force, and the change that added it, None for a shipped one."""

    group: Group
    change_id: int | None

    @property
    def key(self) -> str:
        """Name the group in an address."""
        return sha256(repr(self.group).encode()).hexdigest()[:16]

    @property
    def kind(self) -> SynonymKind:
        """Return how its expressions stand to one another."""
        return SynonymKind.ONE_WAY if self.group.one_way else SynonymKind.SAME


# --- looking ------------------------------------------------------------------------------------------------------


def in_force(session: Session) -> list[Held]:
    """Return the groups in force: those that staff added, the newest first, then the shipped ones."""
    added: dict[Group, Held] = {}
    original = {group: Held(group, None) for group in shipped()}
    confirmed = select(SynonymChange).where(SynonymChange.state == ProposalState.CONFIRMED)
    for change in session.scalars(confirmed.order_by(SynonymChange.decided_at, SynonymChange.id)):
        group = group_of(change)
        if change.act is SynonymAct.ADD:
            added[group] = Held(group, change.id)
        else:
            added.pop(group, None)
            original.pop(group, None)
    return [*reversed(added.values()), *original.values()]


def holding(groups: Sequence[Held], text: str) -> list[Held]:
    """Return the groups with an expression that holds a text."""
    sought = compact(fold(text))
    return [each for each in groups if any(sought in compact(fold(one)) for one in each.group.expressions)]


def find_group(session: Session, key: str) -> Held:
    """Return a group in force.

    Raises:
        NotFoundError: there is no such group any more.
    """
    for each in in_force(session):
        if each.key == key:
            return each
    raise NotFoundError("没有这组同义词，它可能已经停用。", parameter="group")


def changes(*, waiting: bool) -> Select[SynonymChange]:
    """Select the proposals that wait, oldest first, or all that were decided, newest first."""
    is_waiting = SynonymChange.state == ProposalState.PROPOSED
    if waiting:
        return select(SynonymChange).where(is_waiting).order_by(SynonymChange.id)
    return select(SynonymChange).where(~is_waiting).order_by(SynonymChange.id.desc())


def find(session: Session, change_id: int) -> SynonymChange:
    """Return a change.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(SynonymChange, change_id)
    if found is None:
        raise NotFoundError("没有这项同义词变更。", parameter="change")
    return found


def group_of(change: SynonymChange) -> Group:
    """Return the group that a change adds or retires."""
    return Group(tuple(change.expressions), one_way=change.kind is SynonymKind.ONE_WAY)


# --- proposing and deciding ---------------------------------------------------------------------------------------


def propose(
    session: Session, actor: User, *, kind: SynonymKind, expressions: Sequence[str], reason: str
) -> SynonymChange:
    """Propose a group; nothing changes before another confirms.

    Raises:
        RuleError: an expression breaks a rule, the group is in force or waits already, or there is no reason.
    """
    require(actor, "synonym:propose")
    group = Group(tuple(_checked(expressions)), one_way=kind is SynonymKind.ONE_WAY)
    _hold(session)
    if any(each.group == group for each in in_force(session)):
        raise RuleError("词语：这组同义词已在使用。", parameter="expressions")
    return _add(session, actor, SynonymAct.ADD, group, reason)


def propose_retirement(session: Session, actor: User, held: Held, *, reason: str) -> SynonymChange:
    """Propose to take a group in force out of use.

    Raises:
        RuleError: that is proposed already, or there is no reason.
    """
    require(actor, "synonym:propose")
    _hold(session)
    return _add(session, actor, SynonymAct.RETIRE, find_group(session, held.key).group, reason)


def confirm(session: Session, change: SynonymChange, actor: User, *, version: int) -> None:
    """Put a proposed change into force; every search follows within a second.

    Raises:
        StaleError: it was decided, or the group is no longer what it was.
        NotAllowedError: it is one's own proposal.
    """
    _decidable(session, change, actor, version)
    is_held = any(each.group == group_of(change) for each in in_force(session))
    if is_held is (change.act is SynonymAct.ADD):
        raise StaleError("这组同义词的使用情况已经变化，请退回这项提议。", parameter="change")
    _decide(session, change, actor, ProposalState.CONFIRMED, None)
    counters.take(session, REVISION_COUNTER)


def decline(session: Session, change: SynonymChange, actor: User, *, version: int, reason: str) -> None:
    """Send a proposed change back with a reason.

    Raises:
        StaleError: it was decided already.
        NotAllowedError: it is one's own proposal.
        RuleError: there is no reason.
    """
    _decidable(session, change, actor, version)
    reason = stated(reason, "退回理由", "reason", most=REASON_CHARACTERS)
    _decide(session, change, actor, ProposalState.DECLINED, reason)


def _checked(expressions: Sequence[str]) -> Iterator[str]:
    """Yield the expressions as they are kept.

    Raises:
        RuleError: too few, too many, one twice, too long or without a letter or digit.
    """
    given = [" ".join(each.split()) for each in expressions if each.strip()]
    if not 2 <= len(given) <= EXPRESSIONS_MOST:
        raise RuleError(f"词语：请填写 2 至 {EXPRESSIONS_MOST} 个，每行一个。", parameter="expressions")
    known: set[str] = set()
    for each in given:
        key = compact(fold(each))
        if not key:
            raise RuleError(f"词语：“{each}”没有文字、字母或数字。", parameter="expressions")
        if len(each) > EXPRESSION_CHARACTERS:
            raise RuleError(
                f"词语：每个不超过 {EXPRESSION_CHARACTERS} 个字，“{each[:EXPRESSION_CHARACTERS]}…”过长。",
                parameter="expressions",
            )
        if key in known:
            raise RuleError(f"词语：“{each}”重复（全半角、大小写、繁简视为相同）。", parameter="expressions")
        known.add(key)
        yield each


def _hold(session: Session) -> None:
    """Let two who propose or confirm at once wait for each other."""
    counters.raise_to(session, REVISION_COUNTER, 0)


def _add(session: Session, actor: User, act: SynonymAct, group: Group, reason: str) -> SynonymChange:
    if any(each.act is act and group_of(each) == group for each in session.scalars(changes(waiting=True))):
        raise RuleError("词语：同样的提议正在等待确认。", parameter="expressions")
    change = SynonymChange(
        act=act,
        kind=SynonymKind.ONE_WAY if group.one_way else SynonymKind.SAME,
        expressions=list(group.expressions),
        reason=stated(reason, "理由", "reason", most=REASON_CHARACTERS),
        state=ProposalState.PROPOSED,
        proposed_by_id=actor.id,
        proposed_at=clock.now(),
    )
    session.add(change)
    session.flush()  # the trail names it by its id
    _record(session, actor, change, "propose", change.reason)
    return change


def _decidable(session: Session, change: SynonymChange, actor: User, version: int) -> None:
    require(actor, "synonym:confirm")
    _hold(session)
    session.refresh(change)
    if change.state is not ProposalState.PROPOSED or change.version_id != version:
        raise StaleError(f"这项变更现为“{label(change.state)}”，请刷新页面查看。", parameter="change")
    if change.proposed_by_id == actor.id:
        raise NotAllowedError("提出人不得确认或者退回自己提出的变更。", parameter="change")


def _decide(
    session: Session, change: SynonymChange, actor: User, state: ProposalState, answer: str | None
) -> None:
    change.state, change.answer = state, answer
    change.decided_by_id, change.decided_at = actor.id, clock.now()
    session.flush()  # the version refuses a second click here
    _record(session, actor, change, "confirm" if state is ProposalState.CONFIRMED else "decline", answer)


def _record(session: Session, actor: User, change: SynonymChange, act: str, reason: str | None) -> None:
    detail = {"act": change.act.value, "kind": change.kind.value, "expressions": change.expressions}
    trail.record(
        session, actor, f"synonym.{act}", subject="synonym", subject_id=change.id, detail=detail | {"reason": reason}
    )  # fmt: skip


# --- searching ----------------------------------------------------------------------------------------------------


class Table:
    """The groups in force of one deployment, as this process searches with them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looked = float("-inf")
        self._revision = -1
        self._synonyms = Synonyms(())

    def current(self, session: Session) -> Synonyms:
        """Return the synonyms, read afresh when somebody confirmed a change."""
        with self._lock:
            if monotonic() - self._looked >= LOOK_SECONDS:
                revision = counters.current(session, REVISION_COUNTER)
                if revision != self._revision:
                    self._synonyms = Synonyms(each.group for each in in_force(session))
                    self._revision = revision
                self._looked = monotonic()
            return self._synonyms


_tables: dict[Path, Table] = {}


def table_at(path: Path) -> Table:
    """Return this process's table for a deployment, named by its folder."""
    return _tables.setdefault(path, Table())
