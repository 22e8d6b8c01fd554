"""Answers side by side: rows with their own map and strength, decoded as one batch from one stream of random numbers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from transformers import GenerationConfig, PreTrainedModel, StoppingCriteriaList

from lineas.generation.listener import Answer, Listener
from lineas.generation.padding import groups
from lineas.generation.prefix_cache import recall
from lineas.generation.prompts import Row, answer_spans, encode
from lineas.generation.sampling import Sampling, processors
from lineas.generation.thoughts import steered_positions
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer

ROWS_AT_ONCE = 64
_SET_ASIDE: WeakKeyDictionary[PreTrainedModel, tuple[GenerationConfig, int]] = WeakKeyDictionary()
"""The own generation_config of each network that is decoding, and the number of decodes."""


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
    with torch.no_grad(), without_own_settings(model):
        for members in groups(model, batch["attention_mask"]):
            mask = batch["attention_mask"][members]
            part = {name: tensor[members, -int(mask.sum(dim=1).max()) :] for name, tensor in batch.items()}
            listener.turn_to(members)
            texts, chosen, own = ([values[i] for i in members] for values in (prompts, rows, samplings))
            _decode(model, texts, chosen, own, part, listener, settings, remember)  # type: ignore[arg-type]


def _decode(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    samplings: Sequence[Sampling],
    batch: dict[str, Tensor],
    listener: Listener,
    settings: GenerationConfig,
    remember: bool,
) -> None:
    """Decode rows that can be padded to one length."""
    maps = [None if row.instruction else row.map for row in rows]
    strengths = [row.strength for row in rows]
    spans = answer_spans(model, rows, samplings)
    unread = max(-span.start if span.start else 1 for span in spans)
    mask = None if model.network.config.is_encoder_decoder else batch["attention_mask"]
    reading = [None if row.answer_only else m for row, m in zip(rows, maps, strict=True)]
    known = recall(model, batch, reading, strengths, unread) if remember else None
    with steer(model, maps, strengths, steered_positions(model, rows, samplings, listener.now_thinking)):
        model.network.generate(  # type: ignore[operator]  # nn.Module types every attribute as a Tensor
            **batch,
            past_key_values=known,
            generation_config=settings,
            logits_processor=processors(samplings, prompts, mask, [len(row.begun) for row in rows]),
            stopping_criteria=StoppingCriteriaList([listener]),
            streamer=listener,
        )


@contextmanager
def without_own_settings(model: LoadedModel) -> Iterator[None]:
    """Set the network's generation_config aside, but for its end tokens; the caller holds the model's lock.

    transformers fills what our settings leave open with the model's own, which may hold anything: beams, several answers, guidance,
    watermarks, other caches. Decodes that take turns on the model may end in any order; the last one puts it back.
    """
    network = model.network
    own, users = _SET_ASIDE.get(network, (network.generation_config, 0))
    _SET_ASIDE[network] = own, users + 1
    network.generation_config = GenerationConfig(
        eos_token_id=sorted(model.end_tokens) or None, pad_token_id=model.tokenizer.pad_token_id
    )
    try:
        yield
    finally:
        own, users = _SET_ASIDE.pop(network)
        if users > 1:
            _SET_ASIDE[network] = own, users - 1
        else:
            network.generation_config = own
