"""Costs and gains of a map without generating text: the steered model's next-token loss on given sentences.

The loss on target sentences should fall and the loss on Wikipedia should hardly rise; both over the strength show within seconds
where the map works best. On the default model and two cores, about 600 tokens a second: 24 target and 24 Wikipedia sentences take
2 seconds at each strength.
"""

from collections.abc import Generator, Sequence
from functools import lru_cache, partial

import torch
from torch import Tensor
from torch.nn import functional

from lineas.errors import LineasError
from lineas.evaluation.findings import CostPoint
from lineas.files import ASSETS
from lineas.models.loaded import LoadedModel
from lineas.models.progress import relayed
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer
from lineas.training.batching import Batch, chunks, pad, tokenize
from lineas.training.events import Reading

MAX_TOKENS = 48
"""Maximum tokens of a sentence: a long sentence says no more about a map than a short one."""
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


def row_losses(logits: Tensor, batch: Batch) -> Tensor:
    """Summed next-token loss of each row of a batch, without its first token; float32, shape (rows,), nats."""
    targets = batch.ids[:, 1:].masked_fill(~batch.mask[:, 1:], -100)
    losses = functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="none")
    return losses.view_as(targets).sum(dim=1)


def token_mean(losses: Tensor, rows: Sequence[Tensor]) -> float:
    """Mean loss of a predicted token, in nats, from the summed losses of the sentences."""
    return float(losses.sum()) / max(1, sum(len(row) - 1 for row in rows))


def cost_curve(
    model: LoadedModel,
    steering: Steering | None,
    target: Sequence[str],
    wiki: Sequence[str],
    strengths: Sequence[float],
) -> Generator[Reading, None, list[CostPoint]]:
    """Loss on target and Wikipedia sentences at several strengths; the same sentences at each, so that differences are exact.

    Args:
        target: sentences of the wanted style, preferably not from the map's training set.
        strengths: 0 is the plain model.
    """
    target_rows, wiki_rows = tokenize(model, target, MAX_TOKENS), tokenize(model, wiki, MAX_TOKENS)
    rows, split = [*target_rows, *wiki_rows], len(target_rows)
    curve = []
    for i, strength in enumerate(strengths):
        reading = sentence_losses(model, rows, steering, strength)
        losses = yield from relayed(reading, partial(_offset, i * len(rows), len(strengths) * len(rows)))
        curve.append(
            CostPoint(strength, token_mean(losses[:split], target_rows), token_mean(losses[split:], wiki_rows))
        )
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
