"""Names of concepts, and their file names."""

import pytest

from lineas.storage.names import clean_name, file_stem, unique_name


def test_equal_names_get_numbers():
    assert unique_name("pirate", []) == "pirate"
    assert unique_name("pirate", ["Pirate"]) == "pirate 2"
    assert unique_name("pirate", ["pirate", "pirate 2", "pirate 4"]) == "pirate 3"


@pytest.mark.parametrize(
    ("name", "clean"),
    [("  a \n b\t", "a b"), ("", "concept"), ("\x00\x1b\u202e", "concept"), ("☠️ Ahoy", "☠️ Ahoy"), ("x" * 200, "x" * 80),
     ("\ud83d", "concept"), ("<b>${x}</b>", "<b>${x}</b>")],
)  # fmt: skip
def test_names_are_cleaned(name, clean):
    assert clean_name(name) == clean


@pytest.mark.parametrize("name", ["../../etc/passwd", "con", "☠", "a" * 300, "Prüfung Nr. 7", ".hidden", "a/b\\c:d"])
def test_file_names_fit_every_system(name):
    stem = file_stem(name)
    assert stem.replace("-", "").isalnum()
    assert len(stem.encode()) < 150
    assert stem != file_stem(name)
