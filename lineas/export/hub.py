"""Maps on the Hugging Face hub, or in a folder as they lie there: ``map.safetensors``, and a card as README.md."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HfHubHTTPError,
    HFValidationError,
    HTTPError,  # httpx's or httpx2's, whichever the installed version uses
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from lineas.errors import LineasError, short
from lineas.export.card import base_model, health_card, model_card
from lineas.files import as_path, atomic_write, path_exists, writing
from lineas.steering.map import SteeringMap

Token = str | Literal[False] | None
MAP_FILE, CARD_FILE = "map.safetensors", "README.md"


def save_pretrained(steering_map: SteeringMap, folder: str | Path, repo: str | None = None) -> None:
    """Write a map and its card into a folder, which is made if need be.

    What says more about its maker than about the map is left out: the folder of a base model that came from one, and examples.

    Args:
        repo: the repository's id for the card; None: the folder's name.
    """
    folder = Path(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    given = _without_private(steering_map)
    given.save(folder / MAP_FILE)
    atomic_write(folder / CARD_FILE, model_card(given, repo or folder.absolute().name))


def from_pretrained(name: str | Path, revision: str | None = None, token: Token = None) -> SteeringMap:
    """Read a map from a folder or from a repository of the hub.

    Args:
        name: a folder that ``save_pretrained`` wrote, or a repository's id.
        revision: a branch, tag or commit of the repository.
        token: of an account that may read it; None: that of ``hf auth login`` or HF_TOKEN; False: nobody's.

    Raises:
        LineasError: no such folder or repository, no access, no network, or no sound map in it.
    """
    folder = as_path(str(name))
    if path_exists(folder):
        return SteeringMap.load(folder / MAP_FILE if folder.is_dir() else folder)
    return download(str(name), revision, token)


def download(repo: str, revision: str | None = None, token: Token = None) -> SteeringMap:
    """Read a map from a repository of the hub, never from a folder; otherwise as ``from_pretrained``."""
    with writing(Path(constants.HF_HUB_CACHE)), _hub_errors(repo):
        # the download of a single file would try for half a minute where there is no network
        folder = snapshot_download(
            repo, revision=revision, allow_patterns=[MAP_FILE], token=token, library_name="lineas"
        )
    path = Path(folder) / MAP_FILE
    if not path.is_file():
        raise LineasError(f"{repo!r} on Hugging Face holds no {MAP_FILE}, so it is no concept of LinEAS.")
    return SteeringMap.load(path)


def push_to_hub(steering_map: SteeringMap, repo: str, private: bool = False, token: Token = None) -> str:
    """Put a map and its card into a repository of the hub, which is made if need be; files of these names are replaced.

    Args:
        repo: its id, "name/map", or "map" for the token's own account.
        private: whether a new repository is for its owner only.
        token: of an account that may write there; None: that of ``hf auth login`` or HF_TOKEN. It is not stored.

    Returns:
        The repository's address.

    Raises:
        LineasError: no token, not allowed, a name that no repository can have, or no network.
    """
    api = HfApi(token=token, library_name="lineas")
    with TemporaryDirectory() as folder, _hub_errors(repo):
        made = api.create_repo(repo, private=private, exist_ok=True)
        save_pretrained(steering_map, folder, made.repo_id)
        api.upload_folder(
            repo_id=made.repo_id, folder_path=folder, commit_message=f"Upload {short(steering_map.name or 'a map')}"
        )
    return str(made)


def _without_private(steering_map: SteeringMap) -> SteeringMap:
    strings = {"sentences": ""} if "sentences" in steering_map.metadata else {}
    if (card := health_card(steering_map.metadata)) and card.wrong_way:
        strings["health"] = replace(card, wrong_way=()).to_json()
    if base_model(steering_map.metadata) is None and (name := steering_map.metadata.get("base_model")):
        strings["base_model"] = Path(name).name
    return steering_map.with_metadata(**strings)


@contextmanager
def _hub_errors(repo: str) -> Iterator[None]:
    """Turn the hub's errors into a ``LineasError``."""
    try:
        yield
    except LineasError:
        raise
    except HFValidationError:
        raise LineasError(
            f"{short(repo)!r} is neither a folder here nor the name of a repository. Such a name looks like 'anna/pirate'."
        ) from None
    except LocalTokenNotFoundError:
        raise LineasError(_NO_TOKEN) from None
    except RepositoryNotFoundError:
        raise LineasError(
            f"There is no {repo!r} on Hugging Face, and no folder of that name here. Check the spelling. If it is private, give "
            "the token of an account that may read it."
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status == 401:
            raise LineasError(_NO_TOKEN) from None
        if status == 403:
            raise LineasError(
                f"Hugging Face does not let this token write to {repo!r}. Use a token with the right to write, and a name that "
                "begins with your own account's."
            ) from None
        raise LineasError(f"Hugging Face refused {repo!r} ({status or error}). Try again later.") from error
    except (LocalEntryNotFoundError, HTTPError, ConnectionError, OfflineModeIsEnabled) as error:
        raise LineasError(_UNREACHABLE.format(repo=repo)) from error


_NO_TOKEN = (
    "Hugging Face wants to know who you are. Make a token with the right to write at https://huggingface.co/settings/tokens, and "
    "run 'hf auth login' once, or put it into the environment variable HF_TOKEN."
)
_UNREACHABLE = "Hugging Face cannot be reached, and {repo!r} is not on this computer. Check the internet connection."
