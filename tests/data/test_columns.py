"""Which column is read: the only one that can be meant, or else the person is asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineas.data import look_inside, read_examples_file
from lineas.errors import LineasError

Write = Callable[[str, str | bytes], Path]
SAID = [f"The film number {i} was long." for i in range(12)]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def lines(*rows: Any) -> str:
    return "\n".join(map(json.dumps, rows))


def chat(*turns: str, names: tuple[str, str] = ("role", "content")) -> list[dict[str, str]]:
    who = ("user", "assistant") if names[0] == "role" else ("human", "gpt")
    return [{names[0]: who[i % 2], names[1]: turn} for i, turn in enumerate(turns)]


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.jsonl", lines({"prompt": "Question one", "completion": "Arr, matey!"}), "“prompt” and “completion”"),
        ("a.jsonl", lines({"prompt": "Question 1", "completion": "Arr!"}), "“prompt” and “completion”"),
        ("a.jsonl", lines({"question": "Who is it?", "answer": "It is me."}), "“question” and “answer”"),
        ("a.jsonl", lines({"text": "I say so.", "response": "You say so."}), "“text” and “response”"),
        ("a.jsonl", lines({"prompt": "Say it.", "chosen": "Arr, hello!", "rejected": "Oh, hello."}), "“chosen” and"),
        ("a.csv", "plain,pirate\nHello to you.,Ahoy to ye.\n", "“plain” and “pirate”"),
        ("a.txt", "plain\tpirate\r\nHello to you.\tAhoy to ye.\r\n".encode("utf-16"), "“plain” and “pirate”"),
        ("a.json", '{"a": "x", "b": "y"}', "“a” and “b”"),
    ],
)
def test_who_could_mean_several_columns_is_asked(write: Write, name: str, content: str | bytes, columns: str) -> None:
    with pytest.raises(LineasError, match=columns):
        read_examples_file(write(name, content))


@pytest.mark.parametrize(
    ("name", "content", "sentences", "note"),
    [
        ("a.csv", "id,statement,label\n1,Hello there.,x\n", ["Hello there."], "“statement” were taken"),
        ("a.jsonl", lines({"text": "I like rain.", "source": "The Times"}), ["I like rain."], "“text” were taken"),
        ("a.csv", "id,title,text\n1,On rain,I like rain.\n", ["I like rain."], "“text” were taken"),
        ("a.txt", "text\tlabel\r\nHello to you.\tplain\r\n".encode("utf-16"), ["Hello to you."], "“text” were taken"),
        ("a.csv", "1,Hello to you.\n2,Bye to you.\n", ["Hello to you.", "Bye to you."], "“column 2” were taken"),
        ("a.txt", "o\tOne day.\no\tTwo days.\n", ["One day.", "Two days."], None),
        ("a.jsonl", lines({"messages": chat("Hi?", "Arr, hi.", "So?", "So be it.")}), ["Arr, hi.", "So be it."], "turns"),
        ("a.json", json.dumps(chat("Hi?", "Arr, hi.")), ["Arr, hi."], "the assistant's turns were taken"),
        (
            "a.json",
            json.dumps([{"id": "x", "conversations": chat("Hi?", "Arr, hi.", names=("from", "value"))}]),
            ["Arr, hi."],
            "the assistant's turns were taken",
        ),
        (
            "a.jsonl",
            lines({"prompt": "Hi to you?", "messages": [{"role": "assistant", "content": [{"type": "text", "text": "Arr."}]}]}),
            ["Arr."],
            "the assistant's turns were taken",
        ),
        (
            "a.json",
            json.dumps([{"instruction": "Greet me.", "input": "as a pirate", "output": "Ahoy to ye."}]),
            ["Ahoy to ye."],
            "the answers in “output” were taken",
        ),
    ],
)  # fmt: skip
def test_the_only_column_that_can_be_meant_is_taken_and_told(
    write: Write, name: str, content: str | bytes, sentences: list[str], note: str | None
) -> None:
    found = read_examples_file(write(name, content))
    assert found.sentences == sentences
    assert (note is None and not found.notes) or (note is not None and note in found.notes[-1])


def test_an_old_encoding_is_told(write: Write) -> None:
    russian = "Сегодня хорошая погода.\nЯ пошёл на рынок утром.\nГде собака?"
    found = read_examples_file(write("a.txt", russian.encode("cp1251")))
    assert found.sentences == russian.split("\n")
    assert "“a.txt” was read as Windows-1251, Cyrillic." in found.notes[0]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Greet me.", "chosen": "Ahoy to ye.", "rejected": "Hello to you."},
        {"chosen": chat("Greet me.", "Ahoy to ye."), "rejected": chat("Greet me.", "Hello to you.")},
        {
            "chosen": "\n\nHuman: Greet me.\n\nAssistant: How?\n\nHuman: Well.\n\nAssistant: Ahoy to ye.",
            "rejected": "\n\nHuman: Greet me.\n\nAssistant: How?\n\nHuman: Well.\n\nAssistant: Hello to you.",
        },
        {"id": 1, "source": "Hello to you.", "target": "Ahoy to ye."},
    ],
)
def test_a_pair_of_columns_fills_both_sides(write: Write, row: dict[str, Any]) -> None:
    path = write("a.jsonl", lines(row))
    assert read_examples_file(path, side="source").sentences == ["Hello to you."]
    assert read_examples_file(path, side="target").sentences == ["Ahoy to ye."]
    assert look_inside(str(path)).pair == (("source", "target") if "id" in row else ("rejected", "chosen"))


def test_columns_of_few_values_can_split_a_table(write: Write) -> None:
    rows = [f"{i},{said},{'rude' if i % 2 else 'plain'},{i / 7}" for i, said in enumerate(SAID)]
    inside = look_inside(str(write("a.csv", "\n".join(["nr,said,style,score", *rows]))))
    assert inside.labels == {"style": ("plain", "rude")}
    assert inside.texts == ("said",) and inside.chosen == "said" and inside.needs_choice
    assert [row["said"] for row in inside.rows] == SAID[:5]


def test_a_long_cell_is_a_sentence(write: Write) -> None:
    long = "word " * 40_000
    assert read_examples_file(write("a.csv", f"text,label\n{long},x\n")).sentences == [long.strip()]


def test_tables_too_wide_to_choose_from_are_refused(write: Write) -> None:
    with pytest.raises(LineasError, match="has 5,000 columns"):
        read_examples_file(write("a.csv", ",".join("x" * 5000) + "\n"))
    with pytest.raises(LineasError, match="different names of columns"):
        read_examples_file(write("a.jsonl", lines(*({f"key {i}": "A word."} for i in range(2000)))))
