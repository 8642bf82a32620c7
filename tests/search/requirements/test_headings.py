"""Headings and introductions are told from what is asked for."""

import pytest

from search.requirements.headings import is_heading
from search.requirements.parsing import requirement


@pytest.mark.parametrize(
    "line",
    [
        "一、技术参数",
        "（二）主要技术指标及要求",
        "第三章 采购需求",
        "2.1 性能指标：",
        "★售后服务要求",
        "技术规格、参数与配置要求",
        "3. 设备须满足以下要求：",
        "主机：",
        "產品技術參數",
    ],
)
def test_a_line_that_asks_for_nothing_is_a_heading(line):
    assert is_heading(requirement(1, line))


@pytest.mark.parametrize(
    "line",
    [
        "1. 额定功率≥5kW",
        "密封性能良好",
        "具有中文操作界面",
        "报警功能",
        "双屏配置",
        "符合GB/T 4208标准",
        "提供操作说明",
        "额定功率：≥5kW：",
        "防护等级：IP65",
        "上门安装服务",
        "产品列入推荐目录",
        "技术",
    ],
)
def test_a_line_that_asks_for_something_is_none(line):
    assert not is_heading(requirement(1, line))
