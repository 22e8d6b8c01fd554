"""The context of a sentence that is read as the model's answer, as it will be spoken: a question in a chat, or a neutral line."""

from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor
from transformers import DynamicCache

from lineas.models.chat import write_turns
from lineas.models.loaded import LoadedModel
from lineas.models.prefix import continues_exactly, continuing, read_prefix

QUESTION = "Tell me something about it."
"""The question before sentences that are read as answers; nothing in it asks for a style or a subject."""
LINE = "Somebody said this:\n"
"""What stands before them for a model that does not chat."""


def answer_context(model: LoadedModel) -> DynamicCache | None:
    """Read what comes before the first word of an answer, once for a training.

    Returns:
        Keys and values; None for a model that cannot go on from what it has read (some recurrent ones), whose sentences are read
        alone.
    """
    ids = context_tokens(model)
    return read_prefix(model.network, ids) if continues_exactly(model.network, ids) else None


def context_tokens(model: LoadedModel) -> Tensor:
    """The tokens of that context; int64, shape (tokens,)."""
    text = LINE
    if model.has_chat_template:
        turn = [{"role": "user", "content": QUESTION}]
        text = write_turns(model.tokenizer, turn)
    # a template writes its own beginning-of-text token; a second one would be read as text
    with model.tokenizing:
        encoded = model.tokenizer(text, return_tensors="pt", add_special_tokens=not model.has_chat_template)
    ids: Tensor = encoded["input_ids"][0].to(model.device)
    return ids


def after(model: LoadedModel, context: DynamicCache | None) -> AbstractContextManager[None]:
    """Make all that the network reads continue this context, which nothing steers; None for none."""
    return nullcontext() if context is None else continuing(model.network, context)


def each_after(
    model: LoadedModel, context: DynamicCache | None, events: Generator[Any, None, Tensor]
) -> Generator[Any, None, Tensor]:
    """Run a generator in ``after``, which is left whenever it yields: between two events the model is as it was."""
    while True:
        with after(model, context):
            try:
                event = next(events)
            except StopIteration as end:
                result: Tensor = end.value
                return result
        yield event
