"""Excel workbooks of examples."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lineas.data import read_examples_file
from lineas.errors import LineasError


def save(path: Path, *sheets: list[list[Any]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_the_first_sheet_with_anything_in_it_is_read(tmp_path: Path) -> None:
    rows = [
        [],
        [None, "text", None, "style"],
        [None, "One day.", None, "plain"],
        [None, None],
        [None, "Tea, please.", None, 3],
    ]
    path = save(tmp_path / "a.xlsx", [], rows, [["other"]])
    found = read_examples_file(path)
    assert found.sentences == ["One day.", "Tea, please."]
    assert "has 3 sheets, “Sheet 0”, “Sheet 1” and “Sheet 2”: “Sheet 1” was read." in found.notes[0]


def test_a_cell_far_to_the_right_costs_no_memory(tmp_path: Path) -> None:
    book = Workbook()
    for row in range(1, 200):
        book.active.cell(row, 16_384).value = ""
    book.active.cell(1, 1).value = "text"
    book.active.cell(2, 1).value = "One day."
    book.save(tmp_path / "a.xlsx")
    assert read_examples_file(tmp_path / "a.xlsx").sentences == ["One day."]


def test_damaged_and_empty_workbooks_say_so(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", [[]])
    with pytest.raises(LineasError, match="holds no sentences"):
        read_examples_file(path)
    whole = save(path, [["text"], ["One day."]]).read_bytes()
    for data in (b"PK\x03\x04", whole[: len(whole) // 2], b"text"):
        path.write_bytes(data)
        with pytest.raises(LineasError, match=r"“a\.xlsx” cannot be read as an Excel workbook"):
            read_examples_file(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/sharedStrings.xml", bytes(101_000_000))
    (tmp_path / "a.xlsx").write_bytes(packed.getvalue())
    with pytest.raises(LineasError, match="too large once it is unpacked"):
        read_examples_file(tmp_path / "a.xlsx")
