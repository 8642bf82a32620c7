"""Importing for the office: upload, look at what would be taken and what not, confirm.

An upload is kept under its hash and its options stand in the address, so nothing is lost between the steps, and a second
click finds everything imported already.
"""

import re
from io import BytesIO
from pathlib import PurePath
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from catalog.forms import NAME_MAX, CheckedForm, UploadForm
from catalog.importing.columns import READ
from catalog.importing.hints import HINTS
from catalog.importing.readers import FileError, open_table
from catalog.importing.report import ImportResult, report_csv
from catalog.importing.services import ImportOptions, import_file
from catalog.views import bp
from registry.errors import NotFoundError, RuleError, StaleError
from registry.files import FileStore
from registry.web import account, close_reader, csrf, database, requires, settings

UPLOAD_MAX = 10 * 1024 * 1024  # bytes; about 60,000 rows, half a minute. `catalog import` takes larger files
FORM_ROOM = 64 * 1024  # bytes of a request beside the file
SHOWN_MAX = 200  # lines of the report on the page; the file holds them all
LINES_MAX = 20  # lines named for one hint
_SHA256 = re.compile(r"[0-9a-f]{64}")


@bp.route("/office/import", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator] # asked for below, once the request may be as large as a file
@requires("catalog:import")
def import_upload() -> ResponseReturnValue:
    """Take a file, keep it and go on to its check."""
    if request.method == "POST":
        request.max_content_length = UPLOAD_MAX + FORM_ROOM
        if current_app.config["WTF_CSRF_ENABLED"]:  # as Flask-WTF asks itself before the views that it guards
            csrf.protect()
    form = UploadForm(meta={"csrf": False})
    if form.validate_on_submit():
        name = PurePath(form.file.data.filename).name[-NAME_MAX:]
        content = form.file.data.read()
        try:
            if len(content) > UPLOAD_MAX:
                raise FileError(
                    f"文件超过 {UPLOAD_MAX // 1024 // 1024} MB，请由管理员用命令 catalog import 导入。"
                )
            for _ in open_table(
                content, name
            ).rows():  # to its end: what breaks late is told here, by the field
                pass
            sha256 = FileStore(settings().files_dir).put(content)
            kept = {key: form[key].data for key in ("list", "year", "batch", "valid_until") if form[key].data}
            return redirect(url_for(".import_check", sha256=sha256, name=name, **kept))
        except FileError as problem:
            form.file.errors = [f"目录表格：{problem.sentence}"]
    return render_template("catalog/import_upload.html", form=form, headers=READ), 422 if form.errors else 200


@bp.route("/office/import/<sha256>", methods=["GET"])
@requires("catalog:import")
def import_check(sha256: str) -> ResponseReturnValue:
    """Show line by line what an import of the kept file would do."""
    name, content, form = _kept(sha256)
    result = _import(content, name, form.options(dry_run=True))
    return render_template(
        "catalog/import_check.html",
        name=name,
        form=form,
        result=result,
        report=result.report[:SHOWN_MAX],
        hints=[
            (
                HINTS[code],
                len(lines),
                "、".join(map(str, lines[:LINES_MAX])) + ("……" if len(lines) > LINES_MAX else ""),
            )
            for code, lines in result.hints.items()
        ],
        address=_address(sha256),
    )


@bp.route("/office/import/<sha256>", methods=["POST"])
@requires("catalog:import")
def import_confirm(sha256: str) -> ResponseReturnValue:
    """Import the kept file, if the catalog still stands as it was when the file was checked."""
    name, content, form = _kept(sha256)
    expected = request.form.get("revision", "")
    if not re.fullmatch(r"[0-9]{1,18}", expected):
        raise RuleError("请从核对页面确认导入。", parameter="revision")
    try:
        result = _import(content, name, form.options(expected_revision=int(expected)))
        flash(
            f"已导入：新增 {result.created:,} 行，变更 {result.changed:,} 行，无变化 {result.unchanged:,} 行，"
            f"未采纳 {result.refused:,} 行。检索稍后即可查到。", "success",
        )  # fmt: skip
    except StaleError as problem:
        flash(problem.sentence, "warning")
    return redirect(url_for(".import_check", **_address(sha256)))


@bp.route("/office/import/<sha256>/report.csv")
@requires("catalog:import")
def import_report(sha256: str) -> ResponseReturnValue:
    """Send the whole report of the kept file as a table."""
    name, content, form = _kept(sha256)
    result = _import(content, name, form.options(dry_run=True))
    return send_file(
        BytesIO(report_csv(result.report)), mimetype="text/csv", as_attachment=True,
        download_name=f"{PurePath(name).stem}-未采纳.csv",
    )  # fmt: skip


def _kept(sha256: str) -> tuple[str, bytes, CheckedForm]:
    """Return the name, the content and the options that an address tells of a kept upload."""
    try:
        if not _SHA256.fullmatch(sha256):
            raise FileNotFoundError
        content = FileStore(settings().files_dir).read(sha256)
    except (FileNotFoundError, ValueError):
        raise NotFoundError("没有这个上传的文件，请重新上传。", parameter="sha256") from None
    form = CheckedForm(request.args, meta={"csrf": False})
    if not form.validate():
        name, sentences = next(iter(form.errors.items()))
        raise RuleError(sentences[0], parameter=name)
    return form.name.data, content, form


def _import(content: bytes, name: str, options: ImportOptions) -> ImportResult:
    actor = account()
    close_reader()  # the import opens a transaction of its own
    return import_file(database(), content, name=name, options=options, actor=actor)


def _address(sha256: str) -> dict[str, Any]:
    names = ("name", "list", "year", "batch", "valid_until")
    return {"sha256": sha256} | {key: request.args[key] for key in names if request.args.get(key)}
