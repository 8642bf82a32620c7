"""Uploads: what is taken, what is refused by its content, and who may open it."""

import io
import zipfile

import openpyxl
import pytest
from PIL import Image
from sqlalchemy import select

from registry import attachments, formal_review
from registry.errors import NotFoundError, RuleError
from registry.files import FileStore
from registry.models import Attachment, AttachmentVisibility, Role, State
from tests.factories import log_in

PDF = b"%PDF-1.7\n%%EOF\n"


def picture(kind):
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, kind)
    return out.getvalue()


def workbook():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def archive(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


@pytest.fixture
def files(tmp_path):
    """Return the file store that the test's application reads."""
    return FileStore(tmp_path / "files")


@pytest.fixture
def upload(session, make, files):
    """Return a function that keeps a file for a unit of its own."""

    def upload(name="授权书.pdf", content=PDF, *, kind="authorization", organization=None):
        organization = organization or make.organization()
        actor = make.user(Role.APPLICANT_OPERATOR, organization=organization)
        return attachments.store(
            session, files, actor, organization_id=organization.id, kind=kind, name=name, content=content
        )

    return upload


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("授权书.pdf", PDF, "application/pdf"),
        ("照片.JPG", picture("JPEG"), "image/jpeg"),
        ("照片.png", picture("PNG"), "image/png"),
        ("清单.xlsx", workbook(), attachments.TYPES["xlsx"].media_type),
        ("公文.ofd", archive("OFD.xml"), "application/ofd"),
    ],
)
def test_a_file_is_kept_under_its_hash_when_its_content_is_what_it_says(
    upload, files, name, content, media_type
):
    kept = upload(name, content)

    assert (kept.name, kept.media_type, kept.size) == (name, media_type, len(content))
    assert files.read(kept.sha256) == content


def test_only_a_picture_that_may_be_published_loses_what_the_camera_wrote(session, make, files):
    exif = Image.Exif()
    exif[0x010E] = "place"
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "JPEG", exif=exif)
    organization = make.organization()
    actor = make.user(Role.APPLICANT_OPERATOR, organization=organization)

    kept = {
        visibility: attachments.store(
            session, files, actor, organization_id=organization.id, kind="pictures", name="照片.jpg",
            content=out.getvalue(), visibility=visibility,
        )
        for visibility in AttachmentVisibility
    }  # fmt: skip

    public, restricted = kept[AttachmentVisibility.PUBLIC], kept[AttachmentVisibility.RESTRICTED]
    assert (b"place" in files.read(public.sha256), public.size) == (False, len(files.read(public.sha256)))
    assert files.read(restricted.sha256) == out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("授权书.pdf", picture("PNG"), "附件“授权书.pdf”：文件内容不是 pdf 格式"),
        ("照片.png", PDF, "附件“照片.png”：文件内容不是 png 格式"),
        ("表.xlsx", archive("word/document.xml", "[Content_Types].xml"), "文件内容不是 xlsx 格式"),
        ("表.xlsx", archive("xl/workbook.xml", "[Content_Types].xml", "xl/vbaProject.bin"), "或者含有宏"),
        ("表.xlsx", b"PK\x03\x04 and nothing more", "文件内容不是 xlsx 格式"),
        ("程序.exe", b"MZ", "附件“程序.exe”：只接受 pdf、"),
        ("授权书.pdf.exe", PDF, "附件“授权书.pdf.exe”：只接受 pdf、"),
        ("pdf", PDF, "附件“pdf”：只接受 pdf、"),
        ("网页.svg", b"<svg/>", "只接受 pdf、"),
        ("空.pdf", b"", "附件“空.pdf”：文件是空的"),
    ],
)
def test_a_file_is_refused_in_one_sentence_when_its_name_lies_or_its_type_is_not_taken(
    upload, name, content, sentence
):
    with pytest.raises(RuleError) as refused:
        upload(name, content)

    assert sentence in refused.value.sentence


def test_a_file_larger_than_the_policy_says_is_refused(upload):
    with pytest.raises(RuleError) as refused:
        upload(content=PDF + bytes(20 * 1024 * 1024))

    assert refused.value.sentence == "附件“授权书.pdf”：超过 20 MB，请压缩或拆分后重新上传。"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\甲\\授权书.pdf", "授权书.pdf"),
        ("../../etc/授权书.pdf", "授权书.pdf"),
        ("授权\u202efdp\r\n书.pdf", "授权fdp书.pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_a_name_loses_folders_and_marks_that_deceive(given, kept):
    assert attachments.clean_name(given) == kept


def test_a_download_is_one_that_no_browser_runs(client, session, make, upload):
    organization = make.organization()
    kept = upload(organization=organization)
    member = make.user(Role.APPLICANT_SIGNATORY, organization=organization)
    session.commit()
    log_in(client, member)

    answer = client.get(f"/attachments/{kept.id}")

    assert (answer.status_code, answer.data, answer.content_type) == (200, PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.FORMAL_REVIEWER, 200),
        (Role.DISCIPLINE_OBSERVER, 200),
        (Role.APPLICANT_SIGNATORY, 404),  # of another unit
        (Role.EXPERT, 404),
        (Role.SYS_ADMIN, 404),
    ],
)
def test_a_download_of_another_unit_s_file_is_for_the_office_and_the_observer(
    client, session, make, upload, role, status
):
    kept = upload()
    user = make.user(role, organization=make.organization())
    session.commit()
    log_in(client, user)

    assert client.get(f"/attachments/{kept.id}").status_code == status


@pytest.mark.parametrize("role", [Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD, Role.DISCIPLINE_OBSERVER])
@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED])
def test_the_office_opens_no_file_of_an_application_before_it_is_opened(session, make, role, state):
    application = make.application(state=state, round=make.round(sealed=True))
    reader, unit = make.user(role), make.applicant(application.organization)
    file = session.scalars(select(Attachment).where(Attachment.application_id == application.id)).first()

    assert attachments.opened(session, unit, file.id) is file
    with pytest.raises(NotFoundError):
        attachments.opened(session, reader, file.id)


def test_the_office_opens_the_files_of_an_application_once_it_is_opened(session, make):
    application, examiner = make.application(state=State.SUBMITTED), make.user(Role.FORMAL_REVIEWER)
    file = session.scalars(select(Attachment).where(Attachment.application_id == application.id)).first()

    formal_review.begin(session, application, examiner)

    assert attachments.opened(session, examiner, file.id) is file


def test_a_visitor_is_asked_to_log_in_before_a_download(client, session, upload):
    kept = upload()
    session.commit()

    assert client.get(f"/attachments/{kept.id}").location == f"/login?next=/attachments/{kept.id}"


def test_a_kind_that_answers_for_itself_opens_to_nobody_else(session, make, upload, monkeypatch):
    member = make.user(Role.COMMITTEE_MEMBER)
    monkeypatch.setitem(
        attachments.own_readers, "reply", lambda _session, actor, _attachment: actor.id == member.id
    )
    kept = upload(kind="reply")

    assert attachments.opened(session, member, kept.id) is kept
    with pytest.raises(NotFoundError):
        attachments.opened(session, make.user(Role.SECRETARIAT_LEAD), kept.id)


def test_a_file_altered_on_disk_is_not_given_out(client, session, make, upload, files):
    kept = upload()
    files.path(kept.sha256).write_bytes(b"%PDF-altered")
    user = make.user(Role.FORMAL_REVIEWER)
    session.commit()
    log_in(client, user)

    answer = client.get(f"/attachments/{kept.id}")

    assert answer.status_code == 404
    assert "暂时无法读取" in answer.get_data(as_text=True)
