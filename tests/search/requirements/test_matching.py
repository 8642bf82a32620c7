"""That no verdict is a guess."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.demo.products import specimens
from search.requirements import facts, matching, parsing
from search.requirements.facts import Listed

TODAY = date(2026, 11, 21)


def product(*kpis, **content):
    rows = [dict(zip(("indicator", "ours", "unit", "source"), kpi, strict=False)) for kpi in kpis]
    listed = content.pop("listed", ())
    return facts.product(
        {"name": "示例分析仪", "kpis": rows, **content}, code="P000001", version=1, listed=listed
    )


def judged(line, *kpis, **content):
    return matching.match(parsing.requirement(1, line), product(*kpis, **content), today=TODAY)


@pytest.mark.parametrize(
    ("line", "kpi", "verdict"),
    [
        # units
        ("压力≥0.5MPa", ("压力", "6", "bar"), "exceeds"),
        ("压力不低于750mmHg", ("压力", "1", "bar"), "exceeds"),
        ("转速≥3000rpm", ("转速", "50", "r/s"), "meets"),
        ("工作温度上限≥393.15K", ("工作温度上限", "120", "℃"), "meets"),
        ("温差不大于0.5K", ("温差", "0.5", "℃"), "meets"),
        ("功率不低于10HP", ("功率", "7.4", "kW"), "unknown"),
        ("功率不低于10HP", ("功率", "7.5", "kW"), "exceeds"),
        ("内存≥16GB", ("内存", "16", "GB"), "meets"),
        ("内存≥16384MB", ("内存", "16", "GB"), "unknown"),
        ("功率≤3mw", ("功率", "4", "mW"), "unknown"),
        ("噪声≤60dB", ("噪声", "50", "dB(A)"), "unknown"),
        ("压力≥5", ("压力", "6", "bar"), "unknown"),
        ("通道数≥16", ("通道数", "16", "路"), "meets"),
        # limits
        ("功率>5kW", ("功率", "5", "kW"), "falls_short"),
        ("功率5kW以上", ("功率", "5", "kW"), "meets"),
        ("功率≥5kW", ("功率", "≥5", "kW"), "meets"),
        ("功率≥5kW", ("功率", "≤5", "kW"), "unknown"),
        ("功率≤5kW", ("功率", "≤4", "kW"), "exceeds"),
        ("功率≥5kW", ("功率", "约6", "kW"), "unknown"),
        ("功率5kW", ("功率", "6", "kW"), "unknown"),
        ("功率约5kW", ("功率", "5.1", "kW"), "unknown"),
        # spans and deviations
        ("电压范围100~240V", ("电压范围", "90~260", "V"), "exceeds"),
        ("电压范围100~240V", ("电压范围", "110~240", "V"), "falls_short"),
        ("厚度1~2mm", ("厚度", "1.5", "mm"), "meets"),
        ("转速100~3000r/min", ("转速", "1500", "r/min"), "unknown"),
        ("转速100~3000r/min", ("转速", "500~2000", "r/min"), "unknown"),
        ("转速100~3000r/min", ("转速", "500~4000", "r/min"), "falls_short"),
        ("转速100~3000r/min", ("转速", "50", "r/min"), "falls_short"),
        ("厚度1~2mm", ("厚度", "2.5", "mm"), "falls_short"),
        ("厚度1~2mm", ("厚度", "0.5~2.5", "mm"), "unknown"),
        ("测量误差±0.5%", ("测量误差", "±0.3", "%"), "exceeds"),
        ("测量误差不超过±0.5%", ("测量误差", "0.6", "%"), "falls_short"),
        ("偏置±10V", ("偏置", "±12", "V"), "unknown"),
        ("行程±10mm", ("行程", "±12", "mm"), "exceeds"),
        # which value
        ("最大功率≤5kW", ("功率", "4", "kW"), "unknown"),
        ("最大深度≥200mm", ("深度", "230", "mm"), "exceeds"),
        ("功率≤5kW", ("最大功率", "4", "kW"), "exceeds"),
        ("功率≥5kW", ("最大功率", "6", "kW"), "unknown"),
        ("最低温度≤-10℃", ("温度", "-20~60", "℃"), "exceeds"),
        # names
        ("定位精度≤1mm", ("精度", "0.5", "mm"), "unknown"),
        ("精度≤1mm", ("定位精度", "0.5", "mm"), "unknown"),
        ("功率≥5kW", ("额定功率", "6", "kW"), "unknown"),
        ("分析仪重量≤5kg", ("整机质量", "4", "kg"), "exceeds"),
        ("探头重量≤5kg", ("整机质量", "4", "kg"), "unknown"),
        ("重复精度（3σ）≤1nm", ("重复精度", "0.5", "nm"), "unknown"),
        ("重复精度≤1nm", ("重复精度（3σ）", "0.5", "nm"), "unknown"),
        ("在25℃下噪声≤60dB(A)", ("噪声", "50", "dB(A)"), "unknown"),
        ("噪声≤60dB(A)（满载）", ("噪声", "50", "dB(A)"), "unknown"),
        # grades
        ("能效等级不低于2级", ("能效等级", "1", "级"), "exceeds"),
        ("能效等级不低于2级", ("能效等级", "3", "级"), "falls_short"),
        ("能效等级≥2级", ("能效等级", "1", "级"), "unknown"),
        ("安全级别不低于2级", ("安全级别", "3", "级"), "unknown"),
        ("安全级别不低于2级", ("安全级别", "2", "级"), "meets"),
        ("网络安全等级保护不低于三级", ("网络安全等级保护", "3", "级"), "meets"),
        ("防护等级不低于IP53", ("防护等级", "IP54"), "exceeds"),
        ("防护等级不低于IP65", ("防护等级", "IP67"), "unknown"),
        ("防护等级不低于IP65", ("防护等级", "IP65/IP67"), "meets"),
        ("防护等级不低于IP44", ("防护等级", "IP67"), "exceeds"),
        ("防护等级不低于IP54", ("防护等级", "IPX4"), "unknown"),
        # features and standards
        ("支持Modbus协议", ("通信接口", "Modbus TCP、OPC UA"), "meets"),
        ("支持OPC协议", ("通信接口", "Modbus TCP、OPC UA"), "unknown"),
        ("支持OPC UA与Profinet", ("通信接口", "Modbus TCP、OPC UA"), "unknown"),
        ("支持OPC UA或Profinet", ("通信接口", "Modbus TCP、OPC UA"), "meets"),
        ("具备自动清洗功能", ("自动清洗", "支持"), "meets"),
        ("具备自动清洗功能", ("自动清洗", "不支持"), "falls_short"),
        ("具备自动清洗功能", ("自动清洗", "选配"), "unknown"),
        ("支持Modbus协议", ("不支持的协议", "Modbus"), "unknown"),
        ("符合GB/T 5226.1-2019", ("执行标准", "GB/T 5226.1-2019"), "meets"),
        ("符合GB/T 5226.1", ("执行标准", "GB/T 5226.1-2019"), "meets"),
        ("符合GB/T 5226.1-2008", ("执行标准", "GB/T 5226.1-2019"), "unknown"),
        ("符合GB/T 5226", ("执行标准", "GB/T 5226.1-2019"), "unknown"),
        ("不得采用一次性耗材", ("耗材", "一次性耗材"), "unknown"),
    ],
)  # fmt: skip
def test_a_line_is_judged_by_what_the_product_states(line, kpi, verdict):
    assert judged(line, kpi).verdict == verdict


def test_a_line_is_met_only_when_every_statement_is():
    rows = (("功率", "6", "kW"), ("重量", "20", "kg"))

    assert judged("功率≥5kW，重量≤30kg", *rows).verdict == "exceeds"
    assert judged("功率≥6kW，重量≤30kg", *rows).verdict == "meets"
    assert judged("功率≥5kW，重量≤10kg", *rows).verdict == "falls_short"
    assert judged("功率≥5kW，含运输和安装", *rows).verdict == "unknown"
    assert judged("功率≥5kW且≤7kW", *rows).verdict == "exceeds"


def test_a_verdict_names_the_field_the_words_and_the_document():
    finding = judged("功率≥5kW", ("额定转速", "3", "r/s"), ("功率", "6", "kW", "示例检测报告"))

    [source] = finding.sources
    assert (source.field, source.words, source.document) == (
        "主要技术指标第 2 行",
        "功率 6 kW",
        "示例检测报告",
    )


def test_the_summary_answers_in_its_very_words_when_the_table_does_not():
    summary = "经第三方检测，主频达到320MHz，支持远程诊断与预测性维护。计划支持语音控制，将提供云端分析。"

    met = judged("主频≥300MHz", summary=summary)
    assert (met.verdict, met.sources[0].words) == ("exceeds", "主频达到320MHz")
    assert judged("主频≤400MHz", summary=summary).verdict == "unknown"
    assert judged("具备预测性维护功能", summary=summary).verdict == "meets"
    assert judged("支持语音控制", summary=summary).verdict == "unknown"
    assert judged("提供云端分析", summary=summary).verdict == "unknown"


SUMMARY = (
    "针对微创诊疗中心的应用需求研制，采用实时数据总线、约束规划排程引擎等技术。已在6家用户单位完成5800小时连续运行考核，批间差异小于3%。"
    "适配主流国产处理器、操作系统与数据库，通过第三方功能和安全测试。以激光锁频为核心，结合多路复用实现稳定运行。未出现功能失效。"
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("采用实时数据总线技术", "meets"),
        ("具有约束规划排程引擎", "meets"),
        ("采用激光锁频", "meets"),
        ("采用激光", "unknown"),
        ("连续运行考核时间不少于5000小时", "exceeds"),
        ("连续运行考核不少于250天", "falls_short"),
        ("批间差异≤3%", "exceeds"),
        ("批间差异≤2%", "unknown"),
        ("支持国产操作系统", "meets"),
        ("支持国产浏览器", "unknown"),
        ("须通过第三方功能和安全测试", "meets"),
        ("通过第三方安全测试", "unknown"),
        ("适用于微创诊疗中心", "meets"),
        ("适用于门诊", "unknown"),
        ("未出现功能失效", "unknown"),
    ],
)
def test_the_sentences_of_a_summary_are_taken_at_their_word(line, verdict):
    assert judged(line, summary=SUMMARY).verdict == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("防护等级IP54", "exceeds"),
        ("防护等级IP54且通过CE认证", "unknown"),
        ("探头防护等级IP54", "unknown"),
        ("符合GB/T 5226.1标准要求", "meets"),
        ("符合GB/T 5226.1并通过CE认证", "unknown"),
        ("符合GB/T 5226.1等标准", "unknown"),
        ("列入2025年推荐目录", "meets"),
        ("列入2024年度推荐目录", "falls_short"),
        ("列入推荐目录且具有三年以上业绩", "unknown"),
        ("属于首次投放市场产品", "meets"),
        ("属于2026年首次投放市场产品", "unknown"),
        ("噪声（dB(A)）≤70", "exceeds"),
        ("噪声≤70dB(A)（须提供检测报告）", "exceeds"),
        ("噪声≤70dB(A)（距离1米）", "unknown"),
        ("储存温度5～35度", "meets"),
        ("储存温度41~95℉", "meets"),
    ],
)
def test_a_line_that_asks_for_more_than_is_understood_is_not_met(line, verdict):
    rows = (
        ("防护等级", "IP65"),
        ("执行标准", "GB/T 5226.1-2019"),
        ("噪声", "65", "dB(A)"),
        ("储存温度", "5~35", "℃"),
    )
    listed = [Listed("CX", "CX-2025-01-0001", True)]

    assert judged(line, *rows, listed=listed).verdict == verdict


def test_two_rows_that_disagree_decide_nothing():
    assert judged("功率≥5kW", ("功率", "6", "kW"), ("功率", "4", "kW")).reason == "产品公开信息前后不一致"


@pytest.mark.parametrize(
    ("line", "device", "verdict"),
    [
        ("具有医疗器械注册证", {}, "meets"),
        ("具有有效期内的第二类医疗器械注册证", {}, "meets"),
        ("Ⅲ类医疗器械", {}, "falls_short"),
        ("具有医疗器械注册证", {"valid_until": str(TODAY - timedelta(days=1))}, "falls_short"),
        ("具有医疗器械备案凭证", {}, "unknown"),
        ("具有医疗器械注册证及生产许可证", {}, "unknown"),
        ("具有医疗器械唯一标识（UDI）", {"udi_di": "02001910484322"}, "meets"),
        ("提供医保耗材编码", {}, "unknown"),
    ],
)
def test_a_licence_is_judged_by_the_device_block(line, device, verdict):
    block = {
        "registration_number": "示例械注准20262010001",
        "management_class": "第二类",
        "valid_until": str(TODAY),
    }

    assert judged(line, device=block | device).verdict == verdict
    assert judged(line).verdict == "unknown"


def test_the_lists_are_known_to_the_registry_and_answer_no_too():
    listed = [Listed("CX", "CX-2026-01-0001", None)]

    assert judged("列入创新产品推荐目录", listed=listed).verdict == "meets"
    assert judged("列入创新产品推荐目录").verdict == "falls_short"
    assert judged("属于首台（套）装备", listed=listed).verdict == "falls_short"
    assert judged("属于首次投放市场产品", listed=listed).verdict == "unknown"


def test_nothing_is_decided_by_an_indicator_that_the_product_does_not_state():
    portfolio = list(specimens(120, TODAY))
    lines = {
        (kpi["indicator"], f"{kpi['indicator']}不低于{kpi['ours']}{kpi['unit']}")
        for each in portfolio
        for kpi in each.kpis[:2]
    }
    wrong = []
    for specimen in portfolio[::6]:
        stated = {kpi["indicator"] for kpi in specimen.kpis}
        known = facts.product(
            {"name": specimen.row["产品名称"], "kpis": list(specimen.kpis)}, code="P1", version=1
        )
        for indicator, line in lines:
            finding = matching.match(parsing.requirement(1, line), known, today=TODAY)
            if finding.verdict != "unknown" and indicator not in stated:
                wrong.append((indicator, finding.sources[0].words))

    # What is left are names that mean the same, and the ends of a span that is stated.
    assert {(asked, words.split(" ")[0]) for asked, words in wrong} <= {
        ("工作温度上限", "工作温度"), ("噪声", "整机噪声"), ("整机质量", "整机重量"), ("续航", "续航时间"), ("纯度", "产品纯度"), ("产品纯度", "纯度"), ("续航里程", "续驶里程"),
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    number=st.decimals(min_value="0.01", max_value="9999", places=2),
    limit=st.decimals(min_value="0.01", max_value="9999", places=2),
)
def test_a_limit_is_judged_exactly_whatever_the_numbers(number, limit):
    stated = ("压力", str(number), "kPa")

    at_least, at_most = (
        judged(f"压力≥{limit * 1000}Pa", stated).verdict,
        judged(f"压力不超过{limit}kPa", stated).verdict,
    )

    assert at_least == ("meets" if number == limit else "exceeds" if number > limit else "falls_short")
    assert at_most == ("meets" if number == limit else "exceeds" if number < limit else "falls_short")


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet="≥≤±~-至到不低于超过以上内约0123456789.×^()（）万千一二三百mkKMPaV℃%°级类压力，、；:IP支持或和GB/T",
        max_size=60,
    )
)
def test_any_line_is_answered(line):
    finding = judged(line, ("压力", "6", "kPa"))

    assert finding.sources or finding.reason
