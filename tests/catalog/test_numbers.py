import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.numbers import ListingNumber
from registry.models import ListCode


@given(st.sampled_from(ListCode), st.integers(1000, 9999), st.integers(1, 99), st.integers(1, 999_999_999))
def test_a_number_reads_back_as_it_was_written(list_code, year, batch, serial):
    number = ListingNumber(list_code, year, batch, serial)

    assert ListingNumber.parse(str(number)) == number


@pytest.mark.parametrize("text", ["cx-2026-01-0042", " CX-2026-01-0042 ", "ＣＸ－２０２６－０１－００４２"])
def test_a_number_is_read_when_case_or_width_differ(text):
    assert str(ListingNumber.parse(text)) == "CX-2026-01-0042"


@pytest.mark.parametrize(
    "text",
    ["CX-2026-01-042", "CX-2026-01-00042", "CX-2026-1-0042", "CX-2026-00-0042", "CX-2026-01-0000", "XX-2026-01-0042",
     "CX-2026-01-0042-1", "CX-2026-01-1234567890", "2026年第1批第42号", ""],
)  # fmt: skip
def test_a_text_is_no_number_when_it_is_not_written_as_ours(text):
    assert ListingNumber.parse(text) is None
