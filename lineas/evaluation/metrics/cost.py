"""Costs and gains of a map without generating text: the steered model's next-token loss on given sentences.

The loss on target sentences should fall and the loss on Wikipedia should hardly rise, each read after the same neutral context.
"""

from collections.abc import Generator, Sequence
from functools import lru_cache, partial

import torch
from torch import Tensor
from torch.nn import functional

from lineas.errors import LineasError
from lineas.evaluation.findings import CostPoint
from lineas.files import ASSETS
from lineas.generation.prefix_cache import recall
from lineas.generation.prompts import Row, answer_start, encode
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import relayed
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer
from lineas.training.batching import Batch, chunks, pad, tokenize
from lineas.training.events import Reading

MAX_TOKENS = 48
"""Maximum tokens of a sentence: a long sentence says no more about a map than a short one."""
NEUTRAL_QUESTION = "Tell me something that you know."
"""The question before the sentences that are measured; nothing in it asks for a style or a subject."""
WIKI_SENTENCES = ASSETS / "wiki_sentences.txt"


@lru_cache(maxsize=1)
def wiki_sentences() -> tuple[str, ...]:
    """A fixed set of one hundred Wikipedia sentences.

    Raises:
        LineasError: the file cannot be read.
    """
    try:
        lines = WIKI_SENTENCES.read_text("utf-8").splitlines()
    except OSError as error:
        raise LineasError(
            f"The reference sentences {WIKI_SENTENCES} cannot be read ({error.strerror}). Install LinEAS again."
        ) from error
    return tuple(line for line in lines if line and not line.startswith("#"))


def sentence_losses(
    model: LoadedModel, rows: Sequence[Tensor], steering: Steering | None = None, strength: float = 1.0
) -> Generator[Reading, None, Tensor]:
    """Summed next-token loss of each sentence, without its first token; a chunk between two events.

    Args:
        rows: token ids of the sentences, as ``training.activations.tokenize`` returns them.

    Returns (with ``yield from``):
        float32, shape (rows,), nats, on the CPU.
    """
    losses = torch.zeros(len(rows))
    done = 0
    for group in chunks(rows):
        batch = pad([rows[i] for i in group])
        with torch.no_grad(), steer(model, steering, strength):
            logits = model.network(input_ids=batch.ids, use_cache=False).logits
        losses[group] = row_losses(logits, batch).cpu()
        done += len(group)
        yield Reading(done, len(rows))
    return losses


def continuation_losses(
    model: LoadedModel, pairs: Sequence[tuple[Tensor, Tensor]], row: Row | None = None
) -> Generator[Reading, None, Tensor]:
    """Summed next-token loss of each continuation after its context; a chunk between two events.

    Args:
        pairs: token ids of a context and its continuation, both at least one token. Equal contexts are read once, where the model
            can go on from what it has read.
        row: what steers the reading, and whether the context is steered too; None is the plain model.

    Returns (with ``yield from``):
        float32, shape (pairs,), nats, on the CPU.
    """
    row = row or Row()
    by_context: dict[tuple[int, ...], list[int]] = {}
    for i, (context, _) in enumerate(pairs):
        by_context.setdefault(tuple(context.tolist()), []).append(i)
    losses = torch.zeros(len(pairs))
    done = 0
    for members in by_context.values():
        context = pairs[members[0]][0]
        for group in chunks([pairs[i][1] for i in members]):
            numbers = [members[g] for g in group]
            losses[numbers] = _losses_after(model, context, [pairs[i][1] for i in numbers], row)
            done += len(numbers)
            yield Reading(done, len(pairs))
    return losses


@torch.no_grad()
def _losses_after(model: LoadedModel, context: Tensor, rows: Sequence[Tensor], row: Row) -> Tensor:
    """Summed next-token loss of each row after one context; float32, shape (rows,), nats, on the CPU."""
    steering = None if row.instruction else row.map
    # the context's last tokens belong to the answer: from them its first token is predicted
    start = answer_start(model, None) if row.answer_only else 1
    count = len(rows)
    read = {"input_ids": context.expand(count, -1), "attention_mask": torch.ones_like(context).expand(count, -1)}
    reading = None if row.answer_only else steering
    known = recall(model, read, [reading] * count, [row.strength] * count, start)
    first = len(context) - start if known is not None else 0
    batch = pad([torch.cat([context[first:], tokens]) for tokens in rows])
    span = slice(len(context) - start - first, None) if row.answer_only else slice(None)
    with steer(model, steering, row.strength, span):
        logits = model.network(input_ids=batch.ids, past_key_values=known, use_cache=known is not None).logits
    skipped = len(context) - first - 1
    return row_losses(logits[:, skipped:], Batch(batch.ids[:, skipped:], batch.mask[:, skipped:])).cpu()


def row_losses(logits: Tensor, batch: Batch) -> Tensor:
    """Summed next-token loss of each row of a batch, without its first token; float32, shape (rows,), nats."""
    targets = batch.ids[:, 1:].masked_fill(~batch.mask[:, 1:], -100)
    losses = functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="none")
    return losses.view_as(targets).sum(dim=1)


def neutral_context(model: LoadedModel, row: Row) -> Tensor:
    """What stands before a sentence that is measured: a question, or for a model that does not chat a sentence of Wikipedia.

    Nothing before it would flatter maps: the plain model predicts the first words of a bare sentence badly, and a map trained on
    bare sentences learns just these.

    Returns:
        token ids, int64, shape (tokens,).
    """
    prompt = NEUTRAL_QUESTION if model.has_chat_template else wiki_sentences()[-1]
    return encode(model, [prompt], [row], Sampling(max_new_tokens=1))["input_ids"][0]


def tokenize_after_context(model: LoadedModel, sentences: Sequence[str]) -> list[Tensor]:
    """Tokenize sentences that go on from ``neutral_context``; int64, shape (tokens,) each, at most ``MAX_TOKENS``."""
    space = "" if model.has_chat_template else " "
    with model.tokenizing:
        rows = model.tokenizer(
            [space + sentence for sentence in sentences],
            add_special_tokens=False,
            truncation=True,
            max_length=MAX_TOKENS,
        )["input_ids"]
    return [torch.tensor(row, device=model.device) for row in rows]


def losses_in_context(model: LoadedModel, rows: Sequence[Tensor], row: Row) -> Generator[Reading, None, Tensor]:
    """Summed loss of sentences after the neutral context, as ``continuation_losses``.

    Args:
        rows: what ``tokenize_after_context`` made of the sentences.
    """
    context = neutral_context(model, row)
    return (yield from continuation_losses(model, [(context, tokens) for tokens in rows], row))


def cost_curve(
    model: LoadedModel,
    steering: Steering | None,
    target: Sequence[str],
    wiki: Sequence[str],
    strengths: Sequence[float],
) -> Generator[Reading, None, list[CostPoint]]:
    """Loss on target and Wikipedia sentences, each after the neutral context, at several strengths.

    The same sentences are used at each strength, so that differences are exact.

    Args:
        target: sentences of the wanted style, preferably not from the map's training set.
        strengths: 0 is the plain model.
    """
    rows, split = tokenize_after_context(model, [*target, *wiki]), len(target)
    counts = [len(row) for row in rows]
    curve = []
    for i, strength in enumerate(strengths):
        reading = losses_in_context(model, rows, Row(steering, strength))
        losses = yield from relayed(reading, partial(_offset, i * len(rows), len(strengths) * len(rows)))
        means = [float(losses[part].sum()) / sum(counts[part]) for part in (slice(split), slice(split, None))]
        curve.append(CostPoint(strength, *means))
    return curve


def _offset(before: int, of: int, event: Reading) -> Reading:
    """The event as a part of ``of`` sentences, ``before`` of which were read earlier."""
    return Reading(before + event.done, of)


def perplexities(
    model: LoadedModel, texts: Sequence[str], max_tokens: int = 128
) -> Generator[Reading, None, list[float]]:
    """Perplexity of each text under the plain model; NaN for a text of fewer than two tokens.

    A strong style has a high perplexity by itself: compare it with that of the target sentences.
    """
    kept = [i for i, text in enumerate(texts) if text.strip()]
    result = [float("nan")] * len(texts)
    if not kept:
        return result
    rows = tokenize(model, [texts[i] for i in kept], max_tokens)
    losses = yield from sentence_losses(model, rows)
    for i, row, loss in zip(kept, rows, losses, strict=True):
        if len(row) > 1:
            result[i] = float((loss / (len(row) - 1)).exp())
    return result
