"""What pip installs: the package with its assets, and a description that is meant for the package index."""

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import lineas
from lineas.files import ASSETS

ROOT = Path(__file__).parents[2]
LARGEST = 25_000_000


def build(kind: str, source: Path, folder: Path) -> Path:
    """Build a wheel or an sdist of the project at ``source`` and return its file."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_package_and_its_assets(wheel: Path) -> None:
    files = content(wheel)
    assert wheel.name == f"lineas-{lineas.__version__}-py3-none-any.whl"
    assert wheel.stat().st_size < LARGEST
    assets = {path for path in ASSETS.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    wanted = {path for path in assets if "screenshots" not in path.parts}
    assert {name for name in files if name.startswith("lineas/assets/")} == {
        f"lineas/assets/{path.relative_to(ASSETS).as_posix()}" for path in wanted
    }
    assert all(files[f"lineas/assets/{path.relative_to(ASSETS).as_posix()}"] == path.read_bytes() for path in wanted)
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lineas").rglob("*.py")} | {"lineas/py.typed"}
    assert {name for name in files if not name.startswith(("lineas/assets/", "lineas-"))} == code


def test_the_metadata_describes_the_project(wheel: Path) -> None:
    files = content(wheel)
    [metadata] = [message_from_bytes(files[name]) for name in files if name.endswith("/METADATA")]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Project-URL"] and metadata["Keywords"] and metadata.get_all("Classifier")
    description = str(metadata.get_payload())
    assert description.startswith("# LinEAS Studio") and "sdk: gradio" not in description
    assert "](assets/" not in description, "a relative link leads nowhere on the package index"


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build("wheel", tmp_path / f"lineas-{lineas.__version__}", tmp_path / "wheel")
    assert content(again) == content(wheel)


def test_an_editable_install_points_at_the_checkout(tmp_path: Path) -> None:
    code = f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    [editable] = tmp_path.iterdir()
    files = content(editable)
    [path] = [name for name in files if name.endswith(".pth")]
    assert Path(files[path].decode().strip()) == ROOT
    assert not any(name.startswith("lineas/") for name in files), "the checkout's assets are used, not a copy"
