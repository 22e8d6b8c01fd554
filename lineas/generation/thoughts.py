"""Thoughts that a model opens by itself, before its answer: under scope "answer" they stay plain, token by token."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lineas.generation.prompts import Row, answer_spans
from lineas.generation.sampling import Sampling
from lineas.models.chat import Thinking, thinking
from lineas.models.loaded import LoadedModel
from lineas.steering.intercept import Positions, at_spans


class ThoughtFollower:
    """Says of one answer, token by token, whether the model thinks."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self._ids: list[int] = []
        self._state: Thinking = "perhaps"

    def hear(self, token: int) -> bool:
        """Whether a token is part of thoughts. Their last one is not: the answer's first token is predicted from it.

        Text that may become the tag that opens them counts as answer until the tag is complete.
        """
        if self._state == "no":  # nearly every token of nearly every answer
            return False
        self._ids.append(token)
        self._state = thinking(str(self.model.tokenizer.decode(self._ids, skip_special_tokens=True)))
        return self._state == "yes"


def thought_tokens(model: LoadedModel, ids: Sequence[int]) -> list[bool]:
    """Say of each token of an answer that has begun whether it is part of thoughts."""
    follower = ThoughtFollower(model)
    return [follower.hear(token) for token in ids]


def steered_positions(
    model: LoadedModel,
    rows: Sequence[Row],
    sampling: Sampling | Sequence[Sampling],
    now_thinking: Callable[[], Sequence[bool]] | None = None,
) -> Positions | None:
    """Say which positions of each pass of a batch are steered, for ``steer``: what ``answer_spans`` says, without thoughts.

    Args:
        now_thinking: while a batch is decoded, whether each row's newest token is part of thoughts.
    """
    spans = at_spans(answer_spans(model, rows, sampling))
    if spans is None:
        return None
    begun = [thought_tokens(model, row.begun) if row.answer_only else [] for row in rows]
    may_think = torch.tensor([row.answer_only for row in rows])

    def positions(length: int) -> Tensor | None:
        if length == 1:  # a token that was decoded, or an answer's header, before which nobody thinks
            thinks = torch.tensor(now_thinking()) & may_think if now_thinking else may_think & False
            return ~thinks[:, None] if thinks.any() else None
        if (steered := spans(length)) is None or not any(map(any, begun)):
            return steered
        steered = steered.clone()
        for row, thoughts in zip(steered, begun, strict=True):
            if thoughts:
                row[-len(thoughts) :] &= ~torch.tensor(thoughts)[-length:]
        return steered

    return positions
