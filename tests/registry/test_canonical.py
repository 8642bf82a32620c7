from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.canonical import canonical, digest


def test_keys_are_sorted_without_spaces_and_chinese_stays_readable():
    assert (
        canonical({"b": 1, "a": ["首台套", None, date(2026, 3, 1)]})
        == '{"a":["首台套",null,"2026-03-01"],"b":1}'.encode()
    )


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        canonical({"share": 0.1})


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none() | st.booleans()))
def test_the_order_of_keys_never_changes_the_digest(values):
    assert digest(values) == digest(dict(reversed(values.items())))
