"""Files of examples in every usual format, and one sentence for each that cannot be read."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineas.data import read_file, table_files
from lineas.errors import LineasError

GOOD = ["I like rain.", "Tea, please; with milk.", "Where is the dog?"]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


Write = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("name", ["a.txt", "a.TXT", "a.csv", "a.tsv", "a.md", "a"])
def test_text_in_every_usual_encoding(write: Write, encoding: str, name: str) -> None:
    sentences = ["Wo ist der Bär?", "L’été “déjà” vu.", "Fünf Äpfel."]
    assert read_file(write(name, "\r\n".join(sentences).encode(encoding))) == sentences


def test_a_text_file_is_cleaned_like_a_paste_and_ignores_the_column(write: Write) -> None:
    assert read_file(write("a.txt", "1. One day.\n\n- Two days.\n“One day.”"), column="ignored") == [
        "One day.",
        "Two days.",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", ["text", "Text ", "SENTENCE", "example", "review"])
def test_csv_with_any_delimiter_and_a_known_column(write: Write, delimiter: str, header: str) -> None:
    rows = [["id", header, "label"], *([str(n), f'"{sentence}"', "x"] for n, sentence in enumerate(GOOD))]
    assert read_file(write("a.csv", "\n".join(map(delimiter.join, rows)))) == GOOD


def test_csv_details_that_spreadsheets_write(write: Write) -> None:
    text = 'sep=;\r\nnr;text;\r\n1;"She said ""no"".";\r\n2;"Two\r\nlines.";\r\n3;;\r\n;;\r\n4;Last, one.;\r\n'
    assert read_file(write("a.csv", text)) == ['She said "no".', "Two lines.", "Last, one."]


def test_the_named_column_is_taken_whatever_its_case(write: Write) -> None:
    path = write("a.csv", "Plain,Pirate\nHello.,Ahoy.\nYes.,Aye.\n")
    assert read_file(path, column="pirate") == ["Ahoy.", "Aye."]
    assert read_file(path, column="Plain") == ["Hello.", "Yes."]


@pytest.mark.parametrize("header", ["text\n", "phrase\n", ""])
def test_csv_of_one_column_keeps_its_commas(write: Write, header: str) -> None:
    assert read_file(write("a.csv", header + "Well, I like rain.\nNo, you do not, do you.\nOh yes.\n")) == [
        "Well, I like rain.",
        "No, you do not, do you.",
        "Oh yes.",
    ]


def test_csv_of_one_column_keeps_speech_in_quotation_marks(write: Write) -> None:
    assert read_file(write("a.csv", 'text\n"Arr," he said.\n"Well, well."\n')) == ['"Arr," he said.', "Well, well."]


def test_tsv_may_have_no_quoting(write: Write) -> None:
    assert read_file(write("a.tsv", 'text\tlabel\n"Arr," he said.\tpirate\nHello.\tplain\n')) == [
        '"Arr," he said.',
        "Hello.",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(json.dumps({"text": s, "tags": ["a"]}) for s in GOOD),
        "\n\n".join(json.dumps(s) for s in GOOD),
        json.dumps([{"id": n, "sentence": s} for n, s in enumerate(GOOD)], indent=2),
        json.dumps(GOOD),
        json.dumps([*({"text": s} for s in GOOD), {"text": None}, {"text": float("nan")}, {"other": 1}, None]),
    ],
    ids=["lines of objects", "lines of strings", "list of objects", "list", "null and NaN"],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_json_in_every_usual_form(write: Write, content: str, name: str) -> None:
    assert read_file(write(name, content)) == GOOD


def test_json_columns_and_wrapped_lists(write: Write) -> None:
    assert read_file(write("a.json", json.dumps({"text": GOOD, "label": [1, 2, 3]}))) == GOOD
    assert read_file(write("b.json", json.dumps({"version": 1, "data": [{"text": s} for s in GOOD]}))) == GOOD


def test_json_lists_of_unequal_lengths_are_columns_to_choose_from(write: Write) -> None:
    path = write("a.json", json.dumps({"plain": GOOD, "pirate": ["Arr, me hearties."]}))
    assert read_file(path, "pirate") == ["Arr, me hearties."]
    assert read_file(path, "plain") == GOOD


CSV = "id,statement,reply\n1,Hello there.,Good day to you.\n"


@pytest.mark.parametrize(
    ("name", "content", "column", "message"),
    [
        ("empty.txt", "", None, "“empty.txt” is empty"),
        ("blank.csv", "\ufeff \r\n\n", None, "“blank.csv” is empty"),
        ("rules.txt", "---\n***\n", None, "holds no sentences"),
        ("commas.csv", ",,,\n,,,\n", None, "holds no sentences"),
        ("quotes.csv", '""\n', None, "holds no sentences"),
        ("header.csv", "id,text\n", None, "holds no sentences"),
        ("list.json", "[]", None, "holds no sentences"),
        ("nulls.jsonl", '{"text": null}\n', None, "holds no sentences"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00", None, "“picture.txt” is not a text file"),
        ("noise.csv", bytes(range(1, 256)), None, "“noise.csv” is not a text file"),
        ("half.txt", b"\xff\xfeH", None, "is not a text file"),
        ("letter.docx", b"PK\x03\x04", None, r"“letter.docx” cannot be read: only .txt, .csv"),
        ("a.csv", CSV, None, "one of several columns: “statement” and “reply”. Say which one"),
        ("a.csv", CSV, "story", "no column “story”. Its columns are: “id”, “statement” and “reply”"),
        ("wide.csv", "text,label\nFirst, second,x\n", None, "line 2: 3 cells where the first line has 2"),
        ("open.csv", 'text,label\n"Never closed,x\nMore.,y\n', None, "quotation marks do not pair up"),
        ("a.json", '{"a": "x", "b": "y"}', None, "“a” and “b”"),
        ("a.jsonl", '{"text": "Fine."}\n{"text": oops}\n', None, 'line 2 is not JSON: “{"text": oops}”'),
        ("deep.json", "[" * 100_000, None, "line 1 is not JSON"),
        ("chat.jsonl", '{"text": [{"role": "user"}]}', None, "“text” holds no plain text"),
        ("truth.jsonl", '{"text": true}', None, "“text” holds no plain text"),
        ("many.txt", "\n".join(map("Number {}.".format, range(6000))), None, "“many.txt” holds too much"),
        ("many.jsonl", "\n".join(map('"Number {}."'.format, range(6000))), None, "“many.jsonl” holds too much"),
        ("big.txt", "word " * 500_000, None, "“big.txt” has 2,500,000 characters"),
    ],
)
def test_bad_files_say_why(write: Write, name: str, content: str | bytes, column: str | None, message: str) -> None:
    with pytest.raises(LineasError, match=message):
        read_file(write(name, content), column)


def test_a_file_that_is_missing_a_folder_a_device_or_absurdly_named_says_so(tmp_path: Path) -> None:
    for path, message in [
        (tmp_path / "no.txt", "There is no file"),
        (tmp_path, "is a folder"),
        (Path(os.devnull), "cannot be read"),
        (tmp_path / ("x" * 5000 + ".txt"), "cannot be opened"),
    ]:
        with pytest.raises(LineasError, match=message):
            read_file(path)


def test_a_huge_file_is_refused_before_it_is_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "MAX_FILE_BYTES", 1_000_000)
    with pytest.raises(LineasError, match=r"“a\.csv” has 2 MB; at most 1 MB"):
        read_file(write("a.csv", b"x" * 2_000_000))


@settings(deadline=None)
@given(
    content=st.one_of(st.binary(), st.text().map(str.encode)),
    name=st.sampled_from(["a.txt", "a.csv", "a.tsv", "a.json", "a.jsonl"]),
)
def test_any_bytes_give_sentences_or_one_clear_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    try:
        sentences = read_file(path)
    except LineasError as error:
        assert str(error).endswith((".", "”"))
    else:
        assert sentences and all(isinstance(sentence, str) and sentence for sentence in sentences)


def test_a_small_file_of_very_many_rows_is_refused_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes of .parquet can hold millions of long texts, and short lines take a hundred times their size."""
    monkeypatch.setattr("lineas.data.parsing.MAX_LINES", 2_000)
    monkeypatch.setattr("lineas.data.table_files.MAX_LINES", 2_000)
    rows = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 400_000, pyarrow.int32()), ["long " * 200])
    pyarrow.parquet.write_table(pyarrow.table({"text": rows}), tmp_path / "many.parquet")
    assert (tmp_path / "many.parquet").stat().st_size < 100_000
    for name in ("many.txt", "many.csv", "many.jsonl"):
        (tmp_path / name).write_text("a b.\n" * 2_001)
    for path in tmp_path.iterdir():
        with pytest.raises(LineasError, match=f"“{path.name}” has more than 2,000 lines or rows"):
            read_file(path)
