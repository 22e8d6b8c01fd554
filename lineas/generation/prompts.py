"""Rows and their prompts: which answer is wanted, and the tokens that the model reads for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from jinja2 import TemplateError
from torch import Tensor

from lineas.errors import LineasError, short
from lineas.generation.sampling import Sampling, for_each_row
from lineas.models.chat import write_turns
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, Steering

Mode = Literal["show", "say", "both"]
"""How a concept reaches the model: its map steers ("show"), its instruction stands in the prompt ("say"), or both."""
Scope = Literal["answer", "everything"]
"""What is steered: what the model says, from the end of its prompt on, or also what it reads (the paper's way)."""
Turn = tuple[Literal["user", "assistant"], str]
"""Something that was said earlier in a conversation, and by whom."""


@dataclass(frozen=True)
class Row:
    """One answer that is wanted.

    Attributes:
        map: what steers it; None is the plain model.
        strength: λ.
        system: a system prompt; before the text on a model that does not chat.
        scope: what is steered; None leaves it to the map's metadata, and without an entry there it is everything.
        earlier: the conversation before the prompt, oldest turn first.
        begun: token ids with which the answer begins (``Answer.ids``). It goes on as if it had never been interrupted;
            they count for ``max_new_tokens``.
    """

    map: Steering | None = None
    strength: float = 1.0
    system: str | None = None
    scope: Scope | None = None
    earlier: tuple[Turn, ...] = ()
    begun: tuple[int, ...] = ()

    @property
    def answer_only(self) -> bool:
        """Whether only the answer is steered, and the prompt read by the plain model."""
        of_map = self.map.metadata.get("scope") if self.map is not None else None
        return (self.scope or of_map) == "answer"

    @property
    def instruction(self) -> str:
        """The instruction that this row's method writes into the prompt instead of steering; empty for other methods."""
        return self.map.instruction if isinstance(self.map, Adapter) and self.strength != 0 else ""

    @property
    def preamble(self) -> str:
        """What the model reads before the prompt: system prompt and instruction."""
        return "\n\n".join(filter(None, (self.system, self.instruction)))


def concept_row(
    steering: Steering, strength: float, mode: Mode = "show", instruction: str = "", system: str | None = None
) -> Row:
    """Make the row of a concept that is shown, said, or both.

    Args:
        instruction: the concept in words; without one, "say" and "both" are "show".
        system: a system prompt, before the instruction.
    """
    if mode == "show" or not instruction:
        return Row(steering, strength, system)
    said = "\n\n".join(filter(None, (system, instruction)))
    return Row(None, 0.0, said) if mode == "say" else Row(steering, strength, said)


def encode(
    model: LoadedModel, prompts: Sequence[str], rows: Sequence[Row], sampling: Sampling | Sequence[Sampling]
) -> dict[str, Tensor]:
    """Tokenize each row's prompt, padded on the left.

    Args:
        sampling: for all rows, or one for each.

    Returns:
        ``input_ids`` and ``attention_mask``; int64, shape (rows, tokens).

    Raises:
        LineasError: an empty prompt, one that is too long, or a chat turn for a model that does not chat.
    """
    samplings = for_each_row(sampling, len(rows))
    return pad(model, [tokenize(model, *asked) for asked in zip(prompts, rows, samplings, strict=True)])


def pad(model: LoadedModel, prompts: Sequence[list[int]]) -> dict[str, Tensor]:
    """Make a batch of tokenized prompts, as ``encode`` returns it."""
    with model.tokenizing:
        batch = model.tokenizer.pad({"input_ids": list(prompts)}, padding_side="left", return_tensors="pt")
    return {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask")}


def tokenize(model: LoadedModel, prompt: str, row: Row, sampling: Sampling) -> list[int]:
    """Token ids of one row's prompt, with everything that the model reads before it, and of the answer that has begun; raises
    as ``encode``."""
    if not prompt.strip():
        raise LineasError("The prompt is empty. Write a question or the beginning of a text.")
    chat = model.has_chat_template if sampling.chat is None else sampling.chat
    if chat:
        text = _as_turn(model, prompt, row.preamble, row.earlier)
    else:
        text = "\n\n".join(filter(None, (row.preamble, *(said for _, said in row.earlier), prompt)))
    # a template writes its own beginning-of-text token; a second one would be read as text
    with model.tokenizing:
        ids: list[int] = model.tokenizer(text, add_special_tokens=not chat)["input_ids"]
    if not ids:
        raise LineasError(
            f"The model cannot read {short(prompt)!r}: nothing is left of it as tokens. Write something else."
        )
    model.check_ids(ids)
    room = model.max_tokens - sampling.max_new_tokens
    if room < 1:
        raise LineasError(
            f"An answer of {sampling.max_new_tokens} tokens is too long: this model reads and writes {model.max_tokens} tokens in "
            "all. Ask for a shorter answer."
        )
    if len(ids) > room:
        what, remedy = ("conversation", "Begin a new one, or shorten") if row.earlier else ("prompt", "Shorten")
        raise LineasError(
            f"The {what} is too long: {len(ids)} tokens, and this model has room for {room} besides the "
            f"{sampling.max_new_tokens} of the answer. {remedy} the prompt or the answer."
        )
    return [*ids, *row.begun]


def _as_turn(model: LoadedModel, prompt: str, preamble: str, earlier: Sequence[Turn]) -> str:
    """Write the prompt as a user's turn by the model's template, with the preamble as a system prompt."""
    if not model.has_chat_template:
        raise LineasError(
            f"The model {model.id!r} does not chat: it continues a text. Let it continue yours, or choose one that chats."
        )
    write = partial(write_turns, model.tokenizer)
    turns = [{"role": role, "content": said} for role, said in (*earlier, ("user", prompt))]
    if not preamble:
        return write(turns)
    try:
        written = write([{"role": "system", "content": preamble}, *turns])
    except TemplateError:  # the template knows no system prompt (Gemma 2)
        written = ""
    if preamble in written or preamble.strip() in written:
        return written
    first = {**turns[0], "content": f"{preamble}\n\n{turns[0]['content']}"}  # the user says it
    return write([first, *turns[1:]])


def answer_start(model: LoadedModel, chat: bool | None) -> int:
    """Count the last tokens of a prompt that belong to the answer: the header of the model's turn, else the last token alone.

    The last token counts because the first token of the answer is predicted from it.

    Args:
        chat: as in ``Sampling``; None: where the model chats.
    """
    if not (model.has_chat_template if chat is None else chat):
        return 1
    turn = [{"role": "user", "content": "Hello."}]
    without, complete = (write_turns(model.tokenizer, turn, answer) for answer in (False, True))
    header = complete.removeprefix(without)
    with model.tokenizing:
        return max(1, len(model.tokenizer(header, add_special_tokens=False)["input_ids"]))


def answer_spans(model: LoadedModel, rows: Sequence[Row], sampling: Sampling | Sequence[Sampling]) -> list[slice]:
    """The positions of each row's prompt that are steered: all, or for a row of which only the answer is steered, the header of
    the model's turn and what the answer has already."""
    chats = [one.chat for one in for_each_row(sampling, len(rows))]
    headers = {chat: answer_start(model, chat) for row, chat in zip(rows, chats, strict=True) if row.answer_only}
    return [
        slice(-headers[chat] - len(row.begun), None) if row.answer_only else slice(None)
        for row, chat in zip(rows, chats, strict=True)
    ]
