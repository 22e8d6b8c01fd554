"""How far answers keep to their questions, by the plain model. A style cancels: it is as odd after one question as another."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lineas.evaluation.metrics.cost import continuation_losses
from lineas.evaluation.metrics.prompts import BEGINNINGS, QUESTIONS
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.training.events import Reading

OTHER_PROMPTS = 3
"""Number of other questions that each answer is read after, where nothing else is asked."""
MAX_TOKENS = 64
"""Maximum tokens of an answer; later ones say little more about what it answers."""


@dataclass(frozen=True)
class Kept:
    """How an answer reads after its question and after others.

    Attributes:
        relevance: log p(answer | its question) − mean log p(answer | another question), nats a token; 0 for an empty answer.
        loss: −log p(answer | its question), nats a token; NaN for an empty answer.
    """

    relevance: float
    loss: float


def relevance(
    model: LoadedModel,
    prompts: Sequence[str],
    texts: Sequence[Sequence[str]],
    *,
    chat: bool | None = None,
    others: int = OTHER_PROMPTS,
) -> Generator[Reading, None, list[list[Kept]]]:
    """Read every answer after its own prompt and after ``others`` other ones, by the plain model.

    Of fewer prompts than that, neutral ones stand in for the missing others.

    Args:
        texts: answers as [row][prompt].
        chat: as in ``Sampling``.

    Returns (with ``yield from``):
        [row][prompt].
    """
    sampling = Sampling(max_new_tokens=MAX_TOKENS, chat=chat)
    neutral = QUESTIONS if (model.has_chat_template if chat is None else chat) else BEGINNINGS
    more = [prompt for prompt in neutral if prompt not in prompts][: max(0, others + 1 - len(prompts))]
    read_after = [*prompts, *more]
    contexts = [encode(model, [prompt], [Row()], sampling)["input_ids"][0] for prompt in read_after]
    kept: list[list[Kept]] = [[] for _ in texts]
    losses: dict[tuple[int, int], list[float]] = {}  # of each answer: after its own prompt, then after others
    answers = [[_tokens(model, text) for text in row] for row in texts]
    wanted: list[tuple[int, int, int]] = [
        (row, number, (number + shift) % len(read_after))
        for shift in range(others + 1)
        for row in range(len(texts))
        for number in range(len(prompts))
        if len(answers[row][number])
    ]
    pairs = [(contexts[after], answers[row][number]) for row, number, after in wanted]
    read = yield from continuation_losses(model, pairs)
    for (row, number, _), loss in zip(wanted, read, strict=True):
        losses.setdefault((row, number), []).append(float(loss) / len(answers[row][number]))
    for row, found in enumerate(kept):
        for number in range(len(prompts)):
            own, *rest = losses.get((row, number), [math.nan])
            found.append(Kept(sum(rest) / len(rest) - own if rest else 0.0, own))  # an empty answer has no losses
    return kept


def _tokens(model: LoadedModel, text: str) -> Tensor:
    """Token ids of an answer; int64, shape (tokens,), none for an empty one."""
    if not text.strip():
        return torch.empty(0, dtype=torch.long)
    with model.tokenizing:
        ids = model.tokenizer(text, add_special_tokens=False, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    return torch.tensor(ids, device=model.device)
