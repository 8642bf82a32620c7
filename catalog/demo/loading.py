"""Load the demonstration through the services, day after day, from the oldest publication to today."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from io import StringIO

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from catalog import entries, expiry
from catalog.certificates import checking
from catalog.certificates.numbers import grouped
from catalog.certificates.services import issue_listing_certificate, issue_procurement_certificate, revoke
from catalog.certificates.verdicts import CheckDoor
from catalog.demo import people, proofs
from catalog.demo.cast import Cast, Ending, Publication
from catalog.demo.grammar import dice
from catalog.demo.pictures import picture, shapes
from catalog.demo.products import Specimen
from catalog.demo.proofs import Proof
from catalog.editions import chunks
from catalog.importing.columns import HEADERS
from catalog.importing.services import ImportOptions, import_file
from catalog.models import Buyer, Certificate
from registry import clock, hooks, trail
from registry.db import Database
from registry.demo import plan
from registry.errors import RuleError
from registry.files import FileStore
from registry.hooks import Step
from registry.models import CatalogEntry, ListCode, Listing, Organization, TrailLine, Trait, User
from registry.terms import batch_name, label

BEGUN, LOADED = "demo.begin", "demo.load"

AREAS = {"浦东新区": ("LINGANG", "ZHANGJIANG"), "奉贤区": ("LINGANG",), "金山区": ("CHEMPARK",)}
AREA_SHARE = 0.35
TOLD_SHARE = 0.8  # of the products, whose record says whether they have a trait
GREEN_SHARE = 0.3
DIGITAL_SHARE = 0.25
XKQZ_SHARE = 0.4
BRAND_SHARE = 0.6
PROVEN_SHARE = 0.7
TINTS_PER_DRAWING = 2


def load(
    database: Database, *, products: int, today: date, files: FileStore, more: Sequence[Step] = ()
) -> bool:
    """Load the demonstration into an empty database; return False when it is there already.

    `more` happens on its days too, after what the catalog does on them; the products that its rounds bring into the
    catalog count among the `products`.

    Raises:
        RuleError: the database holds something else.
    """
    if _is_loaded(database):
        return False
    cast = Cast(max(1, products - (plan.entered(today, ListCode.CX) if more else 0)), today)
    loader = _Loader(database, cast, files)
    for step in sorted([*loader.steps(), *more], key=lambda step: step.on):
        with clock.standing_at(_moment(step.on)):
            step.act()
    with clock.standing_at(_moment(today)):
        loader.close()
    return True


def _moment(on: date | datetime) -> datetime:
    """Return the instant at which a step happens: noon of its day; on this very day never later than now."""
    now = clock.now()
    with clock.standing_at(on):
        planned = clock.now()
    return min(planned, now) if clock.day_of(planned) == clock.day_of(now) else planned


def _is_loaded(database: Database) -> bool:
    with database.reading() as session:
        done = set(
            session.scalars(select(TrailLine.action).where(TrailLine.action.in_((BEGUN, LOADED))).distinct())
        )
        if LOADED in done:
            return True
        if BEGUN in done:
            raise RuleError("上次装入演示数据时中断，数据不完整，请清空数据库后重新运行。")
        records: tuple[type[CatalogEntry] | type[Organization] | type[User], ...] = (
            CatalogEntry,
            Organization,
            User,
        )
        if any(session.scalar(select(exists().where(record.id.is_not(None)))) for record in records):
            raise RuleError("数据库中已有其他数据（产品、单位或账号），演示数据只能装入空的数据库。")
    return False


class _Loader:
    """Turn a cast into steps. The steps of one day run in the order in which they are given here."""

    def __init__(self, database: Database, cast: Cast, files: FileStore) -> None:
        """Keep what the steps need."""
        self._database, self._cast, self._files = database, cast, files
        self._people: Mapping[str, User] = {}
        self._certificates: dict[Proof, int] = {}

    def steps(self) -> Iterator[Step]:
        """Return everything that happens, in any order of days."""
        publications = self._cast.publications
        yield Step(publications[0].batch.published_on, self._move_in)
        for publication in publications:
            yield Step(publication.batch.published_on, partial(self._publish, publication))
        for proof in proofs.planned(self._cast):
            yield Step(proof.on, partial(self._certify, proof))
            if proof.revoked_on:
                yield Step(proof.revoked_on, partial(self._revoke, proof))
        for ending in self._cast.endings:
            yield Step(ending.on, partial(self._end, ending))

    def _move_in(self) -> None:
        with self._database.transaction() as session:
            trail.record(session, None, BEGUN, subject="demo", subject_id=self._cast.today.isoformat())
            self._people = people.move_in(session, maker=self._cast.active[0].unit)

    def _publish(self, publication: Publication) -> None:
        batch = publication.batch
        result = import_file(
            self._database, _csv(publication.rows), name=f"示例目录{batch_name(batch.year, batch.batch)}.csv",
            options=ImportOptions(list_code=batch.list_code, scope=publication.scope),
            actor=self._people["publisher"],
        )  # fmt: skip
        if result.refused:
            raise AssertionError(result.report[0])  # the fiction contradicts itself
        pictures = {one.number: self._picture(one) for one in publication.specimens}
        with self._database.transaction() as session:
            revision = entries.next_revision(session)
            known = {
                entry.source_ref: entry
                for refs in chunks([specimen.source_ref for specimen in publication.specimens])
                for entry in session.scalars(select(CatalogEntry).where(CatalogEntry.source_ref.in_(refs)))
            }
            for specimen in publication.specimens:
                entries.enrich(
                    session, known[specimen.source_ref], self._people["publisher"], kpis=list(specimen.kpis),
                    device=specimen.device, brand=_brand(specimen), special_area=_area(specimen),
                    traits=_traits(specimen),
                    pictures=[pictures[specimen.number]], national=_national(specimen), revision=revision,
                )  # fmt: skip

    def _picture(self, specimen: Specimen) -> entries.Picture:
        content = picture(specimen.family.picture, _tint(specimen))
        return entries.Picture(self._files.put(content), "image/png", f"示意图：{specimen.row['产品名称']}")

    def _certify(self, proof: Proof) -> None:
        with self._database.transaction() as session:
            entry = _entry(session, proof.specimen)
            if proof.buyer is None or proof.purchase is None:
                certificate = issue_listing_certificate(session, entry, None, issuer="")
            else:
                approver = self._people[proof.buyer]
                buyer = session.scalars(
                    select(Buyer)
                    .where(Buyer.organization_id == approver.organization_id)
                    .options(selectinload(Buyer.organization))
                ).one()
                certificate = issue_procurement_certificate(
                    session, entry, approver, buyer=buyer, purchase=proof.purchase, issuer=""
                )
            self._certificates[proof] = certificate.id

    def _revoke(self, proof: Proof) -> None:
        with self._database.transaction() as session:
            certificate = session.get_one(Certificate, self._certificates[proof])
            revoke(session, certificate, self._people["lead"], reason=proofs.REVOCATION)

    def _end(self, ending: Ending) -> None:
        with self._database.transaction() as session:
            listing = session.scalars(
                select(Listing).where(Listing.number == ending.specimen.row["目录编号"])
            ).one()
            entries.change_status(
                session, listing, self._people["lead"], status=ending.status, reason=ending.reason
            )

    def close(self) -> None:
        """Let expire what is over, and note that everything is there."""
        with self._database.transaction() as session:
            while expiry.expire_listings(session):
                pass
            trail.record(session, None, LOADED, subject="demo", subject_id=self._cast.today.isoformat())


def _entry(session: Session, specimen: Specimen) -> CatalogEntry:
    return session.scalars(select(CatalogEntry).where(CatalogEntry.source_ref == specimen.source_ref)).one()


def _csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.DictWriter(out, HEADERS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _tint(specimen: Specimen) -> int:
    """Return one of a family's few tints, so that many products share one stored picture."""
    shift = sorted(shapes()).index(specimen.family.picture)
    return shift + specimen.number % TINTS_PER_DRAWING


def _brand(specimen: Specimen) -> str | None:
    return specimen.unit.brand if dice(f"brand/{specimen.number}").random() < BRAND_SHARE else None


def _area(specimen: Specimen) -> str | None:
    rng = dice(f"area/{specimen.number}")
    areas = AREAS.get(specimen.unit.district)
    return rng.choice(areas) if areas and rng.random() < AREA_SHARE else None


def _traits(specimen: Specimen) -> dict[Trait, bool]:
    """Return what the fiction knows of a product's traits; of some it knows nothing."""
    rng = dice(f"traits/{specimen.number}")
    is_software = specimen.family.kind == "software"
    shares = {
        Trait.GREEN: GREEN_SHARE,
        Trait.DIGITAL: 1 if is_software else DIGITAL_SHARE,
        Trait.XKQZ: XKQZ_SHARE if is_software else 0,
    }
    return {trait: rng.random() < share for trait, share in shares.items() if rng.random() < TOLD_SHARE}


def _national(specimen: Specimen) -> list[entries.National] | None:
    """Return the national listing with its proof, which the import does not carry; some have none."""
    name = specimen.row["国家级目录"]
    if not name:
        return None
    rng = dice(f"national/{specimen.number}")
    proof = "示例证明文件（虚构）" if rng.random() < PROVEN_SHARE else None
    return [
        entries.National(
            name, specimen.batch.year - 1, f"第{rng.randint(1, 280)}项", proof, f"示例国家文件〔{specimen.batch.year - 1}〕（虚构）"
        )
    ]  # fmt: skip


def _demo(context: hooks.Context, request: hooks.DemoRequest) -> None:
    files = FileStore(context.settings.files_dir)
    more = [step for steps in hooks.demo_steps for step in steps(context, request)]
    is_new = load(context.database, products=request.products, today=request.today, files=files, more=more)
    context.say("演示数据已装入。" if is_new else "演示数据此前已装入，未作改动。")
    with context.database.reading() as session:
        # What users were issued meanwhile is theirs: its codes are printed nowhere.
        for line in (*people.logins(), *(_certificates(session, files) if is_new else ())):
            context.say(line)


def _certificates(session: Session, files: FileStore) -> Iterator[str]:
    """Return a line for each certificate: what is needed to try the check, and what it answers."""
    yield "演示证明（编号、核验码、核验结果）："
    with session.no_autoflush:  # nobody made these checks: what they would write down goes with the session
        certificates = session.scalars(select(Certificate).order_by(Certificate.id)).all()
        answers = [
            checking.check(session, files, number=one.number, code=one.short_code, door=CheckDoor.PAGE)
            for one in certificates
        ]
    for certificate, answer in zip(certificates, answers, strict=True):
        yield f"  {certificate.number}  {grouped(certificate.short_code)}  {label(answer.outcome)}"


hooks.demo.append(_demo)
