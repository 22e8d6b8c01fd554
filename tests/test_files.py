"""Where files are kept, and how they are written."""

import errno
import os
from pathlib import Path

import pytest

from lineas import files
from lineas.errors import LineasError


def test_home_is_where_lineas_home_says(monkeypatch, tmp_path):
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "mine"))
    assert files.home() == tmp_path / "mine"
    assert not files.home().exists()


def test_home_may_be_written_with_a_tilde(monkeypatch):
    monkeypatch.setenv("LINEAS_HOME", "~/somewhere")
    assert files.home() == Path.home() / "somewhere"


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_home_without_the_variable_is_the_users_data_folder(monkeypatch, nothing):
    if nothing is None:
        monkeypatch.delenv("LINEAS_HOME", raising=False)
    else:
        monkeypatch.setenv("LINEAS_HOME", nothing)
    assert files.home().is_absolute()
    assert files.home().name == "lineas"


def test_the_folder_of_models_is_made_when_asked_for(lineas_home):
    assert not lineas_home.exists()
    assert files.models_folder() == lineas_home / "models"
    assert files.models_folder().is_dir()


def test_a_path_is_taken_as_a_person_writes_it():
    assert files.as_path("~/model") == Path.home() / "model"
    assert files.as_path("~nobody-here/model") == Path("~nobody-here/model")


def test_a_file_in_place_of_the_home_is_named(lineas_home):
    lineas_home.write_text("I am a file")
    with pytest.raises(LineasError, match=r"a file stands in its place.*set LINEAS_HOME") as caught:
        files.models_folder()
    assert str(lineas_home / "models") in str(caught.value)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "not allowed"),
        (errno.EIO, "could not be written"),
    ],
)
def test_a_home_that_cannot_be_made_is_explained(lineas_home, monkeypatch, number, words):
    def refuse(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(LineasError, match=words) as caught:
        files.models_folder()
    assert str(lineas_home / "models") in str(caught.value)
    assert "LINEAS_HOME" in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"bytes \xc3\xa9", "bytes é", lambda path: path.write_text("bytes é", encoding="utf-8")]
)
def test_atomic_write_takes_bytes_text_and_functions(tmp_path, content):
    files.atomic_write(tmp_path / "new.txt", content)
    assert (tmp_path / "new.txt").read_text(encoding="utf-8") == "bytes é"
    assert [*tmp_path.iterdir()] == [tmp_path / "new.txt"]


def test_atomic_write_replaces(tmp_path):
    (tmp_path / "a").write_text("old")
    files.atomic_write(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"


@pytest.mark.parametrize(
    "message", ["[Errno 28] No space left on device", "I/O error: No space left on device (os error 28)"]
)
def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path, message):
    (tmp_path / "a").write_text("old")

    def fill(path):
        path.write_text("half of it")
        raise OSError(errno.ENOSPC, "full") if "Errno" in message else RuntimeError(message)

    with pytest.raises(LineasError, match="disk is full") as caught:
        files.atomic_write(tmp_path / "a", fill)
    assert str(tmp_path / "a") in str(caught.value)
    assert "choose another folder" in str(caught.value)
    assert (tmp_path / "a").read_text() == "old"
    assert [*tmp_path.iterdir()] == [tmp_path / "a"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(LineasError, match=r"nowhere does not exist"):
        files.atomic_write(tmp_path / "nowhere" / "a", b"")


def test_errors_that_are_not_the_disks_pass_through(tmp_path):
    def wrong(path):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        files.atomic_write(tmp_path / "a", wrong)
    assert [*tmp_path.iterdir()] == []


def test_names_that_no_path_can_have_do_not_exist(tmp_path: Path) -> None:
    assert files.path_exists(tmp_path)
    for name in ("nothing", "x" * 5000, "a\0b"):
        assert not files.path_exists(tmp_path / name)


needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@needs_modes
def test_the_home_and_its_files_are_for_their_owner_only(lineas_home: Path) -> None:
    folder = files.make_folder(lineas_home / "runs" / "first")
    assert [mode(made) for made in (lineas_home, folder.parent, folder)] == [0o700] * 3
    files.atomic_write(folder / "whole", "private")
    files.append(folder / "line by line", "private")
    assert {mode(path) for path in folder.iterdir()} == {0o600}


@needs_modes
def test_downloaded_models_can_be_shared_in_a_home_that_is_shared(lineas_home: Path) -> None:
    lineas_home.mkdir(0o755)
    (lineas_home / "usual").mkdir()
    assert mode(files.models_folder()) == mode(lineas_home / "usual")
    assert mode(lineas_home) == 0o755


@needs_modes
def test_files_elsewhere_have_the_usual_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(0o755)
    (folder / "usual").touch()
    files.atomic_write(folder / "whole", "open")
    files.append(folder / "line by line", "open")
    assert len({mode(path) for path in folder.iterdir()}) == 1


def test_appending_adds_to_the_end(tmp_path: Path) -> None:
    files.append(tmp_path / "log", "first é\n")
    files.append(tmp_path / "log", "second \ud83d\n")
    assert (tmp_path / "log").read_text("utf-8") == "first é\nsecond ?\n"
