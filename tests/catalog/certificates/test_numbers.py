"""Certificate numbers and short codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.certificates import numbers
from catalog.certificates.numbers import CertificateNumber
from catalog.models import CertificateKind

certificate_numbers = st.builds(
    CertificateNumber,
    year=st.integers(2020, 2099),
    kind=st.sampled_from(CertificateKind),
    serial=st.integers(1, 99_999_999),
)


@given(certificate_numbers)
def test_a_number_is_read_back_when_it_was_written(number):
    assert numbers.parse(str(number)) == number


def test_a_number_has_six_digits_and_two_check_digits_when_the_serial_is_small():
    assert str(CertificateNumber(2026, CertificateKind.LISTING, 123)) == "ZM-2026-LR-000123-53"


@pytest.mark.parametrize(
    "typed",
    [
        "zm-2026-lr-000123-53",
        " ZM 2026 LR 000123 53 ",
        "ＺＭ－２０２６－ＬＲ－０００１２３－５３",
        "ZM—2026—LR—000123—53",
        "ZM2026LR00012353",
    ],
)
def test_a_number_is_read_when_typed_by_hand(typed):
    assert str(numbers.parse(typed)) == "ZM-2026-LR-000123-53"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ZM-2026-LR-000123-54",
        "ZM-2026-XX-000123-53",
        "ZM-2026-LR-0000123-53",
        "CX-2026-01-0001",
        "\ud800",
        "ZM-2026-LR-" + "1" * 5000,
        "ZM-٢٠٢٦-LR-000123-53",
    ],
)
def test_no_number_is_read_when_the_text_is_none(typed):
    assert numbers.parse(typed) is None


@given(certificate_numbers, st.data())
def test_no_number_is_read_when_one_digit_is_wrong(number, data):
    written = str(number)
    place = data.draw(st.sampled_from([i for i, character in enumerate(written) if character.isdigit()]))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != written[place]]))

    assert numbers.parse(written[:place] + digit + written[place + 1 :]) is None


def test_short_codes_differ_and_use_only_clear_letters():
    codes = {numbers.new_short_code() for _ in range(200)}

    assert len(codes) == 200
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) <= set(numbers.SHORT_CODE_ALPHABET)
    assert not set("ILOQUV") & set(numbers.SHORT_CODE_ALPHABET)


def test_a_short_code_is_printed_in_groups_of_four():
    assert numbers.grouped("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"


@pytest.mark.parametrize(
    "typed", ["abcd-efgh-jkmn", "ABCD EFGH JKMN", "ａｂｃｄｅｆｇｈｊｋｍｎ", " ABCDEFGHJKMN\n"]
)
def test_a_short_code_is_the_same_when_typed_differently(typed):
    assert numbers.same_short_code(typed, "ABCDEFGHJKMN")


@pytest.mark.parametrize("typed", ["", "ABCDEFGHJKM", "ABCDEFGHJKMP", "\ud800", "码" * 12])
def test_a_short_code_is_another_when_a_letter_differs(typed):
    assert not numbers.same_short_code(typed, "ABCDEFGHJKMN")
