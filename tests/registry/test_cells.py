import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cells import protect, unprotect


@pytest.mark.parametrize(
    "value", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "'=1", "''@x"]
)
def test_a_cell_gets_an_apostrophe_when_a_spreadsheet_would_run_it(value):
    assert protect(value) == f"'{value}"


@pytest.mark.parametrize("value", ["-5", "+3.25", "2026", "'原样", "磁共振 -20℃", ""])
def test_a_cell_is_left_alone_when_it_is_a_number_or_plain_text(value):
    assert protect(value) == value


@given(st.text(alphabet="'=+-@＝\t a5产", max_size=6))
def test_a_protected_cell_reads_back_as_it_was(value):
    assert unprotect(protect(value)) == value
