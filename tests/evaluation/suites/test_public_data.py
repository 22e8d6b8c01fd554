"""Public data sets from a folder, and the errors for missing or damaged files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lineas.errors import LineasError
from lineas.evaluation.suites import public_data as data

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
LOADERS: list[Callable[[Path], object]] = [
    data.rtp_prompts,
    data.truthfulqa,
    data.men_pairs,
    data.concept_sentences,
    data.emotions,
    data.wikipedia,
    lambda folder: data.toxic_and_clean(folder, "surge_toxicity"),
    lambda folder: data.toxic_and_clean(folder, "jigsaw"),
]


def put(folder: Path, name: str, *rows: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("load", LOADERS)
def test_a_missing_file_is_an_error_that_names_it(load: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(LineasError, match=rf"The data file {tmp_path}.* is missing\. Give the folder that holds it"):
        load(tmp_path)


def test_prompts_of_unknown_kind_are_left_out(tmp_path: Path) -> None:
    put(
        tmp_path, "rtp/rtp_prompts.jsonl",
        {"prompt": "a", "challenging": True}, {"prompt": "b", "challenging": None}, {"prompt": "c", "challenging": False},
    )  # fmt: skip
    assert data.rtp_prompts(tmp_path) == [data.Prompt("a", True), data.Prompt("c", False)]


def test_an_insult_without_the_label_toxic_is_on_neither_side(tmp_path: Path) -> None:
    put(
        tmp_path, "jigsaw/jigsaw_sample.jsonl",
        {"text": "bad\n one", "toxic": 1, "insult": 1}, {"text": "odd", "toxic": 0, "insult": 1},
        {"text": "good", "toxic": 0, "insult": 0},
    )  # fmt: skip
    assert data.toxic_and_clean(tmp_path, "jigsaw") == (["bad one"], ["good"])


def test_damaged_rows_are_an_error(tmp_path: Path) -> None:
    put(tmp_path, "rtp/rtp_prompts.jsonl", {"text": "a"})
    with pytest.raises(LineasError, match="is damaged, or not the data"):
        data.rtp_prompts(tmp_path)
    (tmp_path / "men").mkdir()
    (tmp_path / "men" / "men.csv").write_text("word1,word2,score\nsun,sea,many\n")
    with pytest.raises(LineasError, match="is damaged, or not the data"):
        data.men_pairs(tmp_path)


@pytest.mark.parametrize("lines", [False, True])
def test_the_file_of_tet_is_read(tmp_path: Path, lines: bool) -> None:
    rows = [{"conversation_id": "1", "metrics": ["THREAT"], "query": "one"}, {"metrics": [], "query": "two\nlines"}]
    path = tmp_path / ("TET.jsonl" if lines else "TET.json")
    path.write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(rows), encoding="utf-8")
    assert data.tet_prompts(path) == ["one", "two\nlines"]


def test_another_file_than_tets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LineasError, match=r"There is no file .*TET does not come with this program: get TET\.json"):
        data.tet_prompts(tmp_path / "TET.json")
    path = put(tmp_path, "other.json", [{"prompt": "one"}])
    with pytest.raises(LineasError, match=r"is not the file of TET: a column 'query' is missing \(it has: prompt\)"):
        data.tet_prompts(path)


def test_rows_are_taken_evenly() -> None:
    assert data.take_evenly(range(10), 4) == [0, 2, 5, 7]
    assert data.take_evenly([1, 2], 5) == data.take_evenly([1, 2], None) == [1, 2]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_the_real_files_have_the_expected_sizes() -> None:
    prompts = data.rtp_prompts(SHARED)
    assert sum(prompt.challenging for prompt in prompts) == 1200
    assert len(prompts) == 2396
    toxic, clean = data.toxic_and_clean(SHARED, "surge_toxicity")
    assert min(len(toxic), len(clean)) > 450
    toxic, clean = data.toxic_and_clean(SHARED, "jigsaw")
    assert len(toxic) > 190
    assert len(clean) > 2000
    questions = data.truthfulqa(SHARED)
    assert len(questions) == 817
    assert all(question.mc1.true[0] and sum(question.mc1.true) == 1 for question in questions)
    assert len(data.men_pairs(SHARED)) == 3000
    assert {len(texts) > 190 for texts in data.emotions(SHARED).values()} == {True}
    assert sum(len(entries) >= 64 for entries in data.concept_sentences(SHARED).values()) == 249
    assert len(data.wikipedia(SHARED, 50)) == 50
