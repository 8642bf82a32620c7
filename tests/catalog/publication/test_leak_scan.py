"""The scan before publication: what it must find, and what it must leave alone."""

import pytest

from catalog.publication.leak_scan import LeakKind, Words, scan

WORDS = Words(secret=("绝密", "机密", "秘密", "涉密", "内部资料"), harmless=("机密计算", "机密性"))


def kinds(text):
    return [finding.kind for finding in scan({"summary": text}, words=WORDS)]


@pytest.mark.parametrize(
    "text",
    [
        "联系人手机 13812345678",
        "138-1234-5678",
        "138 1234 5678",
        "+86 13812345678",
        "１３８１２３４５６７８",
        "请拨 021-62345678 咨询",
        "（0512）6234 5678",
        "服务热线 400-820-1234",
        "电话：62345678",
    ],
)
def test_a_phone_number_is_found_however_it_is_written(text):
    assert kinds(text) == [LeakKind.PHONE]


@pytest.mark.parametrize("text", ["zhang.san@example.com", "邮箱ｚｈａｎｇ＠example.com.cn。"])
def test_an_address_is_found(text):
    assert kinds(text) == [LeakKind.EMAIL]


@pytest.mark.parametrize("text", ["310101199003071234", "身份证号31010119900307123X。"])
def test_an_identity_number_is_found(text):
    assert kinds(text) == [LeakKind.ID_NUMBER]


@pytest.mark.parametrize("text", ["每台 120 万元", "￥3,500", "售价约为99", "人民币 20亿元", "12.5万美元"])
def test_a_price_is_found(text):
    assert kinds(text) == [LeakKind.PRICE]


@pytest.mark.parametrize("text", ["本项目属机密级", "内部资料，请勿外传"])
def test_a_word_of_secrecy_is_found(text):
    assert kinds(text) == [LeakKind.CONFIDENTIAL]


@pytest.mark.parametrize(
    "text",
    [
        "采用机密计算技术，保证机密性",
        "统一社会信用代码 91310115MA1K3X7T4Y",
        "91350100799655058B",
        "12310000425026718X",
        "连续运行 20000 小时，精度 0.012345678 mm",
        "分辨率 1920×1080，型号 GX-2000-13800",
        "UDI-DI 06912345678901",
        "国械注准20263070123",
        "沪械注准20252060456",
        "ZL201710601862.3",
        "2026SR0123456",
        "1 元素分析，二维单元 12 个",
        "成本降低 30%，能耗 0.8 kWh",
    ],
)
def test_figures_and_codes_of_products_are_left_alone(text):
    assert kinds(text) == []


def test_rows_and_blocks_are_looked_at_with_their_place():
    content = {
        "name": "示例机",
        "kpis": [
            {"indicator": "寿命", "ours": "8 年"},
            {"indicator": "价格", "ours": "3 万元", "source": "a@b.cn"},
        ],
        "device": {"note": "13912345678"},
    }

    assert [(finding.path, finding.kind) for finding in scan(content, words=WORDS)] == [
        ("kpis.2.ours", LeakKind.PRICE),
        ("kpis.2.source", LeakKind.EMAIL),
        ("device.note", LeakKind.PHONE),
    ]


def test_an_excerpt_shows_the_suspect_part_in_its_place():
    (finding,) = scan({"summary": "一二三四五六七八九十甲乙丙丁电话13812345678戊己"}, words=WORDS)

    assert finding.excerpt == "…五六七八九十甲乙丙丁电话【13812345678】戊己"


def test_a_finding_keeps_its_fingerprint_while_its_text_stays():
    first, again = (scan({"summary": text}, words=WORDS)[0] for text in ("价 30 万元", "后来价 30 万元"))
    other = scan({"summary": "价 31 万元"}, words=WORDS)[0]

    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_without_words_the_patterns_still_work():
    assert [finding.kind for finding in scan({"summary": "机密 13812345678"}, words=Words())] == [
        LeakKind.PHONE
    ]
