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

DEVICE_VALID_UNTIL, IS_CHARGEABLE = "注册证有效期至", "可另收费"
DEVICE = {
    DEVICE_VALID_UNTIL: "valid_until",
    "管理类别": "management_class",
    "适用范围": "scope",
    "注册人": "registrant",
    "受托生产企业": "entrusted_maker",
    "配置许可类别": "equipment_permit",
    "UDI-DI": "udi_di",
    "医保耗材编码": "insurance_code",
    "挂网编号": "net_listing_number",
    IS_CHARGEABLE: "is_chargeable",
}
"""Columns of a medical device's block."""

READ = (*HEADERS, *DEVICE)
"""Every column that an import reads and an export writes."""

DATES = {"认定日期": "recognised_on", "有效期至": "valid_until", "发布日期": "published_on"}

KEY_MAX = 200  # characters; the width of `entry_key.value`
