"""What holds for the project as a whole: one direction of imports, exact versions, and documents that are true."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import lineas
from lineas.cli import COMMANDS
from lineas.ui.theme import STYLES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = sorted((ROOT / "lineas").rglob("*.py"))
LONGEST_FILE = 300

# From the bottom up: a package imports itself and earlier ones only.
ORDER = (
    "version", "errors", "files", "steering", "models", "data", "storage", "training", "generation", "methods", "pictures",
    "evaluation", "export", "service", "server", "ui", "cli", "__main__",
)  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions and for type checkers."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            for alias in node.names:  # a module of ours may be named behind the import
                inside = ROOT / node.module.replace(".", "/") / alias.name
                ours = inside.with_suffix(".py").is_file() or inside.is_dir()
                yield f"{node.module}.{alias.name}" if ours else node.module


def package(path: Path) -> str:
    return path.relative_to(ROOT / "lineas").parts[0].removesuffix(".py")


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def pins(name: str) -> dict[str, str]:
    """The exact versions of a requirements file; whatever is not exact is an error."""
    found: dict[str, str] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= pins(line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            match = re.fullmatch(r"([a-z0-9-]+)==(\d[\w.]*)", line)
            assert match, f"{name}: {line!r} is not an exact version"
            found[match[1]] = match[2]
    return found


def commands(path: str) -> list[str]:
    return [line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]


# ---- the code


def test_imports_point_one_way() -> None:
    wrong = []
    for path in PACKAGE:
        here = package(path)
        if here == "__init__":  # names the others', lazily
            continue
        for name in imports(path):
            first, _, there = name.partition(".")
            there = there.split(".")[0]
            if first == "lineas" and ORDER.index(there or "__main__") > ORDER.index(here):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}, which does not stand below it")
    assert not wrong, "\n".join(wrong)


def test_no_import_cycle() -> None:
    """Neither at run time nor for type checkers, nor one that waits inside a function."""
    modules = {module(path): path for path in PACKAGE}
    graph = {name: sorted({found for found in imports(path) if found in modules}) for name, path in modules.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in graph[name]:
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_who_may_import_what() -> None:
    allowed = {
        "gradio": {"ui"},
        "starlette": {"server", "ui"},
        "uvicorn": {"server"},
        "transformers": {"models", "training", "generation", "methods", "pictures", "evaluation", "export"},
        "diffusers": {"pictures"},
        "peft": {"methods", "export"},
        "datasets": {"data", "methods"},
    }
    for path in PACKAGE:
        for name in {name.split(".")[0] for name in imports(path)} & allowed.keys():
            assert package(path) in allowed[name], f"{path.relative_to(ROOT)} must not import {name}"


def test_the_mathematics_knows_torch_only() -> None:
    pure = [ROOT / "lineas" / "training" / f"{name}.py" for name in ("wasserstein", "proximal")]
    known = set(packages_distributions())
    for path in [*(ROOT / "lineas" / "steering").rglob("*.py"), *pure]:
        foreign = {name.split(".")[0] for name in imports(path)} & known
        assert foreign <= {"torch", "safetensors", "lineas"}, path


def test_the_top_level_is_short() -> None:
    assert len(ORDER) - 1 <= 17  # without __main__
    assert {package(path) for path in PACKAGE} - {"__init__"} == set(ORDER)


def test_importing_lineas_imports_nothing_heavy() -> None:
    code = "import sys, lineas; assert not {'torch', 'transformers', 'gradio', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    for name in lineas.__all__:
        assert getattr(lineas, name) is not None


def test_a_page_with_a_health_card_does_not_wait_for_torch() -> None:
    pages = "lineas.ui.pages.compare.layout, lineas.ui.pages.inside.layout"
    code = f"import sys, {pages}; assert not {{'torch', 'transformers'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE}
    long = {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST_FILE}
    assert not long, f"one idea a file: {long}"


def test_every_page_s_style_is_on_the_page() -> None:
    assert sorted(STYLES) == sorted((ROOT / "assets" / "style").iterdir())


def test_no_pickle() -> None:
    for path in PACKAGE:
        assert not {"pickle", "dill", "joblib"} & {module.split(".")[0] for module in imports(path)}, path
        assert not re.search(r"torch\.(load|save)\(", path.read_text(encoding="utf-8")), path


# ---- dependencies


def test_pins_are_exact_and_inside_the_ranges() -> None:
    optional = PROJECT["project"]["optional-dependencies"]
    for name, wanted in (
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-dev.txt", [*PROJECT["project"]["dependencies"], *chain.from_iterable(optional.values())]),
    ):
        ranges = {requirement.name: requirement.specifier for requirement in map(Requirement, wanted)}
        pinned = pins(name)
        assert pinned.keys() == ranges.keys(), name
        for package, version in pinned.items():
            assert version in ranges[package], f"{package} {version} is outside of {ranges[package]}"


def test_whatever_is_imported_is_declared() -> None:
    declared = {requirement.name for requirement in map(Requirement, PROJECT["project"]["dependencies"])}
    optional = PROJECT["project"]["optional-dependencies"]
    extra = {Requirement(line).name for name, lines in optional.items() if name != "dev" for line in lines}
    distributions = packages_distributions()
    for path in [*PACKAGE, ROOT / "app.py"]:
        for module in {module.split(".")[0] for module in imports(path)} & distributions.keys() - {"lineas"}:
            names = {name.lower().replace("_", "-") for name in distributions[module]}
            assert names & (declared | extra), f"{path.relative_to(ROOT)} imports {module}, which pyproject.toml lacks"


def test_the_linter_of_a_commit_is_the_linter_of_ci() -> None:
    pinned = pins("requirements-dev.txt")["ruff"]
    assert f"rev: v{pinned}" in (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")


# ---- the documents


def test_the_readme_s_two_commands() -> None:
    readme = commands("README.md")
    start, test = (
        "pip install -r requirements.txt && python app.py",
        "pip install -r requirements-dev.txt && python -m pytest -n 2 --dist loadfile",
    )
    assert readme.index(start) < readme.index(test) < 40
    assert commands(".ci/run")[-1] == test
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_space_s_settings() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    settings = dict(re.findall(r"^(\w+): (.*)$", text.split("---\n")[1], re.M))
    assert settings["sdk"] == "gradio"
    assert settings["sdk_version"] == pins("requirements.txt")["gradio"]
    assert (ROOT / settings["app_file"]).is_file()
    assert settings["license"] == PROJECT["project"]["license"].lower()


@pytest.mark.parametrize(
    "path", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/**/*.md")], ids=lambda path: path.name
)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
    gone = []
    for link in (link for link in links if "://" not in link):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            gone.append(link)
    assert not gone, f"{path.relative_to(ROOT)} links to what does not exist: {gone}"


def anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_shows_real_commands_and_names() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"^lineas (\w+)", text, re.M)) | set(re.findall(r"`lineas (\w+)", text))
    assert used <= set(COMMANDS)
    assert used == set(COMMANDS)
    names = re.findall(r"^from lineas import (.*)$", text, re.M)
    assert names
    assert {name.strip() for line in names for name in line.split(",")} <= set(lineas.__all__)


def test_architecture_names_every_package_and_no_other() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)(?:\.py|/)` \|", text, re.M))
    assert named == {package(path) for path in PACKAGE} - {"__init__", "__main__"} | {"app"}


def test_the_license_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_version_is_written_once() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "lineas/version.py"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {lineas.__version__}\n" in citation, "CITATION.cff cannot read it from elsewhere"


def test_the_lowest_allowed_versions_were_tested() -> None:
    """``.ci/lowest`` installs them; docs/lowest-versions.md holds its result."""
    text = (ROOT / "docs" / "lowest-versions.md").read_text(encoding="utf-8")
    tested = dict(re.findall(r"^\| ([a-z0-9-]+) \| (\S+) \|", text, re.M))
    optional = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *chain.from_iterable(optional.values())]
    for requirement in map(Requirement, wanted):
        lowest = min(requirement.specifier, key=lambda part: part.operator != ">=").version
        if requirement.name != "torch":
            assert Version(tested[requirement.name]) == Version(lowest), requirement.name
