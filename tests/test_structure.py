"""The code, the repository and the documentation keep the shape that was agreed on."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from registry import settings, terms
from registry.permissions import PERMISSIONS
from registry.settings import PREFIX, Settings
from wsgi import create_app

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
PACKAGES = ("registry", "review", "catalog", "search")
LINES_AT_MOST = 400  # the agreement says about 300, then a folder; this is where a test stops asking

TOP_LEVEL = {
    ".ci", ".gitattributes", ".gitignore", "Makefile", "README.md", "benchmarks", "catalog", "docs", "migrations",
    "pyproject.toml", "registry", "requirements-dev.lock", "requirements.lock", "review", "search", "static", "templates",
    "tests", "wsgi.py",
}  # fmt: skip

INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)[^>]*>|<style\b|\son[a-z]+\s*=|\sstyle\s*=|javascript:", re.IGNORECASE
)
WEB_LIBRARIES = {"flask", "flask_bootstrap", "flask_login", "flask_wtf", "werkzeug", "wtforms"}
KNOW_THE_WEB = {
    "answers",
    "api",
    "asking",
    "cli",
    "forms",
    "incoming",
    "kept",
    "paging",
    "presentation",
    "redaction",
    "views",
    "web",
    "worker",
}
NOT_FOR_BROWSERS = (
    "templates/mail/",
    "templates/catalog/certificate.html",
)  # no content security policy there
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+?))?(?: \\)?$")


def tracked(pattern: str = "*") -> list[Path]:
    """Return the files under version control, new ones included, whose path matches."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in sorted(listed.split("\0")[:-1]) if (path := ROOT / name).is_file()]


def shown(path: Path) -> str:
    """Return the path as people write it."""
    return path.relative_to(ROOT).as_posix()


def written(*, but: str = "") -> str:
    """Return the text of all code and templates, without the tests and without one file."""
    paths = [path for path in [*tracked("*.py"), *tracked("templates/*")] if "tests" not in path.parts]
    return "\n".join(path.read_text("utf-8") for path in paths if shown(path) != but)


def imports(path: Path) -> set[str]:
    """Return the dotted names that a module imports, each name of a package by itself."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def is_web(name: str) -> bool:
    """Return whether a dotted name belongs to the web: a library of it, or a module of ours that knows it."""
    root, *parts = name.split(".")
    return root in WEB_LIBRARIES or (root in PACKAGES and bool(KNOW_THE_WEB & set(parts)))


def enumerations() -> Iterator[type[StrEnum]]:
    """Yield every enumeration that the packages define."""
    for package in PACKAGES:
        for path in tracked(f"{package}/*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and any(
                    ast.unparse(base) == "StrEnum" for base in node.bases
                ):
                    yield getattr(importlib.import_module(name), node.name)


def pins(lock: str) -> set[tuple[str, ...]]:
    """Return the pinned libraries of a lock: name, version, and where the pin counts."""
    return {
        match.groups("")
        for line in (ROOT / lock).read_text("utf-8").splitlines()
        if (match := PIN.match(line))
    }


def required(*extras: str) -> set[str]:
    """Return the names of the libraries that the project asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(line for extra in extras for line in project["optional-dependencies"][extra]),
    ]
    return {re.split(r"[\[=<>~! ]", line)[0].lower() for line in asked}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Return the application with all its packages, on a database that nobody made."""
    folder = tmp_path_factory.mktemp("structure")
    return create_app(settings.load({"REGISTRY_SECRET_KEY": "0" * 64, "REGISTRY_DATA_DIR": str(folder)}))


# --- code ---------------------------------------------------------------------------------------------------------


def test_every_view_says_who_may_see_it(app):
    guards = {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "guard", None)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static")
    }

    assert len(guards) > 10
    assert {
        name: guard for name, guard in guards.items() if guard != "public" and guard not in PERMISSIONS
    } == {}


def test_every_permission_is_asked_for():
    text = written()

    assert [name for name in PERMISSIONS if len(re.findall(rf"""["']{name}["']""", text)) < 2] == []


def test_every_enumeration_member_has_a_label():
    found = [member for enumeration in enumerations() for member in enumeration]

    assert len(found) > 50
    assert all(terms.label(member) for member in found)


def test_every_term_is_used():
    members = {id(terms.of(member)) for enumeration in enumerations() for member in enumeration}
    # "list_short." and f"list_short.{ name a whole kind
    named = set(re.findall(r"""["']([a-z_]+(?:\.\w*)?)["'{]""", written(but="registry/terms.py")))

    unused = [
        key
        for key, term in terms.TERMS.items()
        if id(term) not in members and not {key, key.partition(".")[0] + "."} & named
    ]

    assert unused == []


def test_no_module_outgrows_a_reader():
    modules = [path for package in PACKAGES for path in tracked(f"{package}/*.py")]

    long = {
        shown(path): count
        for path in modules
        if (count := len(path.read_text("utf-8").splitlines())) > LINES_AT_MOST
    }

    assert long == {}


def test_records_and_rules_do_not_know_the_web():
    seen = {
        shown(path): known
        for package in PACKAGES
        for path in tracked(f"{package}/*.py")
        if not KNOW_THE_WEB & set(path.relative_to(ROOT).with_suffix("").parts)
        and (known := sorted(name for name in imports(path) if is_web(name)))
    }

    assert seen == {}


def test_nothing_but_the_server_knows_the_whole():
    importers = [
        shown(path) for package in PACKAGES for path in tracked(f"{package}/*.py") if "wsgi" in imports(path)
    ]

    assert importers == []


def test_imports_point_one_way():
    result = subprocess.run(
        [TOOLS / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "path",
    [path for path in tracked("templates/*.html") if not shown(path).startswith(NOT_FOR_BROWSERS)],
    ids=shown,
)
def test_a_page_holds_no_script_and_no_style(path):
    assert INLINE.findall(path.read_text("utf-8")) == []


# --- repository ---------------------------------------------------------------------------------------------------


def test_the_top_level_is_as_agreed():
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_with_hashes_and_names_no_address(lock):
    entries = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text("utf-8"))

    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert [
        entry for entry in entries if "://" in entry or "--index" in entry or "--find-links" in entry
    ] == []


def test_the_locks_hold_what_the_project_asks_for():
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")

    assert runtime < development
    assert required() - {name for name, *_ in runtime} == set()
    assert required("dev") - {name for name, *_ in development} == set()
    assert required("dev") & {name for name, *_ in runtime} == required()


@pytest.mark.parametrize("script", tracked(".ci/*"), ids=shown)
def test_a_script_is_executable_and_parses(script):
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], capture_output=True, check=False).stderr == b""


def test_a_second_setup_has_nothing_to_do():
    result = subprocess.run(
        [ROOT / ".ci/setup", "--dev"], capture_output=True, text=True, check=False, timeout=30
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_server_of_the_tests_is_gone_after_its_command():
    result = subprocess.run(
        [ROOT / ".ci/postgresql", "sh", "-c", 'echo "$REGISTRY_TEST_POSTGRES_URL"; exit 7'],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    address, _, folder = result.stdout.strip().partition("?host=")
    assert (result.returncode, address) == (7, "postgresql+psycopg://registry@/registry"), result.stderr
    assert not Path(folder).exists()


def test_the_tests_do_not_begin_when_their_server_cannot_start(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path / "absent")}

    result = subprocess.run(
        [ROOT / ".ci/postgresql", "echo", "begun"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stdout == ""


# --- documentation ------------------------------------------------------------------------------------------------


def test_every_library_has_its_reason_written_down():
    text = "\n".join(path.read_text("utf-8") for path in tracked("docs/adr/*.md"))

    assert {name for name in required("dev") if f"`{name}" not in text} == set()


def test_every_setting_is_documented():
    rows = []
    for name, field in Settings.model_fields.items():
        value = str(field.default).lower() if isinstance(field.default, bool) else field.default
        default = "required" if field.is_required() else f"`{value}`" if value not in (None, "") else ""
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")

    listed = [
        line
        for line in (ROOT / "docs/settings.md").read_text("utf-8").splitlines()
        if f"`{PREFIX}" in line and line.startswith("|")
    ]

    assert listed == rows


def test_the_glossary_is_the_table_of_terms():
    assert (ROOT / "docs/glossary.md").read_text("utf-8") == terms.glossary(), "run `make glossary`"


@pytest.mark.parametrize("page", [*tracked("README.md"), *tracked("docs/*.md")], ids=shown)
def test_every_link_leads_somewhere(page):
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]

    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_every_page_of_the_documentation_is_in_an_index():
    indexed = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in (ROOT / "README.md", ROOT / "docs/index.md", ROOT / "docs/adr/README.md")
        for link in LINK.findall(page.read_text("utf-8"))
    }

    assert [
        shown(page) for page in tracked("docs/*.md") if page not in indexed and shown(page) != "docs/index.md"
    ] == []
