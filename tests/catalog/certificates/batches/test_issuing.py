"""What workers make of an approved batch: one transaction a product, whatever becomes of products, people, processes."""

import csv
import io
import os
import signal
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pypdf
import pytest
from sqlalchemy import func, select

from catalog import entries
from catalog.certificates import files, fonts
from catalog.certificates.batches import issuing, packing, services
from catalog.certificates.batches.models import BatchLine, BatchState, CertificateBatch
from catalog.certificates.fonts import RenderingError
from catalog.certificates.payload import CertificatePayload
from catalog.certificates.pdf import TooLongError
from catalog.models import Certificate, CertificateFile, CertificateStatus
from catalog.visibility import EVERYTHING
from registry import accounts, clock, outbox
from registry.db import Database
from registry.errors import RuleError
from registry.hooks import Context
from registry.models import InboxMessage, ListingStatus, OutboxMessage, PublicationScope, Role, TrailLine
from tests.catalog.certificates.batches.conftest import TODAY, furnish
from tests.conftest import settings_for, url_of
from tests.processes import PROCESSES


def deliver(context):
    """Do what the worker does until nothing is due."""
    while outbox.deliver(context):
        pass


def result(session, batch, user):
    """Return a batch as it stands now."""
    session.expunge_all()  # what the worker wrote came by another session
    return services.find(session, batch.id, user)


def test_every_product_gets_its_certificate_with_the_purpose_and_its_file(desk, session, context):
    batch = desk.approved("示例甲", "示例乙")

    deliver(context)

    done = result(session, batch, desk.operator)
    assert done.state is BatchState.COMPLETE
    assert [line.problem for line in done.lines] == [None, None]
    for line in done.lines:
        stated = CertificatePayload.read(line.certificate.payload)
        assert stated.product.name == line.entry.version.name
        assert stated.purpose.text == "影像科设备更新项目"
        assert line.certificate.issued_by_id == desk.approver.id
    assert session.scalar(select(func.count(CertificateFile.certificate_id))) == 2
    assert session.scalars(select(TrailLine.action).where(TrailLine.subject == "certificate_batch")).all() == [
        "certificate_batch.request", "certificate_batch.approve", "certificate_batch.complete",
    ]  # fmt: skip
    told = select(InboxMessage.user_id).where(InboxMessage.subject == "批量证明已经办结")
    assert set(session.scalars(told)) == {desk.operator.id, desk.approver.id}


def test_what_changed_between_click_and_issue_is_said_line_by_line(desk, session, context, make):
    revoked, hidden, unprintable, _ = desk.shortlist("示例撤销", "示例隐藏", "示例生僻", "示例照常")
    batch = desk.request()
    services.approve(session, batch, desk.approver)
    entries.change_status(session, revoked, None, status=ListingStatus.REVOKED, reason="示例原因。")
    lines = {line.entry.version.name: line for line in batch.lines}
    lines["示例隐藏"].entry.scope = PublicationScope.NOT_PUBLISHED
    lines["示例生僻"].entry.version.name = "示例\U000e0100生僻"
    assert (hidden.entry_id, unprintable.entry_id) == (
        lines["示例隐藏"].entry_id,
        lines["示例生僻"].entry_id,
    )
    session.commit()

    deliver(context)

    done = result(session, batch, desk.operator)
    problems = [line.problem for line in done.lines]
    assert done.state is BatchState.COMPLETE
    assert problems[:2] == [
        "该产品当前没有有效的列入记录（已撤销），不能出具证明。",
        "该产品已不向本单位公开，未出具。",
    ]
    assert "U+E0100" in problems[2]
    assert problems[3] is None
    assert session.scalar(select(func.count(Certificate.id))) == 1


def test_nothing_is_issued_when_the_approver_lost_the_role_or_the_account_meanwhile(
    desk, session, context, make
):
    batch = desk.approved("示例甲")
    accounts.take_role(session, desk.approver, make.user(Role.SECURITY_ADMIN), Role.BUYER_APPROVER)
    session.commit()

    deliver(context)

    assert [line.problem for line in result(session, batch, desk.operator).lines] == [
        "审批人已不再是本单位的采购方审批人，未出具。"
    ]


def test_nothing_is_issued_when_the_approvers_account_is_closed_meanwhile(desk, session, context):
    batch = desk.approved("示例甲")
    desk.approver.is_active = False
    session.commit()

    deliver(context)

    assert [line.problem for line in result(session, batch, desk.operator).lines] == [
        "审批人的账号已经停用，未出具。"
    ]


def test_a_certificate_that_fits_no_page_is_said_and_holds_nobody_up(desk, session, context, monkeypatch):
    batch = desk.approved("示例甲")

    def refuse(*_given):
        raise TooLongError("内容太多，一页容纳不下。")

    monkeypatch.setattr(issuing.files, "ensure_file", refuse)
    deliver(context)

    done = result(session, batch, desk.operator)
    assert (done.state, done.lines[0].problem) == (BatchState.COMPLETE, "内容太多，一页容纳不下。")
    assert done.lines[0].certificate is not None


@pytest.mark.guards("certificate_batch.complete")
def test_a_line_is_tried_again_when_its_file_could_not_be_made(desk, session, context, monkeypatch):
    batch = desk.approved("示例甲")
    with monkeypatch.context() as broken:
        broken.setattr(files, "renderer", None)
        deliver(context)
    waiting = result(session, batch, desk.operator)
    assert waiting.state is BatchState.ISSUING
    assert (waiting.lines[0].certificate is not None, waiting.lines[0].done_at) == (True, None)

    with clock.standing_at(clock.now() + timedelta(hours=2)):
        deliver(context)

    done = result(session, batch, desk.operator)
    assert done.state is BatchState.COMPLETE
    assert done.lines[0].certificate_id == waiting.lines[0].certificate_id


def test_a_line_is_tried_again_when_the_machine_could_not_print_for_a_while(
    desk, session, context, monkeypatch
):
    batch = desk.approved("示例甲")

    def refuse(*_given):
        raise RenderingError("无法生成证明：字库尚未生成，请先运行 registry init")

    with monkeypatch.context() as patched:
        patched.setattr(fonts, "check_coverage", refuse)
        deliver(context)
    waiting = result(session, batch, desk.operator)
    assert (waiting.state, waiting.lines[0].problem) == (BatchState.ISSUING, None)

    with clock.standing_at(TODAY + timedelta(days=1)):
        deliver(context)
    done = result(session, batch, desk.operator)
    assert (done.state, done.lines[0].problem) == (BatchState.COMPLETE, None)
    assert done.lines[0].certificate_id is not None


def test_a_message_that_is_delivered_twice_issues_once(desk, session, context):
    batch = desk.approved("示例甲")
    deliver(context)

    issuing.issue_line(context, services.LineApproved(batch.lines[0].id))

    assert session.scalar(select(func.count(Certificate.id))) == 1


def test_a_later_batch_supersedes_the_certificates_of_the_earlier_one(desk, session, context):
    first = desk.approved("示例甲")
    deliver(context)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        again = desk.request()
        services.approve(session, again, desk.approver)
        session.commit()
        deliver(context)

    old, new = (result(session, batch, desk.operator).lines[0].certificate for batch in (first, again))
    assert (old.status, new.status) == (CertificateStatus.SUPERSEDED, CertificateStatus.ISSUED)
    assert new.number in old.status_reason


def test_the_archive_holds_every_file_and_says_what_became_of_each(desk, session, context):
    revoked, _ = desk.shortlist("示例撤销", "=示例照常")
    batch = desk.request()
    with pytest.raises(RuleError, match="尚未全部办结"):
        packing.archive(context, batch, EVERYTHING)
    services.approve(session, batch, desk.approver)
    entries.change_status(session, revoked, None, status=ListingStatus.REVOKED, reason="示例原因。")
    session.commit()
    deliver(context)

    done = result(session, batch, desk.operator)
    with ZipFile(io.BytesIO(packing.archive(context, done, EVERYTHING))) as packed:
        number = done.lines[1].certificate.number
        assert packed.namelist() == ["清单.csv", f"{number}.pdf"]
        assert number in pypdf.PdfReader(io.BytesIO(packed.read(f"{number}.pdf"))).pages[0].extract_text()
        rows = list(csv.reader(io.StringIO(packed.read("清单.csv").decode("utf-8-sig"))))
    codes = [line.entry.code for line in done.lines]
    assert rows == [
        ["序号", "产品代码", "产品名称", "证明编号", "证明状态", "说明"],
        ["1", codes[0], "示例撤销", "", "", "该产品当前没有有效的列入记录（已撤销），不能出具证明。"],
        ["2", codes[1], "'=示例照常", number, "有效", ""],
    ]


# --- processes ----------------------------------------------------------------------------------------------------


def _work(url: str, folder: Path, start, *, dies_after: int = 0) -> None:
    """Deliver in a process of its own, which kills itself in the middle of the line after so many files."""
    settings = settings_for(folder, url)
    database = Database(settings.database)
    made = []

    def ensure_file(context, certificate_id, make=files.ensure_file):
        made.append(certificate_id)
        if dies_after and len(made) > dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return make(context, certificate_id)

    issuing.files.ensure_file = ensure_file
    start.wait()
    with clock.standing_at(TODAY):
        deliver(Context(database, settings, print))
    database.dispose()


def _prepared(database, products):
    with database.transaction() as session:
        desk = furnish(session)
        desk.shortlist(*(f"示例产品{number}" for number in range(products)))
        batch_id = services.request(session, desk.operator, purchase=services.Purchase("更新项目"))[0].id
        services.approve(session, services.find(session, batch_id, desk.approver), desk.approver)
    database.dispose()
    return url_of(database)


def _outcome(database):
    """Return state, lines done, certificates and their serials, and how often the batch was closed."""
    with database.reading() as session:
        return (
            session.scalars(select(CertificateBatch.state)).one(),
            session.scalar(select(func.count(BatchLine.done_at))),
            sorted(session.scalars(select(Certificate.serial))),
            session.scalar(
                select(func.count(TrailLine.seq)).where(TrailLine.action == "certificate_batch.complete")
            ),
        )


def test_two_workers_at_once_issue_each_line_once(fresh_database, tmp_path):
    url = _prepared(fresh_database, 5)
    start = PROCESSES.Event()
    workers = [PROCESSES.Process(target=_work, args=(url, tmp_path, start)) for _ in range(2)]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(timeout=120)

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert _outcome(fresh_database) == (BatchState.COMPLETE, 5, [1, 2, 3, 4, 5], 1)


def test_another_worker_goes_on_where_a_killed_one_stopped(fresh_database, tmp_path):
    url = _prepared(fresh_database, 3)
    start = PROCESSES.Event()
    start.set()
    killed = PROCESSES.Process(target=_work, args=(url, tmp_path, start), kwargs={"dies_after": 1})
    killed.start()
    killed.join(timeout=120)
    assert killed.exitcode == -signal.SIGKILL
    assert _outcome(fresh_database) == (BatchState.ISSUING, 1, [1, 2], 0)

    context = Context(fresh_database, settings_for(tmp_path, url), print)
    with clock.standing_at(clock.now() + outbox.LEASE + timedelta(seconds=1)):
        deliver(context)

    assert _outcome(fresh_database) == (BatchState.COMPLETE, 3, [1, 2, 3], 1)
    with fresh_database.reading() as session:
        assert (
            session.scalar(
                select(func.count(OutboxMessage.id)).where(
                    OutboxMessage.event == "LineApproved", OutboxMessage.delivered_at.is_(None)
                )
            )
            == 0
        )
