"""Answers side by side: rows with their own map and strength, decoded as one batch from one stream of random numbers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from transformers import GenerationConfig, StoppingCriteriaList

from lineas.generation.listener import Answer, Listener
from lineas.generation.prefix_cache import recall
from lineas.generation.prompts import Row, answer_spans, encode
from lineas.generation.sampling import Sampling, processors
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer

ROWS_AT_ONCE = 64


def generate(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling | None = None,
    *,
    stop: threading.Event | None = None,
) -> list[list[Answer]]:
    """Decode every row's complete answer to every prompt, many at once.

    Args:
        stop: ends it after the current token when set; the answers are then what there is of them.

    Returns:
        the answers as [prompt][row].

    Raises:
        LineasError: an empty or too long prompt, a map of another model.

    Example:
        generate(model, ["Tell me about your day."], [Row(), Row(pirate, 0.75)])
    """
    sampling, stop = sampling or Sampling(), stop or threading.Event()
    wanted = [(prompt, row) for prompt in prompts for row in rows]
    # all rows of a prompt stay together; prompts alike in length share a batch, so that little is padded
    order = sorted(range(len(wanted)), key=lambda i: len(wanted[i][0]))
    answers: dict[int, Answer] = {}
    for start in range(0, len(order), ROWS_AT_ONCE):
        members = order[start : start + ROWS_AT_ONCE]
        texts, chosen = [wanted[i][0] for i in members], [wanted[i][1] for i in members]
        samplings = [sampling] * len(members)
        batch = encode(model, texts, chosen, samplings)
        listener = Listener(model, samplings, [stop] * len(members), begun=[row.begun for row in chosen])
        with model.lock:
            decode(model, texts, chosen, samplings, batch, listener)
        answers.update(zip(members, listener.answers(), strict=True))
    return [[answers[p * len(rows) + r] for r in range(len(rows))] for p in range(len(prompts))]


def decode(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    samplings: Sequence[Sampling],
    batch: dict[str, Tensor],
    listener: Listener,
    remember: bool = False,
) -> None:
    """Decode one batch; the caller holds the model's lock.

    Args:
        samplings: each row's settings; texts are as if each row were decoded alone with its own.
        batch: what ``encode`` made of the prompts and rows.
        remember: keep what the prompts leave in the network's cache, since they are likely to be asked again.
    """
    settings = GenerationConfig(
        max_new_tokens=max(s.max_new_tokens - len(row.begun) for row, s in zip(rows, samplings, strict=True)),
        do_sample=False,  # the noise of ``SharedGumbel`` does the sampling
        eos_token_id=sorted(model.end_tokens) or None,
        pad_token_id=model.tokenizer.pad_token_id,
    )
    maps = [None if row.instruction else row.map for row in rows]
    strengths = [row.strength for row in rows]
    spans = answer_spans(model, rows, samplings)
    unread = max(-span.start if span.start else 1 for span in spans)
    mask = None if model.network.config.is_encoder_decoder else batch["attention_mask"]
    with torch.no_grad(), _only(settings, model):
        reading = [None if row.answer_only else m for row, m in zip(rows, maps, strict=True)]
        known = recall(model, batch, reading, strengths, unread) if remember else None
        with steer(model, maps, strengths, spans):
            model.network.generate(  # type: ignore[operator]  # nn.Module types every attribute as a Tensor
                **batch,
                past_key_values=known,
                generation_config=settings,
                logits_processor=processors(samplings, prompts, mask, [len(row.begun) for row in rows]),
                stopping_criteria=StoppingCriteriaList([listener]),
                streamer=listener,
            )


@contextmanager
def _only(settings: GenerationConfig, model: LoadedModel) -> Iterator[None]:
    """Keep transformers from filling what ``settings`` leaves open with the model's own decoding defaults.

    A model's generation_config may hold anything: beams, several answers, guidance, watermarks, other caches.
    """
    own, model.network.generation_config = model.network.generation_config, settings
    try:
        yield
    finally:
        model.network.generation_config = own
