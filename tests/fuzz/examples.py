"""Files of examples in all formats: read, and shown as a table to choose from."""

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
from openpyxl import Workbook

from lineas.data import MAX_SENTENCES, read_examples_file
from lineas.data.columns import look_at
from lineas.data.example_files import table_of_file
from lineas.errors import LineasError
from lineas.ui.pages.teach.table import preview
from tests.fuzz.mutate import TEXTS, dumps, mutate_bytes, mutate_value
from tests.fuzz.runner import Case

SAID = [
    "I like rain.",
    "Tea, please; with milk.",
    "Where is the dog?",
    "Fünf Äpfel, “bitte”.",
    "Сегодня хорошая погода.",
    "今天天气很好。",
]
CHAT = [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": [{"type": "text", "text": "Arr."}]}]
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-32",
    "cp1251",
    "koi8_r",
    "mac_cyrillic",
    "gb18030",
    "cp1252",
    "mac_roman",
    "cp850",
    "euc_jp",
)
JSON = (
    [{"text": said, "label": i % 2} for i, said in enumerate(SAID)],
    [{"prompt": "Say it.", "chosen": said, "rejected": said.upper()} for said in SAID],
    [{"messages": CHAT, "id": i} for i in range(4)],
    [{"conversations": [{"from": "human", "value": "Hi?"}, {"from": "gpt", "value": said}]} for said in SAID],
    [{"instruction": "Greet.", "input": "", "output": said} for said in SAID],
    {"version": 1, "data": [{"text": said} for said in SAID]},
    {"plain": SAID, "pirate": SAID[:2]},
)  # fmt: skip


def make(folder: Path) -> Case:
    formats: dict[str, Callable[[random.Random], bytes]] = {
        "txt": _text, "csv": _table, "tsv": _table, "json": _json, "jsonl": _json_lines, "xlsx": _workbook(), "parquet": _parquet(),
    }  # fmt: skip

    # what the first .parquet file imports takes seconds
    (folder / "a.parquet").write_bytes(formats["parquet"](random.Random(0)))
    with suppress(LineasError):
        table_of_file(folder / "a.parquet")

    def case(draw: random.Random) -> None:
        suffix = draw.choices(list(formats), weights=[4, 4, 2, 4, 4, 2, 1])[0]
        path = folder / f"a.{suffix}"
        path.write_bytes(formats[suffix](draw))
        table = table_of_file(path)
        if table is not None and table.columns:
            preview(look_at(table)).encode("utf-8", "surrogatepass")
        column = draw.choice([None, None, None, "text", "label", *TEXTS[:9]])
        found = read_examples_file(path, column, draw.choice([None, "source", "target"]))  # type: ignore[arg-type]
        assert 0 < len(found.sentences) <= MAX_SENTENCES and len(set(found.sentences)) == len(found.sentences)
        assert all(
            isinstance(sentence, str) and sentence.strip() and "\n" not in sentence for sentence in found.sentences
        )
        assert all(len(note) < 1000 for note in found.notes)
        "\n".join((*found.sentences, *found.notes)).encode()  # can be saved

    return case


def _saved(draw: random.Random, text: str) -> bytes:
    data = text.encode(draw.choice(ENCODINGS), "replace")
    return mutate_bytes(draw, data) if draw.random() < 0.8 else data


def _text(draw: random.Random) -> bytes:
    lines = [
        draw.choice([*SAID, *TEXTS, "o\tBullet.", "1. One.", "a\tb", "Human: x\n\nAssistant: y"])
        for _ in range(draw.randint(1, 12))
    ]
    return _saved(
        draw,
        draw.choice(["\n", "\r\n", "\r", "\u2028"]).join(line.encode("utf-8", "ignore").decode() for line in lines),
    )


def _table(draw: random.Random) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=draw.choice(",;\t|"))
    header = draw.choice(
        [["id", "text", "label"], ["plain", "pirate"], ["chosen", "rejected"], ["", ""], ["text"], []]
    )
    writer.writerow(header)
    for i in range(draw.randint(0, 12)):
        row = [
            draw.choice([*SAID, str(i), draw.choice(TEXTS)])
            for _ in range(len(header) + draw.choice([0, 0, 0, 1, -1]))
        ]
        writer.writerow([cell.encode("utf-8", "ignore").decode() for cell in row])
    return _saved(draw, draw.choice(["", "", "sep=;\n"]) + written.getvalue())


def _json(draw: random.Random) -> bytes:
    data = dumps(mutate_value(draw, draw.choice(JSON)))
    return mutate_bytes(draw, data) if draw.random() < 0.3 else data


def _json_lines(draw: random.Random) -> bytes:
    rows = draw.choice(JSON[:5])
    data = b"\n".join(dumps(mutate_value(draw, row)) if draw.random() < 0.5 else dumps(row) for row in rows)
    return mutate_bytes(draw, data) if draw.random() < 0.3 else data


def _workbook() -> Callable[[random.Random], bytes]:
    book = Workbook()
    for row in [["id", "text", "label"], *([i, said, i % 2] for i, said in enumerate(SAID))]:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}

    def workbook(draw: random.Random) -> bytes:
        if draw.random() < 0.3:
            return mutate_bytes(draw, saved.getvalue())
        name = draw.choice([*parts, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"])
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
            for part, content in parts.items():
                packed.writestr(part, mutate_bytes(draw, content) if part == name else content)
        return written.getvalue()

    return workbook


def _parquet() -> Callable[[random.Random], bytes]:
    saved = io.BytesIO()
    pyarrow.parquet.write_table(
        pa.table({"text": SAID, "label": [0, 1] * 3, "messages": [json.dumps(CHAT)] * 6}), saved
    )
    return lambda draw: mutate_bytes(draw, saved.getvalue())
