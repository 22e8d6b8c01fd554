"""Drafts of examples for pages and commands, from the model that is loaded."""

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lineas.service.answering import Answers

if TYPE_CHECKING:  # it imports torch, and the page must be up before that
    from lineas.evaluation.drafting.draft import Drafts


def draft_examples(
    answers: Answers,
    wish: str,
    count: int,
    source: Sequence[str],
    target: Sequence[str],
    *,
    rewrite: bool = False,
    seed: int = 0,
    stop: threading.Event,
) -> "Iterator[Drafts]":
    """Draft examples as ``lineas.evaluation.drafting.draft.draft`` does, while nobody removes the model.

    Raises:
        LineasError: whatever goes wrong.
    """
    from lineas.evaluation.drafting.draft import draft

    with answers.using_model() as model:
        yield from draft(model, wish, count, source=source, target=target, rewrite=rewrite, seed=seed, stop=stop)
