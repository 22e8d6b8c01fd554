"""Answers side by side: rows with their own map and strength, decoded as one batch from one stream of random numbers."""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jinja2 import TemplateError
from torch import Tensor
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
)

from lineas.errors import LineasError
from lineas.generation.prefix_cache import recall
from lineas.generation.sampling import Answer, Nucleus, Progress, SharedGumbel, end_tokens
from lineas.models.fair_lock import FairLock
from lineas.models.hardware import ALL_BUT_ONE, threads
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, Steering
from lineas.steering.hooks import steer

__all__ = ["Answer", "Row", "Sampling", "encode", "generate", "stream"]

ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class Row:
    """One answer that is wanted: with this map at this strength (None: the plain model), and on a chat model a system prompt."""

    map: Steering | None = None
    strength: float = 1.0
    system: str | None = None

    @property
    def instruction(self) -> str:
        """The words to put first because the method of this row is to say it; they are not steered with as well."""
        return self.map.instruction if isinstance(self.map, Adapter) and self.strength != 0 else ""

    @property
    def words_first(self) -> str:
        return "\n\n".join(filter(None, (self.system, self.instruction)))


@dataclass(frozen=True)
class Sampling:
    """How words are drawn.

    Attributes:
        temperature: 0 takes the likeliest word each time.
        top_p: share of probability to draw from.
        repetition_penalty: 1 is none; it hides degeneration, so measure with 1.
        seed: the same seed, prompt and settings give the same text.
        chat: as a chat turn or as text to go on with; None: as a chat turn where the model has a template.
    """

    max_new_tokens: int = 80
    temperature: float = 0.7
    top_p: float = 0.9
    repetition_penalty: float = 1.1
    seed: int = 0
    chat: bool | None = None


def stream(
    model: LoadedModel,
    prompt: str | Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling,
    *,
    stop: threading.Event | None = None,
    lock: FairLock | None = None,
) -> Iterator[list[Answer]]:
    """The answers of all rows as they grow: a list of one Answer for each row, again and again; the last one is complete.

    Decoding runs in a thread of its own, with its own grad mode and hooks, since a page's generator may be continued by any
    thread; this generator only reads a queue. Closing it, or setting ``stop``, ends decoding after the current token.

    Args:
        prompt: one for all rows, or one for each.
        lock: held while decoding and shared with whoever else waits for the model. Where there is one there is a page as well,
            and decoding leaves its browser a processor core.

    Raises:
        LineasError: an empty or too long prompt, a map of another model.
    """
    stop = stop or threading.Event()
    prompts = [prompt] * len(rows) if isinstance(prompt, str) else prompt
    batch = encode(model, prompts, rows, sampling)
    progress = Progress(model, len(rows), sampling.max_new_tokens, stop, lock)
    failures: list[BaseException] = []

    def decode() -> None:
        try:
            if lock is None:
                _generate(model, prompts, rows, sampling, batch, progress, again=True)
            else:
                with lock, threads(ALL_BUT_ONE):
                    if stop.is_set():  # while it stood in line; what nobody wants any more costs nothing
                        return
                    _generate(model, prompts, rows, sampling, batch, progress, again=True)
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=decode, name="lineas-decode", daemon=True)
    thread.start()
    try:
        shown = None
        while thread.is_alive() or not progress.news.empty():
            newest = _newest(progress.news)
            if newest is not None:
                shown = newest
                yield progress.answers(newest)
        if failures:
            raise failures[0]
        if shown is not None:
            yield [Answer(answer.text, answer.tokens, True) for answer in progress.answers(shown)]
    finally:
        if thread.is_alive():  # else the event stays as it is: the caller's, who may go on with it
            stop.set()
        thread.join()


def _newest(news: "queue.SimpleQueue[list[list[int]]]", seconds: float = 0.05) -> list[list[int]] | None:
    """Waits a moment for news and returns the newest: a slow page skips what it has no time to show."""
    try:
        newest = news.get(timeout=seconds)
        while True:
            try:
                newest = news.get_nowait()
            except queue.Empty:
                return newest
    except queue.Empty:
        return None


def generate(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling | None = None,
    *,
    stop: threading.Event | None = None,
    lock: FairLock | None = None,
) -> list[list[Answer]]:
    """The complete answers of every row to every prompt, [prompt][row], decoded many at once.

    Args:
        stop: ends it after the current token when set; the answers are then what there is of them.
        lock: one that the caller holds; shared with whoever waits for the model meanwhile.

    Example:
        generate(model, ["Tell me about your day."], [Row(), Row(pirate, 0.75)])
    """
    sampling = sampling or Sampling()
    wanted = [(prompt, row) for prompt in prompts for row in rows]
    # all rows of a prompt stay together; prompts alike in length share a batch, so that little is padded
    order = sorted(range(len(wanted)), key=lambda i: len(wanted[i][0]))
    answers: dict[int, Answer] = {}
    for start in range(0, len(order), ROWS_AT_ONCE):
        members = order[start : start + ROWS_AT_ONCE]
        texts, chosen = [wanted[i][0] for i in members], [wanted[i][1] for i in members]
        batch = encode(model, texts, chosen, sampling)
        progress = Progress(model, len(members), sampling.max_new_tokens, stop or threading.Event(), lock)
        _generate(model, texts, chosen, sampling, batch, progress)
        answers.update(zip(members, progress.answers(progress.tokens), strict=True))
    return [[answers[p * len(rows) + r] for r in range(len(rows))] for p in range(len(prompts))]


def encode(model: LoadedModel, prompts: Sequence[str], rows: Sequence[Row], sampling: Sampling) -> dict[str, Tensor]:
    """Token ids and attention mask of each row's prompt, padded on the left; int64, shape (rows, tokens)."""
    chat = model.has_chat_template if sampling.chat is None else sampling.chat
    texts = []
    for prompt, row in zip(prompts, rows, strict=True):
        if not prompt.strip():
            raise LineasError("The prompt is empty. Write a question or the beginning of a text.")
        if chat:
            texts.append(_as_turn(model, prompt, row.words_first))
        else:
            texts.append(f"{row.words_first}\n\n{prompt}" if row.words_first else prompt)
    # a template writes its own beginning-of-text token; a second one would be read as text
    with model.tokenizing:
        batch = model.tokenizer(
            texts, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=not chat
        )
    length, room = batch["input_ids"].shape[1], model.max_tokens - sampling.max_new_tokens
    if length > room:
        raise LineasError(
            f"The prompt is too long: {length} tokens, and this model has room for {room} besides the "
            f"{sampling.max_new_tokens} of the answer. Shorten the prompt or the answer."
        )
    return {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask")}


def _as_turn(model: LoadedModel, prompt: str, words_first: str) -> str:
    """The prompt as the model's template writes a person's turn, with the words as a system prompt."""
    if not model.has_chat_template:
        raise LineasError(
            f"The model {model.id!r} does not chat: it goes on with a text. Let it continue yours, or choose one that chats."
        )
    write = partial(model.tokenizer.apply_chat_template, tokenize=False, add_generation_prompt=True)
    person = {"role": "user", "content": prompt}
    if words_first:
        try:
            return str(write([{"role": "system", "content": words_first}, person]))
        except TemplateError:  # it knows no system prompt (Gemma 2): then the person says so
            return str(write([{"role": "user", "content": f"{words_first}\n\n{prompt}"}]))
    return str(write([person]))


def _generate(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    sampling: Sampling,
    batch: dict[str, Tensor],
    progress: Progress,
    again: bool = False,
) -> None:
    """``again``: whether these prompts are likely to be asked more than once, as from a page."""
    drawing = LogitsProcessorList()
    if sampling.temperature > 0:
        drawing.append(TemperatureLogitsWarper(sampling.temperature))
        if sampling.top_p < 1:
            drawing.append(Nucleus(sampling.top_p))
        drawing.append(SharedGumbel(prompts, sampling.seed))
    settings = GenerationConfig(
        max_new_tokens=sampling.max_new_tokens,
        do_sample=False,  # the noise does the sampling
        repetition_penalty=sampling.repetition_penalty,
        eos_token_id=sorted(end_tokens(model)) or None,
        pad_token_id=model.tokenizer.pad_token_id,
    )
    steered_with = [None if row.instruction else row.map for row in rows]
    strengths = [row.strength for row in rows]
    with torch.no_grad():
        known = recall(model, batch, steered_with, strengths) if again else None
    with torch.no_grad(), steer(model, steered_with, strengths):
        model.network.generate(  # type: ignore[operator]  # nn.Module types every attribute as a Tensor
            **batch,
            past_key_values=known,
            generation_config=settings,
            logits_processor=drawing,
            stopping_criteria=StoppingCriteriaList([progress]),
            streamer=progress,
        )
