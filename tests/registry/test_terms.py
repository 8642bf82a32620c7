"""How words of the interface are written."""

import pytest

from registry.terms import batch_name


@pytest.mark.parametrize(
    ("batch", "name"),
    [(1, "第一批"), (10, "第十批"), (12, "第十二批"), (20, "第二十批"), (99, "第九十九批"), (100, "第100批")],
)
def test_batches_are_written_in_characters(batch, name):
    assert batch_name(2026, batch) == f"2026年{name}"
