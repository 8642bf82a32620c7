"""Time the buyer's way on fictitious products: import with index, search over HTTP, certificate.

Run by `make bench`; another size with `make bench PRODUCTS=1600`. Figures are wall time on this machine; repeat them
before relying on one.
"""

import csv
import os
import resource
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import DEVNULL, run

sys.path[0] = str(
    Path(__file__).parents[1]
)  # the registry, in place of this folder, whose file shadows a package

from catalog.demo.products import products
from registry import clock, settings
from wsgi import create_app

PRODUCTS = int(os.environ.get("PRODUCTS", "15000"))
REPEAT = 20
QUERIES = (
    "超声",
    "磁共振",
    "機器人",
    "传感器",
    "工业软件",
    "手术 机器人",
    "碳化硅 外延",
    "电",
    "不存在的产品名",
    "",
)


def command(*arguments: str) -> float:
    """Run a command of the registry and return its seconds; it says why when it fails."""
    started = time.perf_counter()
    run(  # noqa: S603 - our own commands
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        check=True,
        stdout=DEVNULL,
        cwd=sys.path[0],
    )
    return time.perf_counter() - started


def written(file: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write fictitious products to a file as an office would hand them in."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return file


def milliseconds(act: Callable[[], object]) -> list[float]:
    """Return the sorted durations of an act, done `REPEAT` times after a first that does not count."""
    act()
    taken = []
    for _ in range(REPEAT):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)


def main(folder: Path) -> None:
    """Print one line for each figure."""
    os.environ.update(REGISTRY_SECRET_KEY=secrets.token_hex(32), REGISTRY_DATA_DIR=str(folder / "var"))
    rows = list(products(PRODUCTS, clock.today()))
    file = written(folder / "products.csv", rows)

    print(f"products                   {len(rows):>9}")
    print(f"init, s                    {command('registry', 'init'):>9.1f}")
    print(f"import with index, s       {command('catalog', 'import', str(file)):>9.1f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"import, peak memory, MB    {peak:>9.0f}")

    client = create_app(settings.load()).test_client()
    for query in QUERIES:
        parameters = {"q": query}
        taken = milliseconds(lambda asked=parameters: client.get("/api/v1/products", query_string=asked))  # type: ignore[misc]
        found = client.get("/api/v1/products", query_string=parameters).get_json()
        print(
            f"search, median and worst, ms {statistics.median(taken):>7.1f}{taken[-1]:>9.1f}"
            f"   {found['total']:>6} found, {found['took_ms']} ms inside   {query}"
        )

    code = client.get("/api/v1/products").get_json()["items"][0]["code"]
    taken = command("catalog", "certify", code, str(folder / "certificate.pdf"))
    print(f"certificate, cold, s       {taken:>9.1f}")
    print(f"certificate, KB            {(folder / 'certificate.pdf').stat().st_size / 1024:>9.0f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
