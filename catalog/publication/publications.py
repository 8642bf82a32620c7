"""Publications: 拟稿, 审核, 签发 by three persons; what is signed is what was drafted, product by product."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalog.publication import notices
from catalog.publication.models import (
    NoticeItem,
    Publication,
    PublicationItem,
    PublicationState,
    PublicNotice,
)
from registry import clock, trail, workflow
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import Application, CallRound, Listing, State, User
from registry.permissions import require
from registry.statements import stated
from registry.terms import label

TITLE_MAX, TEXT_MAX = 200, 5_000  # characters


# --- looking ------------------------------------------------------------------------------------------------------


def find(
    session: Session, publication_id: int, *, lock: bool = False, version: int | None = None
) -> Publication:
    """Return a publication with its round and its products.

    Raises:
        NotFoundError: there is none.
        StaleError: it was changed since the page with `version` was shown.
    """
    query = select(Publication).where(Publication.id == publication_id)
    if lock:
        session.execute(query.with_for_update().execution_options(populate_existing=True))
    publication = session.scalars(
        query.options(
            selectinload(Publication.round),
            selectinload(Publication.items).options(
                joinedload(PublicationItem.notice_item),
                joinedload(PublicationItem.application),
                joinedload(PublicationItem.listing).joinedload(Listing.entry),
            ),
        )
    ).one_or_none()
    if publication is None:
        raise NotFoundError("没有这份发布公告。", parameter="publication")
    if version is not None and publication.version_id != version:
        raise StaleError("这份发布公告刚刚被别人办理，请刷新页面查看后再办理。", parameter="version")
    return publication


def signers(session: Session, publication: Publication) -> Mapping[int | None, str]:
    """Return the names of those who drafted, checked and signed, by account."""
    ids = (publication.drafted_by_id, publication.checked_by_id, publication.signed_by_id)
    rows = session.execute(select(User.id, User.display_name).where(User.id.in_(ids)))
    return {user_id: name for user_id, name in rows}  # noqa: C416 - a Row is no pair for `dict`


def candidates(
    session: Session, call: CallRound, *, publication: Publication | None = None
) -> Sequence[NoticeItem]:
    """Return a round's products in notice that no other publication holds, in printed order, with application and notice.

    Some may have to wait; `hindrance` says why.
    """
    elsewhere = select(PublicationItem.application_id)
    if publication is not None:
        elsewhere = elsewhere.where(PublicationItem.publication_id != publication.id)
    latest = (
        select(NoticeItem.id)
        .join(NoticeItem.notice)
        .where(NoticeItem.application_id == Application.id, PublicNotice.opened_at.is_not(None))
        .order_by(NoticeItem.id.desc())
        .limit(1)
        .scalar_subquery()
        .correlate(Application)
    )
    return session.scalars(
        select(NoticeItem)
        .join(NoticeItem.application)
        .where(
            Application.round_id == call.id,
            Application.state.in_((State.IN_NOTICE, State.OBJECTION_HOLD)),
            Application.id.not_in(elsewhere),
            NoticeItem.id == latest,
        )
        .options(
            joinedload(NoticeItem.application).joinedload(Application.organization),
            joinedload(NoticeItem.notice),
        )
        .order_by(Application.list_code, Application.number)
    ).all()


def hindrance(application: Application) -> str | None:
    """Return why a product cannot be published now, None when nothing stands in the way."""
    if application.state is not State.IN_NOTICE:
        return f"现处于“{label(application.state)}”。"
    guards = (workflow.notice_over, workflow.undisputed, workflow.licensed)
    return next((guard.sentence for guard in guards if not guard.holds(application)), None)


# --- the sign-off -------------------------------------------------------------------------------------------------


def draft(
    session: Session, call: CallRound, actor: User, *, items: Collection[int], title: str, text: str
) -> Publication:
    """Draft a publication of products whose notice is over (拟稿).

    Raises:
        RuleError: no title, no product, or one that has to wait.
        StaleError: a product is in another publication by now.
    """
    require(actor, "publication:draft")
    notices.turn(session)  # a day declared free since the clock last struck may have lengthened a period
    publication = Publication(
        round=call, state=PublicationState.DRAFTED, drafted_by_id=actor.id, drafted_at=clock.now(),
        **_words(title, text),
    )  # fmt: skip
    publication.items = _chosen(candidates(session, call), items)
    session.add(publication)
    session.flush()  # the trail names it by its id
    _record(
        session, actor, publication, "draft", products=[item.application_id for item in publication.items]
    )
    return publication


def revise(
    session: Session, publication: Publication, actor: User, *, items: Collection[int], title: str, text: str
) -> None:
    """Change a draft, for example one that was sent back; who changes it becomes who drafted it.

    Raises:
        StaleError: it is checked already.
        RuleError: as for `draft`.
    """
    require(actor, "publication:draft")
    expect(publication, "修改", PublicationState.DRAFTED)
    offered = candidates(session, publication.round, publication=publication)
    chosen = _chosen(offered, items)
    publication.items = []
    session.flush()  # an application stands in one publication once
    publication.items = chosen
    for name, value in _words(title, text).items():
        setattr(publication, name, value)
    publication.drafted_by_id, publication.drafted_at = actor.id, clock.now()
    publication.returned_reason = None
    session.flush()
    _record(session, actor, publication, "revise", products=[item.application_id for item in chosen])


def check(session: Session, publication: Publication, actor: User) -> None:
    """Check a draft (审核); not the one who drafted it.

    Raises:
        StaleError: it is no draft any more.
        NotAllowedError: it is one's own.
        RuleError: a product has to wait by now.
    """
    require(actor, "publication:check")
    expect(publication, "审核", PublicationState.DRAFTED)
    _another(actor, publication.drafted_by_id, "拟稿人不得审核自己的稿件。")
    ensure_ready(publication)
    publication.state = PublicationState.CHECKED
    publication.checked_by_id, publication.checked_at = actor.id, clock.now()
    session.flush()  # the second of two clicks is refused here
    _record(session, actor, publication, "check")


def sign(session: Session, publication: Publication, actor: User) -> None:
    """Sign a checked draft (签发); neither who drafted nor who checked it.

    Raises:
        StaleError: it is not checked, or signed already.
        NotAllowedError: one took part already.
        RuleError: a product has to wait by now.
    """
    require(actor, "publication:sign")
    expect(publication, "签发", PublicationState.CHECKED)
    _another(actor, publication.drafted_by_id, "拟稿人不得签发自己的稿件。")
    _another(actor, publication.checked_by_id, "审核人不得签发自己审核的稿件。")
    ensure_ready(publication)
    publication.state = PublicationState.SIGNED
    publication.signed_by_id, publication.signed_at = actor.id, clock.now()
    for item in publication.items:
        item.application.publication_signed_at = clock.now()
    session.flush()  # the second of two clicks is refused here
    _record(session, actor, publication, "sign")


def send_back(session: Session, publication: Publication, actor: User, *, reason: str) -> None:
    """Send a draft back for another try; what was checked and signed counts no more.

    Who checks or signs may do so, and the publisher after the signature, where a product has to wait after all.

    Raises:
        StaleError: it is published, or a draft that was sent back already.
        RuleError: no reason.
    """
    if publication.state is PublicationState.SIGNED:
        require(actor, "publication:publish")
    elif publication.state is PublicationState.CHECKED:
        require(actor, "publication:sign")
    else:
        require(actor, "publication:check")
    expect(publication, "退回", PublicationState.DRAFTED, PublicationState.CHECKED, PublicationState.SIGNED)
    if publication.returned_reason is not None:
        raise StaleError("这份稿件已经退回，请等待修改。", parameter="state")
    publication.returned_reason = stated(reason, "退回理由", "reason")
    publication.state = PublicationState.DRAFTED
    publication.checked_by_id = publication.checked_at = None
    publication.signed_by_id = publication.signed_at = None
    for item in publication.items:
        item.application.publication_signed_at = None
    session.flush()
    _record(session, actor, publication, "send_back", reason=publication.returned_reason)


def discard(session: Session, publication: Publication, actor: User) -> None:
    """Throw a draft away; its products may stand in another.

    Raises:
        StaleError: it is checked already.
    """
    require(actor, "publication:draft")
    expect(publication, "作废", PublicationState.DRAFTED)
    _record(session, actor, publication, "discard")
    session.delete(publication)
    session.flush()


def ensure_ready(publication: Publication) -> None:
    """Refuse while a product of the publication has to wait.

    Raises:
        RuleError: naming product and reason.
    """
    if publication.returned_reason is not None:
        raise RuleError("这份稿件已被退回，须修改后重新送审。", parameter="state")
    for item in publication.items:
        if problem := hindrance(item.application):
            raise RuleError(
                f"“{item.application.product_name}”（{item.application.number}）不能发布：{problem}请退回修改。",
                parameter="items",
            )


def _chosen(offered: Sequence[NoticeItem], items: Collection[int]) -> list[PublicationItem]:
    if not items:
        raise RuleError("产品：至少选择一项。", parameter="items")
    chosen = [item for item in offered if item.id in items]
    if len(chosen) < len(set(items)):
        raise StaleError("所选产品中有的已不能列入此公告，请刷新页面重新选择。", parameter="items")
    for item in chosen:
        if problem := hindrance(item.application):
            raise RuleError(f"“{item.application.product_name}”暂不能发布：{problem}", parameter="items")
    return [
        PublicationItem(application=item.application, notice_item=item, position=position, listing=None)
        for position, item in enumerate(chosen, 1)
    ]


def _words(title: str, text: str) -> dict[str, str]:
    title = stated(title, "标题", "title", most=TITLE_MAX)
    if len(text) > TEXT_MAX:
        raise RuleError(f"正文：不超过 {TEXT_MAX} 个字。", parameter="text")
    return {"title": title, "text": text.strip()}


def _another(actor: User, other: int | None, sentence: str) -> None:
    if actor.id == other:
        raise NotAllowedError(sentence, parameter="actor")


def expect(publication: Publication, act: str, *states: PublicationState) -> None:
    if publication.state not in states:
        raise StaleError(
            f"这份发布公告现处于“{label(publication.state)}”，不能{act}；请刷新页面查看最新状态。",
            parameter="state",
        )


def _record(session: Session, actor: User, publication: Publication, act: str, **detail: object) -> None:
    trail.record(
        session, actor, f"publication.{act}", subject="publication", subject_id=publication.id, detail=detail
    )
