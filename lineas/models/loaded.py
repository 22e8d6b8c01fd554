"""A model that is ready to be steered."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lineas.errors import LineasError
from lineas.models.chat import ChatForm, form_of
from lineas.models.fair_lock import FairLock
from lineas.models.prefix import continues_exactly, prefixed
from lineas.steering.site import Site

FALLBACK_MAX_TOKENS = 1024
"""Context length of a config that names none; every decoder in use today has at least this."""
_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length", "max_seq_len", "n_ctx")


def embedding_rows(network: PreTrainedModel) -> int:
    """Number of tokens that a network knows."""
    weight = network.get_input_embeddings().weight
    assert isinstance(weight, torch.Tensor)
    return weight.shape[0]


@dataclass(eq=False)
class LoadedModel:
    """A frozen network in eval mode with its tokenizer, made by ``load_model`` or ``wrap_model``.

    Attributes:
        id: "default", a Hugging Face id, a path, or what the caller chose.
        sites: the site set "default", or what takes its place, in forward order.
        fingerprint: "<structure>:<weights>", see ``lineas.models.fingerprint``.
        notes: sentences for people about what is unusual in this model: blocks that are not steered, for instance.
        tokenizing: lock to hold while the tokenizer is called; its padding and truncation settings are shared by all threads.
        lock: lock to hold during a training step, or some tokens of an answer.
    """

    id: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    sites: tuple[Site, ...]
    fingerprint: str
    notes: tuple[str, ...] = ()
    tokenizing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    lock: FairLock = field(default_factory=FairLock, repr=False)

    @property
    def end_tokens(self) -> set[int]:
        """Token ids that end an answer; a chat model may list several in its generation config."""
        listed = self.network.generation_config.eos_token_id
        ends = [listed] if isinstance(listed, int) else listed or []
        return {token for token in (*ends, self.tokenizer.eos_token_id) if token is not None}

    @property
    def device(self) -> torch.device:
        """Device for token ids: that of the input embedding, also if the network is spread over several."""
        return next(self.network.get_input_embeddings().parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """Dtype of the weights."""
        return next(self.network.get_input_embeddings().parameters()).dtype

    @property
    def has_chat_template(self) -> bool:
        """Whether prompts can be written as chat turns: there is a template, and it can be used."""
        return isinstance(form_of(self.tokenizer), ChatForm)

    @property
    def parameter_count(self) -> int:
        """Number of weights, with tied ones counted once."""
        return int(self.network.num_parameters())  # knows how many weights a quantised tensor holds

    @property
    def max_tokens(self) -> int:
        """Longest sequence, in tokens, that the network was built for."""
        config = self.network.config.get_text_config()
        lengths = (getattr(config, key, None) for key in _CONTEXT_KEYS)
        return next((length for length in lengths if isinstance(length, int) and length > 0), FALLBACK_MAX_TOKENS)

    def check_ids(self, ids: Sequence[int]) -> None:
        """Raise a LineasError for a token that the tokenizer knows and the network does not."""
        rows = embedding_rows(self.network)
        if max(ids, default=0) >= rows:
            raise LineasError(
                f"The tokenizer of {self.id!r} made a token that its network does not know ({max(ids)} of {rows}): they do not "
                "belong together. Choose another model."
            )

    def prefixed(self, text: str) -> AbstractContextManager[None]:
        """Return a context in which everything that the network reads in this thread continues ``text``.

        Raises:
            LineasError: a model that cannot continue what it has read, because it keeps a state.
        """
        with self.tokenizing:
            ids = self.tokenizer(text, return_tensors="pt")["input_ids"][0].to(self.device)
        if not continues_exactly(self.network, ids):
            raise LineasError(
                f"{self.id!r} cannot continue a text that was read before. Let generate write the instruction into the prompt."
            )
        return prefixed(self.network, ids)
