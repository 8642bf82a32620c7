"""The columns that imports read and exports write."""

NAME = "产品名称"
SOURCE = "来源编号"
NUMBER = "目录编号"
STATUS = "状态"

HEADERS = (
    SOURCE, NUMBER, NAME, "型号", "申报单位", "统一社会信用代码", "所在区", "产业领域", "细分类别", "产品简介",
    "注册证号", "地区", "年份", "批次", "首次投放市场", "认定日期", "有效期至", "发布文件", "发布日期", "国家级目录",
)  # fmt: skip
"""The contract (`docs/import.md`); only 产品名称 is required."""

CONTENT = {
    NAME: "name",
    "型号": "model",
    "申报单位": "organization_name",
    "统一社会信用代码": "credit_code",
    "所在区": "district_text",
    "产业领域": "field_text",
    "细分类别": "category",
    "产品简介": "summary",
    "注册证号": "registration_number",
    "地区": "region",
}
"""Columns that are taken word for word into an entry's version."""

DATES = {"认定日期": "recognised_on", "有效期至": "valid_until", "发布日期": "published_on"}

KEY_MAX = 200  # characters; the width of `entry_key.value`
