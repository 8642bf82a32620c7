"""Addresses for machines: is it alive, is it ready, what does it count."""

import shutil

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from registry import hooks, migration, outbox
from registry.views import bp
from registry.web import context, database, public, settings

OUTBOX_LATE_SECONDS = 300  # a healthy worker delivers within seconds
DISK_FREE_MIN = 200 * 1024 * 1024  # bytes; below it an import or a backup would fail half-way


@bp.route("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(status="ok")


def _health() -> list[hooks.Health]:
    with database().reading() as session:
        session.execute(text("SELECT 1"))
        count, age = outbox.waiting(session)
    free = shutil.disk_usage(settings().root).free
    return [
        hooks.Health("database", migration.is_current(database())),
        hooks.Health(
            "outbox",
            age.total_seconds() < OUTBOX_LATE_SECONDS,
            {"waiting": count, "oldest_seconds": int(age.total_seconds())},
        ),
        hooks.Health("disk", free > DISK_FREE_MIN, {"free_bytes": free}),
        *(check(context()) for check in hooks.health),
    ]


@bp.route("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether database, index, outbox and disk are fit for work; 503 when one is not."""
    try:
        parts = _health()
    except Exception as problem:  # a database that is away is the very thing to report
        parts = [hooks.Health("database", False, {"error": type(problem).__name__})]
    ready = all(part.is_ready for part in parts)
    body = {part.name: {"ready": part.is_ready, **part.detail} for part in parts}
    return jsonify(ready=ready, parts=body), 200 if ready else 503


@bp.route("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Give the parts' figures in the Prometheus text format."""
    registry = CollectorRegistry()
    up = Gauge("registry_part_ready", "1 when the part is fit for work", ["part"], registry=registry)
    figures = Gauge("registry_part_figure", "A figure of a part", ["part", "figure"], registry=registry)
    for part in _health():
        up.labels(part.name).set(part.is_ready)
        for name, value in part.detail.items():
            if isinstance(value, (int, float)):
                figures.labels(part.name, name).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
