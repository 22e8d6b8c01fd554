"""Downloading models from the Hugging Face hub: first the files that describe them, then the weights if they fit."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    GatedRepoError,
    HFValidationError,
    HTTPError,  # httpx's or httpx2's, whichever the installed version uses
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)
from huggingface_hub.utils import filter_repo_objects  # type: ignore[attr-defined]
from tqdm import tqdm

from lineas.errors import LineasError, short
from lineas.files import writing
from lineas.models.progress import Progress, silent

BUILT_IN_WORKS = "The built-in model works without internet: choose 'default'."
_DESCRIPTION = ["*.json", "*.jinja", "*.txt", "*.model"]  # config, tokenizer, chat template, index of the weights
_WEIGHTS = ["model*.safetensors"]  # not the copies for other programs
_SUBFOLDERS = ["*/*"]  # they hold copies in other formats
_SECONDS = 15
"""How long the hub may take to describe a model."""


@dataclass(frozen=True)
class HubModel:
    """A model on the hub, before it is downloaded.

    Attributes:
        size: bytes that ``fetch`` downloads.
        licence: as its page names it, "apache-2.0"; empty if it names none.
        gated: only people who accepted the licence on its page can download it.
        parameters: number of weights; None if unknown.
    """

    size: int
    licence: str
    gated: bool
    parameters: int | None


def look_up(name: str) -> HubModel:
    """Ask the hub about a model, without downloading anything; raises as ``fetch``."""
    with _hub_errors(name):
        info = HfApi().model_info(name, files_metadata=True, timeout=_SECONDS)
    wanted = filter_repo_objects(
        info.siblings or (),
        allow_patterns=_DESCRIPTION + _WEIGHTS,
        ignore_patterns=_SUBFOLDERS,
        key=lambda file: file.rfilename,
    )
    card: Any = info.card_data or {}  # both have a dict's get
    return HubModel(
        size=sum(file.size or 0 for file in wanted),
        licence=str(card.get("license_name") or card.get("license") or ""),
        gated=bool(info.gated),
        parameters=info.safetensors.total if info.safetensors else None,
    )


def fetch(name: str, progress: Progress = silent, *, weights: bool) -> Path:
    """Download a model's config and tokenizer, and its safetensors files if ``weights``; return the folder.

    What was downloaded before needs no network.

    Raises:
        LineasError: no such model, no access to it, or the hub cannot be reached.
    """
    patterns = _DESCRIPTION + (_WEIGHTS if weights else [])
    sentence = f"{'Fetching' if weights else 'Looking up'} {name} on Hugging Face …"
    progress(sentence, None)
    with writing(Path(constants.HF_HUB_CACHE)), _hub_errors(name):
        bar = _progress_bar(progress, sentence)
        return Path(snapshot_download(name, allow_patterns=patterns, ignore_patterns=_SUBFOLDERS, tqdm_class=bar))


@contextmanager
def _hub_errors(name: str) -> Iterator[None]:
    """Turn the hub's errors into a ``LineasError``."""
    try:
        yield
    except HFValidationError:
        raise LineasError(
            f"{short(name)!r} is not the name of a model. A model is 'default', a name on Hugging Face like "
            "'Qwen/Qwen2.5-0.5B-Instruct', a folder, or a .gguf file."
        ) from None
    except GatedRepoError:
        raise LineasError(
            f"The model {name!r} is only for people who accepted its licence. Open https://huggingface.co/{name}, accept "
            f"it, then run 'hf auth login' once on this computer. {BUILT_IN_WORKS}"
        ) from None
    except RepositoryNotFoundError:
        raise LineasError(
            f"There is no model {name!r} on Hugging Face (or it is private: then run 'hf auth login' once on this computer), "
            "and no folder of that name here. Check the spelling."
        ) from None
    except (LocalEntryNotFoundError, HTTPError, ConnectionError) as error:
        raise LineasError(
            f"Hugging Face cannot be reached, and the model {name!r} is not on this computer yet. "
            f"Check the internet connection. {BUILT_IN_WORKS}"
        ) from error


def _progress_bar(progress: Progress, sentence: str) -> type[tqdm]:
    """Make a progress bar class that reports bytes to ``progress`` instead of drawing."""

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **{**settings, "file": io.StringIO()})

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            if self.unit == "B" and self.total:
                progress(
                    f"{sentence} {self.n / 1e6:,.0f} of {self.total / 1e6:,.0f} MB", min(self.n / self.total, 1.0)
                )
            return drawn

    return Bar
