"""Models from the Hugging Face hub: what describes them first, the weights once it is known that they fit."""

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

from lineas.errors import LineasError
from lineas.files import writing
from lineas.models.progress import Progress, silent

BUILT_IN_WORKS = "The built-in model works without internet: choose 'default'."
_DESCRIPTION = ["*.json", "*.jinja", "*.txt", "*.model"]  # config, tokenizer, chat template, list of weight files
_WEIGHTS = ["model*.safetensors"]  # what transformers reads; not the copies for other programs
_FOLDERS = ["*/*"]  # hold copies in other formats


def fetch_description(name: str, progress: Progress = silent) -> Path:
    """The folder with everything of a model but its weights. What was fetched before is found without a network.

    Raises:
        LineasError: where there is no such model, it may not be read, or the hub cannot be reached.
    """
    return _fetch(name, _DESCRIPTION, f"Looking up {name} on Hugging Face …", progress)


def fetch_weights(name: str, progress: Progress = silent) -> Path:
    """The folder with the model's safetensors files too; raises as ``fetch_description``."""
    return _fetch(name, _DESCRIPTION + _WEIGHTS, f"Fetching {name} from Hugging Face …", progress)


def _fetch(name: str, patterns: list[str], sentence: str, progress: Progress) -> Path:
    progress(sentence, None)
    with writing(Path(constants.HF_HUB_CACHE)), _in_plain_words(name):
        bar = _bar_that_tells(progress, sentence)
        return Path(snapshot_download(name, allow_patterns=patterns, ignore_patterns=_FOLDERS, tqdm_class=bar))


@contextmanager
def _in_plain_words(name: str) -> Iterator[None]:
    try:
        yield
    except HFValidationError:
        raise LineasError(
            f"{name!r} is not the name of a model. A model is 'default', a name on Hugging Face like "
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


def _bar_that_tells(progress: Progress, sentence: str) -> type[tqdm]:
    """A progress bar that is not drawn, and tells its bytes to ``progress``."""

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **{**settings, "file": io.StringIO()})

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            if self.unit == "B" and self.total:
                progress(sentence, min(self.n / self.total, 1.0))
            return drawn

    return Bar
