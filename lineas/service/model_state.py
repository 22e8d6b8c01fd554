"""What a model is asked for by, what is said about it, and what is fetched beside the built-in one."""

import logging
from typing import TYPE_CHECKING, NamedTuple

from lineas.errors import LineasError
from lineas.service.snapshot import ModelFacts, ModelState

if TYPE_CHECKING:  # it imports torch, and the page must be up before that
    from lineas.models.loaded import LoadedModel

log = logging.getLogger(__name__)

AS_STARTED = "as started"
"""Quantise a model as the studio was told to when it was started."""


class Asked(NamedTuple):
    """What a model is loaded by, as ``load_model`` takes it."""

    name: str
    quantize: str | None


def fetch_judge() -> None:
    """Download the judge's language model beside the built-in model, so that no later health check has to."""
    from lineas.evaluation.metrics.embeddings import load_minilm

    try:
        load_minilm()
    except LineasError as error:  # checks then say what they leave out
        log.warning("%s", error)


def called(name: str) -> str:
    """A model's name in a sentence."""
    return "the built-in model" if name == "default" else repr(name)


def ready_state(name: str, model: "LoadedModel", quantize: str | None = None) -> ModelState:
    """The state of a model in memory that was asked for by this name."""
    facts = ModelFacts(
        family=model.network.config.get_text_config().model_type,
        parameters=model.parameter_count,
        device=str(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
        sites=len(model.sites),
        chats=model.has_chat_template,
        notes=model.notes,
        quantize=quantize or "",
    )
    return ModelState(name, "ready", f"{model.id!r} is ready.", 1.0, facts)
