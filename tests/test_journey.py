"""A buyer's story over HTTP: a file is imported, a product found, its listing proven, the proof checked by anyone."""

import csv
import io
import re

import pytest
from pypdf import PdfReader

from registry import hooks
from tests.conftest import application, settings_for, url_of

ROWS = """来源编号,产品名称,型号,申报单位,统一社会信用代码,所在区,产业领域,细分类别,产品简介,年份,批次,首次投放市场,认定日期,有效期至,发布文件,发布日期
SL-1,示例腹腔镜手术机器人,SL-R200,上海示例澄海医疗科技有限公司,,浦东新区,高端装备,高端医疗,四臂主从控制，末端定位误差小于0.5毫米。,2026,1,是（基准日 2026-03-31）,2026-04-30,2099-04-30,示例〔2026〕12号,2026-05-01
SL-2,示例碳化硅外延片,SL-W8,上海示例临港半导体有限公司,,奉贤,集成电路,材料,八英寸外延片。,2026,1,否,2026-04-30,2099-04-30,示例〔2026〕12号,2026-05-01
SL-3,,,,,,,,,,,,,,,
"""


@pytest.fixture
def place(tmp_path, fresh_database):
    app = application(settings_for(tmp_path, url_of(fresh_database)), fresh_database)
    context = hooks.Context(fresh_database, app.extensions["registry.settings"], lambda _line: None)
    for begin in hooks.init:
        begin(context)
    return app


def words(pdf):
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_from_an_imported_file_to_a_certificate_that_verifies(place, tmp_path):
    file, report = tmp_path / "batch.csv", tmp_path / "report.csv"
    file.write_text(ROWS, encoding="gb18030")

    imported = place.test_cli_runner().invoke(args=["catalog", "import", str(file), "--report", str(report)])
    assert imported.exit_code == 0, imported.output
    refused = list(csv.reader(report.read_text("utf-8-sig").splitlines()))
    assert refused == [["行", "列", "值", "原因"], ["4", "产品名称", "", "产品名称为空"]]

    client = place.test_client()
    answer = client.get("/api/v1/products", query_string={"q": "手術機器人 SL R200"}).json
    assert [(item["name"], item["lists"][0]["number"]) for item in answer["items"]] == [
        ("示例腹腔镜手术机器人", "CX-2026-01-0001")
    ]
    code = answer["items"][0]["code"]

    page = client.get(f"/catalog/products/{code}").get_data(as_text=True)
    assert "CX-2026-01-0001" in page
    assert "列入时认定为首次投放市场产品（认定基准日：2026年3月31日）" in page

    first = client.post(f"/catalog/products/{code}/certificate", follow_redirects=True)
    second = client.post(f"/catalog/products/{code}/certificate", follow_redirects=True)
    assert first.mimetype == "application/pdf"
    assert second.data == first.data
    text = words(first.data)
    number = re.search(r"ZM-\d{4}-LR-\d{6}-\d{2}", text).group()
    short_code = re.search(r"[A-Z]{4}-[A-Z]{4}-[A-Z]{4}", text).group()
    assert "示例腹腔镜手术机器人" in text
    assert "本证明由系统依据已发布目录自动生成，未加盖印章" in text

    checked = client.post("/verify/", data={"number": number, "code": short_code}).get_data(as_text=True)
    assert "示例腹腔镜手术机器人" in checked
    assert "证明有效" in checked
    assert "演示签名，不具有电子签名法规定的可靠电子签名效力" in checked

    public = client.get(f"/api/v1/certificates/{number}").json
    assert (public["status"], public["issuer"], public["facts"]) == ("valid", "valid", None)


def test_the_same_file_again_changes_nothing(place, tmp_path):
    file = tmp_path / "batch.csv"
    file.write_text(ROWS, encoding="utf-8-sig")
    runner = place.test_cli_runner()
    runner.invoke(args=["catalog", "import", str(file)])

    again = runner.invoke(args=["catalog", "import", str(file)])

    assert re.search(r"unchanged:\s+2\b", again.output)
    assert re.search(r"created:\s+0\b", again.output)
    assert place.test_cli_runner().invoke(args=["search", "check"]).exit_code == 0
    assert place.test_cli_runner().invoke(args=["registry", "check"]).exit_code == 0
