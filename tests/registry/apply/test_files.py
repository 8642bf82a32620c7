"""Files of the form: uploaded, opened, refused, taken out."""

import io

import pytest

from registry.models import Attachment, AttachmentVisibility, State
from tests.registry.apply.reading import at, text

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def upload(client, application, question, name, content=PNG):
    return client.post(
        at(application, "files", question), data={"file": (io.BytesIO(content), name)}, follow_redirects=True
    )


def test_a_file_is_uploaded_opened_and_taken_out(client, session, draft):
    page = upload(client, draft, "test_reports", "检测报告.png")

    session.refresh(draft)
    held = draft.draft["test_reports"][-1]
    assert "第三方检测报告：已上传 1 件。" in text(page)
    assert "检测报告.png" in text(page)
    assert client.get(f"/attachments/{held['id']}").data == PNG
    assert session.get(Attachment, held["id"]).visibility is AttachmentVisibility.RESTRICTED
    for _ in range(2):
        assert client.post(at(draft, "files", "test_reports", str(held["id"]), "remove")).status_code == 302
    session.refresh(draft)
    assert held not in draft.draft["test_reports"]


@pytest.mark.parametrize(
    ("question", "name", "content", "sentence"),
    [
        ("pictures", "a.pdf", b"%PDF-1.7", "产品照片：只接受 JPG 或 PNG 图片。"),
        ("test_reports", "a.pdf", PNG, "文件内容不是 pdf 格式"),
        ("test_reports", "a.exe", PNG, "只接受"),
        ("test_reports", "a.png", b"", "文件是空的"),
        ("test_reports", "", PNG, "请先选择文件"),
    ],
)
def test_a_file_is_refused_with_a_sentence(client, session, draft, question, name, content, sentence):
    before = list(draft.draft[question])

    page = upload(client, draft, question, name, content)

    assert sentence in text(page)
    session.refresh(draft)
    assert draft.draft[question] == before


def test_the_same_file_and_one_too_many_are_refused(client, session, draft):
    upload(client, draft, "business_licence", "a.png")
    assert "至多 2 件" in text(upload(client, draft, "business_licence", "b.png", PNG + b"1"))
    upload(client, draft, "user_reports", "a.png")
    assert "已经上传过" in text(upload(client, draft, "user_reports", "b.png"))
    session.refresh(draft)
    assert (len(draft.draft["business_licence"]), len(draft.draft["user_reports"])) == (2, 1)


def test_only_a_question_of_files_takes_files(client, draft):
    assert upload(client, draft, "summary", "a.png").status_code == 404
    assert upload(client, draft, "nothing", "a.png").status_code == 404


def test_a_submitted_application_takes_no_file(client, session, make, signatory):
    application = make.application(organization=signatory.organization, state=State.SUBMITTED)
    session.commit()

    assert upload(client, application, "test_reports", "a.png").status_code == 409
