"""What a model can still do when it is steered: BLiMP (grammar) and MMLU (knowledge), from local files.

BLiMP (Warstadt et al., arXiv 1912.00582): of two sentences that differ in grammar, the good one should be the likelier; chance
is 50 %. MMLU (Hendrycks et al., arXiv 2009.03300): the letter of the right answer should be the likeliest of four after five
solved questions of the same subject; chance is 25 %.
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
from lineas.evaluation.suites.public_data import evenly, read_lines
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer
from lineas.training.batching import tokenize
from lineas.training.events import Reading

BLIMP_FILE, MMLU_TEST, MMLU_DEV = "blimp/blimp_200_each.jsonl", "mmlu/mmlu_test.jsonl", "mmlu/mmlu_dev.jsonl"
LETTERS = "ABCD"
SHOTS = 5


@dataclass(frozen=True)
class Pair:
    """Two sentences of a grammatical phenomenon, one right, one wrong."""

    phenomenon: str
    good: str
    bad: str


@dataclass(frozen=True)
class Question:
    """A question with four choices; ``answer`` is the right one's index."""

    subject: str
    question: str
    choices: tuple[str, ...]
    answer: int


def load_blimp(folder: str | Path, most: int | None = None) -> list[Pair]:
    """The pairs in a data folder, or ``most`` of them, evenly from all phenomena.

    Raises:
        LineasError: where the file is missing or is not of this kind.
    """
    path = Path(folder) / BLIMP_FILE
    return evenly(read_lines(path, lambda row: Pair(row["uid"], row["good"], row["bad"])), most)


def load_mmlu(folder: str | Path, most: int | None = None) -> tuple[list[Question], dict[str, list[Question]]]:
    """The test questions (or ``most`` of them, evenly from all subjects), and each subject's solved ones.

    Raises:
        LineasError: where a file is missing or is not of this kind.
    """

    def question(row: dict[str, Any]) -> Question:
        return Question(row["subject"], row["question"], tuple(row["choices"]), int(row["answer"]))

    solved: dict[str, list[Question]] = defaultdict(list)
    for example in read_lines(Path(folder) / MMLU_DEV, question):
        solved[example.subject].append(example)
    return evenly(read_lines(Path(folder) / MMLU_TEST, question), most), dict(solved)


def blimp(
    model: LoadedModel, pairs: Sequence[Pair], steering: Steering | None = None, strength: float = 1.0
) -> Generator[Reading, None, Interval]:
    """Share of pairs of which the steered model finds the good sentence likelier as a whole, first token apart."""
    rows = tokenize(model, [text for pair in pairs for text in (pair.good, pair.bad)], 128)
    losses = (yield from sentence_losses(model, rows, steering, strength)).view(-1, 2)
    # where both are equally likely nothing was told apart
    right = (losses[:, 0] < losses[:, 1]).double() + (losses[:, 0] == losses[:, 1]).double() / 2
    return mean_interval(right.tolist())


def mmlu(
    model: LoadedModel,
    questions: Sequence[Question],
    solved: dict[str, list[Question]],
    steering: Steering | None = None,
    strength: float = 1.0,
    shots: int = SHOTS,
) -> Generator[Reading, None, Interval]:
    """Share of questions whose right letter the steered model finds likeliest after ``shots`` solved ones (or fewer:
    ``mmlu_row``)."""
    with model.tokenizing:  # after "Answer:" the letter comes with its space
        ids = [model.tokenizer(f" {letter}", add_special_tokens=False)["input_ids"][-1] for letter in LETTERS]
    right = []
    for i, question in enumerate(questions):
        row = mmlu_row(model, question, solved.get(question.subject, [])[:shots])
        with torch.no_grad(), steer(model, steering, strength):
            logits = model.network(input_ids=row[None], use_cache=False).logits[0, -1]
        right.append(float(int(logits[ids].argmax()) == question.answer))
        yield Reading(i + 1, len(questions))
    return mean_interval(right)


def mmlu_row(model: LoadedModel, question: Question, solved: Sequence[Question]) -> Tensor:
    """Token ids of the prompt, with as many solved questions as there is room for; the question itself comes last, and whole."""
    for shots in range(len(solved), -1, -1):
        with model.tokenizing:
            ids = model.tokenizer(mmlu_prompt(question, solved[:shots]), verbose=False)["input_ids"]
        if len(ids) <= model.max_tokens:
            break
    return torch.tensor(ids[-model.max_tokens :], device=model.device)


def mmlu_prompt(question: Question, solved: Sequence[Question]) -> str:
    """The prompt of the original: a heading, solved questions, and the question up to "Answer:"."""
    subject = question.subject.replace("_", " ")
    heading = f"The following are multiple choice questions (with answers) about {subject}.\n\n"
    return heading + "".join(f"{_asked(s)} {LETTERS[s.answer]}\n\n" for s in solved) + _asked(question)


def _asked(question: Question) -> str:
    choices = "".join(f"\n{letter}. {choice}" for letter, choice in zip(LETTERS, question.choices, strict=True))
    return f"{question.question}{choices}\nAnswer:"
