"""What a steered model can still do: BLiMP (grammar) and MMLU (knowledge), from local files.

BLiMP (Warstadt et al., arXiv 1912.00582): of two sentences that differ in grammar, the correct one should be likelier; chance is
50 %. MMLU (Hendrycks et al., arXiv 2009.03300): after five solved questions of the same subject, the letter of the right answer
should be the likeliest of four; chance is 25 %.
"""

from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lineas.evaluation.findings import Interval
from lineas.evaluation.metrics.bootstrap import mean_interval
from lineas.evaluation.metrics.cost import sentence_losses
from lineas.evaluation.suites.public_data import read_lines, take_evenly
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer
from lineas.training.batching import tokenize
from lineas.training.events import Reading

BLIMP_FILE, MMLU_TEST, MMLU_DEV = "blimp/blimp_200_each.jsonl", "mmlu/mmlu_test.jsonl", "mmlu/mmlu_dev.jsonl"
MAX_TOKENS = 128
"""Maximum tokens of a sentence of BLiMP."""
LETTERS = "ABCD"
SHOTS = 5


@dataclass(frozen=True)
class Pair:
    """Two sentences of a grammatical phenomenon, one correct and one not."""

    phenomenon: str
    good: str
    bad: str


@dataclass(frozen=True)
class Question:
    """A question with four choices; ``answer`` is the index of the right one."""

    subject: str
    question: str
    choices: tuple[str, ...]
    answer: int


def load_blimp(folder: str | Path, limit: int | None = None) -> list[Pair]:
    """The pairs in a data folder, or ``limit`` of them, evenly from all phenomena.

    Raises:
        LineasError: missing file, or other content.
    """
    path = Path(folder) / BLIMP_FILE
    return take_evenly(read_lines(path, lambda row: Pair(row["uid"], row["good"], row["bad"])), limit)


def load_mmlu(folder: str | Path, limit: int | None = None) -> tuple[list[Question], dict[str, list[Question]]]:
    """The test questions, or ``limit`` of them evenly from all subjects, and the solved questions of each subject.

    Raises:
        LineasError: missing file, or other content.
    """

    def question(row: dict[str, Any]) -> Question:
        return Question(row["subject"], row["question"], tuple(row["choices"]), int(row["answer"]))

    solved: dict[str, list[Question]] = defaultdict(list)
    for example in read_lines(Path(folder) / MMLU_DEV, question):
        solved[example.subject].append(example)
    return take_evenly(read_lines(Path(folder) / MMLU_TEST, question), limit), dict(solved)


def blimp(
    model: LoadedModel, pairs: Sequence[Pair], steering: Steering | None = None, strength: float = 1.0
) -> Generator[Reading, None, Interval]:
    """Share of pairs whose correct sentence is likelier as a whole (without its first token); ties count half."""
    rows = tokenize(model, [text for pair in pairs for text in (pair.good, pair.bad)], MAX_TOKENS)
    losses = (yield from sentence_losses(model, rows, steering, strength)).view(-1, 2)
    right = (losses[:, 0] < losses[:, 1]).double() + (losses[:, 0] == losses[:, 1]).double() / 2
    return mean_interval(right.tolist())


def mmlu(
    model: LoadedModel,
    questions: Sequence[Question],
    solved: dict[str, list[Question]],
    steering: Steering | None = None,
    strength: float = 1.0,
) -> Generator[Reading, None, Interval]:
    """Share of questions whose right letter is the likeliest after ``SHOTS`` solved ones, or fewer if they do not fit."""
    with model.tokenizing:  # after "Answer:" the letter follows with its space
        ids = [model.tokenizer(f" {letter}", add_special_tokens=False)["input_ids"][-1] for letter in LETTERS]
    right = []
    for i, question in enumerate(questions):
        row = mmlu_row(model, question, solved.get(question.subject, [])[:SHOTS])
        with torch.no_grad(), steer(model, steering, strength):
            logits = model.network(input_ids=row[None], use_cache=False).logits[0, -1]
        right.append(float(int(logits[ids].argmax()) == question.answer))
        yield Reading(i + 1, len(questions))
    return mean_interval(right)


def mmlu_row(model: LoadedModel, question: Question, solved: Sequence[Question]) -> Tensor:
    """Token ids of the prompt, int64, shape (tokens,), with as many solved questions as fit into the model's context."""
    for shots in range(len(solved), -1, -1):
        with model.tokenizing:
            ids = model.tokenizer(mmlu_prompt(question, solved[:shots]), verbose=False)["input_ids"]
        if len(ids) <= model.max_tokens:
            break
    return torch.tensor(ids[-model.max_tokens :], device=model.device)


def mmlu_prompt(question: Question, solved: Sequence[Question]) -> str:
    """The original prompt: a heading, solved questions, and the question up to "Answer:"."""
    subject = question.subject.replace("_", " ")
    heading = f"The following are multiple choice questions (with answers) about {subject}.\n\n"
    return heading + "".join(f"{_ask(s)} {LETTERS[s.answer]}\n\n" for s in solved) + _ask(question)


def _ask(question: Question) -> str:
    choices = "".join(f"\n{letter}. {choice}" for letter, choice in zip(LETTERS, question.choices, strict=True))
    return f"{question.question}{choices}\nAnswer:"
