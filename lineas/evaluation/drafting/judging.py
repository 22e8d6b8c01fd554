"""Which drafts are worth keeping: whole sentences of a sensible length, unlike one another, and different under the phrase."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import torch
from torch import Tensor

from lineas.data.parsing import clean
from lineas.evaluation.drafting.asking import Ask, measuring_asks
from lineas.evaluation.metrics.cost import continuation_losses
from lineas.generation.prompts import encode
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish

Fault = Literal["cut", "short", "repeat", "boilerplate", "same"]
"""Why a draft was left out: no end in sight, too few words, like another one, about being an assistant, or no different."""
FEWEST_CHARACTERS, ENOUGH_WORDS, MOST_WORDS = 15, 8, 40
"""A draft has whole sentences until there are enough words."""
ALIKE = 0.6
"""Share of common words from which two sentences count as alike."""
LEAST_GAIN, CLEAR_GAIN = 0.15, 0.3
"""How much likelier, in nats a token, the phrase must make a draft for the phrase to be in it; and all drafts on average."""

_END = re.compile(r"[.!?…。！？]+[\"'”’)*]*(?=\s|$)|[。！？]")
_PREAMBLE = re.compile(
    r"^(?:sure|certainly|okay|of course|here(?:'s| is| are)|style|in (?:the|a|my))\b[^:\n]{0,80}:\s*", re.I
)
_BOILERPLATE = re.compile(
    r"\b(?:as an ai|language model|chatbot|ai assistant|smollm|how can i (?:help|assist)|(?:ready|happy|glad) to (?:help|assist)"
    r"|i'd be happy to|one sentence|in this style|rewritten|the (?:user|sentence|style)\b|feel free)",
    re.I,
)


def whole_sentences(answer: str, ended: bool) -> str:
    """The first sentences of an answer, until there are enough words; empty where none of them ends.

    Args:
        ended: the answer ended by itself, so that its end is a sentence's end, marked or not.
    """
    line = _PREAMBLE.sub("", " ".join(answer.split()))
    if line.count('"') % 2:  # an answer that is cut in the middle of what it quotes
        line = line.replace('"', "")
    kept = ""
    for end in _END.finditer(line):
        kept = line[: end.end()]
        if len(kept.split()) >= ENOUGH_WORDS:
            break
    else:
        kept = line if ended else kept
    return clean(kept)


def fault(text: str, others: Iterable[str]) -> Fault | None:
    """What is wrong with a draft beside the sentences that are there already; None for nothing."""
    if not text:
        return "cut"
    if len(text) < FEWEST_CHARACTERS:
        return "short"
    if len(text.split()) > MOST_WORDS:
        return "cut"
    if _BOILERPLATE.search(text):
        return "boilerplate"
    return "repeat" if any(alike(text, other) for other in others) else None


def alike(a: str, b: str) -> bool:
    """Whether two sentences have most of their words in common, or one and the same beginning of six words."""
    one, two = (re.findall(r"\w+", text.casefold()) for text in (a, b))
    if len(one) > 5 and one[:6] == two[:6]:
        return True
    either = set(one) | set(two)
    return bool(either) and len(set(one) & set(two)) >= ALIKE * len(either)


def gains(model: LoadedModel, wish: str, texts: Sequence[str]) -> list[float]:
    """How much likelier the phrase makes each text: log p(text | phrase) − log p(text), nats a token, by the plain model."""
    if not texts:
        return []
    with model.tokenizing:
        tokens = [model.tokenizer(text, add_special_tokens=False)["input_ids"] or [0] for text in texts]
    rows = [torch.tensor(ids, device=model.device) for ids in tokens]
    with model.lock:
        plain, wished = (
            finish(continuation_losses(model, [(_context(model, ask), row) for row in rows]))
            for ask in measuring_asks(wish, model.has_chat_template)
        )
    return [float(fall) / len(row) for fall, row in zip(plain - wished, rows, strict=True)]


def _context(model: LoadedModel, ask: Ask) -> Tensor:
    prompt, row = ask
    return encode(model, [prompt], [row], Sampling())["input_ids"][0]
