"""BLiMP and MMLU on a tiny model, and the reading of their files."""

import json
from pathlib import Path

import pytest

from lineas.errors import LineasError
from lineas.evaluation.suites.utility import (
    BLIMP_FILE,
    Pair,
    Question,
    blimp,
    load_blimp,
    load_mmlu,
    mmlu,
    mmlu_prompt,
    mmlu_row,
)
from lineas.models.progress import finish

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def test_blimp_counts_the_likelier_sentence(tiny_model):
    a, b = "the day was very good .", "good the very was . day"
    pairs = [Pair("order", a, b), Pair("order", b, a), Pair("same", a, a)]
    found = finish(blimp(tiny_model, pairs))
    assert found.mean == pytest.approx((1 + 0 + 0.5) / 3)  # one of the two orders, and half for equal ones
    assert finish(blimp(tiny_model, pairs[:1])).mean + finish(blimp(tiny_model, pairs[1:2])).mean == 1


def test_the_mmlu_prompt_is_the_original_one():
    easy = Question("high_school_biology", "What is a dog?", ("plant", "animal", "stone", "star"), 1)
    hard = Question("high_school_biology", "What is a fern?", ("plant", "animal", "stone", "star"), 0)
    assert mmlu_prompt(hard, [easy]) == (
        "The following are multiple choice questions (with answers) about high school biology.\n\n"
        "What is a dog?\nA. plant\nB. animal\nC. stone\nD. star\nAnswer: B\n\n"
        "What is a fern?\nA. plant\nB. animal\nC. stone\nD. star\nAnswer:"
    )


def test_mmlu_takes_the_likeliest_letter(tiny_model, monkeypatch):
    monkeypatch.setattr(
        "lineas.evaluation.suites.utility.LETTERS", ["sea", "sun", "ship", "bread"]
    )  # words that it knows
    questions = [Question("x", "the day was", ("a", "my", "your", "very"), answer) for answer in range(4)]
    assert finish(mmlu(tiny_model, questions, {})).mean == 0.25  # the same prompt four times: one letter is taken


def test_mmlu_keeps_the_question_when_the_context_is_short(tiny_model):
    """The model's context is 256 tokens; each solved question has about sixty."""
    question = Question("x", "the day was", ("a", "my", "your", "very"), 0)
    solved = [Question("x", "the sea " * 25, ("a", "my", "your", "very"), 1)] * 5
    row = mmlu_row(tiny_model, question, solved).tolist()
    assert row == tiny_model.tokenizer(mmlu_prompt(question, solved[:3]))["input_ids"]
    assert len(tiny_model.tokenizer(mmlu_prompt(question, solved[:4]))["input_ids"]) > tiny_model.max_tokens
    long = Question("x", "the sea " * 200, ("a", "my", "your", "very"), 0)
    row = mmlu_row(tiny_model, long, solved).tolist()
    assert row == tiny_model.tokenizer(mmlu_prompt(long, []))["input_ids"][-256:]
    assert (
        mmlu_row(tiny_model, question, solved[:2]).tolist()
        == (tiny_model.tokenizer(mmlu_prompt(question, solved[:2]))["input_ids"])
    )


def test_a_missing_data_folder_is_an_error(tmp_path):
    for load in (load_blimp, load_mmlu):
        with pytest.raises(LineasError, match=r"is missing. Give the folder that holds it with --data\."):
            load(tmp_path)


def test_damaged_data_is_an_error(tmp_path):
    (tmp_path / "blimp").mkdir()
    (tmp_path / BLIMP_FILE).write_text('{"uid": "a"}\n')
    with pytest.raises(LineasError, match="is damaged, or not the data"):
        load_blimp(tmp_path)


def test_a_part_of_the_data_is_taken_evenly(tmp_path):
    (tmp_path / "blimp").mkdir()
    rows = [{"uid": f"p{i // 10}", "good": f"a {i}", "bad": "b"} for i in range(100)]
    (tmp_path / BLIMP_FILE).write_text("\n".join(map(json.dumps, rows)))
    assert [pair.phenomenon for pair in load_blimp(tmp_path, 10)] == [f"p{i}" for i in range(10)]
    assert len(load_blimp(tmp_path)) == 100


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
def test_the_real_files_are_read():
    assert len({pair.phenomenon for pair in load_blimp(DATA, 67)}) == 67
    questions, solved = load_mmlu(DATA, 57)
    assert len({question.subject for question in questions}) > 30
    assert {len(examples) for examples in solved.values()} == {5}
