from pydantic import BaseModel, Field

from registry import api
from registry.web import public
from tests.conftest import application


class Answer(BaseModel):
    """An answer."""

    total: int


class Query(BaseModel):
    """A query."""

    q: str = Field(default="", description="检索词")


def test_an_operation_that_describes_itself_stands_in_the_specification_and_on_the_page(settings, database):
    app = application(settings, database)  # of its own: it gets one more page
    client = app.test_client()

    @app.route("/api/v1/things/<code>")
    @api.describes("示例操作", answer=Answer, query=Query, code="编号")
    @public
    def thing(code):
        return {"total": 0}

    described = client.get("/api/v1/openapi.json").json

    assert described["openapi"] == "3.1.0"
    operation = described["paths"]["/api/v1/things/{code}"]["get"]
    assert [(row["name"], row["in"]) for row in operation["parameters"]] == [("code", "path"), ("q", "query")]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Answer"
    }
    assert described["components"]["schemas"]["Answer"]["properties"]["total"]["type"] == "integer"
    assert "示例操作" in client.get("/api/docs").get_data(as_text=True)
