"""A model that is ready to be steered, and the places in it that can be."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lineas.models.fair_lock import FairLock
from lineas.models.prefix import prefixed
from lineas.steering.site import Site

FALLBACK_MAX_TOKENS = 1024  # of configs that name no context length; every decoder in use today holds at least this
_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length", "max_seq_len", "n_ctx")


@dataclass(eq=False)
class LoadedModel:
    """A frozen network in eval mode with its tokenizer; made by ``load_model`` or ``wrap_model``."""

    id: str  # "default", a Hugging Face id, a path, or what the caller chose
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    sites: tuple[Site, ...]  # of the site set "default", in forward order
    fingerprint: str  # "<structure>:<weights>", see lineas.models.fingerprint
    # held while the tokenizer is called: padding and truncation are state of the one object that training and answering share
    tokenizing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    lock: FairLock = field(
        default_factory=FairLock, repr=False
    )  # held for one training step, or for a moment of an answer

    @property
    def end_tokens(self) -> set[int]:
        """Tokens that end an answer: a chat model may have several, which its generation config lists."""
        listed = self.network.generation_config.eos_token_id
        ends = [listed] if isinstance(listed, int) else listed or []
        return {token for token in (*ends, self.tokenizer.eos_token_id) if token is not None}

    @property
    def device(self) -> torch.device:
        """Where token ids go: the device of the input embedding, also when the network is spread over several."""
        return next(self.network.get_input_embeddings().parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype that the weights are held in."""
        return next(self.network.get_input_embeddings().parameters()).dtype

    @property
    def has_chat_template(self) -> bool:
        """Whether prompts can be put as chat turns."""
        return bool(self.tokenizer.chat_template)

    @property
    def parameter_count(self) -> int:
        """Number of weights, tied ones counted once."""
        return sum(parameter.numel() for parameter in self.network.parameters())

    @property
    def max_tokens(self) -> int:
        """Longest sequence, in tokens, that the network was built for."""
        config = self.network.config.get_text_config()
        lengths = (getattr(config, key, None) for key in _CONTEXT_KEYS)
        return next((length for length in lengths if isinstance(length, int) and length > 0), FALLBACK_MAX_TOKENS)

    def prefixed(self, text: str) -> AbstractContextManager[None]:
        """A block inside which everything that this thread's network reads goes on from ``text``."""
        with self.tokenizing:
            ids = self.tokenizer(text, return_tensors="pt")["input_ids"][0]
        return prefixed(self.network, ids.to(self.device))
