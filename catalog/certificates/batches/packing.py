"""A batch's certificates as one archive, with a table that says what became of each product."""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from catalog.certificates import files
from catalog.certificates.batches.models import BatchLine, BatchState, CertificateBatch
from catalog.queries import Scopes
from registry import clock, hooks, spreadsheets
from registry.errors import RuleError
from registry.terms import label

TABLE = "清单.csv"
COLUMNS = ("序号", "产品代码", "产品名称", "证明编号", "证明状态", "说明")


def archive(context: hooks.Context, batch: CertificateBatch, scopes: Scopes) -> bytes:
    """Return the archive; every file in it is the one that was stored when its certificate was issued.

    Products outside the scopes are not named in the table.

    Raises:
        RuleError: the batch is not complete.
    """
    if batch.state is not BatchState.COMPLETE or batch.completed_at is None:
        raise RuleError("证明尚未全部办结，办结后才能打包下载。", parameter="batch")
    out = BytesIO()
    at = batch.completed_at.astimezone(clock.BEIJING).timetuple()[:6]
    with ZipFile(out, "w", ZIP_STORED) as packed:  # PDFs are compressed inside
        packed.writestr(ZipInfo(TABLE, at), _table(batch, scopes))
        for line in batch.lines:
            if line.certificate is not None and line.problem is None:
                name = ZipInfo(f"{line.certificate.number}.pdf", at)
                packed.writestr(name, files.ensure_file(context, line.certificate.id))
    return out.getvalue()


def _table(batch: CertificateBatch, scopes: Scopes) -> bytes:
    return spreadsheets.csv_bytes((COLUMNS, *(_cells(line, scopes) for line in batch.lines)))


def _cells(line: BatchLine, scopes: Scopes) -> Iterator[str]:
    certificate = line.certificate
    yield str(line.position)
    yield line.entry.code
    yield line.entry.version.name if line.entry.scope in scopes else ""
    yield certificate.number if certificate else ""
    yield label(certificate.status) if certificate else ""
    yield line.problem or ""
