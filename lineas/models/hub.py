"""Downloading models from the Hugging Face hub: first the files that describe them, then the weights if they fit."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    GatedRepoError,
    HFValidationError,
    HTTPError,  # httpx's or httpx2's, whichever the installed version uses
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)
from tqdm import tqdm

from lineas.errors import LineasError, short
from lineas.files import writing
from lineas.models.progress import Progress, silent

BUILT_IN_WORKS = "The built-in model works without internet: choose 'default'."
_DESCRIPTION = ["*.json", "*.jinja", "*.txt", "*.model"]  # config, tokenizer, chat template, index of the weights
_WEIGHTS = ["model*.safetensors"]  # not the copies for other programs
_SUBFOLDERS = ["*/*"]  # they hold copies in other formats


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
                progress(sentence, min(self.n / self.total, 1.0))
            return drawn

    return Bar
