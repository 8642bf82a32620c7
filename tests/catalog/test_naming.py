"""Other names of units: on their products' pages, and told to who follows the catalog."""

from datetime import date

import pytest

from catalog import queries
from registry import outbox
from registry.hooks import Context
from registry.models import Attachment, Organization, OrganizationName, Role, UnitRequestKind
from registry.organizations import requests

NOW, BEFORE, LONG_AGO = "示例新名有限公司", "示例中名有限公司", "示例旧名有限公司"


@pytest.fixture
def entry(session, make):
    """Return an entry published under a name that its unit does not bear any more."""
    unit = make.unit(name=NOW)
    for name in (LONG_AGO, BEFORE):
        session.add(OrganizationName(organization_id=unit.id, name=name, until_on=date(2026, 1, 1)))
    entry = make.entry(organization_name=BEFORE)
    entry.organization_id = unit.id
    make.listing(entry)
    session.commit()
    return entry


def facts(client, entry):
    return client.get(f"/catalog/products/{entry.code}").get_data(as_text=True)


def test_a_product_s_page_tells_the_present_name_and_the_former_ones(client, entry):
    page = facts(client, entry)

    assert f"<dt>申报单位</dt><dd>{BEFORE}</dd>" in page
    assert f"<dt>申报单位现名</dt><dd>{NOW}</dd>" in page
    assert f"<dt>申报单位曾用名</dt><dd>{LONG_AGO}</dd>" in page


@pytest.mark.parametrize("is_claimed", [True, False])
def test_a_unit_that_bears_its_published_name_alone_has_no_other(session, make, client, is_claimed):
    unit = make.unit(name=NOW)
    entry = make.entry(organization_name=NOW)
    entry.organization_id = unit.id if is_claimed else None
    make.listing(entry)
    session.commit()

    assert "现名" not in facts(client, entry)
    assert "曾用名" not in facts(client, entry)


def test_the_other_names_of_many_entries_come_with_one_query(session, make, entry):
    other = make.entry(organization_name="示例别家有限公司")

    assert session.execute(queries.former_names([entry.id, other.id])).all() == [
        (entry.id, name) for name in sorted((NOW, LONG_AGO))
    ]


def test_a_rename_marks_the_unit_s_entries_as_changed_and_no_other(database, session, make, settings, entry):
    other = make.entry()
    revisions = entry.revision, other.revision
    unit = session.get_one(Organization, entry.organization_id)
    officer = make.user(Role.FORMAL_REVIEWER)
    letter = make._file(make.application(organization=unit), "letter", officer.id)
    asked = requests.file(
        session, unit, make.user(Role.APPLICANT_SIGNATORY, organization=unit), kind=UnitRequestKind.RENAME,
        letter=session.get_one(Attachment, letter["id"]), name="示例再改名有限公司", changed_on=date(2026, 11, 1),
    )  # fmt: skip
    requests.approve(session, asked, officer, version=asked.version_id)
    session.commit()

    outbox.deliver(Context(database, settings, say=lambda _line: None), limit=100)

    for one in (entry, other):
        session.refresh(one)
    assert entry.revision > max(revisions)
    assert other.revision == revisions[1]
