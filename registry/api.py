"""The open interface: operations describe themselves, and OpenAPI 3.1 is made from that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from registry.web import public, settings

bp = Blueprint("api", __name__)

V = TypeVar("V", bound=Callable[..., ResponseReturnValue])
REFERENCE = "#/components/schemas/{model}"


class Problem(BaseModel):
    """What stands in the way; `parameter` names the parameter at fault."""

    parameter: str | None
    message: str


class ErrorAnswer(BaseModel):
    """The answer of every request that fails."""

    error: Problem


@dataclass(frozen=True, slots=True)
class Operation:
    """What one address of the interface takes and answers."""

    summary: str
    answer: type[BaseModel]
    query: type[BaseModel] | None
    path: dict[str, str]


def describes(
    summary: str, *, answer: type[BaseModel], query: type[BaseModel] | None = None, **path: str
) -> Callable[[V], V]:
    """Describe an operation of the interface; further arguments explain the parameters in its path."""

    def decorate(view: V) -> V:
        view.operation = Operation(summary, answer, query, path)  # type: ignore[attr-defined] # read by `operations`
        return view

    return decorate


def operations() -> dict[str, Operation]:
    """Return the described operations by their address, in alphabetical order."""
    found = {}
    for rule in current_app.url_map.iter_rules():
        operation = getattr(current_app.view_functions[rule.endpoint], "operation", None)
        if operation is not None:
            address = "".join(f"{{{part}}}" if is_variable else part for is_variable, part in rule._trace)
            found[address.removeprefix("|")] = operation
    return dict(sorted(found.items()))


def openapi() -> dict[str, Any]:
    """Return the description of the whole interface, OpenAPI 3.1."""
    described = operations()
    models: set[type[BaseModel]] = {ErrorAnswer, *(operation.answer for operation in described.values())}
    names, definitions = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template=REFERENCE,
    )

    def content(model: type[BaseModel]) -> dict[str, Any]:
        return {"application/json": {"schema": names[(model, "serialization")]}}

    def parameters(operation: Operation) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in operation.path.items()
        ]
        schema = operation.query.model_json_schema() if operation.query else {"properties": {}}
        for name, field in schema["properties"].items():
            kept = {key: value for key, value in field.items() if key not in ("title", "description")}
            rows.append(
                {"name": name, "in": "query", "description": field.get("description", ""), "schema": kept}
            )
        return rows

    return {
        "openapi": "3.1.0",
        "info": {
            "title": "创新产品推荐目录开放接口",
            "version": "1",
            "description": "只含有效且公开的列入情况，不需登录。",
        },
        "servers": [{"url": settings().base_url}],
        "paths": {
            address: {
                "get": {
                    "summary": operation.summary,
                    "parameters": parameters(operation),
                    "responses": {
                        "200": {"description": "成功", "content": content(operation.answer)},
                        "4XX": {"description": "请求有误，指出参数", "content": content(ErrorAnswer)},
                    },
                }
            }
            for address, operation in described.items()
        },
        "components": {"schemas": definitions.get("$defs", {})},
    }


@bp.route("/api/v1/openapi.json")
@public
def specification() -> ResponseReturnValue:
    """Give the description of the interface to machines."""
    return jsonify(openapi())


@bp.route("/api/docs")
@public
def documentation() -> ResponseReturnValue:
    """Show the description of the interface to people."""
    return render_template("registry/api_docs.html", api=openapi())
