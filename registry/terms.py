"""The words of the interface for terms, enumerations and fields, in one place.

`docs/glossary.md` is made from this table. Keys are `<enumeration>.<member>` or `<record>.<field>`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Term:
    """A label, what it means and where it comes from; `source` is empty for plain words."""

    label: str
    definition: str = ""
    source: str = ""


DEVICE = "医疗器械注册与备案管理办法"
CATALOG = "沪经信技〔2024〕355号"

# fmt: off
TERMS: dict[str, Term] = {
    "role.applicant_operator": Term("申报单位经办人"),
    "role.applicant_signatory": Term("申报单位签署人", "法定代表人或其授权的人，签署申报承诺"),
    "role.district_officer": Term("区推荐经办"),
    "role.formal_reviewer": Term("形式审查员"),
    "role.secretariat_lead": Term("秘书处负责人"),
    "role.expert": Term("评审专家"),
    "role.committee_member": Term("编审委员会委员单位代表"),
    "role.committee_chair": Term("编审委员会主任"),
    "role.publisher": Term("公示发布岗"),
    "role.buyer_operator": Term("采购方经办人"),
    "role.buyer_approver": Term("采购方审批人"),
    "role.discipline_observer": Term("纪检监督员", "只读，查阅留痕"),
    "role.sys_admin": Term("系统管理员", "管账号，不管授权，不看评分", "GB/T 22239-2019 三级"),
    "role.security_admin": Term("安全管理员", "管授权，不管账号", "GB/T 22239-2019 三级"),
    "role.audit_admin": Term("审计管理员", "查阅留痕，不办业务", "GB/T 22239-2019 三级"),
    "list_code.CX": Term("创新产品推荐目录", "《上海市创新产品推荐目录》", CATALOG),
    "list_code.TZ": Term("首台（套）装备", "国内实现重大突破、拥有自主知识产权、尚未取得明显市场业绩的装备"),
    "list_code.PC": Term("首批次新材料", "技术领先或打破垄断、尚未取得明显市场业绩的新材料首批次产品"),
    "list_code.RJ": Term("首版次软件", "同名同版本首次销售、功能性能有突破的软件"),
    "list_short.CX": Term("推荐目录"),
    "list_short.TZ": Term("首台套"),
    "list_short.PC": Term("首批次"),
    "list_short.RJ": Term("首版次"),
    "publication_scope.public": Term("公开"),
    "publication_scope.verified_buyers": Term("仅已核验采购方可见"),
    "publication_scope.not_published": Term("不公开"),
    "listing_status.pending_publication": Term("待发布"),
    "listing_status.active": Term("有效"),
    "listing_status.suspended": Term("暂停"),
    "listing_status.renewal_pending": Term("续展办理中"),
    "listing_status.expired": Term("已到期"),
    "listing_status.revoked": Term("已撤销"),
    "listing_status.withdrawn": Term("已退出"),
    "listing_status.superseded": Term("已被替代"),
    "key_kind.source": Term("来源编号"),
    "key_kind.number": Term("目录编号"),
    "key_kind.content": Term("名称、型号与单位"),
    "node_kind.field": Term("产业领域"),
    "node_kind.leaf": Term("细分领域"),
    "node_kind.district": Term("所在区"),
    "node_kind.special_area": Term("特殊区域", "跨区的功能区，如临港新片区，与所在区并列记录"),
    "edition_origin.import": Term("导入"),
    "edition_origin.round": Term("申报批次"),
    "buyer_nature.government": Term("机关"),
    "buyer_nature.public_institution": Term("事业单位"),
    "buyer_nature.public_hospital": Term("公立医院"),
    "buyer_nature.private_hospital": Term("民营医院"),
    "buyer_nature.university": Term("高校科研院所"),
    "buyer_nature.city_soe": Term("市属国企"),
    "buyer_nature.central_soe": Term("央企"),
    "buyer_nature.private_enterprise": Term("民企"),
    "buyer_status.applied": Term("待核验"),
    "buyer_status.verified": Term("已核验"),
    "buyer_status.disabled": Term("已停用"),
    "certificate_kind.LR": Term("列入情况证明"),
    "certificate_kind.YL": Term("采购用途列入情况证明（医院）"),
    "certificate_kind.GQ": Term("采购用途列入情况证明（国有企业）"),
    "certificate_kind.GX": Term("采购用途列入情况证明（高校科研院所）"),
    "certificate_kind.ZF": Term("采购用途列入情况证明（机关事业单位）"),
    "certificate_kind.QY": Term("采购用途列入情况证明（其他企业）"),
    "certificate_status.issued": Term("有效"),
    "certificate_status.revoked": Term("已撤销"),
    "certificate_status.superseded": Term("已重新出具"),
    "verdict.valid": Term("有效"),
    "verdict.invalid": Term("无效"),
    "verdict.could_not_check": Term("未能核验", "没有条件核验，不等于无效"),
    "check_outcome.valid": Term("证明有效"),
    "check_outcome.expired": Term("证明已到期"),
    "check_outcome.suspended": Term("列入已暂停"),
    "check_outcome.revoked": Term("证明已失效"),
    "check_outcome.altered": Term("与登记内容不符"),
    "check_outcome.wrong_code": Term("核验码不符"),
    "check_outcome.unknown": Term("没有这份证明"),
    "check_door.page": Term("核验页面"),
    "check_door.api": Term("开放接口"),
    "check_reason.unknown_number": Term("本系统没有出具过该编号的证明"),
    "check_reason.wrong_code": Term("核验码与该编号的证明不符"),
    "check_reason.record_altered": Term("登记内容与出具时的摘要不符"),
    "check_reason.file_altered": Term("存档文件与出具时不符"),
    "check_reason.file_missing": Term("存档文件暂时无法读取"),
    "check_reason.certificate_revoked": Term("证明已被撤销"),
    "check_reason.certificate_superseded": Term("证明已重新出具"),
    "check_reason.certificate_expired": Term("证明已过有效期"),
    "check_reason.listing_revoked": Term("所载列入已被撤销"),
    "check_reason.listing_withdrawn": Term("所载列入已退出"),
    "check_reason.listing_superseded": Term("所载列入已被替代"),
    "check_reason.listing_suspended": Term("所载列入已暂停"),
    "check_reason.listing_expired": Term("所载列入已到期"),
    "check_reason.signature_not_built": Term("证明未加电子签名"),
    "funds.fiscal": Term("财政性资金", source="政府采购法 第二条"),
    "funds.state_owned": Term("国有资金"),
    "funds.self_raised": Term("自筹资金"),
    "purchase_object.works": Term("工程", source="招标投标法实施条例 第二条"),
    "purchase_object.works_related": Term("与工程有关的货物、服务", source="招标投标法实施条例 第二条"),
    "purchase_object.goods": Term("货物"),
    "purchase_object.services": Term("服务"),
    "project.none": Term("其他"),
    "project.major": Term("重大工程"),
    "project.state_investment": Term("国有投资项目"),
    "face_field.product_name": Term("产品名称"),
    "face_field.model": Term("规格型号"),
    "face_field.field": Term("产业领域"),
    "face_field.applicant_unit": Term("申报单位"),
    "face_field.credit_code": Term("统一社会信用代码", source="GB 32100-2015"),
    "face_field.product_code": Term("产品代码", "产品在本系统中的稳定代码，不是目录编号"),
    "face_field.registration_number": Term("注册证编号", source=DEVICE),
    "face_field.registration_valid_until": Term("注册证有效期", source=DEVICE),
    "face_field.management_class": Term("管理类别", source=DEVICE),
    "face_field.udi_di": Term("UDI-DI", "医疗器械唯一标识的产品标识"),
    "face_field.insurance_code": Term("医保耗材编码"),
    "face_field.first_on_market": Term("首次投放市场"),
    "face_field.national_list": Term("国家级目录"),
    "face_field.purpose": Term("用途"),
    "face_field.basis": Term("引用依据"),
    "facet.list": Term("名单"),
    "facet.field": Term("产业领域"),
    "facet.district": Term("所在区"),
    "facet.year": Term("入选年度"),
    "facet.first_on_market": Term("首次投放市场"),
    "facet_value.true": Term("认定为首次投放市场"),
    "facet_value.false": Term("未认定为首次投放市场"),
    "facet_value.none": Term("未记录"),
    "sort.relevance": Term("相关程度"),
    "sort.date": Term("最新列入"),
    "sort.name": Term("产品名称"),
    "first_on_market": Term("首次投放市场", "列入时的认定：截至基准日首次销售不满一年或者尚未销售"),
    "national_listing": Term("国家级目录"),
    "act.account.change_password": Term("修改密码"),
    "act.account.log_in": Term("登录"),
    "act.account.reset_password": Term("重设密码"),
    "act.buyer.verify": Term("核验采购方"),
    "act.catalog.import": Term("导入目录"),
    "act.certificate.issue": Term("出具证明"),
    "act.certificate.revoke": Term("撤销证明"),
    "act.demo.begin": Term("开始装入演示数据"),
    "act.demo.load": Term("装入演示数据"),
    "act.entry.enrich": Term("补充产品信息"),
    "act.entry.scope": Term("变更公开范围"),
    "act.listing.active": Term("恢复有效"),
    "act.listing.add": Term("列入名单"),
    "act.listing.expired": Term("列入到期"),
    "act.listing.revoked": Term("撤销列入"),
    "act.listing.suspended": Term("暂停列入"),
    "act.listing.withdrawn": Term("退出名单"),
    "act.role.grant": Term("授予角色"),
    "act.role.revoke": Term("收回角色"),
    "act.user.create": Term("开通账号"),
    "act.user.disable": Term("停用账号"),
    "act.user.invite": Term("邀请用户"),
    "subject.buyer": Term("采购方"),
    "subject.certificate": Term("证明"),
    "subject.demo": Term("演示数据"),
    "subject.entry": Term("产品"),
    "subject.file": Term("文件"),
    "subject.invitation": Term("邀请"),
    "subject.listing": Term("列入"),
    "subject.user": Term("账号"),
    "detail.changed": Term("变更"),
    "detail.created": Term("新增"),
    "detail.editions": Term("目录版本"),
    "detail.list": Term("名单"),
    "detail.name": Term("文件名"),
    "detail.number": Term("编号"),
    "detail.payload_hash": Term("内容摘要"),
    "detail.purpose": Term("用途"),
    "detail.read": Term("读到"),
    "detail.reason": Term("理由"),
    "detail.refused": Term("拒绝"),
    "detail.role": Term("角色"),
    "detail.scope": Term("公开范围"),
    "detail.username": Term("用户名"),
}
# fmt: on


def of(member: StrEnum) -> Term:
    """Return the term of an enumeration's member; a missing one is a programming error (KeyError)."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(member).__name__).lower()
    return TERMS[f"{kind}.{member.value}"]


def label(member: StrEnum | None) -> str:
    """Return the label of a member, an empty string for none."""
    return of(member).label if member is not None else ""


def glossary() -> str:
    """Return `docs/glossary.md`: every term with its meaning and source, by the key that the code uses."""
    rows = (f"| {term.label} | {term.definition} | {term.source} | `{key}` |" for key, term in TERMS.items())
    return "\n".join(
        (
            "# Glossary",
            "",
            "The words of the interface, made from `registry/terms.py` by `make glossary`.",
            "",
            "| word | meaning | source | key |",
            "|---|---|---|---|",
            *rows,
            "",
        )
    )
